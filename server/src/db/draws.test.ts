import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTestDatabase, createTestProject, type TestDatabase } from '../../test/postgres.ts';
import { JOBS_CHANNEL, Jobs } from '../jobs/jobs.ts';
import { JobRunner } from '../jobs/runner.ts';
import { SECOND_MS, systemClock } from '../kernel/clock.ts';
import { TypeIds } from '../kernel/ids.ts';
import { silentLogger } from '../kernel/log.ts';
import { type Database, DecidedMeanwhile, PLATFORM, type Tx } from './database.ts';
import { untilAtRest } from './rest.ts';
import { Waker } from './waker.ts';

let database: TestDatabase;
let project: string;
let spaces = 0;

beforeAll(async () => {
  database = await createTestDatabase({ maxConnections: 20 });
});
afterAll(() => database.drop());
beforeEach(async () => {
  project = await createTestProject(database.db);
  await database.db.tx(PLATFORM, (tx) =>
    tx.query(
      `insert into project_clocks (project_id, stands_at, offset_ms, set_at, is_known, seed, address_space)
       values ($1, '2026-01-01T00:00:00Z', 0, now(), true, 'test', $2)`,
      [project, spaces++],
    ),
  );
  // The test made the clock behind the server's back.
  database.db.clocks.learn(project);
  database.db.seeds.learn(project);
});

const drawn = async (): Promise<bigint | undefined> => {
  const [row] = await database.db.tx(PLATFORM, (tx) =>
    tx.query<{ drawn: bigint }>('select drawn from project_clocks where project_id = $1', [project]),
  );
  return row?.drawn;
};

const draw = (tx: Tx, count = 1): bigint[] =>
  Array.from({ length: count }, () => tx.draws?.draw(1).place ?? -1n);

describe('draws of a seeded project', () => {
  it('follow each other without a gap, whoever draws at once and in whatever process', async () => {
    const pools: Database[] = [database.db, database.connect()];
    const places = await Promise.all(
      Array.from({ length: 60 }, (_, index) =>
        (pools[index % 2] as Database).tx(project, async (tx) => draw(tx, 3)),
      ),
    );
    const sorted = places.flat().toSorted((a, b) => Number(a - b));
    expect(sorted).toEqual(Array.from({ length: 180 }, (_, place) => BigInt(place)));
    expect(await drawn()).toBe(180n);
  });

  it('follow each other where a process has not learned yet that there is a seed', async () => {
    const setSeed = (seed: string | null) =>
      database.db.tx(PLATFORM, (tx) =>
        tx.query(
          `update project_clocks set seed = $2, address_space = case when $2::text is not null then $3::integer end
           where project_id = $1`,
          [project, seed, spaces++],
        ),
      );
    await setSeed(null);
    const late = database.connect();
    await late.tx(project, async (tx) => expect(tx.draws).toBeUndefined());
    await setSeed('test');
    const places = await Promise.all(
      Array.from({ length: 8 }, () => late.tx(project, async (tx) => draw(tx, 2))),
    );
    const sorted = places.flat().toSorted((a, b) => Number(a - b));
    expect(sorted).toEqual(Array.from({ length: 16 }, (_, place) => BigInt(place)));
  });

  it('of a transaction that is undone are drawn again', async () => {
    const undone = database.db.tx(project, async (tx) => {
      draw(tx, 5);
      throw new Error('undone');
    });
    await expect(undone).rejects.toThrow('undone');
    let runs = 0;
    const places = await database.db.tx(project, async (tx) => {
      runs += 1;
      const own = draw(tx, 2);
      if (runs === 1) throw new DecidedMeanwhile();
      return own;
    });
    expect([runs, places, await drawn()]).toEqual([2, [0n, 1n], 2n]);
  });

  it('are of its seed and of the project alone', async () => {
    const make = () =>
      database.db.tx(project, async (tx) => [
        new TypeIds(systemClock).next('customer', tx),
        tx.random.hex(8),
      ]);
    const first = await make();
    await database.db.tx(PLATFORM, (tx) =>
      tx.query('update project_clocks set drawn = 0 where project_id = $1', [project]),
    );
    expect(await make()).toEqual(first);
    await database.db.tx(PLATFORM, (tx) =>
      tx.query(`update project_clocks set drawn = 0, seed = 'other' where project_id = $1`, [project]),
    );
    expect(await make()).not.toEqual(first);
  });
});

describe('the jobs of a seeded project', () => {
  it('run one at a time and in order, whoever claims them, and requests wait for them', async () => {
    const waker = new Waker(database.db, JOBS_CHANNEL);
    const ran: number[] = [];
    let running = 0;
    let most = 0;
    const runners = [database.db, database.connect()].map((db) => {
      const runner = new JobRunner({ db, clock: systemClock, waker, log: silentLogger, concurrency: 8 });
      runner.register<{ n: number }, undefined>({
        name: 'note',
        maxAttempts: 2,
        retryDelayMs: () => SECOND_MS,
        call: async () => {
          running += 1;
          most = Math.max(most, running);
          await new Promise((resolve) => setTimeout(resolve, 5));
          running -= 1;
          return undefined;
        },
        record: async (_tx, { payload: { n } }) => void ran.push(n),
      });
      return runner;
    });
    const numbers = Array.from({ length: 40 }, (_, n) => n);
    await database.db.tx(project, (tx) =>
      new Jobs(waker).enqueueMany(
        tx,
        'note',
        numbers.map((n) => ({ n })),
      ),
    );
    for (const runner of runners) runner.start();
    await untilAtRest(database.db, project);
    expect(ran).toEqual(numbers);
    expect(most).toBe(1);
    await Promise.all(runners.map((runner) => runner.stop()));
    waker.close();
  });
});
