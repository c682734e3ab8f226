import type { AccountRef } from './chart.ts';

/** Moves `minor` units from `debit` to `credit`; both accounts hold the same asset. */
interface Movement {
  readonly debit: AccountRef;
  readonly credit: AccountRef;
  readonly minor: bigint;
}

export type TransferRequest =
  /** At once. */
  | ({ readonly kind: 'single' } & Movement)
  /**
   * Reserves: counts against the debit side's funds until posted or voided. `transferId` names the hold; one group of
   * a call asks for it. From `expiresAt` on it cannot be posted, and it is voided.
   */
  | ({ readonly kind: 'pending'; readonly transferId: string; readonly expiresAt?: Date } & Movement)
  /** Makes a hold real, in whole or in part; the rest is released. */
  | { readonly kind: 'post'; readonly pendingId: string; readonly minor?: bigint }
  /** Releases a hold. */
  | { readonly kind: 'void'; readonly pendingId: string };

export interface TransferGroup {
  readonly groupId: string;
  readonly transfers: readonly TransferRequest[];
}

/** Why a group was not applied. A used group id is no failure of the first use: the decision stands. */
export type Refusal =
  | 'exists'
  | 'insufficient_funds'
  | 'hold_unresolvable'
  | 'hold_expired'
  | 'account_closed';

export interface Balance {
  /** Posted net, on the credit side: positive is what the account is owed. */
  readonly postedMinor: bigint;
  /** Posted net less open holds on the debit side: what may be spent. */
  readonly availableMinor: bigint;
  /** Credits announced and not yet posted. */
  readonly incomingMinor: bigint;
}

export const NO_BALANCE: Balance = { postedMinor: 0n, availableMinor: 0n, incomingMinor: 0n };
