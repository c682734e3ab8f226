import type { Tx } from '../db/database.ts';
import type { Events } from '../events/events.ts';
import { assert } from '../kernel/assert.ts';
import { type Outcome, type TransactionRow, type TransactionStatus, updateStatuses } from './store.ts';
import { toTransaction } from './view.ts';

/**
 * From each status, where a transaction may go (contract section 3). `completed → failed`: a bank may send a payout back
 * weeks after it settled.
 */
export const TRANSITIONS: Readonly<Record<TransactionStatus, readonly TransactionStatus[]>> = {
  processing: ['cashPickupReady', 'completed', 'failed'],
  cashPickupReady: ['completed', 'failed'],
  completed: ['failed'],
  failed: [],
};

/** The only writer of a transaction's status: every one of them changes, one event each is recorded. */
export async function transition(
  tx: Tx,
  events: Events,
  change: {
    readonly from: TransactionStatus;
    readonly to: TransactionStatus;
    readonly outcomes: readonly Outcome[];
    readonly now: Date;
  },
): Promise<TransactionRow[]> {
  const { from, to, outcomes } = change;
  assert(TRANSITIONS[from].includes(to), `a transaction cannot go from ${from} to ${to}`);
  const rows = await updateStatuses(tx, from, to, outcomes, change.now);
  assert(rows.length === outcomes.length, `${outcomes.length - rows.length} transactions are not ${from}`);
  await recordStatus(tx, events, rows);
  return rows;
}

/** The events of the statuses that transactions are in now. */
export const recordStatus = (tx: Tx, events: Events, rows: readonly TransactionRow[]): Promise<void> =>
  recordNews(tx, events, rows, (row) => row.status);

/** The events of something else that happened to transactions. */
export const recordNews = (
  tx: Tx,
  events: Events,
  rows: readonly TransactionRow[],
  news: (row: TransactionRow) => string,
): Promise<void> =>
  events.record(
    tx,
    ...rows.map((row) => ({
      type: `transaction.${row.type}.${news(row)}`,
      resourceId: row.transaction_id,
      data: toTransaction(row),
    })),
  );
