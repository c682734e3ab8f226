import { backoffMs, type Task } from '../jobs/jobs.ts';
import { RETRY_TASK, type RetryPayload } from './deps.ts';
import type { VirtualAccounts } from './service.ts';

const MAX_ATTEMPTS = 50;

/** Tries a held deposit again; one that must wait on has its next job from the same commit. */
export const retryDepositTask = (virtualAccounts: VirtualAccounts): Task<RetryPayload> => ({
  name: RETRY_TASK,
  maxAttempts: MAX_ATTEMPTS,
  retryDelayMs: backoffMs,
  record: (tx, { payload }) => virtualAccounts.retry(tx, payload),
});
