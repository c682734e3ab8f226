import { RAIL_REFERENCES } from '@openoms/contract/bank-reasons.ts';
import { must } from '../kernel/assert.ts';
import type { BankRailName, CreditRailName, RailReference } from './provider.ts';
import type { CreditRow, PayoutRow, PayoutStatus } from './store.ts';

/** A payout as its owner is told of it. Amounts in cents. */
export interface Payout {
  readonly payoutId: string;
  readonly status: PayoutStatus;
  readonly rail: BankRailName;
  readonly amountMinor: bigint;
  readonly externalAccountId: string;
  readonly purpose: string;
  readonly resourceId: string;
  /** Once a bank has it: which, under what reference, and when it was to settle. */
  readonly provider?: string;
  readonly reference?: RailReference;
  readonly effectiveAt?: Date;
}

/** `returnCode`: the receiving bank sent it back. `rejectCode`: it was refused before it went out. */
export type FailedPayout = Payout & {
  readonly reason: string;
  readonly returnCode?: string;
  readonly rejectCode?: string;
};

export type ReturnedPayout = Payout & { readonly reason: string; readonly returnCode: string };

/** Money that came to an account number of ours. */
export interface BankCredit {
  readonly creditId: string;
  /** The bank that took it in: the owner of the clearing account. */
  readonly provider: string;
  readonly rail: CreditRailName;
  readonly amountMinor: bigint;
  readonly reference: RailReference;
  readonly receivedAt: Date;
}

export const toPayout = (row: PayoutRow): Payout => ({
  payoutId: row.payout_id,
  status: row.status,
  rail: row.rail,
  amountMinor: row.amount,
  externalAccountId: row.external_account_id,
  purpose: row.purpose,
  resourceId: row.resource_id,
  ...(row.provider !== null && { provider: row.provider }),
  ...(row.reference !== null && { reference: RAIL_REFERENCES[row.rail](row.reference) }),
  ...(row.effective_at && { effectiveAt: row.effective_at }),
});

export const toFailedPayout = (row: PayoutRow): FailedPayout => ({
  ...toPayout(row),
  reason: must(row.reason, 'a failed payout has a reason'),
  ...(row.return_code !== null && { returnCode: row.return_code }),
  ...(row.reject_code !== null && { rejectCode: row.reject_code }),
});

export const toReturnedPayout = (row: PayoutRow): ReturnedPayout => ({
  ...toPayout(row),
  reason: must(row.reason, 'a returned payout has a reason'),
  returnCode: must(row.return_code, 'a returned payout has its code'),
});

export const toBankCredit = (row: CreditRow): BankCredit => ({
  creditId: row.credit_id,
  provider: row.provider,
  rail: row.rail,
  amountMinor: row.amount,
  reference: RAIL_REFERENCES[row.rail](row.reference),
  receivedAt: row.created_at,
});
