import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { endChild } from '../server/src/kernel/process.ts';
import type { LoadJob, LoadResult } from './load.ts';

const END_TIMEOUT_MS = 2_000;

const start = (file: string): ChildProcess =>
  fork(fileURLToPath(new URL(file, import.meta.url)), [], { execArgv: [] });

async function ask<T>(child: ChildProcess, message: object): Promise<T> {
  const settled = new AbortController();
  const options = { signal: settled.signal };
  const answered = once(child, 'message', options) as Promise<[{ result?: T; error?: string }]>;
  const ended = once(child, 'exit', options).then(() => {
    throw new Error('a process of the benchmark ended early');
  });
  child.send(message);
  const [answer] = await Promise.race([answered, ended]).finally(() => settled.abort());
  if (answer.result === undefined) throw new Error(answer.error ?? 'no result');
  return answer.result;
}

/** The load, in a process of its own so that the servers and it do not share a thread. */
export class LoadProcess {
  readonly #child = start('./load.ts');

  /** Throws when any request was refused: refusals are cheap, and their rate says nothing. */
  async run(job: LoadJob): Promise<LoadResult> {
    const result = await ask<LoadResult>(this.#child, job);
    if (result.failure !== undefined) throw new Error(`a request was refused: ${result.failure}`);
    return result;
  }

  readonly stop = async (): Promise<void> => {
    await endChild(this.#child, { timeoutMs: END_TIMEOUT_MS });
  };
}

/** The limit of HTTP itself: Fastify that parses the same request and sends the same bytes, and does nothing else. */
export class BareRoute {
  readonly #child = start('./bare-route.ts');

  /** Answers everything like this from now on; the port. */
  serve(reply: { readonly status: number; readonly body: string }): Promise<number> {
    return ask<number>(this.#child, reply);
  }

  readonly stop = async (): Promise<void> => {
    await endChild(this.#child, { timeoutMs: END_TIMEOUT_MS });
  };
}
