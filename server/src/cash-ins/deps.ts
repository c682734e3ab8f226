import type { Sends } from '../chain/sends.ts';
import type { Customers } from '../customers/service.ts';
import type { Events } from '../events/events.ts';
import type { ExternalAccounts } from '../external-accounts/service.ts';
import type { Jobs } from '../jobs/jobs.ts';
import type { Ids } from '../kernel/ids.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { ProviderEvents } from '../providers/provider-events.ts';
import type { Settings } from '../settings/service.ts';
import type { Transactions } from '../transactions/service.ts';
import type { Treasuries } from '../treasury/service.ts';
import type { Wallets } from '../wallets/service.ts';
import type { CashNetwork, CashOrders } from './provider.ts';

/** The purpose of this slice's sends; their resource is the cash-in. */
export const SEND_PURPOSE = 'cash-in';

export interface CashInsDeps {
  readonly ids: Ids;
  readonly events: Events;
  readonly jobs: Jobs;
  readonly ledger: Ledger;
  readonly sends: Sends;
  readonly customers: Customers;
  readonly wallets: Wallets;
  readonly externalAccounts: ExternalAccounts;
  readonly transactions: Transactions;
  readonly treasuries: Treasuries;
  readonly providerEvents: ProviderEvents;
  readonly settings: Settings;
  readonly cashNetwork: CashNetwork;
  readonly cashOrders: CashOrders;
}
