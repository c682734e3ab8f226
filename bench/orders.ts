import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { endChild } from '../server/src/kernel/process.ts';

const END_TIMEOUT_MS = 5_000;

/** A process of the benchmark that does what it is told, one order after the other. */
export class OrderedProcess<Order> {
  readonly #child: ChildProcess;

  constructor(file: URL, ...args: readonly string[]) {
    this.#child = fork(fileURLToPath(file), args, { execArgv: [] });
  }

  /** Its answer, once the order is carried out. */
  async tell<T = undefined>(order: Order): Promise<T> {
    const settled = new AbortController();
    const options = { signal: settled.signal };
    const answered = once(this.#child, 'message', options) as Promise<[{ result?: T; error?: string }]>;
    const ended = once(this.#child, 'exit', options).then(() => {
      throw new Error('a process of the benchmark ended early');
    });
    this.#child.send({ order });
    const [answer] = await Promise.race([answered, ended]).finally(() => settled.abort());
    if (answer.error !== undefined) throw new Error(answer.error);
    return answer.result as T;
  }

  async stop(): Promise<void> {
    await endChild(this.#child, { timeoutMs: END_TIMEOUT_MS });
  }
}

/** In such a process: carries orders out. It ends with the one who gives them. */
export function answering<Order>(carryOut: (order: Order) => Promise<unknown>): void {
  process.on('message', ({ order }: { order: Order }) => {
    carryOut(order).then(
      (result) => process.send?.({ result }),
      (error: Error) => process.send?.({ error: error.stack ?? error.message }),
    );
  });
  process.on('disconnect', () => process.exit(0));
}
