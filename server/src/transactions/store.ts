import type { Transaction } from '@openoms/contract/transactions.ts';
import { type Tx, toJsonRows } from '../db/database.ts';
import { type PageRequest, selectPage } from '../db/list.ts';
import type { Asset } from '../kernel/money.ts';

export type TransactionStatus = Transaction['status'];

export interface TransactionRow {
  transaction_id: string;
  type: 'fiatToCrypto' | 'cryptoToFiat' | 'cryptoToCrypto';
  status: TransactionStatus;
  sub_status: string | null;
  cash_in_id: string | null;
  sender_customer_id: string;
  recipient_customer_id: string | null;
  source_asset: Asset;
  source_network: string;
  source_gross: bigint;
  source_fee_oms: bigint;
  location_id: string | null;
  location_reference: string | null;
  destination_asset: Asset;
  destination_network: string;
  destination_wallet_id: string | null;
  destination_address: string | null;
  destination_gross: bigint;
  exchange_rate: string;
  sponsor_gas: boolean;
  metadata: Record<string, string | number | boolean | null>;
  tx_hash: string | null;
  error_code: string | null;
  error_message: string | null;
  created_at: Date;
  updated_at: Date;
  completed_at: Date | null;
}

const COLUMNS = `transaction_id, type, status, sub_status, cash_in_id, sender_customer_id, recipient_customer_id,
  source_asset, source_network, source_gross, source_fee_oms, location_id, location_reference, destination_asset,
  destination_network, destination_wallet_id, destination_address, destination_gross, exchange_rate, sponsor_gas,
  metadata, tx_hash, error_code, error_message, created_at, updated_at, completed_at`;

const NEW_COLUMNS = `transaction_id, type, cash_in_id, sender_customer_id, recipient_customer_id, source_asset,
  source_network, source_gross, source_fee_oms, location_id, location_reference, destination_asset,
  destination_network, destination_wallet_id, destination_address, destination_gross, exchange_rate, sponsor_gas,
  metadata, created_at`;

/** A transaction as it starts; the rest is set by transitions. */
export type NewTransaction = Omit<
  TransactionRow,
  'status' | 'sub_status' | 'tx_hash' | 'error_code' | 'error_message' | 'updated_at' | 'completed_at'
>;

/** All of them `processing`; answered in their order. */
export async function insertTransactions(
  tx: Tx,
  transactions: readonly NewTransaction[],
): Promise<TransactionRow[]> {
  const rows = await tx.query<TransactionRow>(
    `insert into transactions (project_id, status, updated_at, ${NEW_COLUMNS})
     select $1, 'processing', created_at, ${NEW_COLUMNS} from jsonb_populate_recordset(null::transactions, $2)
     returning ${COLUMNS}`,
    [tx.scope, toJsonRows(transactions)],
  );
  const byId = new Map(rows.map((row) => [row.transaction_id, row]));
  return transactions.flatMap((each) => byId.get(each.transaction_id) ?? []);
}

export async function findTransaction(tx: Tx, transactionId: string): Promise<TransactionRow | undefined> {
  const [row] = await tx.query<TransactionRow>(
    `select ${COLUMNS} from transactions where project_id = $1 and transaction_id = $2`,
    [tx.scope, transactionId],
  );
  return row;
}

export interface Outcome {
  readonly transactionId: string;
  readonly txHash?: string;
  readonly error?: { readonly code: string; readonly message: string };
}

/** Moves those that are in `from`, and answers them in the order of the outcomes. Only states.ts calls this. */
export async function updateStatuses(
  tx: Tx,
  from: TransactionStatus,
  to: TransactionStatus,
  outcomes: readonly Outcome[],
  now: Date,
): Promise<TransactionRow[]> {
  const rows = await tx.query<TransactionRow>(
    `update transactions set status = $3, tx_hash = coalesce(outcome.hash, tx_hash), error_code = outcome.code,
       error_message = outcome.message, updated_at = $8,
       completed_at = case when $3 = 'completed' then $8::timestamptz end
     from unnest($4::text[], $5::text[], $6::text[], $7::text[]) as outcome (id, hash, code, message)
     where project_id = $1 and transaction_id = outcome.id and status = $2 returning ${COLUMNS}`,
    [
      tx.scope,
      from,
      to,
      outcomes.map(({ transactionId }) => transactionId),
      outcomes.map(({ txHash }) => txHash ?? null),
      outcomes.map(({ error }) => error?.code ?? null),
      outcomes.map(({ error }) => error?.message ?? null),
      now,
    ],
  );
  const byId = new Map(rows.map((row) => [row.transaction_id, row]));
  return outcomes.flatMap(({ transactionId }) => byId.get(transactionId) ?? []);
}

export interface TransactionFilter {
  readonly status?: string | undefined;
  readonly type?: string | undefined;
  readonly customerId?: string | undefined;
  readonly senderCustomerId?: string | undefined;
  readonly recipientCustomerId?: string | undefined;
  readonly walletId?: string | undefined;
  readonly cashInId?: string | undefined;
  readonly createdAfter?: Date | undefined;
  readonly createdBefore?: Date | undefined;
}

export function listTransactions(
  tx: Tx,
  filter: TransactionFilter,
  page: PageRequest,
): Promise<{ rows: TransactionRow[]; hasMore: boolean }> {
  return selectPage<TransactionRow>(
    tx,
    `select ${COLUMNS} from transactions`,
    'transaction_id',
    [
      ['status = ?', filter.status],
      ['type = ?', filter.type],
      ['(sender_customer_id = ? or recipient_customer_id = ?)', filter.customerId],
      ['sender_customer_id = ?', filter.senderCustomerId],
      ['recipient_customer_id = ?', filter.recipientCustomerId],
      ['destination_wallet_id = ?', filter.walletId],
      ['cash_in_id = ?', filter.cashInId],
      ['created_at >= ?', filter.createdAfter],
      ['created_at <= ?', filter.createdBefore],
    ],
    page,
  );
}
