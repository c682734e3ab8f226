import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { ApiError } from '../kernel/errors.ts';
import type { PasswordAnswer, PasswordTask } from './password-worker.ts';

/** Each takes a twentieth of a second. */
const MAX_WAITING = 40;
const RETRY_AFTER_SECONDS = 2;

/**
 * Argon2id, in a thread of its own and one at a time: who signs in waits for others who do, and no other request waits for
 * them. The thread starts with the first password and keeps no process alive.
 */
export class Passwords {
  #worker: Worker | undefined;
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;
  #nobodys: Promise<string> | undefined;

  /** In PHC string format. Throws 429 when too many wait. */
  async hash(password: string): Promise<string> {
    return String(await this.#run({ password, hash: undefined }));
  }

  /** `hash` undefined: of nobody. It takes as long as any other, and is wrong. */
  async verify(password: string, hash: string | undefined): Promise<boolean> {
    if (hash !== undefined) return (await this.#run({ password, hash })) === true;
    this.#nobodys ??= this.hash(randomBytes(16).toString('hex'));
    await this.#run({ password, hash: await this.#nobodys });
    return false;
  }

  async close(): Promise<void> {
    await this.#last.catch(() => undefined);
    await this.#worker?.terminate();
  }

  async #run(task: PasswordTask): Promise<PasswordAnswer> {
    if (this.#waiting >= MAX_WAITING) {
      throw new ApiError(429, 'rate_limited', 'Too many sign in at this moment; try again.', {
        retryAfterSeconds: RETRY_AFTER_SECONDS,
      });
    }
    this.#waiting += 1;
    const turn = this.#last.catch(() => undefined).then(() => this.#ask(task));
    this.#last = turn;
    try {
      return await turn;
    } finally {
      this.#waiting -= 1;
    }
  }

  async #ask(task: PasswordTask): Promise<PasswordAnswer> {
    const worker = this.#worker ?? this.#start();
    worker.ref();
    try {
      const answered = once(worker, 'message');
      worker.postMessage(task);
      const [answer] = (await answered) as [PasswordAnswer];
      return answer;
    } catch (error) {
      // A thread that has failed is of no use for the next.
      this.#worker = undefined;
      throw error;
    } finally {
      worker.unref();
    }
  }

  #start(): Worker {
    const worker = new Worker(new URL('./password-worker.ts', import.meta.url));
    worker.on('error', () => undefined);
    this.#worker = worker;
    return worker;
  }
}
