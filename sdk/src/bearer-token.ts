/** What an exchange of the API key answers. */
export interface ExchangedToken {
  readonly accessToken: string;
  /** Seconds. */
  readonly expiresIn: number;
}

interface HeldToken {
  readonly accessToken: string;
  readonly refreshAtMs: number;
}

/** A token is renewed this long before it expires, or at nine tenths of a life shorter than ten times that. */
const REFRESH_MARGIN_MS = 60_000;

/** Holds the bearer token and renews it; any number of callers share one exchange. */
export class BearerToken {
  readonly #exchange: () => Promise<ExchangedToken>;
  /** Monotonic, so that a wrong wall clock neither keeps a dead token nor drops a live one. */
  readonly #monotonicMs: () => number;
  #held: HeldToken | undefined;
  #exchanging: Promise<string> | undefined;

  constructor(exchange: () => Promise<ExchangedToken>, monotonicMs: () => number) {
    this.#exchange = exchange;
    this.#monotonicMs = monotonicMs;
  }

  /** A token that is not about to expire. Abandoning the wait does not end the exchange others wait for. */
  async get(signal: AbortSignal | undefined): Promise<string> {
    if (this.#held && this.#monotonicMs() < this.#held.refreshAtMs) return this.#held.accessToken;
    this.#exchanging ??= this.#renew().finally(() => {
      this.#exchanging = undefined;
    });
    return await unlessAborted(this.#exchanging, signal);
  }

  /** Forgets the token the server refused, unless another caller has already renewed it. */
  drop(accessToken: string): void {
    if (this.#held?.accessToken === accessToken) this.#held = undefined;
  }

  async #renew(): Promise<string> {
    const askedAtMs = this.#monotonicMs();
    const { accessToken, expiresIn } = await this.#exchange();
    const lifeMs = expiresIn * 1_000;
    const refreshAtMs = askedAtMs + lifeMs - Math.min(REFRESH_MARGIN_MS, lifeMs / 10);
    this.#held = { accessToken, refreshAtMs };
    return accessToken;
  }
}

async function unlessAborted<Value>(work: Promise<Value>, signal: AbortSignal | undefined): Promise<Value> {
  if (!signal) return await work;
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = (): void => reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  try {
    if (signal.aborted) abort();
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
