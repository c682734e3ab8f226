import { backoffMs, type Task } from '../jobs/jobs.ts';
import { type CashIns, EXPIRE_TASK, type ExpirePayload } from './service.ts';

const MAX_EXPIRE_ATTEMPTS = 20;

export const expireTask = (cashIns: CashIns): Task<ExpirePayload> => ({
  name: EXPIRE_TASK,
  maxAttempts: MAX_EXPIRE_ATTEMPTS,
  retryDelayMs: backoffMs,
  record: (tx, { payload }) => cashIns.expire(tx, payload),
});
