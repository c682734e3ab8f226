import type { CashIn } from '@openoms/contract/cash-ins.ts';
import { one, type Tx } from '../db/database.ts';
import { createdWithin, type PageRequest, selectPage } from '../db/list.ts';
import { inOrderOf } from '../db/rows.ts';
import type { Usage, WindowName } from './limits.ts';
import { WINDOWS } from './limits.ts';

export type CashInStatus = CashIn['status'];
export type CashInSubStatus = NonNullable<CashIn['subStatus']>;

/** A wallet, a saved address or neither; where that is on chain. */
export interface CashInRecipient {
  destination_wallet_id: string | null;
  destination_external_account_id: string | null;
  destination_address: string;
}

export interface CashInDestination extends CashInRecipient {
  destination_asset: 'usdc';
  destination_network: 'polygon';
}

export interface CashInRow extends CashInDestination {
  cash_in_id: string;
  customer_id: string;
  status: CashInStatus;
  sub_status: CashInSubStatus;
  provider: string;
  indicated: bigint;
  deposited: bigint | null;
  deposited_at: Date | null;
  email: string | null;
  location_id: string;
  location_reference: string;
  location_name: string;
  location_address: string;
  max_deposit: bigint;
  code: string;
  code_expires_at: Date;
  sponsor_gas: boolean;
  /** The schedule that applied when it was made: a share such as "0.015", and cents. */
  fee_rate: string;
  fee_fixed: bigint;
  metadata: Record<string, string | number | boolean | null>;
  transaction_id: string | null;
  error_code: string | null;
  error_message: string | null;
  created_at: Date;
  updated_at: Date;
  completed_at: Date | null;
}

const COLUMNS = `cash_in_id, customer_id, status, sub_status, provider, indicated, deposited, deposited_at, email,
  destination_asset, destination_network, destination_wallet_id, destination_external_account_id,
  destination_address, location_id, location_reference, location_name, location_address, max_deposit, code,
  code_expires_at, sponsor_gas, fee_rate, fee_fixed, metadata, transaction_id, error_code, error_message, created_at,
  updated_at, completed_at`;

export type NewCashIn = Omit<
  CashInRow,
  | 'status'
  | 'sub_status'
  | 'deposited'
  | 'deposited_at'
  | 'transaction_id'
  | 'error_code'
  | 'error_message'
  | 'updated_at'
  | 'completed_at'
>;

export async function insertCashIn(tx: Tx, row: NewCashIn): Promise<CashInRow> {
  return one(
    await tx.query<CashInRow>(
      `insert into cash_ins (project_id, cash_in_id, customer_id, status, sub_status, provider, indicated, email,
         destination_asset, destination_network, destination_wallet_id, destination_external_account_id,
         destination_address, location_id, location_reference, location_name, location_address, max_deposit, code,
         code_expires_at, sponsor_gas, metadata, created_at, updated_at, fee_rate, fee_fixed)
       values ($1, $2, $3, 'pending', 'order_reserved', $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17,
         $18, $19, $20, $21, $21, $22, $23)
       returning ${COLUMNS}`,
      [
        tx.scope,
        row.cash_in_id,
        row.customer_id,
        row.provider,
        row.indicated,
        row.email,
        row.destination_asset,
        row.destination_network,
        row.destination_wallet_id,
        row.destination_external_account_id,
        row.destination_address,
        row.location_id,
        row.location_reference,
        row.location_name,
        row.location_address,
        row.max_deposit,
        row.code,
        row.code_expires_at,
        row.sponsor_gas,
        JSON.stringify(row.metadata),
        row.created_at,
        row.fee_rate,
        row.fee_fixed,
      ],
    ),
    'cash-in',
  );
}

export async function findCashIn(tx: Tx, cashInId: string): Promise<CashInRow | undefined> {
  const [row] = await tx.query<CashInRow>(
    `select ${COLUMNS} from cash_ins where project_id = $1 and cash_in_id = $2`,
    [tx.scope, cashInId],
  );
  return row;
}

export async function lockCashIn(tx: Tx, cashInId: string): Promise<CashInRow | undefined> {
  const [row] = await tx.query<CashInRow>(
    `select ${COLUMNS} from cash_ins where project_id = $1 and cash_in_id = $2 for no key update`,
    [tx.scope, cashInId],
  );
  return row;
}

/** Many at once, locked in sorted order. */
export function lockCashIns(tx: Tx, cashInIds: readonly string[]): Promise<CashInRow[]> {
  return tx.query<CashInRow>(
    `select ${COLUMNS} from cash_ins where project_id = $1 and cash_in_id = any($2)
     order by cash_in_id for no key update`,
    [tx.scope, cashInIds],
  );
}

export async function findByCode(tx: Tx, code: string): Promise<CashInRow | undefined> {
  const [row] = await tx.query<CashInRow>(
    `select ${COLUMNS} from cash_ins where project_id = $1 and code = $2`,
    [tx.scope, code],
  );
  return row;
}

export interface StatusChange {
  readonly cashInId: string;
  readonly deposit?: { readonly amountMinor: bigint; readonly transactionId: string };
  readonly code?: { readonly code: string; readonly expiresAt: Date };
  readonly error?: { readonly code: string; readonly message: string };
}

/** Moves those that are in `from`, and answers them in the order of the changes. Only states.ts calls this. */
export async function updateStatuses(
  tx: Tx,
  from: CashInStatus,
  to: CashInStatus,
  subStatus: CashInSubStatus,
  changes: readonly StatusChange[],
  now: Date,
): Promise<CashInRow[]> {
  const rows = await tx.query<CashInRow>(
    `update cash_ins set status = $3, sub_status = $4,
       deposited = coalesce(new.amount, deposited), transaction_id = coalesce(new.transaction, transaction_id),
       deposited_at = case when new.amount is null then deposited_at else $12 end,
       code = coalesce(new.new_code, code), code_expires_at = coalesce(new.expires_at, code_expires_at),
       error_code = new.error, error_message = new.message,
       updated_at = $12, completed_at = case when $3 = 'completed' then $12::timestamptz end
     from unnest($5::text[], $6::numeric[], $7::text[], $8::text[], $9::timestamptz[], $10::text[], $11::text[])
       as new (id, amount, transaction, new_code, expires_at, error, message)
     where project_id = $1 and cash_in_id = new.id and status = $2 returning ${COLUMNS}`,
    [
      tx.scope,
      from,
      to,
      subStatus,
      changes.map(({ cashInId }) => cashInId),
      changes.map(({ deposit }) => deposit?.amountMinor.toString() ?? null),
      changes.map(({ deposit }) => deposit?.transactionId ?? null),
      changes.map(({ code }) => code?.code ?? null),
      changes.map(({ code }) => code?.expiresAt ?? null),
      changes.map(({ error }) => error?.code ?? null),
      changes.map(({ error }) => error?.message ?? null),
      now,
    ],
  );
  return inOrderOf(
    changes.map(({ cashInId }) => cashInId),
    rows,
    'cash_in_id',
  );
}

/** In the order of the ids; unknown ones are left out. */
export async function findCashIns(tx: Tx, cashInIds: readonly string[]): Promise<CashInRow[]> {
  return tx.query<CashInRow>(
    `select ${COLUMNS} from cash_ins where project_id = $1 and cash_in_id = any($2)
     order by array_position($2, cash_in_id)`,
    [tx.scope, cashInIds],
  );
}

export interface CashInFilter {
  readonly customerId?: string | undefined;
  readonly status?: string | undefined;
  readonly createdAfter?: Date | undefined;
  readonly createdBefore?: Date | undefined;
}

export function listCashIns(
  tx: Tx,
  filter: CashInFilter,
  page: PageRequest,
): Promise<{ rows: CashInRow[]; hasMore: boolean }> {
  return selectPage<CashInRow>(
    tx,
    `select ${COLUMNS} from cash_ins`,
    'cash_in_id',
    [
      ['customer_id = ?', filter.customerId],
      ['status = ?', filter.status],
      ...createdWithin('cashIn', 'cash_in_id', filter),
    ],
    page,
  );
}

/** What a customer deposited in each window. */
export type DepositUsage = Readonly<Record<WindowName, Usage>>;

interface UsageRow {
  customer_id: string;
  name: WindowName;
  cents: bigint;
  count: bigint;
}

/** By customer, in the windows that end now. Exact only while the customers' rows are locked. */
export async function depositUsages(
  tx: Tx,
  customerIds: readonly string[],
  now: Date,
): Promise<Map<string, DepositUsage>> {
  const rows = await tx.query<UsageRow>(
    `select c.customer_id, w.name, sum(c.deposited) as cents, count(*) as count
     from unnest($3::text[], $4::timestamptz[]) w(name, since)
     join cash_ins c on c.project_id = $1 and c.customer_id = any($2) and c.deposited_at > w.since
     group by c.customer_id, w.name`,
    [
      tx.scope,
      customerIds,
      WINDOWS.map(({ name }) => name),
      WINDOWS.map(({ durationMs }) => new Date(now.getTime() - durationMs)),
    ],
  );
  const usages = new Map<string, DepositUsage>(
    customerIds.map((customerId) => [customerId, { day: ZERO, week: ZERO, month: ZERO }]),
  );
  for (const { customer_id, name, cents, count } of rows) {
    const usage = usages.get(customer_id);
    if (usage) usages.set(customer_id, { ...usage, [name]: { cents, count } });
  }
  return usages;
}

const ZERO: Usage = { cents: 0n, count: 0n };
