import type { Sends } from '../chain/sends.ts';
import type { Tx } from '../db/database.ts';
import type { Events } from '../events/events.ts';
import type { Ids } from '../kernel/ids.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { ProviderEvents } from '../providers/provider-events.ts';
import type { Treasuries } from '../treasury/service.ts';
import type { PayoutRails, Screener } from './provider.ts';
import type { TransactionRow } from './store.ts';

export interface TransactionsDeps {
  readonly ids: Ids;
  readonly events: Events;
  readonly ledger: Ledger;
  readonly sends: Sends;
  readonly treasuries: Treasuries;
  readonly providerEvents: ProviderEvents;
  readonly rails: PayoutRails;
  readonly screener: Screener;
  /** Dollars that came in were delivered as tokens. */
  readonly onRampsDelivered: (tx: Tx, rows: readonly TransactionRow[]) => Promise<void>;
  /** Dollars that came in and could not be delivered are to go back to their sender. */
  readonly onRampsFailed: (tx: Tx, rows: readonly TransactionRow[]) => Promise<void>;
  /** Something became of transactions that send deposits on; each has a deposit address. */
  readonly depositPaymentsChanged: (tx: Tx, rows: readonly TransactionRow[]) => Promise<void>;
}
