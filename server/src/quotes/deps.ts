import type { CashNetwork } from '../cash-ins/service.ts';
import type { Customers } from '../customers/service.ts';
import type { Tx } from '../db/database.ts';
import type { Ids } from '../kernel/ids.ts';
import type { Asset } from '../kernel/money.ts';
import type { Settings } from '../settings/service.ts';
import type { Wallets } from '../wallets/service.ts';
import type { RateDesk } from './provider.ts';

/** What quotes need to know of an external account. */
export interface PayableAccount {
  readonly external_account_id: string;
  readonly customer_id: string;
  readonly type: string;
  readonly network: string;
  readonly status: string;
  readonly owner_name: string;
  readonly address: string | null;
  /** As shown: numbers are masked. */
  readonly display: Readonly<Record<string, string>>;
}

export interface PayableAccounts {
  /** Those of the ids that there are, deleted ones included. */
  findAll(tx: Tx, externalAccountIds: readonly string[]): Promise<readonly PayableAccount[]>;
}

export interface RateQuotes {
  /** Destination per source, a decimal string. Throws 503 `rate_unavailable`. */
  get(tx: Tx, source: Asset, destination: Asset): Promise<{ readonly rate: string }>;
}

export interface QuotesDeps {
  readonly ids: Ids;
  readonly customers: Customers;
  readonly wallets: Wallets;
  readonly externalAccounts: PayableAccounts;
  readonly cashNetwork: CashNetwork;
  readonly settings: Settings;
  readonly rates: RateQuotes;
  readonly rateDesk: RateDesk;
}
