import type { StatementLine } from '@openoms/contract/reconciliation.ts';
import type { Tx } from '../db/database.ts';
import { type PageRequest, selectPage } from '../db/list.ts';

export interface StatementLineRow {
  line_id: string;
  provider: string;
  status: StatementLine['status'];
  direction: StatementLine['direction'];
  /** Cents. */
  amount: bigint;
  reference: string;
  cause: StatementLine['cause'];
  expected: bigint | null;
  payout_id: string | null;
  transaction_id: string | null;
  credit_id: string | null;
  created_at: Date;
}

const COLUMNS = `line_id, provider, status, direction, amount, reference, cause, expected, payout_id, transaction_id,
  credit_id, created_at`;

export async function insertLine(tx: Tx, row: StatementLineRow): Promise<void> {
  await tx.query(
    `insert into bank_statement_lines (project_id, ${COLUMNS})
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
    [
      tx.scope,
      row.line_id,
      row.provider,
      row.status,
      row.direction,
      row.amount,
      row.reference,
      row.cause,
      row.expected,
      row.payout_id,
      row.transaction_id,
      row.credit_id,
      row.created_at,
    ],
  );
}

export function listLines(
  tx: Tx,
  status: StatementLine['status'] | undefined,
  page: PageRequest,
): Promise<{ rows: StatementLineRow[]; hasMore: boolean }> {
  return selectPage<StatementLineRow>(
    tx,
    `select ${COLUMNS} from bank_statement_lines`,
    'line_id',
    [['status = ?', status]],
    page,
  );
}

/** A payout or a credit that a line may mean. */
export interface ListedPayment {
  payout_id: string | null;
  transaction_id: string | null;
  credit_id: string | null;
  amount: bigint;
  /** Whether the bank has had it move in this direction. */
  moved: boolean;
  /** Whether a line of this direction is matched with it. */
  is_listed: boolean;
}

/**
 * Those of the bank with this reference, held until the commit, so that two lines are not matched with one. Money of a
 * payout leaves when the bank has taken it, and is back when it was returned; of a credit the other way round.
 */
export function holdListedPayments(
  tx: Tx,
  provider: string,
  reference: string,
  direction: StatementLine['direction'],
): Promise<ListedPayment[]> {
  return tx.query<ListedPayment>(
    `with payouts as (
       select payout_id, resource_id, amount, status, return_code from bank_payouts
       where project_id = $1 and provider = $2 and reference = $3 order by payout_id for no key update),
     credits as (
       select credit_id, amount, status from bank_credits
       where project_id = $1 and provider = $2 and reference = $3 order by credit_id for no key update),
     payments as (
       select payout_id, resource_id transaction_id, null credit_id, amount,
         case $4 when 'debit' then status <> 'failed' or return_code is not null else return_code is not null end moved
       from payouts
       union all
       select null, null, credit_id, amount, $4 = 'credit' or status = 'returned' from credits)
     select p.*, exists (
       select from bank_statement_lines l where l.project_id = $1 and l.status = 'matched' and l.direction = $4
         and (l.payout_id = p.payout_id or l.credit_id = p.credit_id)) is_listed
     from payments p`,
    [tx.scope, provider, reference, direction],
  );
}
