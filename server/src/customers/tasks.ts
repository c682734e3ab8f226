import { backoffMs, type Task } from '../jobs/jobs.ts';
import type { Customers, IdentityApplication, IdentityDecision, IdentityVerifier } from './service.ts';
import { REVIEW_TASK } from './service.ts';

const MAX_REVIEW_ATTEMPTS = 20;

/** Submits an application to the identity provider and applies a decision that comes at once. */
export const reviewTask = (
  customers: Customers,
  verifier: IdentityVerifier,
): Task<IdentityApplication, IdentityDecision | undefined> => ({
  name: REVIEW_TASK,
  maxAttempts: MAX_REVIEW_ATTEMPTS,
  retryDelayMs: backoffMs,
  call: ({ payload }) => verifier.review(payload),
  record: async (tx, _job, decision) => {
    if (decision) await customers.applyIdentityDecision(tx, verifier.name, decision);
  },
});
