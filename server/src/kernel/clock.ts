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

/** Whole seconds since 1970. */
export const toUnixSeconds = (at: Date): number => Math.floor(at.getTime() / SECOND_MS);

/** ISO 8601 UTC with second precision, the form of the documents' samples. */
export const toIsoSeconds = (at: Date): string => `${at.toISOString().slice(0, 19)}Z`;

/**
 * A timestamp of a query, already validated as RFC 3339, read in the forms that `Date` does not know: a leap second
 * (`23:59:60`, the next second as in POSIX time), any white space or `t` for the separator, an offset in hours.
 */
export function optionalDate(text: string | undefined): Date | undefined {
  if (text === undefined) return undefined;
  const isLeapSecond = text.slice(17, 19) === '60';
  const second = isLeapSecond ? '59' : text.slice(17, 19);
  const zone = text
    .slice(19)
    .toUpperCase()
    .replace(/[+-]\d\d$/, '$&:00');
  const at = new Date(`${text.slice(0, 10)}T${text.slice(11, 17)}${second}${zone}`);
  return isLeapSecond ? addMs(at, SECOND_MS) : at;
}

/**
 * The upper bound of a query, inclusive. Times are shown with second precision, so a bound given in whole seconds
 * takes in the whole second: a row is found by the time it shows.
 */
export function optionalUpperBound(text: string | undefined): Date | undefined {
  const at = optionalDate(text);
  return at && at.getMilliseconds() === 0 ? addMs(at, SECOND_MS - 1) : at;
}
