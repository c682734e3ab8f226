import { setTimeout as delay } from 'node:timers/promises';
import type { OpenOMS } from '@openoms/sdk';

const POLL_MS = 20;
/** What is retried in real time is not waited for longer. */
const TIMEOUT_MS = 10_000;

/**
 * Resolves when nothing of a sandbox project is due, deliveries included: what a call set off has happened. With a seed, what
 * comes next is then the same in every run.
 */
export async function untilIdle(client: OpenOMS): Promise<void> {
  const endMs = performance.now() + TIMEOUT_MS;
  while (performance.now() < endMs) {
    const { now, timers } = await client.sandbox.clock.get();
    const [next] = timers;
    if (!next || Date.parse(next.dueAt) > Date.parse(now)) return;
    await delay(POLL_MS);
  }
}
