import type { Logger } from '../kernel/log.ts';

/** Stops what was started, last first, whatever fails on the way. */
export class Stack {
  readonly #stops: (() => Promise<unknown>)[] = [];
  readonly #log: Logger;

  constructor(log: Logger) {
    this.#log = log;
  }

  push(stop: () => Promise<unknown>): void {
    this.#stops.push(stop);
  }

  async unwind(): Promise<void> {
    for (let stop = this.#stops.pop(); stop; stop = this.#stops.pop()) {
      await stop().catch((error: Error) => this.#log.error({ error }, 'a part did not stop cleanly'));
    }
  }
}
