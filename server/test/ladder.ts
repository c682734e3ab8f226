import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../src/kernel/clock.ts';
import type { World } from './world.ts';

/** Waits before the second to the tenth attempt; the worker's jitter is in the middle. */
export const LADDER_MS = [
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

/** Makes every attempt of what is due, until it has arrived or is given up. */
export async function climbLadder(world: World): Promise<void> {
  await world.drain();
  for (const waitMs of LADDER_MS) {
    world.advance(waitMs);
    await world.drain();
  }
}
