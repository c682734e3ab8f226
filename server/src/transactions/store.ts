import type { Transaction } from '@openoms/contract/transactions.ts';
import { one, type Tx } from '../db/database.ts';
import { type PageRequest, selectPage } from '../db/list.ts';
import type { Asset } from '../kernel/money.ts';

export type TransactionStatus = Transaction['status'];

export interface TransactionRow extends Record<string, unknown> {
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

/** A transaction as it starts; the rest is set by transitions. */
export type NewTransaction = Omit<
  TransactionRow,
  'status' | 'sub_status' | 'tx_hash' | 'error_code' | 'error_message' | 'updated_at' | 'completed_at'
>;

export async function insertTransaction(tx: Tx, row: NewTransaction): Promise<TransactionRow> {
  return one(
    await tx.query<TransactionRow>(
      `insert into transactions (project_id, transaction_id, type, status, cash_in_id, sender_customer_id,
         recipient_customer_id, source_asset, source_network, source_gross, source_fee_oms, location_id,
         location_reference, destination_asset, destination_network, destination_wallet_id, destination_address,
         destination_gross, exchange_rate, sponsor_gas, metadata, created_at, updated_at)
       values ($1, $2, $3, 'processing', $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20,
         $21, $21)
       returning ${COLUMNS}`,
      [
        tx.scope,
        row.transaction_id,
        row.type,
        row.cash_in_id,
        row.sender_customer_id,
        row.recipient_customer_id,
        row.source_asset,
        row.source_network,
        row.source_gross,
        row.source_fee_oms,
        row.location_id,
        row.location_reference,
        row.destination_asset,
        row.destination_network,
        row.destination_wallet_id,
        row.destination_address,
        row.destination_gross,
        row.exchange_rate,
        row.sponsor_gas,
        JSON.stringify(row.metadata),
        row.created_at,
      ],
    ),
    'transaction',
  );
}

export async function findTransaction(tx: Tx, transactionId: string): Promise<TransactionRow | undefined> {
  const [row] = await tx.query<TransactionRow>(
    `select ${COLUMNS} from transactions where project_id = $1 and transaction_id = $2`,
    [tx.scope, transactionId],
  );
  return row;
}

export interface Outcome {
  readonly txHash?: string;
  readonly error?: { readonly code: string; readonly message: string };
}

/** Moves the transaction if it is in `from`; undefined when it is not. Only states.ts calls this. */
export async function updateStatus(
  tx: Tx,
  transactionId: string,
  from: TransactionStatus,
  to: TransactionStatus,
  outcome: Outcome,
  now: Date,
): Promise<TransactionRow | undefined> {
  const [row] = await tx.query<TransactionRow>(
    `update transactions set status = $4, tx_hash = coalesce($5, tx_hash), error_code = $6, error_message = $7,
       updated_at = $8, completed_at = case when $4 = 'completed' then $8::timestamptz end
     where project_id = $1 and transaction_id = $2 and status = $3 returning ${COLUMNS}`,
    [
      tx.scope,
      transactionId,
      from,
      to,
      outcome.txHash ?? null,
      outcome.error?.code ?? null,
      outcome.error?.message ?? null,
      now,
    ],
  );
  return row;
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
