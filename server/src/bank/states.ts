import type { Tx } from '../db/database.ts';
import { assert } from '../kernel/assert.ts';
import {
  type CreditChange,
  type CreditRow,
  type CreditStatus,
  type PayoutChange,
  type PayoutRow,
  type PayoutStatus,
  updateCredits,
  updatePayouts,
} from './store.ts';

/** `failed`: never paid, refused or back before it settled. `returned`: paid, and back. */
export const PAYOUT_TRANSITIONS: Readonly<Record<PayoutStatus, readonly PayoutStatus[]>> = {
  queued: ['submitted', 'failed'],
  submitted: ['settled', 'failed'],
  settled: ['returned'],
  returned: [],
  failed: [],
};

/** `returning`: the bank is asked to send it back. */
export const CREDIT_TRANSITIONS: Readonly<Record<CreditStatus, readonly CreditStatus[]>> = {
  received: ['returning'],
  returning: ['returned'],
  returned: [],
};

/** The only writer of a payout's status. Answers the rows in the order of the changes. */
export async function transitionPayouts(
  tx: Tx,
  from: PayoutStatus,
  to: PayoutStatus,
  changes: readonly PayoutChange[],
  now: Date,
): Promise<PayoutRow[]> {
  assert(PAYOUT_TRANSITIONS[from].includes(to), `a payout cannot go from ${from} to ${to}`);
  const rows = await updatePayouts(tx, from, to, changes, now);
  assert(rows.length === changes.length, `${changes.length - rows.length} payouts are not ${from}`);
  return rows;
}

/** The only writer of a credit's status. Answers the rows in the order of the changes. */
export async function transitionCredits(
  tx: Tx,
  from: CreditStatus,
  to: CreditStatus,
  changes: readonly CreditChange[],
  now: Date,
): Promise<CreditRow[]> {
  assert(CREDIT_TRANSITIONS[from].includes(to), `a credit cannot go from ${from} to ${to}`);
  const rows = await updateCredits(tx, from, to, changes, now);
  assert(rows.length === changes.length, `${changes.length - rows.length} credits are not ${from}`);
  return rows;
}
