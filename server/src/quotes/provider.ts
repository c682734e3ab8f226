import type { Tx } from '../db/database.ts';

/** What a desk says of one order; `usual`: the project's rate, for as long as the project's settings say. */
export type RateTerms = 'usual' | 'rateUnavailable' | 'expiresAtOnce';

/** One side of an order is fixed, in its asset. */
export interface DeskOrder {
  readonly fixedSide: 'source' | 'destination';
  readonly fixedMinor: bigint;
}

/** The port to whoever holds rates for quotes. */
export interface RateDesk {
  /** In the order of the orders. */
  termsOf(tx: Tx, orders: readonly DeskOrder[]): Promise<readonly RateTerms[]>;
}
