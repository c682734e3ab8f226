import pg from 'pg';
import type { RecordedTransaction } from './recording.ts';

const APP_ROLE = 'oms_app';

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
      for (let mine = transactions[next++]; mine; mine = transactions[next++])
        await send(client, mine, 'commit');
    };
    await Promise.all(clients.map(loop));
    return (transactions.length * 1_000) / (performance.now() - startedMs);
  } finally {
    await Promise.all(clients.map((client) => client.end()));
  }
}
