import { setTimeout as delay } from 'node:timers/promises';
import { assert, must } from '../../server/src/kernel/assert.ts';
import { type Run, startRun } from './instance.ts';
import type { Part } from './processes.ts';
import {
  kill,
  lastLinesOf,
  needsNewStart,
  partOf,
  TARGETS,
  type Target,
  type Victim,
  victimsOf,
} from './targets.ts';
import { healthOf } from './traffic.ts';
import { until } from './until.ts';

/** A kill comes up to so long after the one before, amid its healing, or, more often, after that, amid the work. */
const MAX_HEALING_MS = 2_500;
const MAX_WORKING_MS = 1_000;
const WORKING_SHARE = 0.7;
/** Whoever starts a fallen instance again, an init system or a person, takes a moment, or none. */
const MAX_START_DELAY_MS = 500;
/** A machine with much else to do. */
const HEALED_TIMEOUT_MS = 90_000;
const FOUND_TIMEOUT_MS = 60_000;
const PARTS: readonly Part[] = ['api', 'worker', 'signer', 'anvil', 'postgres'];

/** What the seed says of the next kill. */
interface Plan {
  readonly target: Target;
  /** Since all was well, or since the kill before. */
  readonly afterMs: number;
  readonly isAmidHealing: boolean;
}

/** One kill, and what came of it. */
export interface Kill extends Plan {
  readonly victims: readonly string[];
  /** From the kill until all was well; undefined when another kill came before. */
  healedMs: number | undefined;
}

/** An instance under fire: it is started, killed, and started again. */
export class Killing {
  readonly kills: Kill[] = [];
  /** Of the starts that got that far, from the spawn to the block, in milliseconds; the first is the cold one. */
  readonly startsMs: number[] = [];
  /** Starts that ended because one of their parts was killed before all was up: as documented, they are not mended. */
  cutShort = 0;
  /** Instances that ended by themselves though they ran, or though nothing of them was killed. */
  readonly gaveUp: string[] = [];
  readonly #home: string;
  readonly #port: number;
  readonly #random: () => number;
  #run: Run;
  /** The last instant at which something was killed or started from outside. */
  #lastMs = performance.now();
  #hitsOfRun = 0;
  #dead: readonly number[] = [];

  constructor(home: string, port: number, random: () => number) {
    this.#home = home;
    this.#port = port;
    this.#random = random;
    this.#run = this.#start();
  }

  get run(): Run {
    return this.#run;
  }

  get lastMs(): number {
    return this.#lastMs;
  }

  /** The next kill; unless it is to come amid healing, once all is well. */
  async plan(): Promise<Plan> {
    const target = must(TARGETS[Math.floor(this.#random() * TARGETS.length)], 'a target');
    const isAmidHealing = this.#random() >= WORKING_SHARE;
    const afterMs = Math.round(this.#random() * (isAmidHealing ? MAX_HEALING_MS : MAX_WORKING_MS));
    if (!isAmidHealing) await this.healed();
    return { target, afterMs, isAmidHealing };
  }

  /** Kills as planned; what only comes back when it is started again is started again. */
  async strike(plan: Plan): Promise<Kill> {
    const { target, afterMs } = plan;
    await delay(afterMs);
    const victims = await this.#find(target);
    this.#hitsOfRun += 1;
    kill(victims);
    this.#dead = victims.map(({ pid }) => pid);
    this.#lastMs = performance.now();
    const done: Kill = { ...plan, victims: victims.map(({ what }) => what), healedMs: undefined };
    this.kills.push(done);
    if (needsNewStart(target)) {
      await this.#run.exited;
      await delay(this.#random() * MAX_START_DELAY_MS);
      this.#run = this.#start();
    }
    return done;
  }

  /** Until every part runs, the API is ready and the instance has said so. */
  async healed(): Promise<void> {
    await until('the instance is well again', () => this.#isWell(), HEALED_TIMEOUT_MS).catch(
      async (cause) => {
        const said = await lastLinesOf(this.#home, 'supervisor');
        throw new Error(`the instance does not come back: ${this.#run.output()}\n${said}`, { cause });
      },
    );
    const last = this.kills.at(-1);
    if (last) last.healedMs ??= Math.round(performance.now() - this.#lastMs);
  }

  #start(): Run {
    const run = startRun(this.#home, this.#port);
    this.#hitsOfRun = 0;
    this.#lastMs = performance.now();
    run.ready.then(
      (ms) => this.startsMs.push(Math.round(ms)),
      () => undefined,
    );
    return run;
  }

  async #isWell(): Promise<boolean> {
    if (this.#run.hasEnded()) this.#startAfterEnd();
    if (!this.#run.isReady()) return false;
    const parts = await Promise.all(PARTS.map((part) => partOf(this.#home, part)));
    // A killed process is still to be seen for a moment.
    const isThere = ([part]: readonly Victim[]): boolean =>
      part !== undefined && !this.#dead.includes(part.pid);
    if (!parts.every(isThere)) return false;
    return (await healthOf(`http://127.0.0.1:${this.#port}`, '/health/ready')) === 200;
  }

  /** It has ended without being told to. */
  #startAfterEnd(): void {
    if (this.#hitsOfRun > 0 && !this.#run.isReady()) this.cutShort += 1;
    else this.gaveUp.push(this.#run.output());
    this.#run = this.#start();
  }

  /** The processes of the target, once there are any: one that has just fallen is hit as soon as it is back. */
  async #find(target: Target) {
    const deadlineMs = performance.now() + FOUND_TIMEOUT_MS;
    for (;;) {
      if (this.#run.hasEnded()) this.#startAfterEnd();
      const victims = await victimsOf(this.#home, this.#run.pid, target, this.#random);
      if (victims.length > 0) return victims;
      assert(performance.now() < deadlineMs, `there is no ${target} for ${FOUND_TIMEOUT_MS} ms`);
      await delay(20);
    }
  }
}
