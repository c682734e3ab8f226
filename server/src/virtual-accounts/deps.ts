import type { KeyObject } from 'node:crypto';
import type { BankRail } from '../bank/provider.ts';
import type { Bank } from '../bank/service.ts';
import type { Customers } from '../customers/service.ts';
import type { NumberOrders } from '../deposit-addresses/provider.ts';
import type { Events } from '../events/events.ts';
import type { ExternalAccounts } from '../external-accounts/service.ts';
import type { Jobs } from '../jobs/jobs.ts';
import type { Ids } from '../kernel/ids.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Projects } from '../projects/service.ts';
import type { RateQuotes } from '../quotes/service.ts';
import type { Settings } from '../settings/service.ts';
import type { Screener, Transactions } from '../transactions/service.ts';
import type { Wallets } from '../wallets/service.ts';

export interface VirtualAccountsDeps {
  readonly ids: Ids;
  readonly events: Events;
  readonly jobs: Jobs;
  readonly ledger: Ledger;
  readonly projects: Projects;
  readonly customers: Customers;
  readonly wallets: Wallets;
  readonly externalAccounts: ExternalAccounts;
  readonly transactions: Transactions;
  readonly settings: Settings;
  readonly rates: RateQuotes;
  readonly bank: Bank;
  readonly bankRail: BankRail;
  readonly numberOrders: NumberOrders;
  readonly screener: Screener;
  /** Of the hashes by which an account is found by its number. */
  readonly numberKey: KeyObject;
}

export const RETRY_TASK = 'virtual-accounts.retry-deposit';

export interface RetryPayload {
  readonly creditId: string;
  /** Of the deposit; it was tried since when it has another. */
  readonly tries: number;
}
