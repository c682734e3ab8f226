import type { Tx } from '../db/database.ts';
import type { Events } from '../events/events.ts';
import { assert, must } from '../kernel/assert.ts';
import { type Outcome, type TransactionRow, type TransactionStatus, updateStatus } from './store.ts';
import { toTransaction } from './view.ts';

/** From each status, where a transaction may go (contract section 3). */
export const TRANSITIONS: Readonly<Record<TransactionStatus, readonly TransactionStatus[]>> = {
  processing: ['cashPickupReady', 'completed', 'failed'],
  cashPickupReady: ['completed', 'failed'],
  completed: [],
  failed: [],
};

/** The only writer of a transaction's status: one row changes, one event is recorded. */
export async function transition(
  tx: Tx,
  events: Events,
  change: {
    readonly transactionId: string;
    readonly from: TransactionStatus;
    readonly to: TransactionStatus;
    readonly outcome: Outcome;
    readonly now: Date;
  },
): Promise<TransactionRow> {
  assert(
    TRANSITIONS[change.from].includes(change.to),
    `a transaction cannot go from ${change.from} to ${change.to}`,
  );
  const row = must(
    await updateStatus(tx, change.transactionId, change.from, change.to, change.outcome, change.now),
    `transaction ${change.transactionId} is not ${change.from}`,
  );
  await recordStatus(tx, events, row);
  return row;
}

/** The event of the status a transaction is in now. */
export const recordStatus = (tx: Tx, events: Events, row: TransactionRow): Promise<void> =>
  events.record(tx, {
    type: `transaction.${row.type}.${row.status}`,
    resourceId: row.transaction_id,
    data: toTransaction(row),
  });
