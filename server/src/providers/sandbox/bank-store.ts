import type { CreditRailName } from '@openoms/contract/bank-reasons.ts';
import type { Tx } from '../../db/database.ts';

export type BankPace = 'auto' | 'manual' | 'realistic';
export type PaymentStatus = 'accepted' | 'settled' | 'returned' | 'rejected';

export interface PaymentRow {
  payment_id: string;
  kind: 'payout' | 'credit_return';
  status: PaymentStatus;
  pace: BankPace;
  rail: CreditRailName;
  amount: bigint;
  reference: string;
  effective_at: Date;
  code: string | null;
  created_at: Date;
  settled_at: Date | null;
  /** The magic value that decides what becomes of it. */
  scenario: string | null;
}

const COLUMNS =
  'payment_id, kind, status, pace, rail, amount, reference, effective_at, code, created_at, settled_at, scenario';

/** False when the bank has a payment of this id. */
export async function insertPayment(tx: Tx, row: Omit<PaymentRow, 'settled_at'>): Promise<boolean> {
  const inserted = await tx.query(
    `insert into sandbox_bank_payments (project_id, payment_id, kind, status, pace, rail, amount, reference,
       effective_at, code, created_at, scenario) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
     on conflict do nothing returning payment_id`,
    [
      tx.scope,
      row.payment_id,
      row.kind,
      row.status,
      row.pace,
      row.rail,
      row.amount,
      row.reference,
      row.effective_at,
      row.code,
      row.created_at,
      row.scenario,
    ],
  );
  return inserted.length === 1;
}

export async function lockPayment(tx: Tx, paymentId: string): Promise<PaymentRow | undefined> {
  const [row] = await tx.query<PaymentRow>(
    `select ${COLUMNS} from sandbox_bank_payments where project_id = $1 and payment_id = $2 for no key update`,
    [tx.scope, paymentId],
  );
  return row;
}

/** Only bank-states.ts calls this. */
export async function updatePayment(
  tx: Tx,
  paymentId: string,
  from: PaymentStatus,
  to: PaymentStatus,
  change: { readonly code: string | null; readonly settledAt: Date | null },
): Promise<PaymentRow[]> {
  return tx.query<PaymentRow>(
    `update sandbox_bank_payments set status = $4, code = $5, settled_at = coalesce($6, settled_at)
     where project_id = $1 and payment_id = $2 and status = $3 returning ${COLUMNS}`,
    [tx.scope, paymentId, from, to, change.code, change.settledAt],
  );
}
