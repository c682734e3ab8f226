import type { Tx } from '../db/database.ts';
import type { Events } from '../events/events.ts';
import { assert, must } from '../kernel/assert.ts';
import { type CashInRow, type CashInStatus, type StatusChange, updateStatus } from './store.ts';
import { toCashIn } from './view.ts';

/**
 * From each status, where a cash-in may go (contract section 3). A refreshed code keeps or restores `pending`.
 * `expired → processing`: a till that authorized before the expiry may commit after it; the cash is real.
 */
export const TRANSITIONS: Readonly<Record<CashInStatus, readonly CashInStatus[]>> = {
  pending: ['pending', 'processing', 'expired'],
  expired: ['pending', 'processing'],
  processing: ['completed', 'failed'],
  completed: [],
  failed: [],
};

/** The event of each status; a refreshed code is news of none. */
const EVENT: Readonly<Record<CashInStatus, string | undefined>> = {
  pending: undefined,
  processing: 'cashIn.processing',
  completed: 'cashIn.completed',
  expired: 'cashIn.expired',
  failed: 'cashIn.failed',
};

/** The only writer of a cash-in's status: one row changes, its event is recorded. */
export async function transition(
  tx: Tx,
  events: Events,
  change: StatusChange & {
    readonly cashInId: string;
    readonly from: CashInStatus;
    readonly to: CashInStatus;
    readonly now: Date;
  },
): Promise<CashInRow> {
  assert(
    TRANSITIONS[change.from].includes(change.to),
    `a cash-in cannot go from ${change.from} to ${change.to}`,
  );
  const row = must(
    await updateStatus(tx, change.cashInId, change.from, change.to, change, change.now),
    `cash-in ${change.cashInId} is not ${change.from}`,
  );
  const type = EVENT[change.to];
  if (type) await events.record(tx, { type, resourceId: row.cash_in_id, data: toCashIn(row) });
  return row;
}
