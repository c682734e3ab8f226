import type { Tx } from '../db/database.ts';
import type { Events } from '../events/events.ts';
import { assert } from '../kernel/assert.ts';
import {
  type CashInRow,
  type CashInStatus,
  type CashInSubStatus,
  type StatusChange,
  updateStatuses,
} from './store.ts';
import { toCashIn } from './view.ts';

/**
 * From each status, where a cash-in may go (contract section 3). A refreshed code keeps or restores `pending`.
 * `pending → failed`: the network declined the order. `expired → processing`: a till that authorized before the expiry may commit after it; the cash is real.
 */
export const TRANSITIONS: Readonly<Record<CashInStatus, readonly CashInStatus[]>> = {
  pending: ['pending', 'processing', 'expired', 'failed'],
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

/** The only writer of a cash-in's status: every one of them changes, and its event is recorded. */
export async function transition(
  tx: Tx,
  events: Events,
  change: {
    readonly from: CashInStatus;
    readonly to: CashInStatus;
    readonly subStatus: CashInSubStatus;
    readonly changes: readonly StatusChange[];
    readonly now: Date;
  },
): Promise<CashInRow[]> {
  const { from, to, changes } = change;
  assert(TRANSITIONS[from].includes(to), `a cash-in cannot go from ${from} to ${to}`);
  const rows = await updateStatuses(tx, from, to, change.subStatus, changes, change.now);
  assert(rows.length === changes.length, `${changes.length - rows.length} cash-ins are not ${from}`);
  const type = EVENT[to];
  if (type) {
    await events.record(
      tx,
      ...rows.map((row) => ({ type, resourceId: row.cash_in_id, data: toCashIn(row) })),
    );
  }
  return rows;
}
