import { assert } from '../kernel/assert.ts';
import { asError } from '../kernel/errors.ts';
import type { Logger } from '../kernel/log.ts';

/** `progress`: there may be more to do at once. `pauseMs`: to the next tick, if there is not; default `pollMs`. */
export interface Ticked {
  readonly progress: boolean;
  readonly pauseMs?: number;
}

/** Repeats a tick: at once while it makes progress, else at each wake-up and every `pollMs`. Survives its errors. */
export class Loop {
  readonly #name: string;
  readonly #tick: () => Promise<Ticked>;
  readonly #pollMs: number;
  readonly #log: Logger;
  #running: Promise<void> | undefined;
  #stopping = false;
  #woken = false;
  #endPause: (() => void) | undefined;

  constructor(options: {
    readonly name: string;
    readonly tick: () => Promise<Ticked>;
    readonly pollMs: number;
    readonly log: Logger;
  }) {
    this.#name = options.name;
    this.#tick = options.tick;
    this.#pollMs = options.pollMs;
    this.#log = options.log;
  }

  start(): void {
    assert(!this.#running, `${this.#name} started twice`);
    this.#running = this.#run();
  }

  wake(): void {
    this.#woken = true;
    this.#endPause?.();
  }

  /** Waits for the tick under way. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#endPause?.();
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#stopping) {
      this.#woken = false;
      let pauseMs = this.#pollMs;
      try {
        const ticked = await this.#tick();
        if (ticked.progress) continue;
        pauseMs = ticked.pauseMs ?? pauseMs;
      } catch (error) {
        this.#log.warn({ error: asError(error) }, `${this.#name} tick failed`);
      }
      await this.#pause(pauseMs);
    }
  }

  #pause(pauseMs: number): Promise<void> {
    if (this.#woken || this.#stopping) return Promise.resolve();
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#endPause = undefined;
        resolve();
      };
      const timer = setTimeout(done, pauseMs);
      this.#endPause = done;
    });
  }
}
