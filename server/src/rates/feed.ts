import { addMs, optionalDate, SECOND_MS } from '../kernel/clock.ts';
import { isAsset } from '../kernel/money.ts';

/** Clocks differ; a feed from further ahead is wrong. */
const MAX_AHEAD_MS = 60 * SECOND_MS;
const MAX_PAIRS = 1_000;
const RFC_3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/;
const DECIMAL = /^(0|[1-9]\d{0,8})(?:\.(\d{1,12}))?$/;

/** The feed is not what it has to be; the message says why without repeating it. */
class FeedRefused extends Error {
  override readonly name = 'FeedRefused';
}

export interface FeedRate {
  readonly pair: string;
  /** Undefined when the feed's is no rate. */
  readonly rate: string | undefined;
}

export interface Feed {
  readonly observedAt: Date;
  readonly rates: readonly FeedRate[];
}

/**
 * Reads `{ "observedAt": "2026-01-31T12:00:00Z", "rates": { "usd/usdc": "1.0002" } }`. Pairs of assets that we do not
 * know are left out. Throws FeedRefused for anything else.
 */
export function readFeed(text: string, now: Date): Feed {
  const { observedAt: time, rates } = readObject(text);
  if (typeof time !== 'string' || !RFC_3339.test(time)) throw new FeedRefused('observedAt is not a time');
  const observedAt = optionalDate(time);
  if (!observedAt || Number.isNaN(observedAt.getTime())) throw new FeedRefused('observedAt is not a time');
  if (observedAt > addMs(now, MAX_AHEAD_MS)) throw new FeedRefused('observedAt is in the future');
  if (typeof rates !== 'object' || rates === null || Array.isArray(rates)) {
    throw new FeedRefused('rates is not an object');
  }
  const entries = Object.entries(rates);
  if (entries.length > MAX_PAIRS) throw new FeedRefused(`more than ${MAX_PAIRS} pairs`);
  return {
    observedAt,
    rates: entries.filter(([pair]) => isPair(pair)).map(([pair, rate]) => ({ pair, rate: readRate(rate) })),
  };
}

function readObject(text: string): { observedAt?: unknown; rates?: unknown } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new FeedRefused('it is not JSON');
  }
  if (typeof value !== 'object' || value === null) throw new FeedRefused('it is not an object');
  return value;
}

export function isPair(text: string): boolean {
  const [source = '', destination = '', ...rest] = text.split('/');
  return rest.length === 0 && source !== destination && isAsset(source) && isAsset(destination);
}

/** A positive decimal string of at most 12 decimals, without trailing zeros but one; undefined for anything else. */
export function readRate(value: unknown): string | undefined {
  const match = typeof value === 'string' ? DECIMAL.exec(value) : null;
  if (!match) return undefined;
  const [, integer = '', fraction = ''] = match;
  const digits = fraction.replace(/0+$/, '');
  if (integer === '0' && digits === '') return undefined;
  return `${integer}.${digits || '0'}`;
}
