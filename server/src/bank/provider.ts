import type { BankRailName, CorrectedField, CreditRailName } from '@openoms/contract/bank-reasons.ts';
import type { Tx } from '../db/database.ts';
import type { Random } from '../kernel/random.ts';
import type { Sealer } from '../sealing/sealers.ts';

export type { BankRailName, CreditRailName, RailReference } from '@openoms/contract/bank-reasons.ts';

export type AccountType = 'checking' | 'savings';

/** An account at a bank of the United States; for ACH and wire. */
export interface UsBankDetails {
  readonly kind: 'us';
  readonly ownerName: string;
  readonly bankName: string;
  readonly accountNumber: string;
  readonly routingNumber: string;
  readonly accountType: AccountType;
}

/** An account anywhere else; for SWIFT. `accountNumber` is the IBAN where the country has one. */
export interface InternationalBankDetails {
  readonly kind: 'international';
  readonly ownerName: string;
  readonly bankName: string;
  readonly accountNumber: string;
  readonly bic: string;
  /** ISO 3166-1 alpha-2. */
  readonly country: string;
}

export type PayoutDetails = UsBankDetails | InternationalBankDetails;

/** The accounts that payouts go to; the slice that keeps them says where. */
export interface PayoutAccounts {
  /**
   * Where to pay, as the account is now. Answers for a removed account too: a payout is ordered with the account in
   * place, and whether the bank has it already cannot be told from here.
   */
  payoutDetails(tx: Tx, sealer: Sealer, externalAccountId: string): Promise<PayoutDetails>;
}

export interface OutgoingPayment {
  readonly projectId: string;
  readonly payoutId: string;
  readonly rail: BankRailName;
  /** Cents. */
  readonly amountMinor: bigint;
  readonly details: PayoutDetails;
}

export type SubmitResult =
  | {
      readonly outcome: 'accepted';
      /** The rail's own: trace number, IMAD or UETR. */
      readonly reference: string;
      /** When the bank expects it to settle. */
      readonly effectiveAt: Date;
    }
  | { readonly outcome: 'rejected'; readonly code: string; readonly reason: string };

/** A credit to be sent back whole to where it came from. */
export interface ReturnedCredit {
  readonly projectId: string;
  readonly creditId: string;
  readonly rail: CreditRailName;
  readonly amountMinor: bigint;
  /** The reference it came under. */
  readonly reference: string;
  readonly code: string;
  readonly text: string;
}

export interface VirtualAccountNumbers {
  readonly bankName: string;
  readonly accountNumber: string;
  /** With a valid check digit. */
  readonly routingNumber: string;
  readonly accountType: AccountType;
}

/**
 * The port to a bank. What it throws may be stored and logged, so it names no account. What becomes of a payment comes
 * later, as events; see `Bank.applyEvents`. `bank-rail.testing.ts` is the suite that every implementation passes.
 */
export interface BankRail {
  readonly name: string;
  /**
   * Idempotent by `payoutId`: asked twice, even with other details, it pays once, and answers as it did the first time
   * or says by now that it is rejected. No transaction is open.
   */
  submit(payment: OutgoingPayment): Promise<SubmitResult>;
  /** Idempotent by `creditId`. No transaction is open. */
  returnCredit(credit: ReturnedCredit): Promise<void>;
  /** A number under which credits come to us; derived ahead, so it may be asked for inside a transaction. */
  newAccount(random: Random): VirtualAccountNumbers;
}

/** What should be written next time; the fields of its code (contract/bank-reasons.ts `corrects`). */
export type CorrectedDetails = Readonly<
  Partial<Record<Exclude<CorrectedField, 'accountType'>, string> & { accountType: AccountType }>
>;

/** What came with a credit. It is handed on and not kept: the slice that owns the account seals what it needs. */
export interface CreditDetails {
  /** The number it was sent to, as the bank says. */
  readonly accountNumber: string;
  readonly senderName: string;
  readonly senderAccount?: string;
  readonly memo?: string;
  readonly addenda?: readonly string[];
}

type PayoutEvent = { readonly payoutId: string } & (
  | { readonly kind: 'payoutAccepted'; readonly reference: string; readonly effectiveAt: Date }
  | { readonly kind: 'payoutSettled'; readonly reference: string }
  | { readonly kind: 'payoutRejected'; readonly code: string; readonly reason: string }
  | { readonly kind: 'payoutReturned'; readonly code: string; readonly reason: string }
  | { readonly kind: 'detailsCorrected'; readonly code: string; readonly corrected: CorrectedDetails }
);

type CreditEvent =
  | ({
      readonly kind: 'credit';
      readonly rail: CreditRailName;
      readonly amountMinor: bigint;
      readonly reference: string;
    } & CreditDetails)
  | { readonly kind: 'creditReturned'; readonly creditId: string };

/** What a bank tells us; enters by `Bank.applyEvents`. In any order, and any number of times under its id. */
export type BankEvent = { readonly provider: string; readonly providerEventId: string } & (
  | PayoutEvent
  | CreditEvent
);

/** A line of a bank's statement, in cents; enters by `Bank.applyStatementEntry`, any number of times under its id. */
export interface StatementEntry {
  readonly provider: string;
  readonly providerEventId: string;
  /** Of our account. */
  readonly direction: 'debit' | 'credit';
  readonly amountMinor: bigint;
  readonly reference: string;
}
