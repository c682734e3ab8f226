import { assert } from '../kernel/assert.ts';
import type { Logger } from '../kernel/log.ts';

/** Repeats a tick: at once while it makes progress, else at each wake-up and every `pollMs`. Survives its errors. */
export class Loop {
  readonly #name: string;
  readonly #tick: () => Promise<{ readonly progress: boolean }>;
  readonly #pollMs: number;
  readonly #log: Logger;
  #running: Promise<void> | undefined;
  #stopping = false;
  #woken = false;
  #endPause: (() => void) | undefined;

  constructor(options: {
    readonly name: string;
    readonly tick: () => Promise<{ readonly progress: boolean }>;
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
      try {
        const { progress } = await this.#tick();
        if (progress) continue;
      } catch (error) {
        this.#log.warn(
          { error: error instanceof Error ? error : new Error(String(error)) },
          `${this.#name} tick failed`,
        );
      }
      await this.#pause();
    }
  }

  #pause(): Promise<void> {
    if (this.#woken || this.#stopping) return Promise.resolve();
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#endPause = undefined;
        resolve();
      };
      const timer = setTimeout(done, this.#pollMs);
      this.#endPause = done;
    });
  }
}
