import type { Database } from '../db/database.ts';

const CHANNEL = 'oms_jobs';
const DEBOUNCE_MS = 5;

export interface Listener {
  /** The connection broke: nothing will be heard any more. */
  isLost(): boolean;
  /** Gives the connection back; once. */
  stop(): Promise<void>;
}

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

  /** Calls back on each notification until stopped, or until the connection is lost. */
  async listen(onWake: () => void): Promise<Listener> {
    const client = await this.#db.pool.connect();
    let lost: Error | undefined;
    client.on('error', (error) => {
      lost = error;
    });
    client.on('notification', onWake);
    const stop = async (): Promise<void> => {
      client.off('notification', onWake);
      if (!lost) await client.query(`unlisten ${CHANNEL}`).catch(() => undefined);
      client.release(lost ?? true);
    };
    try {
      await client.query(`listen ${CHANNEL}`);
    } catch (error) {
      await stop();
      throw error;
    }
    return { isLost: () => lost !== undefined, stop };
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#scheduled);
  }
}
