import { setTimeout as delay } from 'node:timers/promises';
import { OpenOMS } from '@openoms/sdk';
import { must } from '../../server/src/kernel/assert.ts';

const MAX_CLIENT_RETRIES = 10_000;
const MAX_RETRY_DELAY_MS = 300;
/** Of one attempt: one that a dead process will never answer must not use up the time that all work has. */
const ATTEMPT_TIMEOUT_MS = 10_000;
/** Of the requests under an idempotency key, retries included. */
const TWIN_SHARE = 0.3;

/** A success that a client was told of. */
export interface Acknowledgement {
  readonly method: string;
  readonly path: string;
  /** The text as it was sent; empty for 204. */
  readonly body: string;
}

/**
 * The wire between the clients of a campaign and the instance. It sends some of the requests that carry an idempotency
 * key twice at once, and keeps what was acknowledged under each key.
 */
export class Wire {
  readonly acknowledged = new Map<string, Acknowledgement>();
  /** Keys under which two successes said different things. */
  readonly contradicted = new Set<string>();
  /** Requests that went out twice at once. */
  twins = 0;
  readonly #random: () => number;

  constructor(random: () => number) {
    this.#random = random;
  }

  /** A client that outlasts any number of crashes, each call under its one idempotency key. */
  client(env: Readonly<Record<string, string>>): OpenOMS {
    return new OpenOMS({
      baseUrl: must(env.OMS_BASE_URL, 'OMS_BASE_URL'),
      apiKey: must(env.OMS_API_KEY, 'OMS_API_KEY'),
      apiSecret: must(env.OMS_API_SECRET, 'OMS_API_SECRET'),
      timeoutMs: ATTEMPT_TIMEOUT_MS,
      maxRetries: MAX_CLIENT_RETRIES,
      delay: (durationMs) => delay(Math.min(durationMs, MAX_RETRY_DELAY_MS)),
      fetch: (input, init) => this.#fetch(String(input), init ?? {}),
    });
  }

  async #fetch(url: string, init: RequestInit): Promise<Response> {
    const key = new Headers(init.headers).get('idempotency-key');
    if (key === null) return fetch(url, init);
    const send = (): Promise<Response> => this.#sendOnce(url, init, key);
    if (this.#random() >= TWIN_SHARE) return send();
    this.twins += 1;
    const [first, second] = await Promise.allSettled([send(), send()]);
    // The client sees one of them: a success if there is any, else an answer if there is any.
    const answers = [first, second].flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
    const [answer] = answers.sort((a, b) => a.status - b.status);
    if (answer) return answer;
    throw first.status === 'rejected' ? first.reason : new Error('one of two attempts has an outcome');
  }

  async #sendOnce(url: string, init: RequestInit, key: string): Promise<Response> {
    const response = await fetch(url, init);
    const body = await response.text();
    if (response.ok) this.#acknowledge(key, { method: must(init.method, 'a method'), url, body });
    const { status, headers } = response;
    return new Response(body === '' ? null : body, { status, headers });
  }

  #acknowledge(key: string, { method, url, body }: { method: string; url: string; body: string }): void {
    const path = new URL(url).pathname.replace(/^\/v[0-9.]+/, '');
    const before = this.acknowledged.get(key);
    if (before && before.body !== body) this.contradicted.add(key);
    this.acknowledged.set(key, { method, path, body });
  }
}
