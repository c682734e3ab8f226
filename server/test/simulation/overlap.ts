import type { Tx } from '../../src/db/database.ts';
import type { Run } from './run.ts';

const LOCK_POLLS = 200;

/** Two processes at once, the second in the middle of the first one's transaction; the first commits first. */
export async function overlap<T>(
  run: Run,
  first: (tx: Tx) => Promise<T>,
  second: (tx: Tx) => Promise<T>,
): Promise<[T, T]> {
  const { db, faultyDb, facts } = run.ground;
  faultyDb.transactions += 2;
  const decided = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  const one = db.tx(facts.caller.projectId, async (tx) => {
    const result = await first(tx);
    decided.resolve();
    await released.promise;
    return result;
  });
  one.catch(decided.reject);
  await decided.promise;
  let isOver = false;
  const two = db.tx(facts.caller.projectId, second).finally(() => {
    isOver = true;
  });
  two.catch(() => undefined);
  for (let poll = 0; poll < LOCK_POLLS && !isOver; poll++) {
    const { rows } = await db.pool.query<{ waiting: boolean }>(
      `select exists (select from pg_stat_activity
         where datname = current_database() and wait_event_type = 'Lock') waiting`,
    );
    if (rows[0]?.waiting) break;
  }
  released.resolve();
  return Promise.all([one, two]);
}
