import type { VirtualAccountDeposit } from '@openoms/contract/virtual-accounts.ts';
import type { CreditRailName } from '../bank/provider.ts';
import { type Tx, toJsonRows } from '../db/database.ts';
import { createdWithin, type PageRequest, selectPage } from '../db/list.ts';
import { inOrderOf } from '../db/rows.ts';

export type DepositStatus = VirtualAccountDeposit['status'];
export type DepositReason = NonNullable<VirtualAccountDeposit['reason']>;

export interface DepositRow {
  credit_id: string;
  virtual_account_id: string;
  customer_id: string;
  status: DepositStatus;
  reason: DepositReason | null;
  rail: CreditRailName;
  /** USD cents. */
  amount: bigint;
  sender_name: string;
  memo: string | null;
  /** The rail's own: trace number, IMAD or UETR. */
  reference: string;
  transaction_id: string | null;
  /** How often it was to be tried again by itself. */
  tries: number;
  created_at: Date;
  updated_at: Date;
}

const NEW_COLUMNS =
  'credit_id, virtual_account_id, customer_id, rail, amount, sender_name, memo, reference, created_at';
const COLUMNS = `${NEW_COLUMNS}, status, reason, transaction_id, tries, updated_at`;

export type NewDeposit = Omit<DepositRow, 'status' | 'reason' | 'transaction_id' | 'tries' | 'updated_at'>;

/** All of them `received`; answered in their order. */
export async function insertDeposits(tx: Tx, deposits: readonly NewDeposit[]): Promise<DepositRow[]> {
  const rows = await tx.query<DepositRow>(
    `insert into virtual_account_deposits (project_id, status, updated_at, ${NEW_COLUMNS})
     select $1, 'received', created_at, ${NEW_COLUMNS}
     from jsonb_populate_recordset(null::virtual_account_deposits, $2) returning ${COLUMNS}`,
    [tx.scope, toJsonRows(deposits)],
  );
  return inOrderOf(
    deposits.map(({ credit_id }) => credit_id),
    rows,
    'credit_id',
  );
}

export async function findDeposit(tx: Tx, creditId: string): Promise<DepositRow | undefined> {
  const [row] = await findDeposits(tx, [creditId]);
  return row;
}

/** In the order of the ids; unknown ones are left out. */
export async function findDeposits(tx: Tx, creditIds: readonly string[]): Promise<DepositRow[]> {
  const rows = await tx.query<DepositRow>(
    `select ${COLUMNS} from virtual_account_deposits where project_id = $1 and credit_id = any($2)`,
    [tx.scope, creditIds],
  );
  return inOrderOf(creditIds, rows, 'credit_id');
}

/** Those that carry the transactions, in no order. */
export function findByTransactions(tx: Tx, transactionIds: readonly string[]): Promise<DepositRow[]> {
  return tx.query<DepositRow>(
    `select ${COLUMNS} from virtual_account_deposits where project_id = $1 and transaction_id = any($2)`,
    [tx.scope, transactionIds],
  );
}

/** The oldest first, at most `limit` after the given one. */
export function lockHeld(
  tx: Tx,
  virtualAccountId: string,
  page: { readonly after: string; readonly limit: number },
): Promise<DepositRow[]> {
  return tx.query<DepositRow>(
    `select ${COLUMNS} from virtual_account_deposits
     where project_id = $1 and virtual_account_id = $2 and status = 'held' and credit_id > $3
     order by credit_id limit $4 for no key update`,
    [tx.scope, virtualAccountId, page.after, page.limit],
  );
}

export async function lockDeposit(tx: Tx, creditId: string): Promise<DepositRow | undefined> {
  const [row] = await tx.query<DepositRow>(
    `select ${COLUMNS} from virtual_account_deposits where project_id = $1 and credit_id = $2 for no key update`,
    [tx.scope, creditId],
  );
  return row;
}

export interface DepositChange {
  readonly creditId: string;
  readonly reason?: DepositReason;
  readonly transactionId?: string;
}

/** Moves those that are in `from`, and answers them in the order of the changes. Only states.ts calls this. */
export async function updateDeposits(
  tx: Tx,
  from: DepositStatus,
  to: DepositStatus,
  changes: readonly DepositChange[],
  now: Date,
): Promise<DepositRow[]> {
  const rows = await tx.query<DepositRow>(
    `update virtual_account_deposits set status = $3, updated_at = $4,
       reason = case when $3 = 'returned' then reason else new.why end,
       transaction_id = coalesce(new.transaction, transaction_id)
     from unnest($5::text[], $6::text[], $7::text[]) as new (id, why, transaction)
     where project_id = $1 and credit_id = new.id and status = $2 returning ${COLUMNS}`,
    [
      tx.scope,
      from,
      to,
      now,
      changes.map(({ creditId }) => creditId),
      changes.map(({ reason }) => reason ?? null),
      changes.map(({ transactionId }) => transactionId ?? null),
    ],
  );
  return inOrderOf(
    changes.map(({ creditId }) => creditId),
    rows,
    'credit_id',
  );
}

/** Of deposits that are to be tried again. */
export function countTries(tx: Tx, creditIds: readonly string[]): Promise<DepositRow[]> {
  return tx.query<DepositRow>(
    `update virtual_account_deposits set tries = tries + 1 where project_id = $1 and credit_id = any($2)
     returning ${COLUMNS}`,
    [tx.scope, creditIds],
  );
}

export interface DepositFilter {
  readonly status?: string | undefined;
  readonly createdAfter?: Date | undefined;
  readonly createdBefore?: Date | undefined;
}

export function listDeposits(
  tx: Tx,
  virtualAccountId: string,
  filter: DepositFilter,
  page: PageRequest,
): Promise<{ rows: DepositRow[]; hasMore: boolean }> {
  return selectPage<DepositRow>(
    tx,
    `select ${COLUMNS} from virtual_account_deposits`,
    'credit_id',
    [
      ['virtual_account_id = ?', virtualAccountId],
      ['status = ?', filter.status],
      ...createdWithin('bankCredit', 'credit_id', filter),
    ],
    page,
  );
}
