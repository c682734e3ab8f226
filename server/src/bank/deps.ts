import type { Tx } from '../db/database.ts';
import type { Jobs } from '../jobs/jobs.ts';
import type { Ids } from '../kernel/ids.ts';
import type { ProviderEvents } from '../providers/provider-events.ts';
import type { CorrectedDetails, CreditDetails, PayoutAccounts } from './provider.ts';
import type { BankCredit, FailedPayout, Payout, ReturnedPayout } from './view.ts';

/** An ACH notification of change: the payment arrived, and these details should be written from now on. */
export interface NoticeOfChange {
  readonly payoutId: string;
  readonly externalAccountId: string;
  readonly purpose: string;
  readonly resourceId: string;
  readonly code: string;
  readonly corrected: CorrectedDetails;
}

export type ReceivedCredit = BankCredit & CreditDetails;
export type ReturnedBankCredit = BankCredit & { readonly returnCode: string; readonly reason: string };

/**
 * What the bank slice tells the owners of payouts and credits, in the transaction that changes the rows, with rows of
 * one project. A throw undoes both, and the bank's event comes again.
 */
export interface BankHandlers {
  /** The money has left. Once per payout. */
  payoutsSettled(tx: Tx, payouts: readonly Payout[]): Promise<void>;
  /** Never paid: refused, or back before it was reported settled. Once per payout, and instead of the others. */
  payoutsFailed(tx: Tx, payouts: readonly FailedPayout[]): Promise<void>;
  /** The money is back; always after it was settled. Once per payout. */
  payoutsReturned(tx: Tx, payouts: readonly ReturnedPayout[]): Promise<void>;
  detailsCorrected(tx: Tx, notices: readonly NoticeOfChange[]): Promise<void>;
  /**
   * Money for an account number of ours. Once per credit. One that nobody can place is sent back from here, by
   * `returnCredits` in the same transaction.
   */
  creditsReceived(tx: Tx, credits: readonly ReceivedCredit[]): Promise<void>;
  /** The bank has sent back what `returnCredits` asked for. Once per credit. */
  creditsReturned(tx: Tx, credits: readonly ReturnedBankCredit[]): Promise<void>;
}

export interface BankDeps {
  readonly ids: Ids;
  readonly jobs: Jobs;
  readonly providerEvents: ProviderEvents;
  readonly accounts: PayoutAccounts;
  readonly handlers: BankHandlers;
}
