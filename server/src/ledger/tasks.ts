import { backoffMs, type Task } from '../jobs/jobs.ts';
import { EXPIRE_HOLDS, type ExpireHoldsPayload, type Ledger } from './ledger.ts';

const MAX_EXPIRE_ATTEMPTS = 20;

export const expireHoldsTask = (ledger: Ledger): Task<ExpireHoldsPayload> => ({
  name: EXPIRE_HOLDS,
  maxAttempts: MAX_EXPIRE_ATTEMPTS,
  retryDelayMs: backoffMs,
  record: (tx, { payload }) => ledger.expireHolds(tx, payload.transferIds),
});
