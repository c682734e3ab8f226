import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../kernel/clock.ts';

/** Waits before each attempt: ten over about three days (contract section 4). */
const WAITS_MS: readonly number[] = [
  0,
  10 * SECOND_MS,
  MINUTE_MS,
  5 * MINUTE_MS,
  30 * MINUTE_MS,
  2 * HOUR_MS,
  6 * HOUR_MS,
  12 * HOUR_MS,
  24 * HOUR_MS,
  27 * HOUR_MS,
];
const JITTER = 0.1;

/**
 * The wait after the given number of failed attempts, spread by up to 10 % so that the deliveries an outage gathered
 * do not come back as one wave; undefined when the ladder ends. `spread` is in [0, 1).
 */
export function nextWaitMs(failedAttempts: number, spread: number): number | undefined {
  const waitMs = WAITS_MS[failedAttempts];
  return waitMs === undefined ? undefined : Math.round(waitMs * (1 + JITTER * (2 * spread - 1)));
}
