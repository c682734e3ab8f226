import type { Database } from '../db/database.ts';
import { backoffMs, type Task } from '../jobs/jobs.ts';
import type { Sealers } from '../sealing/sealers.ts';
import type { BankEvent, BankRail, SubmitResult } from './provider.ts';
import {
  type Bank,
  RETURN_CREDIT_TASK,
  type ReturnCreditPayload,
  SUBMIT_TASK,
  type SubmitPayload,
} from './service.ts';

/**
 * A day and more at the longest backoff. A payout that a bank never answers for is not failed, for it may have been
 * paid: its job stays in the list of dead ones, and a person asks the bank.
 */
const MAX_ATTEMPTS = 300;

interface SubmitDeps {
  readonly bank: Bank;
  readonly bankRail: BankRail;
  readonly db: Database;
  readonly sealers: Sealers;
}

/** Submits a payout. A lost answer is settled by asking again: the bank pays once per payout. */
export const submitTask = (deps: SubmitDeps): Task<SubmitPayload, SubmitResult | undefined> => ({
  name: SUBMIT_TASK,
  maxAttempts: MAX_ATTEMPTS,
  retryDelayMs: backoffMs,
  call: async ({ projectId, payload }) => {
    const sealer = await deps.sealers.for(projectId);
    const payment = await deps.db.tx(projectId, (tx) =>
      deps.bank.findPaymentToSubmit(tx, sealer, payload.payoutId),
    );
    return payment && deps.bankRail.submit(payment);
  },
  record: async (tx, { payload }, result) => {
    if (result) await deps.bank.applyEvents(tx, [toEvent(deps.bankRail.name, payload.payoutId, result)]);
  },
});

/** The answer as an event; its name begins as no bank's does, so that it hides none of theirs. */
function toEvent(provider: string, payoutId: string, result: SubmitResult): BankEvent {
  const head = { provider, providerEventId: `answer/${payoutId}/${result.outcome}`, payoutId };
  if (result.outcome === 'rejected') {
    return { ...head, kind: 'payoutRejected', code: result.code, reason: result.reason };
  }
  return {
    ...head,
    kind: 'payoutAccepted',
    reference: result.reference,
    effectiveAt: result.effectiveAt,
  };
}

/** Has a credit sent back; that it was, comes as an event. */
export const returnCreditTask = ({
  bank,
  bankRail,
  db,
}: Omit<SubmitDeps, 'sealers'>): Task<ReturnCreditPayload> => ({
  name: RETURN_CREDIT_TASK,
  maxAttempts: MAX_ATTEMPTS,
  retryDelayMs: backoffMs,
  call: async ({ projectId, payload }) => {
    const credit = await db.tx(projectId, (tx) => bank.findCreditToReturn(tx, payload.creditId));
    if (credit) await bankRail.returnCredit(credit);
    return undefined;
  },
  record: async () => {},
});
