import type { AddressDeposit, HoldReason } from '@openoms/contract/deposit-addresses.ts';
import { type Tx, toJsonRows } from '../db/database.ts';
import { createdWithin, type PageRequest, selectPage } from '../db/list.ts';
import { inOrderOf } from '../db/rows.ts';

/** A pending deposit has no row: its block may go. */
export type DepositStatus = Exclude<AddressDeposit['status'], 'pending'>;

export interface DepositRow {
  deposit_id: string;
  deposit_address_id: string;
  customer_id: string;
  status: DepositStatus;
  hold_reason: HoldReason | null;
  amount: bigint;
  /** What of it lies at the address while it is held; afterwards, what of it was sent on. */
  remaining: bigint;
  asset: 'usdc';
  network: 'polygon';
  address: string;
  from_address: string;
  tx_hash: string;
  log_index: number;
  block_number: bigint;
  /** The last one that sent it on. */
  transaction_id: string | null;
  created_at: Date;
  updated_at: Date;
}

export type NewDeposit = Omit<
  DepositRow,
  'status' | 'hold_reason' | 'remaining' | 'transaction_id' | 'updated_at'
>;

const NEW_COLUMNS = `deposit_id, deposit_address_id, customer_id, amount, asset, network, address, from_address,
  tx_hash, log_index, block_number, created_at`;

const COLUMNS = `${NEW_COLUMNS}, status, hold_reason, remaining, transaction_id, updated_at`;

/** All of them received; in their order. */
export async function insertDeposits(
  tx: Tx,
  deposits: readonly NewDeposit[],
  now: Date,
): Promise<DepositRow[]> {
  const rows = await tx.query<DepositRow>(
    `insert into deposit_address_deposits (project_id, status, remaining, updated_at, ${NEW_COLUMNS})
     select $1, 'received', amount, $3, ${NEW_COLUMNS}
     from jsonb_populate_recordset(null::deposit_address_deposits, $2)
     returning ${COLUMNS}`,
    [tx.scope, toJsonRows(deposits), now],
  );
  return inOrderOf(idsOf(deposits), rows, 'deposit_id');
}

/** The largest of the deposits that addresses hold for one of the reasons. */
export function lockHeldFor(
  tx: Tx,
  depositAddressIds: readonly string[],
  reasons: readonly HoldReason[],
  limit: number,
): Promise<DepositRow[]> {
  return tx.query<DepositRow>(
    `select ${COLUMNS} from deposit_address_deposits
     where project_id = $1 and deposit_address_id = any($2) and status = 'held' and hold_reason = any($3)
     order by remaining desc, deposit_id limit $4 for no key update`,
    [tx.scope, depositAddressIds, reasons, limit],
  );
}

/** What an address holds, oldest first, after a deposit. */
export function lockHeld(
  tx: Tx,
  depositAddressId: string,
  after: string,
  limit: number,
): Promise<DepositRow[]> {
  return tx.query<DepositRow>(
    `select ${COLUMNS} from deposit_address_deposits
     where project_id = $1 and deposit_address_id = $2 and status = 'held' and deposit_id > $3
     order by deposit_id limit $4 for no key update`,
    [tx.scope, depositAddressId, after, limit],
  );
}

/** The deposits that the transactions were the last to send on, oldest first. */
export function lockSentOnBy(tx: Tx, transactionIds: readonly string[]): Promise<DepositRow[]> {
  return tx.query<DepositRow>(
    `select ${COLUMNS} from deposit_address_deposits where project_id = $1 and transaction_id = any($2)
     order by deposit_id for no key update`,
    [tx.scope, transactionIds],
  );
}

/** A deposit and what a change of its status brings; what is absent stays, but a reason is that of its status. */
export interface DepositChange {
  readonly deposit_id: string;
  readonly hold_reason?: HoldReason;
  readonly transaction_id?: string;
  readonly remaining?: bigint;
}

const UPDATE = `
  update deposit_address_deposits d set status = $3, hold_reason = new.hold_reason,
    transaction_id = coalesce(new.transaction_id, d.transaction_id),
    remaining = coalesce(new.remaining, d.remaining), updated_at = $5
  from jsonb_populate_recordset(null::deposit_address_deposits, $4) new
  where d.project_id = $1 and d.deposit_id = new.deposit_id and d.status = $2
  returning ${COLUMNS.replace(/\w+/g, 'd.$&')}`;

/** Those that were in `from`, in the order of the changes. Only states.ts calls this. */
export async function updateDeposits(
  tx: Tx,
  from: DepositStatus,
  to: DepositStatus,
  changes: readonly DepositChange[],
  now: Date,
): Promise<DepositRow[]> {
  const rows = await tx.query<DepositRow>(UPDATE, [tx.scope, from, to, toJsonRows(changes), now]);
  return inOrderOf(idsOf(changes), rows, 'deposit_id');
}

const idsOf = (wanted: readonly { readonly deposit_id: string }[]): string[] =>
  wanted.map(({ deposit_id }) => deposit_id);

export interface DepositFilter {
  readonly depositAddressId?: string | undefined;
  readonly customerId?: string | undefined;
  readonly status?: AddressDeposit['status'] | undefined;
  readonly holdReason?: HoldReason | undefined;
  readonly createdAfter?: Date | undefined;
  readonly createdBefore?: Date | undefined;
}

export function listDeposits(
  tx: Tx,
  filter: DepositFilter,
  page: PageRequest,
): Promise<{ rows: DepositRow[]; hasMore: boolean }> {
  return selectPage<DepositRow>(
    tx,
    `select ${COLUMNS} from deposit_address_deposits`,
    'deposit_id',
    [
      ['deposit_address_id = ?', filter.depositAddressId],
      ['customer_id = ?', filter.customerId],
      ['status = ?', filter.status],
      ['hold_reason = ?', filter.holdReason],
      ...createdWithin('deposit', 'deposit_id', filter),
    ],
    page,
  );
}
