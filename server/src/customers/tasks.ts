import { backoffMs, type Task } from '../jobs/jobs.ts';
import type { Customers, IdentityDecision, IdentityVerifier, ReviewPayload } from './service.ts';
import { REVIEW_TASK } from './service.ts';

const MAX_REVIEW_ATTEMPTS = 20;

/** Submits an application to the identity provider and applies a decision that comes at once. */
export const reviewTask = (
  customers: Customers,
  verifier: IdentityVerifier,
): Task<ReviewPayload, IdentityDecision | undefined> => ({
  name: REVIEW_TASK,
  maxAttempts: MAX_REVIEW_ATTEMPTS,
  retryDelayMs: backoffMs,
  call: ({ projectId, payload }) => verifier.review({ ...payload, projectId }),
  record: async (tx, _job, decision) => {
    if (decision) await customers.applyIdentityDecision(tx, verifier.name, decision);
  },
});
