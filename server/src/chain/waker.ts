import type { Database } from '../db/database.ts';

const CHANNEL = 'oms_sends';
/** Sends requested within this window are relayed together; it also bounds how often a commit is notified. */
const GATHER_MS = 50;

/**
 * Tells the relayer that sends are queued. A hint only: the relayer polls as well. Sent apart from the commits
 * that queue, because PostgreSQL serializes commits that notify.
 */
export class ChainWaker {
  readonly #db: Database;
  #scheduled: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(db: Database) {
    this.#db = db;
  }

  wake(): void {
    if (this.#closed) return;
    this.#scheduled ??= setTimeout(() => {
      this.#scheduled = undefined;
      this.#db.pool.query(`notify ${CHANNEL}`).catch(() => undefined);
    }, GATHER_MS);
  }

  /** Calls back on each notification until the returned function is called. */
  async listen(onWake: () => void): Promise<() => void> {
    const client = await this.#db.pool.connect();
    client.on('error', () => undefined);
    client.on('notification', onWake);
    await client.query(`listen ${CHANNEL}`);
    // The connection is closed, not reused: it would go on listening.
    return () => client.release(true);
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#scheduled);
  }
}
