import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { type Database, PLATFORM, type Tx } from '../db/database.ts';
import type { Waker } from '../db/waker.ts';
import { type Claim, type JobRunner, LEASE_MS, toClaims } from '../jobs/runner.ts';
import type { Clock } from '../kernel/clock.ts';
import { asError } from '../kernel/errors.ts';
import type { Logger } from '../kernel/log.ts';
import type { SandboxClocks } from './service.ts';
import { listMoving, releaseClock, type StepState, stepClock } from './store.ts';

/** How long a worker has a clock for itself before another may take over. Each step renews it. */
const CLOCK_LEASE_MS = 10_000;
const POLL_MS = 500;
/** Between looks at what the clock waits for: short at first, for most of it is soon over. */
const FIRST_LOOK_MS = 2;
const LONGEST_LOOK_MS = 100;
/** Jobs of one instant that run at a time. */
const JOBS_AT_ONCE = 16;
/** Steps of one commit: requests of the project wait for it, a tenth of a second or so. */
const STEPS_AT_ONCE = 20;

export interface ClockMoverDeps {
  readonly db: Database;
  /** The server's. */
  readonly clock: Clock;
  readonly log: Logger;
  readonly waker: Waker;
  readonly runner: JobRunner;
  readonly clocks: SandboxClocks;
}

/** Moves clocks that were sent somewhere: from timer to timer, each of which runs at its own time. */
export class ClockMover {
  readonly #deps: ClockMoverDeps;
  readonly #token = randomUUID();
  readonly #moving = new Map<string, Promise<void>>();
  readonly #stopping = new AbortController();
  #wakeUp: (() => void) | undefined;
  #loop: Promise<void> | undefined;

  constructor(deps: ClockMoverDeps) {
    this.#deps = deps;
  }

  start(): void {
    this.#loop = this.#run();
  }

  /** Ends the step under way; another worker may go on at once. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#wakeUp?.();
    await this.#loop;
    await Promise.all(this.#moving.values());
  }

  /** Moves every clock until it has arrived or waits for something else; how many steps it made. For tests. */
  async drain(): Promise<number> {
    let steps = 0;
    for (const projectId of await this.#deps.db.tx(PLATFORM, listMoving)) {
      for (;;) {
        const state = await this.#step(projectId);
        if (state !== 'run' && state !== 'reached') break;
        steps += 1;
      }
    }
    return steps;
  }

  async #run(): Promise<void> {
    const { db, log, waker } = this.#deps;
    let unlisten: (() => Promise<void>) | undefined;
    while (!this.#stopping.signal.aborted) {
      try {
        unlisten ??= await waker.listen(() => this.#wakeUp?.());
        for (const projectId of await db.tx(PLATFORM, listMoving)) this.#begin(projectId);
      } catch (error) {
        log.error({ error: asError(error) }, 'looking for clocks to move failed');
      }
      await this.#pause();
    }
    await unlisten?.();
  }

  #begin(projectId: string): void {
    if (this.#moving.has(projectId)) return;
    const moving = this.#move(projectId)
      .catch((error) => this.#deps.log.error({ error: asError(error), projectId }, 'moving a clock failed'))
      .finally(() => this.#moving.delete(projectId));
    this.#moving.set(projectId, moving);
  }

  async #move(projectId: string): Promise<void> {
    let lookMs = FIRST_LOOK_MS;
    while (!this.#stopping.signal.aborted) {
      const state = await this.#step(projectId);
      if (state === 'reached' || state === 'over') return;
      if (state === 'run') lookMs = FIRST_LOOK_MS;
      else {
        await delay(lookMs);
        lookMs = Math.min(lookMs * 2, LONGEST_LOOK_MS);
      }
    }
    await this.#deps.db.tx(projectId, (tx) => releaseClock(tx, this.#token));
  }

  /** What is done within the database goes with the steps to it, many in one commit; what is not, after a step's commit. */
  async #step(projectId: string): Promise<StepState> {
    try {
      return await this.#stepsIn(projectId, STEPS_AT_ONCE);
    } catch (error) {
      this.#deps.log.warn({ error: asError(error), projectId }, 'steps of a clock are made one by one');
      return this.#stepsIn(projectId, 0);
    }
  }

  async #stepsIn(projectId: string, innerSteps: number): Promise<StepState> {
    const { db, runner, clocks } = this.#deps;
    const { state, claims } = await db.tx(projectId, async (tx) => {
      for (let steps = 1; ; steps++) {
        const step = await this.#stepOf(tx);
        if (step.state === 'reached') await clocks.arrive(tx);
        if (step.state !== 'run' || innerSteps === 0 || !runner.isInner(step.claims)) return step;
        await runner.performIn(tx, step.claims);
        if (steps >= innerSteps) return { state: step.state, claims: [] };
      }
    });
    await runner.perform(claims);
    return state;
  }

  async #stepOf(tx: Tx): Promise<{ state: StepState; claims: Claim[] }> {
    const { clock, runner } = this.#deps;
    const jobToken = randomUUID();
    const rows = await stepClock(tx, {
      token: this.#token,
      now: clock.now(),
      clockLeaseMs: CLOCK_LEASE_MS,
      jobToken,
      jobLeaseMs: LEASE_MS,
      tasks: runner.taskNames,
      limit: JOBS_AT_ONCE,
    });
    const [first] = rows;
    if (first?.state !== 'run') return { state: first?.state ?? 'over', claims: [] };
    tx.goBy(first);
    return { state: first.state, claims: toClaims(rows, jobToken) };
  }

  #pause(): Promise<void> {
    if (this.#stopping.signal.aborted) return Promise.resolve();
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
}
