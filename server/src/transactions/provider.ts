import type { Tx } from '../db/database.ts';

/** Fiat to be paid out for a transaction whose tokens the treasury has. */
export interface PayoutOrder {
  readonly transactionId: string;
  readonly customerId: string;
  /** `ach`, `wire`, `swift` or `cash`. */
  readonly network: string;
  /** USD cents. */
  readonly amountMinor: bigint;
  /** The bank account to pay, or the place where the cash is collected. */
  readonly target: { readonly externalAccountId: string } | { readonly locationId: string };
}

/** The port to whoever pays fiat in our name. The payment exists if and only if the caller commits. */
export interface PayoutRail {
  requestPayouts(tx: Tx, orders: readonly PayoutOrder[]): Promise<void>;
}

/** A rail by the network of a transaction's destination. */
export type PayoutRails = Readonly<Record<'bank' | 'cash', PayoutRail>>;

/** What screening says: a person is to look at the transaction, whatever its status. */
export interface ScreeningFinding {
  /** Unique per provider: a finding that arrives twice opens one review. */
  readonly providerEventId: string;
  readonly transactionId: string;
}

/**
 * The port of whoever screens payments: it watches by itself, and its findings come in by this one door. A transaction
 * that nobody has is `not_found`.
 */
export interface Screening {
  reviewsOpened(tx: Tx, provider: string, findings: readonly ScreeningFinding[]): Promise<void>;
}

/** Who takes part in a payment besides the customer: an address, or a name as its bank says it. */
export interface Party {
  readonly transactionId: string;
  /** Null: nobody else. */
  readonly party: string | null;
}

/** The port to whoever looks at payments as they begin; what it finds comes in by `Screening`, at once or later. */
export interface Screener {
  look(tx: Tx, parties: readonly Party[]): Promise<void>;
}
