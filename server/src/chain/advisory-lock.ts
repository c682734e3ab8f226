import type pg from 'pg';
import type { Database } from '../db/database.ts';
import type { Logger } from '../kernel/log.ts';

/** Keeps our keys apart from other users of advisory locks in the database. Any number, the same in every process. */
const LOCK_CLASS = 721_634;

/**
 * The right to be the one active process of its name, held by a session of its own: a killed process loses it with its
 * connection. A process that sleeps past that does not notice at once, so whoever holds it is fenced by its updates.
 */
export class AdvisoryLock {
  readonly #db: Database;
  readonly #name: string;
  readonly #log: Logger;
  #client: pg.PoolClient | undefined;

  constructor(deps: { readonly db: Database; readonly name: string; readonly log: Logger }) {
    this.#db = deps.db;
    this.#name = deps.name;
    this.#log = deps.log;
  }

  /** Whether this process holds it now, taking it if it is free. Never waits for another holder. */
  async hold(): Promise<boolean> {
    if (this.#client) return true;
    const client = await this.#db.pool.connect();
    const lost = (): void => {
      if (this.#client !== client) return;
      this.#client = undefined;
      client.release(true);
      this.#log.warn({ lock: this.#name }, 'advisory lock lost with its connection');
    };
    client.on('error', lost);
    client.on('end', lost);
    try {
      const { rows } = await client.query<{ held: boolean }>(
        'select pg_try_advisory_lock($1, hashtext($2)) as held',
        [LOCK_CLASS, this.#name],
      );
      if (rows[0]?.held === true) {
        this.#client = client;
        return true;
      }
    } catch (error) {
      client.release(true);
      throw error;
    }
    client.off('error', lost);
    client.off('end', lost);
    client.release();
    return false;
  }

  /** Gives it up, so that another process can have it at once. */
  async release(): Promise<void> {
    const client = this.#client;
    if (!client) return;
    this.#client = undefined;
    await client
      .query('select pg_advisory_unlock($1, hashtext($2))', [LOCK_CLASS, this.#name])
      .catch(() => undefined);
    // Closed rather than reused: that frees the lock whatever state the connection is in.
    client.release(true);
  }
}
