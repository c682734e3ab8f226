import { setTimeout as delay } from 'node:timers/promises';
import type { OpenOMS } from '@openoms/sdk';
import type { RecipePorts } from './ports.ts';

const POLL_MS = 250;
/** For what the sandbox does by itself, a busy one too. */
const PATIENCE_MS = 60_000;

/** What was begun goes on by itself and takes long; nobody waits for it. */
export class TakesLong extends Error {
  override readonly name = 'TakesLong';
}

/** It did not come in time. */
export class NotReached extends Error {
  override readonly name = 'NotReached';
}

export interface InstancePortsOptions {
  readonly client: OpenOMS;
  /** Whether to wait for what takes long too. */
  readonly isPatient: boolean;
  readonly onMade: RecipePorts['onMade'];
  readonly signal: AbortSignal;
}

/** Recipes on a running instance: it works by itself, and one looks again and again. */
export function instancePorts({ client, isPatient, onMade, signal }: InstancePortsOptions): RecipePorts {
  return {
    client,
    onMade,
    until: async (what, look, takesMs = 0) => {
      const deadlineMs = performance.now() + PATIENCE_MS + takesMs;
      for (;;) {
        const found = await look();
        if (found !== undefined) return found;
        if (takesMs > 0 && !isPatient) throw new TakesLong(what);
        if (performance.now() > deadlineMs) throw new NotReached(what);
        await delay(POLL_MS, undefined, { signal });
      }
    },
  };
}
