import type pg from 'pg';
import type { Database } from '../db/database.ts';
import type { Logger } from '../kernel/log.ts';

/** Keeps our keys apart from other users of advisory locks in the database. Any number, the same in every process. */
const LOCK_CLASS = 721_634;

/** A holder that is asked nothing is shown to be there this many times within its lease. */
const SIGNS_OF_LIFE_PER_LEASE = 4;

/**
 * The right to be the one active process of its name, held by a session of its own: a killed process loses it with its
 * connection, a frozen one when its session has been idle for the lease (idle_session_timeout; the kernel keeps the
 * connection of a stopped process open for ever). Such a process does not notice at once, so whoever holds the lock is
 * fenced by its updates.
 */
export class AdvisoryLock {
  readonly #db: Database;
  readonly #name: string;
  readonly #leaseMs: number;
  readonly #log: Logger;
  #client: pg.PoolClient | undefined;
  #shownMs = 0;

  /** `leaseMs`: longer than the holder ever goes without calling `hold`. */
  constructor(deps: {
    readonly db: Database;
    readonly name: string;
    readonly leaseMs: number;
    readonly log: Logger;
  }) {
    this.#db = deps.db;
    this.#name = deps.name;
    this.#leaseMs = deps.leaseMs;
    this.#log = deps.log;
  }

  /** Whether this process holds it now, taking it if it is free. Never waits for another holder. */
  async hold(): Promise<boolean> {
    if (this.#client && (await this.#isAlive(this.#client))) return true;
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
        await client.query(`set idle_session_timeout = ${this.#leaseMs}`);
        this.#client = client;
        this.#shownMs = performance.now();
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

  /** Keeps the session from being idle; false when it is gone and with it the lock. */
  async #isAlive(client: pg.PoolClient): Promise<boolean> {
    const nowMs = performance.now();
    if (nowMs - this.#shownMs < this.#leaseMs / SIGNS_OF_LIFE_PER_LEASE) return true;
    await client.query('select').catch((error: Error) => client.emit('error', error));
    if (this.#client !== client) return false;
    this.#shownMs = nowMs;
    return true;
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
