import { one, type Tx } from '../../db/database.ts';
import { assert } from '../../kernel/assert.ts';
import { type PaymentRow, type PaymentStatus, updatePayment } from './bank-store.ts';

/** What the sandbox's bank has of a payment; `returned` from `accepted`: back before it settled. */
export const PAYMENT_TRANSITIONS: Readonly<Record<PaymentStatus, readonly PaymentStatus[]>> = {
  accepted: ['settled', 'rejected', 'returned'],
  settled: ['returned'],
  returned: [],
  rejected: [],
};

/** The only writer of a payment's status. */
export async function transitionPayment(
  tx: Tx,
  { payment_id, status: from }: PaymentRow,
  to: PaymentStatus,
  change: { readonly code?: string; readonly settledAt?: Date },
): Promise<PaymentRow> {
  assert(PAYMENT_TRANSITIONS[from].includes(to), `a payment cannot go from ${from} to ${to}`);
  const { code = null, settledAt = null } = change;
  return one(await updatePayment(tx, payment_id, from, to, { code, settledAt }), 'payment');
}
