import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../kernel/clock.ts';
import { nextWaitMs } from './ladder.ts';
import type { AttemptResult } from './sender.ts';

const GONE = 410;
/** The longest wait that an endpoint may ask for. */
const MAX_RETRY_AFTER_MS = DAY_MS;
/** The longest rest that one answer gives to all deliveries of its endpoint. */
const MAX_REST_MS = HOUR_MS;

/** What follows from one attempt for its delivery. */
export type Outcome =
  | { readonly kind: 'delivered' }
  | { readonly kind: 'retry'; readonly inMs: number }
  | { readonly kind: 'dead' };

const isDelivered = ({ statusCode = 0, errorCode }: AttemptResult): boolean =>
  statusCode >= 200 && statusCode < 300 && errorCode === undefined;

/** The endpoint says that it is gone for good, which switches it off. */
export const isGone = ({ statusCode }: AttemptResult): boolean => statusCode === GONE;

interface Attempted {
  /** Since the delivery was asked for, before this attempt. */
  readonly failures: number;
  /** The wait that the answer asks for. */
  readonly askedMs: number;
  /** In [0, 1), for jitter. */
  readonly spread: number;
}

/**
 * A failed attempt is repeated along the ladder, never earlier than the endpoint asks for. 410 uses up nothing: the
 * delivery waits for the endpoint's return.
 */
export function outcomeOf(result: AttemptResult, { failures, askedMs, spread }: Attempted): Outcome {
  if (isDelivered(result)) return { kind: 'delivered' };
  if (isGone(result)) return { kind: 'retry', inMs: 0 };
  const waitMs = nextWaitMs(failures + 1, spread);
  return waitMs === undefined ? { kind: 'dead' } : { kind: 'retry', inMs: Math.max(waitMs, askedMs) };
}

const OVERLOADED: readonly (number | undefined)[] = [429, 503];

/** How long an overloaded endpoint wants nothing at all. */
export const restOf = ({ statusCode }: AttemptResult, askedMs: number): number =>
  OVERLOADED.includes(statusCode) ? Math.min(askedMs, MAX_REST_MS) : 0;

/** `Retry-After`, in seconds or as an HTTP date (RFC 9110, 10.2.3); 0 when there is none. */
export function retryAfterMs({ retryAfter }: AttemptResult, wallNow: Date): number {
  if (retryAfter === undefined) return 0;
  const text = retryAfter.trim();
  const ms = /^\d{1,9}$/.test(text) ? Number(text) * SECOND_MS : Date.parse(text) - wallNow.getTime();
  return Number.isFinite(ms) ? Math.min(Math.max(ms, 0), MAX_RETRY_AFTER_MS) : 0;
}

/** Failures in a row after which an endpoint rests, and how many more are tried after each rest. */
const FAILURES_TO_TRIP = 20;
const TRIALS = 16;
const FIRST_REST_MS = 5 * SECOND_MS;
const LONGEST_BREAKER_REST_MS = 5 * MINUTE_MS;

const trips = (failures: number): number =>
  Math.max(0, Math.floor((failures - FAILURES_TO_TRIP + TRIALS) / TRIALS));

/**
 * The circuit breaker: an endpoint that failed so often in a row rests, twice as long each time, before another few
 * deliveries try it. What waits meanwhile uses up no attempts. 0 when the failures from `before` to `after` trip nothing.
 */
export function breakerRestMs(before: number, after: number): number {
  const count = trips(after);
  if (count <= trips(before)) return 0;
  return Math.min(FIRST_REST_MS * 2 ** (count - 1), LONGEST_BREAKER_REST_MS);
}

/** An endpoint that took nothing for so long is switched off. */
export const FAILING_FOR_MS = 5 * DAY_MS;
