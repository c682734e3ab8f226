/** Cash to be handed to whoever brings its code. */
export interface PickupOrder {
  readonly projectId: string;
  readonly pickupId: string;
  readonly locationId: string;
  /** USD cents. */
  readonly amountMinor: bigint;
}

/** How reserved cash is collected. */
export interface PickupTerms {
  /** Whose machine hands it over, as shown. */
  readonly network: string;
  /** Whoever knows it gets the cash: never logged, nor stored but with the transaction. */
  readonly code: string;
  readonly expiresAt: Date;
  readonly instructions: string;
  readonly phoneRequired: boolean;
}

export interface PickupRefusal {
  readonly code: string;
  readonly reason: string;
  /** The same cash-out may succeed when asked for again. */
  readonly recoverable: boolean;
}

export type ReserveResult =
  | ({ readonly outcome: 'reserved' } & PickupTerms)
  | ({ readonly outcome: 'refused' } & PickupRefusal);

/** `collected`: it is too late; under the id of the event that tells, or told, so. */
export type CancelResult =
  | { readonly outcome: 'cancelled' }
  | { readonly outcome: 'collected'; readonly providerEventId: string };

/**
 * The port to a network that hands out cash. What it throws may be stored and logged, so it names no code. That the cash
 * was collected comes as an event; see `CashPickups.applyPickupEvents`.
 */
export interface CashOutNetwork {
  readonly name: string;
  /** Idempotent by `pickupId`: asked twice, it reserves once and answers alike. No transaction is open. */
  reserve(order: PickupOrder): Promise<ReserveResult>;
  /**
   * Idempotent. Once it has answered `cancelled`, the code opens no machine any more; it throws while the network cannot
   * tell. No transaction is open.
   */
  cancel(order: PickupOrder): Promise<CancelResult>;
}

/** What a network tells us; enters by `CashPickups.applyPickupEvents`. Any number of times under its id. */
export type PickupEvent = {
  readonly provider: string;
  readonly providerEventId: string;
  readonly pickupId: string;
} & (
  | ({ readonly kind: 'ready' } & PickupTerms)
  | ({ readonly kind: 'refused' } & PickupRefusal)
  | { readonly kind: 'collected' }
  /** Nobody collected it, and nobody can any more. */
  | { readonly kind: 'expired' }
);
