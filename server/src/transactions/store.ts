import {
  type CashPickup,
  TRANSACTION_STATUSES,
  TRANSACTION_TYPES,
  type Transaction,
} from '@openoms/contract/transactions.ts';
import { type Tx, toJsonRows } from '../db/database.ts';
import { createdWithin, type Filter, type PageRequest, selectPage } from '../db/list.ts';
import { inOrderOf, qualified } from '../db/rows.ts';
import type { Asset } from '../kernel/money.ts';

export type TransactionStatus = Transaction['status'];

export interface TransactionRow {
  transaction_id: string;
  type: Transaction['type'];
  status: TransactionStatus;
  sub_status: string | null;
  quote_id: string | null;
  cash_in_id: string | null;
  virtual_account_id: string | null;
  deposit_address_id: string | null;
  sender_customer_id: string;
  recipient_customer_id: string | null;
  source_asset: Asset;
  source_network: string;
  source_wallet_id: string | null;
  /** Of the wallet or deposit address that pays. */
  source_address: string | null;
  source_key_index: bigint | null;
  source_gross: bigint;
  source_fee_developer: bigint;
  source_fee_oms: bigint;
  source_fee_gas: bigint;
  source_tx_hash: string | null;
  /** Where cash was taken. */
  location_id: string | null;
  location_reference: string | null;
  destination_asset: Asset;
  destination_network: string;
  destination_wallet_id: string | null;
  destination_address: string | null;
  destination_external_account_id: string | null;
  /** Where cash is paid out. */
  destination_location_id: string | null;
  destination_location_reference: string | null;
  destination_owner: string | null;
  bank_details: Record<string, string> | null;
  destination_gross: bigint;
  exchange_rate: string;
  fixed_side: 'source' | 'destination';
  developer_fees: NonNullable<Transaction['developerFees']>;
  sponsor_gas: boolean;
  /** USD cents. */
  gas_cost: bigint;
  metadata: Record<string, string | number | boolean | null>;
  cash_pickup: CashPickup | null;
  tx_hash: string | null;
  error_code: string | null;
  error_message: string | null;
  error_recoverable: boolean | null;
  return_code: string | null;
  return_reason: string | null;
  returned_at: Date | null;
  /** What a failed transaction gives back, in the source asset. */
  refund: bigint | null;
  refund_status: 'pending' | 'completed' | 'failed' | null;
  refund_tx_hash: string | null;
  created_at: Date;
  updated_at: Date;
  completed_at: Date | null;
}

const NEW_COLUMNS = `transaction_id, type, quote_id, cash_in_id, virtual_account_id, deposit_address_id,
  sender_customer_id, recipient_customer_id, source_asset, source_network, source_wallet_id, source_address,
  source_key_index, source_gross, source_fee_developer, source_fee_oms, source_fee_gas, location_id,
  location_reference, destination_asset, destination_network, destination_wallet_id, destination_address,
  destination_external_account_id, destination_location_id, destination_location_reference, destination_owner,
  bank_details, destination_gross, exchange_rate, fixed_side, developer_fees, sponsor_gas, gas_cost, metadata,
  created_at`;

const COLUMNS = `${NEW_COLUMNS}, status, sub_status, source_tx_hash, cash_pickup, tx_hash, error_code, error_message,
  error_recoverable, return_code, return_reason, returned_at, refund, refund_status, refund_tx_hash, updated_at,
  completed_at`;

/** What of a new transaction has a value when nothing is said of it. */
const BLANK = {
  quote_id: null,
  cash_in_id: null,
  virtual_account_id: null,
  deposit_address_id: null,
  source_wallet_id: null,
  source_address: null,
  source_key_index: null,
  source_fee_developer: 0n,
  source_fee_gas: 0n,
  location_id: null,
  location_reference: null,
  destination_wallet_id: null,
  destination_address: null,
  destination_external_account_id: null,
  destination_location_id: null,
  destination_location_reference: null,
  destination_owner: null,
  bank_details: null,
  fixed_side: 'source',
  developer_fees: [],
  gas_cost: 0n,
} satisfies Partial<TransactionRow>;

type Later =
  | 'status'
  | 'sub_status'
  | 'source_tx_hash'
  | 'cash_pickup'
  | 'tx_hash'
  | 'error_code'
  | 'error_message'
  | 'error_recoverable'
  | 'return_code'
  | 'return_reason'
  | 'returned_at'
  | 'refund'
  | 'refund_status'
  | 'refund_tx_hash'
  | 'updated_at'
  | 'completed_at';

/** A transaction as it starts; the rest is set by transitions. */
export type NewTransaction = Omit<TransactionRow, Later | keyof typeof BLANK> &
  Partial<Pick<TransactionRow, keyof typeof BLANK>>;

/** All of them `processing`; answered in their order. */
export async function insertTransactions(
  tx: Tx,
  transactions: readonly NewTransaction[],
): Promise<TransactionRow[]> {
  const rows = await tx.query<TransactionRow>(
    `insert into transactions (project_id, status, updated_at, ${NEW_COLUMNS})
     select $1, 'processing', created_at, ${NEW_COLUMNS} from jsonb_populate_recordset(null::transactions, $2)
     returning ${COLUMNS}`,
    [tx.scope, toJsonRows(transactions.map((each) => ({ ...BLANK, ...each })))],
  );
  return inOrderOf(idsOf(transactions), rows, 'transaction_id');
}

export async function findTransaction(tx: Tx, transactionId: string): Promise<TransactionRow | undefined> {
  const [row] = await tx.query<TransactionRow>(
    `select ${COLUMNS} from transactions where project_id = $1 and transaction_id = $2`,
    [tx.scope, transactionId],
  );
  return row;
}

/** In the order of the ids; unknown ones are left out. */
export function findTransactions(tx: Tx, transactionIds: readonly string[]): Promise<TransactionRow[]> {
  return tx.query<TransactionRow>(
    `select ${COLUMNS} from transactions where project_id = $1 and transaction_id = any($2)
     order by array_position($2, transaction_id)`,
    [tx.scope, transactionIds],
  );
}

/** What changes of a transaction with its status, or between two of them; what is absent stays. */
export type Outcome = { readonly transaction_id: string } & Partial<
  Pick<TransactionRow, Exclude<Later, 'status' | 'updated_at' | 'completed_at'>>
>;

const OUTCOME = `sub_status = coalesce(new.sub_status, t.sub_status),
  source_tx_hash = coalesce(new.source_tx_hash, t.source_tx_hash),
  cash_pickup = coalesce(new.cash_pickup, t.cash_pickup),
  tx_hash = coalesce(new.tx_hash, t.tx_hash),
  error_code = coalesce(new.error_code, t.error_code),
  error_message = coalesce(new.error_message, t.error_message),
  error_recoverable = coalesce(new.error_recoverable, t.error_recoverable),
  return_code = coalesce(new.return_code, t.return_code),
  return_reason = coalesce(new.return_reason, t.return_reason),
  returned_at = coalesce(new.returned_at, t.returned_at),
  refund = coalesce(new.refund, t.refund),
  refund_status = coalesce(new.refund_status, t.refund_status),
  refund_tx_hash = coalesce(new.refund_tx_hash, t.refund_tx_hash)`;

const QUALIFIED = qualified(COLUMNS, 't');

/** Moves those that are in `from`, and answers them in the order of the outcomes. Only states.ts calls this. */
export async function updateStatuses(
  tx: Tx,
  from: TransactionStatus,
  to: TransactionStatus,
  outcomes: readonly Outcome[],
  now: Date,
): Promise<TransactionRow[]> {
  const rows = await tx.query<TransactionRow>(
    `update transactions t set status = $3, ${OUTCOME}, updated_at = $5,
       completed_at = case when $3 = 'completed' then $5::timestamptz else t.completed_at end
     from jsonb_populate_recordset(null::transactions, $4) new
     where t.project_id = $1 and t.transaction_id = new.transaction_id and t.status = $2 returning ${QUALIFIED}`,
    [tx.scope, from, to, toJsonRows(outcomes), now],
  );
  return inOrderOf(idsOf(outcomes), rows, 'transaction_id');
}

/** Notes what happened to transactions without moving them. */
export async function updateProgress(
  tx: Tx,
  outcomes: readonly Outcome[],
  now: Date,
): Promise<TransactionRow[]> {
  const rows = await tx.query<TransactionRow>(
    `update transactions t set ${OUTCOME}, updated_at = $3
     from jsonb_populate_recordset(null::transactions, $2) new
     where t.project_id = $1 and t.transaction_id = new.transaction_id returning ${QUALIFIED}`,
    [tx.scope, toJsonRows(outcomes), now],
  );
  return inOrderOf(idsOf(outcomes), rows, 'transaction_id');
}

const idsOf = (wanted: readonly { readonly transaction_id: string }[]): string[] =>
  wanted.map(({ transaction_id }) => transaction_id);

export interface TransactionFilter {
  readonly status?: string | undefined;
  readonly type?: string | undefined;
  readonly customerId?: string | undefined;
  readonly senderCustomerId?: string | undefined;
  readonly recipientCustomerId?: string | undefined;
  readonly walletId?: string | undefined;
  readonly quoteId?: string | undefined;
  readonly cashInId?: string | undefined;
  readonly virtualAccountId?: string | undefined;
  readonly depositAddressId?: string | undefined;
  readonly createdAfter?: Date | undefined;
  readonly createdBefore?: Date | undefined;
}

/** Of a wallet and a customer, the ranges are the wallet's: few wallets have several customers. */
const PARTIES: readonly string[] = ['sender_customer_id = ?', 'recipient_customer_id = ?'];

const anyOf = (column: string, values: readonly string[]): Filter => [
  values.map((_, index) => `${column} = (?::text[])[${index + 1}]`),
  values,
];

/**
 * What is left out of the columns in the middle of an index: each value is a range of its own. What failed of somebody has
 * indexes without the type; what is about one payment is found by that.
 */
function leftOut(filter: TransactionFilter): Filter[] {
  const { status, type, customerId, senderCustomerId, recipientCustomerId, walletId } = filter;
  const isOfOne = [filter.quoteId, filter.cashInId, filter.virtualAccountId, filter.depositAddressId].some(
    Boolean,
  );
  const isOfParty = [customerId, senderCustomerId, recipientCustomerId, walletId].some(Boolean);
  if (isOfOne) return [];
  if (type === undefined) {
    const isByType = isOfParty ? status !== 'failed' : status !== undefined;
    return isByType ? [anyOf('type', TRANSACTION_TYPES)] : [];
  }
  return status === undefined && !isOfParty ? [anyOf('status', TRANSACTION_STATUSES)] : [];
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
      [filter.walletId === undefined ? PARTIES : `(${PARTIES.join(' or ')})`, filter.customerId],
      ['sender_customer_id = ?', filter.senderCustomerId],
      ['recipient_customer_id = ?', filter.recipientCustomerId],
      [['source_wallet_id = ?', 'destination_wallet_id = ?'], filter.walletId],
      ['quote_id = ?', filter.quoteId],
      ['cash_in_id = ?', filter.cashInId],
      ['virtual_account_id = ?', filter.virtualAccountId],
      ['deposit_address_id = ?', filter.depositAddressId],
      ...leftOut(filter),
      ...createdWithin('transaction', 'transaction_id', filter),
    ],
    page,
  );
}
