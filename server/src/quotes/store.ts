import type { Quote } from '@openoms/contract/quotes.ts';
import { type Tx, toJsonRows } from '../db/database.ts';
import type { Asset } from '../kernel/money.ts';

export type QuoteStatus = 'open' | 'accepted';

export interface QuoteRow {
  quote_id: string;
  customer_id: string;
  type: 'cryptoToCrypto' | 'cryptoToFiat';
  status: QuoteStatus;
  source_wallet_id: string;
  source_asset: Asset;
  source_network: string;
  source_gross: bigint;
  fee_developer: bigint;
  fee_oms: bigint;
  fee_gas: bigint;
  destination_wallet_id: string | null;
  destination_address: string | null;
  destination_external_account_id: string | null;
  destination_location_id: string | null;
  destination_location_reference: string | null;
  destination_asset: Asset;
  destination_network: string;
  destination_gross: bigint;
  exchange_rate: string;
  fixed_side: 'source' | 'destination';
  developer_fees: Quote['developerFees'];
  sponsor_gas: boolean;
  /** USD cents. */
  gas_cost: bigint;
  metadata: Record<string, string | number | boolean | null>;
  transaction_id: string | null;
  expires_at: Date;
  created_at: Date;
  updated_at: Date;
}

const NEW_COLUMNS = `quote_id, customer_id, type, source_wallet_id, source_asset, source_network, source_gross,
  fee_developer, fee_oms, fee_gas, destination_wallet_id, destination_address, destination_external_account_id,
  destination_location_id, destination_location_reference, destination_asset, destination_network,
  destination_gross, exchange_rate, fixed_side, developer_fees, sponsor_gas, gas_cost, metadata, expires_at,
  created_at`;

const COLUMNS = `${NEW_COLUMNS}, status, transaction_id, updated_at`;

export type NewQuote = Omit<QuoteRow, 'status' | 'transaction_id' | 'updated_at'>;

/** All of them open. */
export async function insertQuotes(tx: Tx, quotes: readonly NewQuote[]): Promise<void> {
  await tx.query(
    `insert into quotes (project_id, status, updated_at, ${NEW_COLUMNS})
     select $1, 'open', created_at, ${NEW_COLUMNS} from jsonb_populate_recordset(null::quotes, $2)`,
    [tx.scope, toJsonRows(quotes)],
  );
}

export async function findQuote(tx: Tx, quoteId: string): Promise<QuoteRow | undefined> {
  const [row] = await tx.query<QuoteRow>(
    `select ${COLUMNS} from quotes where project_id = $1 and quote_id = $2`,
    [tx.scope, quoteId],
  );
  return row;
}

/** Those of the ids that there are, locked in sorted order. */
export function lockQuotes(tx: Tx, quoteIds: readonly string[]): Promise<QuoteRow[]> {
  return tx.query<QuoteRow>(
    `select ${COLUMNS} from quotes where project_id = $1 and quote_id = any($2)
     order by quote_id for no key update`,
    [tx.scope, quoteIds],
  );
}

/** Moves those that are in `from`; how many there were. Only states.ts calls this. */
export async function updateStatuses(
  tx: Tx,
  from: QuoteStatus,
  to: QuoteStatus,
  changes: readonly { readonly quoteId: string; readonly transactionId: string }[],
  now: Date,
): Promise<number> {
  const rows = await tx.query(
    `update quotes set status = $3, transaction_id = change.transaction, updated_at = $6
     from unnest($4::text[], $5::text[]) change (id, transaction)
     where project_id = $1 and quote_id = change.id and status = $2 returning quote_id`,
    [
      tx.scope,
      from,
      to,
      changes.map(({ quoteId }) => quoteId),
      changes.map(({ transactionId }) => transactionId),
      now,
    ],
  );
  return rows.length;
}
