import type { CashLocation } from '@openoms/contract/cash-locations.ts';
import type { Tx } from '../db/database.ts';
import type { Random } from '../kernel/random.ts';

/** Degrees, WGS 84. */
export interface Point {
  readonly latitude: number;
  readonly longitude: number;
}

/** A place where cash is taken. Amounts in cents. */
export interface Location extends Point {
  readonly locationId: string;
  /** Opaque to clients; it repeats the place for the network. */
  readonly reference: string;
  readonly name: string;
  readonly address: string;
  readonly city: string;
  readonly state: string;
  readonly zipCode: string;
  readonly country: string;
  readonly provider: CashLocation['provider'];
  readonly cashInAllowed: boolean;
  readonly cashOutAllowed: boolean;
  readonly maxDepositMinor: bigint;
}

export interface LocationQuery extends Point {
  readonly provider: CashLocation['provider'];
  readonly flow: 'cashIn' | 'cashOut';
  readonly limit: number;
}

/** The port to a network of tills. */
export interface CashNetwork {
  readonly name: string;
  /** Nearest first, with the distance in miles. */
  nearest(query: LocationQuery): readonly { readonly location: Location; readonly distanceMiles: number }[];
  find(locationId: string): Location | undefined;
  /** A new deposit code in the form the network's tills read. */
  newCode(random: Random): string;
}

/** The port to whoever takes a network's orders. */
export interface CashOrders {
  /** Why it declines an order; undefined when it takes it. In cents. */
  refusalOf(
    tx: Tx,
    order: { readonly indicatedMinor: bigint },
  ): Promise<{ readonly code: string; readonly message: string } | undefined>;
}

/** What a network tells us of cash that a till took; enters by `CashIns.applyCashDeposits`. */
export interface CashDeposit {
  readonly providerEventId: string;
  readonly cashInId: string;
  readonly amountMinor: bigint;
}
