import type { Tx } from '../db/database.ts';
import type { Asset } from '../kernel/money.ts';

/*
 * What happened to a payment, read from the tables of those who did it: a statement each, whatever the number of rows.
 */

/** More events, transfers or deliveries of one payment are not shown. */
const MAX_ROWS = 500;

export interface TransactionRow {
  transaction_id: string;
  type: 'fiatToCrypto' | 'cryptoToFiat' | 'cryptoToCrypto';
  status: 'processing' | 'cashPickupReady' | 'completed' | 'failed';
  sub_status: string | null;
  quote_id: string | null;
  cash_in_id: string | null;
  virtual_account_id: string | null;
  deposit_address_id: string | null;
  source_asset: Asset;
  source_gross: bigint;
  source_fee_developer: bigint;
  source_fee_oms: bigint;
  source_fee_gas: bigint;
  source_wallet_id: string | null;
  destination_asset: Asset;
  destination_network: string;
  destination_gross: bigint;
  destination_external_account_id: string | null;
  destination_location_id: string | null;
  exchange_rate: string;
  fixed_side: 'source' | 'destination';
  developer_fees: { amount?: string; flatFee?: string; percentage?: string }[];
  tx_hash: string | null;
  error_code: string | null;
  error_message: string | null;
  return_code: string | null;
  return_reason: string | null;
  returned_at: Date | null;
  refund: bigint | null;
  refund_status: 'pending' | 'completed' | 'failed' | null;
  refund_tx_hash: string | null;
  created_at: Date;
  updated_at: Date;
  completed_at: Date | null;
}

const TRANSACTION = `transaction_id, type, status, sub_status, quote_id, cash_in_id, virtual_account_id,
  deposit_address_id, source_asset, source_gross, source_fee_developer, source_fee_oms, source_fee_gas, source_wallet_id,
  destination_asset, destination_network, destination_gross, destination_external_account_id, destination_location_id,
  exchange_rate, fixed_side, developer_fees, tx_hash, error_code, error_message, return_code, return_reason, returned_at,
  refund, refund_status, refund_tx_hash, created_at, updated_at, completed_at`;

export async function findTransaction(tx: Tx, transactionId: string): Promise<TransactionRow | undefined> {
  const [row] = await tx.query<TransactionRow>(
    `select ${TRANSACTION} from transactions where project_id = $1 and transaction_id = $2`,
    [tx.scope, transactionId],
  );
  return row;
}

export interface CashInRow {
  cash_in_id: string;
  status: 'pending' | 'processing' | 'completed' | 'expired' | 'failed';
  provider: string;
  indicated: bigint;
  deposited: bigint | null;
  deposited_at: Date | null;
  location_id: string;
  location_name: string;
  code: string;
  code_expires_at: Date;
  fee_rate: string;
  fee_fixed: bigint;
  transaction_id: string | null;
  error_code: string | null;
  error_message: string | null;
  created_at: Date;
  updated_at: Date;
  completed_at: Date | null;
}

export async function findCashIn(tx: Tx, cashInId: string): Promise<CashInRow | undefined> {
  const [row] = await tx.query<CashInRow>(
    `select cash_in_id, status, provider, indicated, deposited, deposited_at, location_id, location_name, code,
       code_expires_at, fee_rate, fee_fixed, transaction_id, error_code, error_message, created_at, updated_at, completed_at
     from cash_ins where project_id = $1 and cash_in_id = $2`,
    [tx.scope, cashInId],
  );
  return row;
}

export interface QuoteRow {
  quote_id: string;
  status: string;
  expires_at: Date;
  created_at: Date;
}

export async function findQuote(tx: Tx, quoteId: string): Promise<QuoteRow | undefined> {
  const [row] = await tx.query<QuoteRow>(
    'select quote_id, status, expires_at, created_at from quotes where project_id = $1 and quote_id = $2',
    [tx.scope, quoteId],
  );
  return row;
}

export interface TillRow {
  confirmation_id: string;
  authorized: bigint;
  committed: bigint | null;
  created_at: Date;
}

export const listTills = (tx: Tx, cashInId: string): Promise<TillRow[]> =>
  tx.query<TillRow>(
    `select confirmation_id, authorized, committed, created_at from sandbox_cash_authorizations
     where project_id = $1 and cash_in_id = $2 order by created_at, confirmation_id limit 50`,
    [tx.scope, cashInId],
  );

/** What came to a virtual account, and the transaction sends on. */
export interface CreditRow {
  credit_id: string;
  status: string;
  rail: string;
  amount: bigint;
  reference: string;
  created_at: Date;
}

export async function findCreditOf(tx: Tx, transactionId: string): Promise<CreditRow | undefined> {
  const [row] = await tx.query<CreditRow>(
    `select credit_id, status, rail, amount, reference, created_at from virtual_account_deposits
     where project_id = $1 and transaction_id = $2`,
    [tx.scope, transactionId],
  );
  return row;
}

/** What came to a deposit address, and the transaction sends on. */
export interface ArrivalRow {
  deposit_id: string;
  amount: bigint;
  asset: Asset;
  from_address: string;
  tx_hash: string;
  block_number: bigint;
  created_at: Date;
}

export const listArrivals = (tx: Tx, transactionId: string): Promise<ArrivalRow[]> =>
  tx.query<ArrivalRow>(
    `select deposit_id, amount, asset, from_address, tx_hash, block_number, created_at from deposit_address_deposits
     where project_id = $1 and transaction_id = $2 order by deposit_id limit 50`,
    [tx.scope, transactionId],
  );

export interface PayoutRow {
  payout_id: string;
  status: 'queued' | 'submitted' | 'settled' | 'returned' | 'failed';
  rail: string;
  amount: bigint;
  external_account_id: string;
  reference: string | null;
  effective_at: Date | null;
  return_code: string | null;
  reject_code: string | null;
  reason: string | null;
  created_at: Date;
  updated_at: Date;
  submitted_at: Date | null;
  settled_at: Date | null;
}

/** What banks were asked to pay for the resources. */
export const listPayouts = (tx: Tx, resourceIds: readonly string[]): Promise<PayoutRow[]> =>
  tx.query<PayoutRow>(
    `select payout_id, status, rail, amount, external_account_id, reference, effective_at, return_code, reject_code,
       reason, created_at, updated_at, submitted_at, settled_at
     from bank_payouts where project_id = $1 and purpose = 'transaction' and resource_id = any($2)
     order by payout_id limit 50`,
    [tx.scope, resourceIds],
  );

export interface PickupRow {
  pickup_id: string;
  status: 'requested' | 'ready' | 'collected' | 'expired' | 'failed';
  location_id: string;
  amount: bigint;
  expires_at: Date | null;
  failure_code: string | null;
  failure_reason: string | null;
  created_at: Date;
  updated_at: Date;
}

export async function findPickup(tx: Tx, transactionId: string): Promise<PickupRow | undefined> {
  const [row] = await tx.query<PickupRow>(
    `select pickup_id, status, location_id, amount, expires_at, failure_code, failure_reason, created_at, updated_at
     from cash_pickups where project_id = $1 and transaction_id = $2`,
    [tx.scope, transactionId],
  );
  return row;
}

export interface SendRow {
  send_id: string;
  purpose: string;
  status: 'queued' | 'relaying' | 'paid' | 'failed';
  asset: Asset;
  amount: bigint;
  from_address: string;
  to_address: string;
  attempt: number;
  relays: number;
  authorization_nonce: string | null;
  failure_code: string | null;
  tx_hash: string | null;
  block_number: bigint | null;
  created_at: Date;
  settled_at: Date | null;
}

export const listSends = (tx: Tx, resourceIds: readonly string[]): Promise<SendRow[]> =>
  tx.query<SendRow>(
    `select send_id, purpose, status, asset, amount, from_address, to_address, attempt, relays, authorization_nonce,
       failure_code, tx_hash, block_number, created_at, settled_at
     from sends where project_id = $1 and resource_id = any($2) order by created_at, send_id limit 50`,
    [tx.scope, resourceIds],
  );

export interface RelayRow {
  send_id: string;
  status: 'signed' | 'broadcast' | 'mined' | 'final' | 'superseded';
  nonce: bigint;
  hash: string | null;
  made_at: Date;
  sent_at: Date | null;
  block_number: bigint | null;
  block_hash: string | null;
}

export const listRelays = (tx: Tx, resourceIds: readonly string[]): Promise<RelayRow[]> =>
  tx.query<RelayRow>(
    `select send_id, status, nonce, hash, made_at, sent_at, block_number, block_hash from send_relays($1) limit 50`,
    [resourceIds],
  );

export interface TransferRow {
  group_id: string;
  position: number;
  kind: 'single' | 'pending' | 'post' | 'void';
  debit_id: string;
  credit_id: string;
  asset: Asset;
  amount: bigint;
  created_at: Date;
}

/** Of the groups, in the order in which they were applied. */
export const listTransfers = (tx: Tx, groupIds: readonly string[]): Promise<TransferRow[]> =>
  tx.query<TransferRow>(
    `select t.group_id, t.position, t.kind, d.account_id debit_id, c.account_id credit_id, d.asset, t.amount, t.created_at
     from ledger_transfers t
     join ledger_accounts d on d.account_no = t.debit_no join ledger_accounts c on c.account_no = t.credit_no
     where t.project_id = $1 and t.group_id = any($2) order by t.seq limit ${MAX_ROWS}`,
    [tx.scope, groupIds],
  );

export interface EventRow {
  event_id: string;
  type: string;
  resource_id: string;
  sequence: bigint;
  created_at: Date;
}

export const listEvents = (tx: Tx, resourceIds: readonly string[]): Promise<EventRow[]> =>
  tx.query<EventRow>(
    `select event_id, type, resource_id, sequence, created_at from events
     where project_id = $1 and resource_id = any($2) order by event_id limit ${MAX_ROWS}`,
    [tx.scope, resourceIds],
    { planned: 'each time' },
  );

export interface DeliveryRow {
  event_id: string;
  webhook_id: string;
  delivery_id: string;
  event_type: string;
  status: 'pending' | 'delivered' | 'failed';
  attempts: number;
  url: string;
  created_at: Date;
}

/** What is queued and was never tried has a delivery as well. */
export const listDeliveries = (tx: Tx, eventIds: readonly string[]): Promise<DeliveryRow[]> =>
  tx.query<DeliveryRow>(
    `select d.event_id, d.webhook_id, d.delivery_id, d.event_type, d.status, d.attempts, w.url, d.created_at
     from webhook_deliveries d join webhooks w on w.project_id = d.project_id and w.webhook_id = d.webhook_id
     where d.project_id = $1 and d.event_id = any($2) order by d.event_id, d.webhook_id limit ${MAX_ROWS}`,
    [tx.scope, eventIds],
    { planned: 'each time' },
  );

export interface AttemptRow {
  delivery_id: string;
  attempt: number;
  status_code: number | null;
  error: string | null;
  duration_ms: number;
  attempted_at: Date;
}

export const listAttempts = (tx: Tx, eventIds: readonly string[]): Promise<AttemptRow[]> =>
  tx.query<AttemptRow>(
    `select delivery_id, attempt, status_code, error, duration_ms, attempted_at from webhook_attempts
     where project_id = $1 and event_id = any($2) order by delivery_id, attempt limit ${2 * MAX_ROWS}`,
    [tx.scope, eventIds],
    { planned: 'each time' },
  );
