import { DatabaseSync } from 'node:sqlite';

/** What every event has, whatever its name; the rest of `data` is by event. */
export interface Envelope {
  readonly id: string;
  readonly event: string;
  readonly sequence: number;
  readonly data: { readonly id?: string };
}

/**
 * Deliveries on disk, each once, and of each resource the latest state. Here in SQLite; in your service it is the
 * database that your own data is in, so that an effect and the memory of its delivery are one transaction.
 */
export class Inbox {
  readonly #db: DatabaseSync;

  constructor(path: string) {
    this.#db = new DatabaseSync(path);
    this.#db.exec(`
      create table if not exists deliveries (id text primary key, body text not null);
      create table if not exists resources (id text primary key, sequence integer not null, event text not null);
    `);
  }

  /** Takes a delivery in. When it returns, nothing of it can be lost, and taking it again changes nothing. */
  take(envelope: Envelope): void {
    const { id, event, sequence, data } = envelope;
    this.#db.exec('begin immediate');
    try {
      const { changes } = this.#db
        .prepare('insert into deliveries (id, body) values (?, ?) on conflict do nothing')
        .run(id, JSON.stringify(envelope));
      // What is slow, such as a mail or a call to another service, is not done here: a worker reads `deliveries`.
      if (changes === 1 && data.id !== undefined) {
        this.#db
          .prepare(
            `insert into resources (id, sequence, event) values (?, ?, ?)
             on conflict (id) do update set sequence = excluded.sequence, event = excluded.event
             where excluded.sequence > resources.sequence`,
          )
          .run(data.id, sequence, event);
      }
      this.#db.exec('commit');
    } catch (error) {
      this.#db.exec('rollback');
      throw error;
    }
  }

  /** For `openoms check-webhook --effects-url`: how often each delivery took effect, and how far each resource is. */
  effects(): { deliveries: Record<string, number>; resources: Record<string, number> } {
    const deliveries = this.#db.prepare('select id, count(*) as n from deliveries group by id').all();
    const resources = this.#db.prepare('select id, sequence as n from resources').all();
    return { deliveries: toRecord(deliveries), resources: toRecord(resources) };
  }
}

const toRecord = (rows: readonly Record<string, unknown>[]): Record<string, number> =>
  Object.fromEntries(rows.map(({ id, n }) => [String(id), Number(n)]));
