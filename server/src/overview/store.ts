import type { Tx } from '../db/database.ts';
import type { Asset } from '../kernel/money.ts';
import type { AccountKind } from '../ledger/chart.ts';

/** More of what waits, or of what there is, is not counted. */
const MAX_PENDING = 10_000;
const MAX_COUNTED = 1_000;

export interface PendingRow {
  cash_ins: bigint;
  transactions: bigint;
  deliveries: bigint;
  dead_deliveries: bigint;
  open_breaks: bigint;
  customers: bigint;
  wallets: bigint;
  all_transactions: bigint;
  webhooks: bigint;
}

/** Each is a range of an index, read up to a limit. */
const counted = (name: string, ranges: readonly string[], limit: number): string =>
  `(select count(*) from (${ranges.map((range) => `(select from ${range} limit ${limit})`).join(' union all ')}) found)
   "${name}"`;

const COUNTS = [
  counted(
    'cash_ins',
    ['pending', 'processing'].map((status) => `cash_ins where project_id = $1 and status = '${status}'`),
    MAX_PENDING,
  ),
  counted(
    'transactions',
    ['processing', 'cashPickupReady'].map(
      (status) => `transactions where project_id = $1 and status = '${status}'`,
    ),
    MAX_PENDING,
  ),
  counted('deliveries', [`webhook_queue where project_id = $1 and state = 'due'`], MAX_PENDING),
  counted('dead_deliveries', [`webhook_queue where project_id = $1 and state = 'dead'`], MAX_PENDING),
  counted('open_breaks', [`reconciliation_breaks where project_id = $1 and status = 'open'`], MAX_PENDING),
  counted('customers', ['customers where project_id = $1'], MAX_COUNTED),
  counted('wallets', ['wallets where project_id = $1'], MAX_COUNTED),
  counted('all_transactions', ['transactions where project_id = $1'], MAX_COUNTED),
  counted('webhooks', ['webhooks where project_id = $1 and deleted_at is null'], MAX_COUNTED),
].join(', ');

export async function countThings(tx: Tx): Promise<PendingRow | undefined> {
  const [row] = await tx.query<PendingRow>(`select ${COUNTS}`, [tx.scope]);
  return row;
}

export interface SumRow {
  kind: AccountKind;
  asset: Asset;
  /** Credits less debits. */
  net: bigint;
}

/** Of kinds of which a project has few accounts. */
export const listSums = (tx: Tx, kinds: readonly AccountKind[]): Promise<SumRow[]> =>
  tx.query<SumRow>(
    `select kind, asset, sum(credits_posted - debits_posted) net from ledger_accounts
     where project_id = $1 and kind = any($2) group by kind, asset order by array_position($2, kind), asset`,
    [tx.scope, kinds],
  );
