import { MINUTE_MS } from '../../kernel/clock.ts';
import type { Logger } from '../../kernel/log.ts';
import type { Sequencer } from './sequencer.ts';

/** Idle chains still get a block now and then, so that their time is not far behind. */
const HEARTBEAT_MS = 5 * MINUTE_MS;

/**
 * Mines at most one block per interval: when one is wanted, then a few empty ones so that it becomes final, then none
 * until the heartbeat. An idle chain costs nothing and its log stays short.
 */
export class LazyMiner {
  readonly #sequencer: Sequencer;
  readonly #intervalMs: number;
  readonly #trailingBlocks: number;
  readonly #log: Logger;
  #timer: NodeJS.Timeout | undefined;
  #trailing = 0;
  #seen = 0;
  #lastBlockMs = performance.now();
  #stopped = false;

  constructor(deps: {
    readonly sequencer: Sequencer;
    readonly intervalMs: number;
    readonly trailingBlocks: number;
    readonly log: Logger;
  }) {
    this.#sequencer = deps.sequencer;
    this.#intervalMs = deps.intervalMs;
    this.#trailingBlocks = deps.trailingBlocks;
    this.#log = deps.log;
  }

  start(): void {
    this.#schedule(this.#intervalMs);
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  #schedule(delayMs: number): void {
    this.#timer = setTimeout(() => void this.#tick(), delayMs);
  }

  async #tick(): Promise<void> {
    const startedMs = performance.now();
    if (this.#isDue(startedMs)) {
      try {
        await this.#sequencer.mine({ blocks: 1 });
      } catch (error) {
        // The sequencer reports what is fatal; anything else passes with the next tick.
        if (!this.#stopped)
          this.#log.warn({ error: error as Error }, 'the local chain could not mine a block');
      }
      this.#lastBlockMs = startedMs;
    }
    if (!this.#stopped) this.#schedule(Math.max(0, this.#intervalMs - (performance.now() - startedMs)));
  }

  #isDue(nowMs: number): boolean {
    // What comes while an empty block is asked for is in that very block: it counts as well, or it would not become final.
    const { wantsBlock, changes } = this.#sequencer;
    if (wantsBlock || changes !== this.#seen) {
      this.#seen = changes;
      this.#trailing = this.#trailingBlocks;
      return true;
    }
    if (this.#trailing > 0) {
      this.#trailing -= 1;
      return true;
    }
    return nowMs - this.#lastBlockMs >= HEARTBEAT_MS;
  }
}
