import { errorFromAnswer, OmsError } from './errors.ts';
import { isRetryable, parseRetryAfterMs, retryDelayMs } from './retry.ts';

/** What the sender needs from the outside world. */
export interface SenderPorts {
  readonly fetch: typeof fetch;
  /** Waits; rejects with the signal's reason when it is aborted. */
  readonly delay: (durationMs: number, signal: AbortSignal | undefined) => Promise<void>;
  /** Uniform in [0, 1), for jitter. */
  readonly random: () => number;
  /** Wall time, to read a `Retry-After` that is a date. */
  readonly nowMs: () => number;
}

export interface SenderLimits {
  /** Of one attempt, from connection to the last byte of the answer. */
  readonly timeoutMs: number;
  /** Attempts after the first. */
  readonly maxRetries: number;
}

/** One logical request; each attempt asks for its headers anew, so that a fresh token is used. */
export interface OutgoingRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: () => Promise<Record<string, string>>;
  readonly body: string | undefined;
  readonly signal: AbortSignal | undefined;
}

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** Sends requests with a timeout per attempt and retries; throws `OmsError`, or the signal's reason. */
export class Sender {
  readonly #ports: SenderPorts;
  readonly #limits: SenderLimits;

  constructor(ports: SenderPorts, limits: SenderLimits) {
    this.#ports = ports;
    this.#limits = limits;
  }

  /** The parsed success body; undefined when it is empty. */
  async send(request: OutgoingRequest): Promise<unknown> {
    for (let retry = 0; ; retry++) {
      const answer = await this.#attempt(request);
      if (!(answer instanceof OmsError) && answer.status >= 200 && answer.status < 300) {
        return parseSuccess(answer);
      }
      const error =
        answer instanceof OmsError ? answer : errorFromAnswer(answer.status, answer.headers, answer.text);
      const waitMs = retry < this.#limits.maxRetries ? this.#waitMs(retry, error, answer) : undefined;
      if (waitMs === undefined) throw error;
      await this.#ports.delay(waitMs, request.signal);
    }
  }

  #waitMs(retry: number, error: OmsError, answer: Answer | OmsError): number | undefined {
    if (!isRetryable(error)) return undefined;
    const header = answer instanceof OmsError ? null : answer.headers.get('retry-after');
    return retryDelayMs(retry, parseRetryAfterMs(header, this.#ports.nowMs()), this.#ports.random);
  }

  async #attempt(request: OutgoingRequest): Promise<Answer | OmsError> {
    const headers = await request.headers();
    request.signal?.throwIfAborted();
    const timeout = AbortSignal.timeout(this.#limits.timeoutMs);
    try {
      const response = await this.#ports.fetch(request.url, {
        method: request.method,
        headers,
        ...(request.body === undefined ? {} : { body: request.body }),
        // A redirect would carry the secret of a token exchange to wherever it points.
        redirect: 'manual',
        signal: request.signal ? AbortSignal.any([request.signal, timeout]) : timeout,
      });
      return { status: response.status, headers: response.headers, text: await response.text() };
    } catch (cause) {
      request.signal?.throwIfAborted();
      return timeout.aborted
        ? new OmsError(0, 'timeout', `No answer within ${this.#limits.timeoutMs} ms.`, { cause })
        : new OmsError(0, 'connection_failed', 'The connection failed.', { cause });
    }
  }
}

function parseSuccess(answer: Answer): unknown {
  if (answer.text === '') return undefined;
  try {
    return JSON.parse(answer.text);
  } catch (cause) {
    const requestId = answer.headers.get('x-request-id') ?? undefined;
    throw new OmsError(answer.status, 'invalid_response', 'The answer is not JSON.', { requestId, cause });
  }
}
