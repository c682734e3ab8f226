import type { Tx } from '../db/database.ts';
import { addMs, type Clock, HOUR_MS, SECOND_MS } from '../kernel/clock.ts';
import { ApiError, type ErrorDetail, validationError } from '../kernel/errors.ts';
import type { Logger } from '../kernel/log.ts';
import type { Asset } from '../kernel/money.ts';
import { type Feed, isPair, readFeed, readRate } from './feed.ts';
import { firstReference, isAbsurd } from './moves.ts';
import type { RateSource } from './provider.ts';
import * as store from './store.ts';

export type { RateSource } from './provider.ts';

export interface ExchangeRate {
  /** `source/destination`. */
  readonly pair: string;
  /** Destination units per source unit, a decimal string that `parseRate` takes. */
  readonly rate: string;
  readonly observedAt: Date;
}

export interface RatesDeps {
  /** Real time: feeds are observed outside, where no test clock reaches. */
  readonly wallClock: Clock;
  readonly log: Logger;
  readonly source: RateSource;
  /** An older rate is none. */
  readonly maxAgeMs: number;
}

/** The same asset in another account. */
const SAME = '1.0';
/** A reference is replaced by the next rate after this long. */
const REFERENCE_MS = HOUR_MS;
const RETRY_AFTER_SECONDS = 30;
const MAX_POLL_MS = 30 * SECOND_MS;
const POLLS_PER_AGE = 3;

/** What one asset is worth in another. What applied to a payment is stored with the payment. */
export class Rates {
  readonly #deps: RatesDeps;
  /** How often the feed is read: a few times before a rate is too old. */
  readonly pollMs: number;

  constructor(deps: RatesDeps) {
    this.#deps = deps;
    this.pollMs = Math.min(MAX_POLL_MS, deps.maxAgeMs / POLLS_PER_AGE);
  }

  /** Throws 503 `rate_unavailable` when there is no rate, or none that is fresh. */
  async get(tx: Tx, source: Asset, destination: Asset): Promise<ExchangeRate> {
    const { wallClock, maxAgeMs } = this.#deps;
    const pair = `${source}/${destination}`;
    const now = wallClock.now();
    const told = source === destination ? undefined : await store.findToldRate(tx, pair);
    if (told === null) throw unavailable(pair);
    const constant = told ?? this.#constant(source, destination, pair);
    if (constant !== undefined) return { pair, rate: constant, observedAt: now };
    const row = this.#deps.source.kind === 'feed' ? await store.findRate(tx, pair) : undefined;
    if (!row || addMs(row.observed_at, maxAgeMs) < now) {
      throw unavailable(pair);
    }
    return { pair, rate: row.rate, observedAt: row.observed_at };
  }

  #constant(source: Asset, destination: Asset, pair: string): string | undefined {
    if (source === destination) return SAME;
    return this.#deps.source.kind === 'fixed' ? this.#deps.source.rates[pair] : undefined;
  }

  /** Reads the feed, outside any transaction; nothing when rates are fixed. Throws when there is no feed to be had. */
  async readFeed(): Promise<Feed | undefined> {
    const { source, wallClock } = this.#deps;
    if (source.kind === 'fixed') return undefined;
    return readFeed(await source.read(), wallClock.now());
  }

  /** Takes what is newer and sane; the rest is refused and logged, and what was known goes on until it is too old. */
  async record(tx: Tx, feed: Feed): Promise<void> {
    // In sorted order, as two workers may record at once.
    const sorted = feed.rates.toSorted((a, b) => (a.pair < b.pair ? -1 : 1));
    for (const { pair, rate } of sorted) await this.#recordOne(tx, pair, rate, feed.observedAt);
  }

  async #recordOne(tx: Tx, pair: string, rate: string | undefined, observedAt: Date): Promise<void> {
    const { log, wallClock } = this.#deps;
    if (rate === undefined) return log.error({ pair }, 'rate refused: not a positive decimal');
    const known = await store.lockRate(tx, pair);
    if (known && known.observed_at >= observedAt) return;
    const reference = known?.reference_rate ?? firstReference(pair);
    if (reference !== undefined && isAbsurd(rate, reference)) {
      return log.error({ pair, rate, reference }, 'rate refused: moved more than a fifth within an hour');
    }
    const now = wallClock.now();
    const keeps = known !== undefined && now < addMs(known.reference_at, REFERENCE_MS);
    await store.upsertRate(
      tx,
      {
        pair,
        rate,
        observed_at: observedAt,
        reference_rate: keeps ? known.reference_rate : rate,
        reference_at: keeps ? known.reference_at : now,
      },
      now,
    );
  }

  /** The operator's word for a rate that a feed may not bring by itself. False when it is no pair or no rate. */
  async accept(tx: Tx, pair: string, text: string): Promise<boolean> {
    const rate = readRate(text);
    if (rate === undefined || !isPair(pair)) return false;
    const now = this.#deps.wallClock.now();
    const known = await store.lockRate(tx, pair);
    // A feed may be a little ahead of our clock, and the operator's word is the last one.
    const observedAt = known && known.observed_at >= now ? addMs(known.observed_at, 1) : now;
    const row = { pair, rate, observed_at: observedAt, reference_rate: rate, reference_at: now };
    await store.upsertRate(tx, row, now);
    return true;
  }

  /**
   * What a sandbox project takes for the rate from now on: null, that there is none; undefined, what the others take.
   * Answers it in its usual form. Throws 400 for what is no pair of two assets or no rate.
   */
  async tell(tx: Tx, pair: string, text: string | null | undefined): Promise<string | null> {
    const rate = typeof text === 'string' ? readRate(text) : null;
    const details: ErrorDetail[] = [];
    if (!isPair(pair))
      details.push({ field: 'pair', issue: 'is not a pair of two assets, such as usdc/usd' });
    if (rate === undefined)
      details.push({ field: 'rate', issue: 'must be positive, with at most 12 decimals' });
    if (rate === undefined || details.length > 0) throw validationError(details);
    if (text === undefined) await store.forgetToldRate(tx, pair);
    else await store.tellRate(tx, pair, rate, tx.now());
    return rate;
  }

  /** Every rate of the feed, fresh or not. */
  list(tx: Tx): Promise<store.RateRow[]> {
    return store.listRates(tx);
  }
}

const unavailable = (pair: string): ApiError =>
  new ApiError(503, 'rate_unavailable', `There is no fresh rate of ${pair}; try again later.`, {
    retryAfterSeconds: RETRY_AFTER_SECONDS,
  });
