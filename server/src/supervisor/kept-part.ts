import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '../kernel/log.ts';

/** Before a part is started again: time for its sockets and locks to be freed. */
const RESTART_DELAY_MS = 500;
/** A part that falls this often within the window is broken, not unlucky. */
const MAX_FALLS = 10;
const FALLS_WINDOW_MS = 60_000;
/** Starts that fail one after the other. */
const MAX_FAILED_STARTS = 5;

/** A part of the instance while it runs. */
export interface RunningPart {
  /** Settles when the part has ended, stopped or not; never rejects. */
  readonly exited: Promise<unknown>;
  /** Resolves when others can use it, if it may run without being of use. Never rejects: who uses it then hears why not. */
  ready?(): Promise<void>;
  stop(): Promise<unknown>;
}

export interface KeptPartOptions<P extends RunningPart> {
  /** As the operator is told, such as `PostgreSQL`. */
  readonly name: string;
  /** Starts it, the first time and again; throws when it does not come up, or when the signal is aborted. */
  readonly start: (signal: AbortSignal) => Promise<P>;
  /** Parts it cannot start without: when they have fallen too, they come first. */
  readonly needs?: readonly KeptPart<RunningPart>[];
  readonly log: Logger;
  /** Called once, when it cannot be kept running. */
  readonly onGivenUp: (name: string) => void;
}

class NeedGone extends Error {}

/** Keeps one part running: starts it again in its place whenever it ends by itself, up to a limit. */
export class KeptPart<P extends RunningPart> {
  readonly #options: KeptPartOptions<P>;
  readonly #stopping = new AbortController();
  #running: Promise<P> | undefined;
  #falls: number[] = [];

  constructor(options: KeptPartOptions<P>) {
    this.#options = options;
  }

  /** The first start. Throws when that fails; nothing is retried then. */
  start(): Promise<P> {
    this.#running = this.#options.start(this.#stopping.signal);
    this.#running.then(
      (part) => this.#watch(part),
      () => undefined,
    );
    return this.#running;
  }

  /** Resolves when it is of use, at once or when the start under way has come to its end; rejects when that failed. */
  async running(): Promise<void> {
    const part = await this.#running;
    await part?.ready?.();
  }

  /** Ends it, also in the middle of a start, and lets it be. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    const part = await this.#running?.catch(() => undefined);
    await part?.stop();
  }

  #watch(part: P): void {
    void part.exited.then(() => {
      if (this.#stopping.signal.aborted) return;
      this.#running = this.#startAgain();
      this.#running.then(
        (next) => this.#watch(next),
        (error: Error) => {
          // What it needs has been given up and says so itself.
          if (error instanceof NeedGone || this.#stopping.signal.aborted) return;
          this.#options.onGivenUp(this.#options.name);
        },
      );
    });
  }

  async #startAgain(): Promise<P> {
    const { name, log, needs = [] } = this.#options;
    const { signal } = this.#stopping;
    log.warn({ part: name }, 'a part has fallen; starting it again');
    this.#countFall();
    for (let failures = 1; ; failures++) {
      await delay(RESTART_DELAY_MS, undefined, { signal });
      await Promise.all(needs.map((part) => part.running())).catch((cause) => {
        throw new NeedGone(`${name} cannot start without what it needs`, { cause });
      });
      try {
        return await this.#options.start(signal);
      } catch (error) {
        if (failures === MAX_FAILED_STARTS || signal.aborted) throw error;
        log.error({ error: error as Error, part: name }, 'a part did not start again');
      }
    }
  }

  #countFall(): void {
    const now = performance.now();
    this.#falls = [...this.#falls.filter((at) => now - at < FALLS_WINDOW_MS), now];
    if (this.#falls.length > MAX_FALLS) {
      throw new Error(`${this.#options.name} fell ${MAX_FALLS} times within ${FALLS_WINDOW_MS} ms`);
    }
  }
}
