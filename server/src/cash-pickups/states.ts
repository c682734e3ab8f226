import type { Tx } from '../db/database.ts';
import { assert } from '../kernel/assert.ts';
import { type PickupChange, type PickupRow, type PickupStatus, updatePickups } from './store.ts';

/**
 * `failed`: the network reserved nothing. `expired`: the network confirmed that nobody can collect it any more. A pickup
 * is over before it was known to be ready when the network's messages overtake each other.
 */
export const TRANSITIONS: Readonly<Record<PickupStatus, readonly PickupStatus[]>> = {
  requested: ['ready', 'collected', 'expired', 'failed'],
  ready: ['collected', 'expired'],
  collected: [],
  expired: [],
  failed: [],
};

/** The only writer of a pickup's status; the events are those of its transaction. Answers in the order of the changes. */
export async function transition(
  tx: Tx,
  from: PickupStatus,
  to: PickupStatus,
  changes: readonly PickupChange[],
  now: Date,
): Promise<PickupRow[]> {
  assert(TRANSITIONS[from].includes(to), `a pickup cannot go from ${from} to ${to}`);
  const rows = await updatePickups(tx, from, to, changes, now);
  assert(rows.length === changes.length, `${changes.length - rows.length} pickups are not ${from}`);
  return rows;
}
