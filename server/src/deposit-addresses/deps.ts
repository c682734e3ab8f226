import type { SimulatedSender } from '@openoms/contract/simulations.ts';
import type { Addresses } from '../chain/addresses.ts';
import type { Customers } from '../customers/service.ts';
import type { Events } from '../events/events.ts';
import type { Jobs } from '../jobs/jobs.ts';
import type { Ids } from '../kernel/ids.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { PayableAccounts, RateQuotes } from '../quotes/service.ts';
import type { Settings } from '../settings/service.ts';
import type { Screener, Transactions } from '../transactions/service.ts';
import type { Wallets } from '../wallets/service.ts';
import type { NumberOrders } from './provider.ts';

export interface DepositAddressesDeps {
  readonly ids: Ids;
  readonly events: Events;
  readonly jobs: Jobs;
  readonly ledger: Ledger;
  readonly addresses: Addresses;
  readonly customers: Customers;
  readonly wallets: Wallets;
  readonly externalAccounts: PayableAccounts;
  readonly settings: Settings;
  readonly rates: RateQuotes;
  readonly transactions: Pick<Transactions, 'execute'>;
  readonly screener: Screener;
  readonly numberOrders: NumberOrders;
}

export const RELEASE_TASK = 'deposit-addresses.release';

export interface ReleasePayload {
  readonly depositAddressId: string;
  /** Deposits up to this id were tried already. */
  readonly after?: string;
}

export const SIMULATE_TASK = 'deposit-addresses.simulate';

export interface SimulatePayload {
  readonly address: string;
  /** In minor units, as decimal digits. */
  readonly minor: string;
  /** Names the transfer, so that it is made once. */
  readonly reference: string;
  readonly from?: SimulatedSender;
}
