import type { Tx } from '../db/database.ts';
import type { Channel, Waker } from '../db/waker.ts';

/** What a claimed job carries to its task. */
export interface Job<P> {
  readonly jobId: bigint;
  readonly projectId: string;
  readonly payload: P;
  /** 1 for the first run. */
  readonly attempt: number;
}

/**
 * A kind of background work. `call` talks to the outside with no transaction open; `record` writes the result and
 * what follows from it in one transaction together with the job's own end. Either may run again after a crash, so
 * `call` must be repeatable; `record` takes effect once.
 */
export interface Task<P, R = undefined> {
  readonly name: string;
  readonly maxAttempts: number;
  /** Wait before the next run after the given failed attempt (1-based). */
  retryDelayMs(attempt: number): number;
  call?(job: Job<P>): Promise<R>;
  record(tx: Tx, job: Job<P>, result: R): Promise<void>;
  /** Once, when the last attempt has failed: the job is kept in the list of dead ones. */
  onExhausted?(tx: Tx, job: Job<P>): Promise<void>;
}

/** Workers listen here for jobs that are due. */
export const JOBS_CHANNEL: Channel = { name: 'oms_jobs', gatherMs: 5 };

/** Exponential from 1 s, at most 5 min. */
export const backoffMs = (attempt: number): number => Math.min(1_000 * 2 ** (attempt - 1), 300_000);

/** Queues work inside the caller's transaction: it exists if and only if that commits. */
export class Jobs {
  readonly #waker: Waker;

  constructor(waker: Waker) {
    this.#waker = waker;
  }

  async enqueue(tx: Tx, task: string, payload: object, runAt?: Date): Promise<void> {
    await this.enqueueMany(tx, task, [payload], runAt);
  }

  async enqueueMany(tx: Tx, task: string, payloads: readonly object[], runAt?: Date): Promise<void> {
    if (payloads.length === 0) return;
    const now = tx.now();
    await tx.query(
      `insert into jobs (project_id, task, payload, run_at, created_at, own_time)
       select $1, $2, payload, $4, $5, $6 from jsonb_array_elements($3::jsonb) payload`,
      [tx.scope, task, JSON.stringify(payloads), runAt ?? now, now, tx.ownTime !== undefined],
    );
    if (!runAt || runAt <= now) tx.afterCommit(() => this.#waker.wake());
  }
}
