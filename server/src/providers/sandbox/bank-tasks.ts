import { backoffMs, type Task } from '../../jobs/jobs.ts';
import type { Sealers } from '../../sealing/sealers.ts';
import { AFTERWARDS_TASK, type SandboxBank, SETTLE_TASK, type SettlePayload } from './bank.ts';

const MAX_ATTEMPTS = 50;

/** Settles a payment of the sandbox's bank when its time has come. What the rails hold back is sealed. */
export const settleTask = (bank: SandboxBank, sealers: Sealers): Task<SettlePayload> => ({
  name: SETTLE_TASK,
  maxAttempts: MAX_ATTEMPTS,
  retryDelayMs: backoffMs,
  call: async ({ projectId }) => {
    await sealers.for(projectId);
    return undefined;
  },
  record: (tx, { payload }) => bank.settleDue(tx, payload),
});

/** Has a magic value come true after a payout settled. A correction is sealed, so the sealer is opened first. */
export const afterwardsTask = (bank: SandboxBank, sealers: Sealers): Task<SettlePayload> => ({
  name: AFTERWARDS_TASK,
  maxAttempts: MAX_ATTEMPTS,
  retryDelayMs: backoffMs,
  call: async ({ projectId }) => {
    await sealers.for(projectId);
    return undefined;
  },
  record: (tx, { payload }) => bank.afterwards(tx, payload),
});
