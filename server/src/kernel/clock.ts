/** Time as an argument. Nothing outside the kernel calls `new Date()` or `Date.now()`. */
export interface Clock {
  now(): Date;
}

export const systemClock: Clock = { now: () => new Date() };

/** A clock that stands still until told to move; for tests. */
export class ManualClock implements Clock {
  #nowMs: number;

  constructor(start: Date) {
    this.#nowMs = start.getTime();
  }

  now(): Date {
    return new Date(this.#nowMs);
  }

  advance(durationMs: number): void {
    this.#nowMs += durationMs;
  }
}

export const SECOND_MS = 1_000;
export const MINUTE_MS = 60 * SECOND_MS;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

export const addMs = (at: Date, durationMs: number): Date => new Date(at.getTime() + durationMs);

/** ISO 8601 UTC with second precision, the form of the documents' samples. */
export const toIsoSeconds = (at: Date): string => `${at.toISOString().slice(0, 19)}Z`;

/** A timestamp of a query, already validated as RFC 3339. */
export const optionalDate = (text: string | undefined): Date | undefined =>
  text === undefined ? undefined : new Date(text);

/**
 * The upper bound of a query, inclusive. Times are shown with second precision, so a bound given in whole seconds
 * takes in the whole second: a row is found by the time it shows.
 */
export function optionalUpperBound(text: string | undefined): Date | undefined {
  const at = optionalDate(text);
  return at && at.getMilliseconds() === 0 ? addMs(at, SECOND_MS - 1) : at;
}
