import { Coalescer } from '../db/coalescer.ts';
import type { Database, Tx } from '../db/database.ts';
import { countToday } from '../db/day-counts.ts';
import { addMs } from '../kernel/clock.ts';
import type { Trouble } from '../trouble/trouble.ts';
import { breakerRestMs, FAILING_FOR_MS } from './outcome.ts';
import * as queue from './queue-store.ts';
import type { DisabledReason } from './store.ts';
import { followArrivals } from './trouble.ts';

const MAX_BATCH = 200;
const MAX_WAITING = 100_000;

/** One attempt, and what its answer says of the endpoint. */
export interface FinishedAttempt extends Omit<queue.AttemptRow, 'dueAt'> {
  /** How long the delivery waits for its next attempt; 0 when there is none. */
  readonly retryInMs: number;
  readonly isGone: boolean;
  /** How long the endpoint wants nothing at all. */
  readonly restMs: number;
}

export interface RecordingDeps {
  readonly db: Database;
  readonly trouble: Trouble;
  /** Switches an endpoint off in the same commit. */
  readonly disable: (tx: Tx, webhookId: string, reason: DisabledReason) => Promise<void>;
}

/** Writes attempts, many in one commit: what became of the deliveries, and how their endpoints fare. */
export class Recording {
  readonly #deps: RecordingDeps;
  readonly #coalescer: Coalescer<FinishedAttempt, boolean>;

  constructor(deps: RecordingDeps) {
    this.#deps = deps;
    this.#coalescer = new Coalescer<FinishedAttempt, boolean>({
      maxBatch: MAX_BATCH,
      maxWaiting: MAX_WAITING,
      run: (projectId, attempts) => deps.db.tx(projectId, (tx) => this.#write(tx, attempts)),
    });
  }

  /** False when the endpoint takes nothing for now. */
  record(projectId: string, attempt: FinishedAttempt): Promise<boolean> {
    return this.#coalescer.submit(projectId, attempt);
  }

  async #write(tx: Tx, attempts: readonly FinishedAttempt[]): Promise<boolean[]> {
    const now = tx.now();
    const rows = attempts.map((each) => ({ ...each, dueAt: addMs(now, each.retryInMs) }));
    const endpoints = await queue.recordAttempts(tx, rows, now);
    const delivered = attempts.filter(({ outcome }) => outcome === 'delivered').length;
    await countToday(tx, {
      'deliveries.delivered': BigInt(delivered),
      'deliveries.failed': BigInt(attempts.length - delivered),
    });
    await followArrivals(this.#deps.trouble, tx, attempts);
    const resting = await this.#judge(tx, attempts, endpoints, now);
    return attempts.map(({ webhookId }) => !resting.has(webhookId));
  }

  /** Answers the endpoints that are off or at rest from here on. */
  async #judge(
    tx: Tx,
    attempts: readonly FinishedAttempt[],
    endpoints: readonly queue.HealthRow[],
    now: Date,
  ): Promise<ReadonlySet<string>> {
    const byEndpoint = Map.groupBy(attempts, ({ webhookId }) => webhookId);
    const resting = new Set<string>();
    for (const health of endpoints) {
      const webhookId = health.webhook_id;
      const made = byEndpoint.get(webhookId) ?? [];
      const failures = made.filter(({ outcome }) => outcome !== 'delivered').length;
      const reason = reasonToDisable(made, health, now);
      if (reason) {
        await this.#deps.disable(tx, webhookId, reason);
        resting.add(webhookId);
        continue;
      }
      const before = health.consecutive_failures - failures;
      const restMs = Math.max(
        ...made.map((each) => each.restMs),
        before < 0 ? 0 : breakerRestMs(before, health.consecutive_failures),
      );
      if (restMs === 0) continue;
      await queue.restUntil(tx, webhookId, addMs(now, restMs));
      resting.add(webhookId);
    }
    return resting;
  }
}

function reasonToDisable(
  attempts: readonly FinishedAttempt[],
  { failing_since }: queue.HealthRow,
  now: Date,
): DisabledReason | undefined {
  if (attempts.some(({ isGone }) => isGone)) return 'gone';
  return failing_since && now.getTime() - failing_since.getTime() >= FAILING_FOR_MS ? 'failing' : undefined;
}
