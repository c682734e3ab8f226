import pg from 'pg';
import type { RecordedTransaction } from './recording.ts';

const APP_ROLE = 'oms_app';
const DEADLOCK_DETECTED = '40P01';
const MAX_ATTEMPTS = 6;

/** Sends recorded transactions over so many connections of plain `pg`, prepared by name; transactions per second. */
export async function replay(
  url: string,
  transactions: readonly RecordedTransaction[],
  connections: number,
): Promise<number> {
  const names = new Map<string, string>();
  const nameOf = (text: string): string => {
    const name = names.get(text) ?? `r${names.size}`;
    names.set(text, name);
    return name;
  };
  const send = async (
    client: pg.Client,
    { scope, statements }: RecordedTransaction,
    end: string,
  ): Promise<void> => {
    await client.query(`begin; set local oms.project = '${scope}'`);
    for (const { text, values } of statements) {
      await client.query({ name: nameOf(text), text, values: [...values] });
    }
    await client.query(end);
  };
  /** As the product does, a transaction that met a deadlock is sent again. */
  const sendOnce = async (client: pg.Client, transaction: RecordedTransaction): Promise<void> => {
    for (let attempt = 1; ; attempt++) {
      try {
        return await send(client, transaction, 'commit');
      } catch (error) {
        await client.query('rollback');
        const isDeadlock = error instanceof pg.DatabaseError && error.code === DEADLOCK_DETECTED;
        if (!isDeadlock || attempt === MAX_ATTEMPTS) throw error;
      }
    }
  };
  const clients = await Promise.all(
    Array.from({ length: connections }, async () => {
      const client = new pg.Client({ connectionString: url, options: `-c role=${APP_ROLE}` });
      await client.connect();
      return client;
    }),
  );
  try {
    // One undone run on each connection, so that the statements are prepared before the clock starts.
    for (const [index, client] of clients.entries()) {
      const sample = transactions[index % transactions.length];
      if (sample) await send(client, sample, 'rollback');
    }
    const startedMs = performance.now();
    let next = 0;
    const loop = async (client: pg.Client): Promise<void> => {
      for (let mine = transactions[next++]; mine; mine = transactions[next++]) await sendOnce(client, mine);
    };
    await Promise.all(clients.map(loop));
    return (transactions.length * 1_000) / (performance.now() - startedMs);
  } finally {
    await Promise.all(clients.map((client) => client.end()));
  }
}
