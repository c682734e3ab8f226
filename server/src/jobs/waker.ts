import type { Database } from '../db/database.ts';

const CHANNEL = 'oms_jobs';
const DEBOUNCE_MS = 5;

/**
 * Tells the workers of every process that jobs are due. A hint only: the workers poll as well, so a lost
 * notification costs half a second, not a job. Sent apart from the commits that enqueue, at most once per
 * debounce window, because PostgreSQL serializes commits that notify.
 */
export class JobWaker {
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
    }, DEBOUNCE_MS);
  }

  /** Calls back on each notification until the returned function is called. */
  async listen(onWake: () => void): Promise<() => Promise<void>> {
    const client = await this.#db.pool.connect();
    let broken: Error | undefined;
    client.on('error', (error) => {
      broken = error;
    });
    client.on('notification', onWake);
    await client.query(`listen ${CHANNEL}`);
    return async () => {
      client.off('notification', onWake);
      if (!broken) await client.query(`unlisten ${CHANNEL}`).catch(() => undefined);
      client.release(broken ?? true);
    };
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#scheduled);
  }
}
