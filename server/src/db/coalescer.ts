import { assert } from '../kernel/assert.ts';
import { asError } from '../kernel/errors.ts';

export interface CoalescerOptions<I, O> {
  /** Items of one batch at the most. */
  readonly maxBatch: number;
  /** Items that may wait per key; beyond that a submission is refused with `QueueFull`. */
  readonly maxWaiting: number;
  /**
   * Decides a batch in one transaction: one result per item, in order. A result that is an `Error` rejects that item
   * alone. A throw means that nothing of the batch took effect, or that nobody knows; each item is then run again by
   * itself, so an item must be recognizable when it comes twice.
   */
  readonly run: (key: string, items: readonly I[]) => Promise<readonly (O | Error)[]>;
}

/** More is waiting than will be served soon; the caller is to try later. */
export class QueueFull extends Error {
  override readonly name = 'QueueFull';
}

interface Waiting<I, O> {
  readonly item: I;
  readonly resolve: (result: O) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Gathers concurrent calls into batches, per key. Natural batching: while one batch of a key is in the database the
 * next one gathers, so a lone call waits for nothing and a crowd shares commits. Items of a key keep their order.
 */
export class Coalescer<I, O> {
  readonly #options: CoalescerOptions<I, O>;
  readonly #waiting = new Map<string, Waiting<I, O>[]>();

  constructor(options: CoalescerOptions<I, O>) {
    this.#options = options;
  }

  submit(key: string, item: I): Promise<O> {
    return new Promise((resolve, reject) => {
      const queue = this.#waiting.get(key);
      if (queue && queue.length >= this.#options.maxWaiting) {
        reject(new QueueFull(`${queue.length} items wait for ${key}`));
        return;
      }
      const waiting = { item, resolve, reject };
      if (queue) {
        queue.push(waiting);
        return;
      }
      this.#waiting.set(key, [waiting]);
      // Calls of the same turn of the event loop share the first batch.
      setImmediate(() => void this.#drain(key));
    });
  }

  async #drain(key: string): Promise<void> {
    for (;;) {
      const batch = this.#waiting.get(key)?.splice(0, this.#options.maxBatch) ?? [];
      if (batch.length === 0) break;
      await this.#decide(key, batch);
    }
    this.#waiting.delete(key);
  }

  async #decide(key: string, batch: readonly Waiting<I, O>[]): Promise<void> {
    try {
      const items = batch.map(({ item }) => item);
      const results = await this.#options.run(key, items);
      assert(results.length === batch.length, 'a batch gives one result per item');
      for (const [index, result] of results.entries()) settle(batch[index], result);
    } catch (error) {
      const [only] = batch;
      if (batch.length === 1) {
        settle(only, asError(error));
        return;
      }
      // One poisoned item must not take its neighbours along.
      for (const each of batch) await this.#decide(key, [each]);
    }
  }
}

function settle<I, O>(waiting: Waiting<I, O> | undefined, result: O | Error): void {
  if (result instanceof Error) waiting?.reject(result);
  else waiting?.resolve(result);
}
