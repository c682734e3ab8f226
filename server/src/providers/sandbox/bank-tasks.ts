import { backoffMs, type Task } from '../../jobs/jobs.ts';
import { type SandboxBank, SETTLE_TASK, type SettlePayload } from './bank.ts';

const MAX_ATTEMPTS = 50;

/** Settles a payment of the sandbox's bank when its time has come. */
export const settleTask = (bank: SandboxBank): Task<SettlePayload> => ({
  name: SETTLE_TASK,
  maxAttempts: MAX_ATTEMPTS,
  retryDelayMs: backoffMs,
  record: (tx, { payload }) => bank.settleDue(tx, payload),
});
