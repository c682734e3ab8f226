import { setTimeout as delay } from 'node:timers/promises';
import { assert } from '../../server/src/kernel/assert.ts';

const POLL_MS = 250;

/** Polls until the condition holds; throws at the limit. */
export async function until(
  what: string,
  condition: () => Promise<boolean>,
  timeoutMs: number,
): Promise<void> {
  const deadlineMs = performance.now() + timeoutMs;
  while (!(await condition())) {
    assert(performance.now() < deadlineMs, `not within ${timeoutMs} ms: ${what}`);
    await delay(POLL_MS);
  }
}

/** What the promise resolves with; throws when that takes longer. */
export async function inTime<T>(what: string, promise: Promise<T>, timeoutMs: number): Promise<T> {
  const waiting = new AbortController();
  const late = delay(timeoutMs, undefined, { signal: waiting.signal }).then(() => {
    throw new Error(`not within ${timeoutMs} ms: ${what}`);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    waiting.abort();
    late.catch(() => undefined);
  }
}
