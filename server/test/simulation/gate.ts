import type { Faults, Place, Trouble } from './faults.ts';
import type { Trace } from './trace.ts';

/** The process is dead: nothing it still tries has any effect. */
class ProcessDied extends Error {
  override readonly name = 'ProcessDied';
}

/** An exchange with a place failed on the way there or back. */
export class ConnectionLost extends Error {
  override readonly name = 'ConnectionLost';
}

interface Crash {
  /** Exchanges that still go well. */
  left: number;
  readonly trouble: 'lost' | 'answer lost';
}

/**
 * Every exchange of one process with the outside passes here, one at a time and in the order of arrival. So the order
 * of everything follows from the program and its seed, not from how long anything takes; here faults strike, and here
 * the process dies: at the given exchange and for all that come after it.
 */
export class Gate {
  readonly #faults: Faults;
  readonly #trace: Trace;
  #last: Promise<void> = Promise.resolve();
  #crash: Crash | undefined;
  #isDead = false;

  constructor(faults: Faults, trace: Trace) {
    this.#faults = faults;
    this.#trace = trace;
  }

  get isDead(): boolean {
    return this.#isDead;
  }

  /** The process dies at a later exchange, before it takes effect or after. */
  armCrash(crash: Crash): void {
    this.#crash = { ...crash };
  }

  /** The process dies of a later exchange no more. */
  disarm(): void {
    this.#crash = undefined;
  }

  async pass<T>(
    place: Place,
    what: string,
    exchange: (trouble: Trouble | undefined) => Promise<T>,
  ): Promise<T> {
    const before = this.#last;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#last = promise;
    await before;
    try {
      if (this.#isDead) throw new ProcessDied(`${place} ${what}`);
      const trouble = this.#dies() ?? this.#faults.strike(place);
      this.#trace.exchange(`${place} ${what} ${trouble ?? ''}`);
      if (trouble) this.#trace.add(`  ${this.#isDead ? 'dies' : 'fault'} at ${place} ${what}: ${trouble}`);
      return await exchange(trouble);
    } finally {
      resolve();
    }
  }

  /** What the caller of a broken exchange sees. */
  broken(what: string): Error {
    return this.#isDead ? new ProcessDied(what) : new ConnectionLost(what);
  }

  #dies(): Trouble | undefined {
    if (!this.#crash) return undefined;
    if (this.#crash.left > 0) {
      this.#crash.left -= 1;
      return undefined;
    }
    this.#isDead = true;
    return this.#crash.trouble;
  }
}
