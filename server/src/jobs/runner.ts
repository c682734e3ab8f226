import { randomUUID } from 'node:crypto';
import { type Database, PLATFORM, type Tx } from '../db/database.ts';
import type { Waker } from '../db/waker.ts';
import { assert } from '../kernel/assert.ts';
import { addMs, type Clock } from '../kernel/clock.ts';
import { asError } from '../kernel/errors.ts';
import type { Logger } from '../kernel/log.ts';
import type { Job, Task } from './jobs.ts';

/** Longer than the slowest single call of any task (15 s); a killed worker's jobs run again after this. */
export const LEASE_MS = 20_000;
const POLL_MS = 500;
const MAX_ERROR_LENGTH = 1_000;
/** A drain that runs this many jobs is a loop, not a backlog. */
const MAX_DRAINED_JOBS = 200_000;

export interface Claim extends Job<unknown> {
  readonly task: string;
  readonly leaseToken: string;
}

export interface ClaimedRow {
  job_id: bigint;
  project_id: string;
  task: string;
  payload: unknown;
  attempts: number;
}

/** The lease of a job passed to another worker: this one's result must not be recorded. */
class LeaseLost extends Error {}

/** Claims due jobs and runs their tasks, `concurrency` at a time. Any number of runners may share one database. */
export class JobRunner {
  readonly #db: Database;
  readonly #clock: Clock;
  readonly #waker: Waker;
  readonly #log: Logger;
  readonly #concurrency: number;
  // Payload and result types meet again at the registration; the queue itself carries JSON.
  readonly #tasks = new Map<string, Task<unknown, unknown>>();
  #running = 0;
  #wakeUp: (() => void) | undefined;
  /** There is something to claim, or room to claim it, since the last look. */
  #isSignalled = false;
  #stopping = false;
  #loop: Promise<void> | undefined;

  constructor(deps: { db: Database; clock: Clock; waker: Waker; log: Logger; concurrency: number }) {
    this.#db = deps.db;
    this.#clock = deps.clock;
    this.#waker = deps.waker;
    this.#log = deps.log;
    this.#concurrency = deps.concurrency;
  }

  register<P, R>(task: Task<P, R>): void {
    assert(!this.#tasks.has(task.name), `task ${task.name} registered twice`);
    this.#tasks.set(task.name, task as Task<unknown, unknown>);
  }

  start(): void {
    assert(!this.#loop, 'runner started twice');
    this.#loop = this.#run();
  }

  /** Claims no more, waits for what is running. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#signal();
    await this.#loop;
  }

  /** Runs every job that is due now, and those they cause, then returns how many ran. For tests. */
  async drain(): Promise<number> {
    let count = 0;
    for (;;) {
      const claims = await this.#claim(this.#concurrency);
      if (claims.length === 0) return count;
      await Promise.all(claims.map((claim) => this.#perform(claim)));
      count += claims.length;
      assert(count < MAX_DRAINED_JOBS, 'jobs cause each other without end');
    }
  }

  async #run(): Promise<void> {
    let unlisten: (() => Promise<void>) | undefined;
    while (!this.#stopping) {
      try {
        unlisten ??= await this.#waker.listen(() => this.#signal());
        this.#isSignalled = false;
        const free = this.#concurrency - this.#running;
        const claims = free > 0 ? await this.#claim(free) : [];
        for (const claim of claims) void this.#track(claim);
        if (claims.length < free || this.#running >= this.#concurrency) await this.#pause();
      } catch (error) {
        this.#log.error({ error: asError(error) }, 'claiming jobs failed');
        await this.#pause();
      }
    }
    while (this.#running > 0) await this.#pause();
    await unlisten?.();
  }

  async #track(claim: Claim): Promise<void> {
    this.#running += 1;
    try {
      await this.#perform(claim);
    } finally {
      this.#running -= 1;
      this.#signal();
    }
  }

  #signal(): void {
    this.#isSignalled = true;
    this.#wakeUp?.();
  }

  /** Until a signal, one that came while nobody waited included, or the next poll. */
  async #pause(): Promise<void> {
    if (!this.#isSignalled) await this.#nextSignalOrPoll();
    this.#isSignalled = false;
  }

  #nextSignalOrPoll(): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#wakeUp = undefined;
        resolve();
      };
      const timer = setTimeout(done, POLL_MS);
      this.#wakeUp = done;
    });
  }

  async #claim(limit: number): Promise<Claim[]> {
    const claims = await this.#claimDue(limit);
    if (claims.length === limit || !(await this.#db.clocks.any())) return claims;
    return [...claims, ...(await this.#claimInOwnTime(limit - claims.length))];
  }

  async #claimDue(limit: number): Promise<Claim[]> {
    const now = this.#clock.now();
    const leaseToken = randomUUID();
    const rows = await this.#db.tx(PLATFORM, (tx) =>
      tx.query<ClaimedRow>(
        // Task by task, so that the backlog of one that is not ours is not read through to find one that is.
        // Materialized: as a subquery of `in` it may be run once per row of a small table, each time for a fresh limit.
        `with due as materialized (
           select first.job_id from unnest($4::text[]) own(task) cross join lateral (
             select job_id, run_at from jobs
             where jobs.task = own.task and dead_at is null and not own_time and run_at <= $3
             order by run_at, job_id limit $5 for update skip locked) first
           order by first.run_at, first.job_id limit $5)
         update jobs set attempts = attempts + 1, lease_token = $1, run_at = $2
         from due where jobs.job_id = due.job_id
         returning jobs.job_id, project_id, task, payload, attempts`,
        [leaseToken, addMs(now, LEASE_MS), now, this.taskNames, limit],
      ),
    );
    return toClaims(rows, leaseToken);
  }

  /**
   * Jobs of projects with a clock of their own, but for those whose clock moves: the mover runs theirs. Leases are real
   * time, and so are pauses after failures. The jobs of a seeded project run one at a time, for each draws what follows
   * on what the one before has drawn.
   */
  async #claimInOwnTime(limit: number): Promise<Claim[]> {
    const now = this.#clock.now();
    const leaseToken = randomUUID();
    const rows = await this.#db.tx(PLATFORM, async (tx) => {
      // So that no two claim for one project at a time, each seeing none of it run.
      await tx.query(`select pg_advisory_xact_lock(hashtextextended('jobs in own time', 0))`);
      return tx.query<ClaimedRow>(
        `with due as materialized (
           select first.job_id from project_clocks c cross join lateral (
             select job_id, run_at from jobs
             where jobs.project_id = c.project_id and c.target_at is null and own_time and dead_at is null
               and run_at <= coalesce(c.stands_at, $3::timestamptz + c.offset_ms * interval '1 millisecond')
               and (not_before is null or not_before <= $3) and jobs.task = any($4)
             order by run_at, job_id limit case when c.seed is null then $5 else 1 end
             for update skip locked) first
           where c.seed is null or not job_runs(c.project_id, $3)
           limit $5)
         update jobs set attempts = attempts + 1, lease_token = $1, not_before = $2
         from due where jobs.job_id = due.job_id
         returning jobs.job_id, project_id, task, payload, attempts`,
        [leaseToken, addMs(now, LEASE_MS), now, this.taskNames, limit],
      );
    });
    return toClaims(rows, leaseToken);
  }

  get taskNames(): readonly string[] {
    return [...this.#tasks.keys()];
  }

  /** Whether nothing of them happens outside a transaction. */
  isInner(claims: readonly Claim[]): boolean {
    return claims.every(({ task, attempt }) => {
      const { call, maxAttempts } = this.#taskOf(task);
      return !call && attempt <= maxAttempts;
    });
  }

  /** Runs what the caller has claimed, all of it inner, one by one in the caller's transaction, which ends if one fails. */
  async performIn(tx: Tx, claims: readonly Claim[]): Promise<void> {
    for (const claim of claims) {
      await this.#finish(tx, claim);
      await this.#taskOf(claim.task).record(tx, claim, undefined);
    }
  }

  /** Runs what the caller has claimed. */
  async perform(claims: readonly Claim[]): Promise<void> {
    await Promise.all(claims.map((claim) => this.#perform(claim)));
  }

  async #perform(claim: Claim): Promise<void> {
    const task = this.#taskOf(claim.task);
    try {
      if (claim.attempt > task.maxAttempts) throw new Error('the worker was lost during the last attempt');
      const result = await task.call?.(claim);
      await this.#db.tx(claim.projectId, async (tx) => {
        await this.#finish(tx, claim);
        await task.record(tx, claim, result);
      });
    } catch (error) {
      if (error instanceof LeaseLost) return;
      await this.#fail(task, claim, asError(error)).catch((failure) =>
        this.#log.error({ error: asError(failure), task: claim.task }, 'a failed job could not be put back'),
      );
    }
  }

  #taskOf(name: string): Task<unknown, unknown> {
    const task = this.#tasks.get(name);
    assert(task, `no task ${name}`);
    return task;
  }

  async #finish(tx: Tx, claim: Claim): Promise<void> {
    const deleted = await tx.query(
      'delete from jobs where job_id = $1 and lease_token = $2 returning job_id',
      [claim.jobId, claim.leaseToken],
    );
    if (deleted.length === 0) throw new LeaseLost(`job ${claim.jobId}`);
  }

  async #fail(task: Task<unknown, unknown>, claim: Claim, error: Error): Promise<void> {
    const exhausted = claim.attempt >= task.maxAttempts;
    const now = this.#clock.now();
    this.#log.warn(
      { error, task: claim.task, job: Number(claim.jobId), attempt: claim.attempt, exhausted },
      'job failed',
    );
    await this.#db.tx(claim.projectId, async (tx) => {
      const updated = await tx.query(
        `update jobs set run_at = case when own_time then run_at else $3 end,
           not_before = case when own_time then $3 end, last_error = $4, dead_at = $5, lease_token = null
         where job_id = $1 and lease_token = $2 returning job_id`,
        [
          claim.jobId,
          claim.leaseToken,
          addMs(now, task.retryDelayMs(claim.attempt)),
          error.message.slice(0, MAX_ERROR_LENGTH),
          exhausted ? now : null,
        ],
      );
      if (exhausted && updated.length === 1) await task.onExhausted?.(tx, claim);
    });
  }
}

/** In the order in which they were queued. */
export const toClaims = (rows: readonly ClaimedRow[], leaseToken: string): Claim[] =>
  rows
    .toSorted((a, b) => (a.job_id < b.job_id ? -1 : 1))
    .map((row) => ({
      jobId: row.job_id,
      projectId: row.project_id,
      task: row.task,
      payload: row.payload,
      attempt: row.attempts,
      leaseToken,
    }));
