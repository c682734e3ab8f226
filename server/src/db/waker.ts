import type pg from 'pg';
import type { Database } from './database.ts';

/** A notification channel, and how long wake-ups are gathered before one is sent. */
export interface Channel {
  readonly name: string;
  readonly gatherMs: number;
}

const RECONNECT_MS = 500;

/**
 * Tells processes that poll for work that there is some. A hint only: a lost notification costs a poll interval.
 * Sent apart from the commits that make the work, at most once per window, because PostgreSQL serializes commits
 * that notify.
 */
export class Waker {
  readonly #db: Database;
  readonly #channel: Channel;
  #scheduled: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(db: Database, channel: Channel) {
    this.#db = db;
    this.#channel = channel;
  }

  wake(): void {
    if (this.#closed) return;
    this.#scheduled ??= setTimeout(() => {
      this.#scheduled = undefined;
      this.#db.pool.query(`notify ${this.#channel.name}`).catch(() => undefined);
    }, this.#channel.gatherMs);
  }

  /** Calls back on each notification until stopped. Listens again when the connection is lost. */
  async listen(onWake: () => void): Promise<() => Promise<void>> {
    let current: pg.PoolClient | undefined;
    let retry: NodeJS.Timeout | undefined;
    let stopped = false;
    const reconnect = (): void => {
      if (stopped) return;
      retry = setTimeout(() => void connect().catch(reconnect), RECONNECT_MS);
    };
    const connect = async (): Promise<void> => {
      const client = await this.#db.pool.connect();
      if (stopped) return client.release();
      client.once('error', (error) => {
        current = undefined;
        client.release(error);
        reconnect();
      });
      client.on('notification', onWake);
      current = client;
      await client.query(`listen ${this.#channel.name}`);
    };
    await connect();
    return async () => {
      stopped = true;
      clearTimeout(retry);
      // Closed, not reused: it would go on listening.
      current?.release(true);
    };
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#scheduled);
  }
}
