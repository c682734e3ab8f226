import { one, type Tx } from '../db/database.ts';
import type { Events } from '../events/events.ts';
import { assert } from '../kernel/assert.ts';
import { type DepositChange, type DepositRow, type DepositStatus, updateDeposits } from './deposit-store.ts';
import { type DepositAddressRow, type DepositAddressStatus, updateAddressStatus } from './store.ts';
import { toDeposit, toDepositAddress } from './view.ts';

/** From each status, where a deposit address may go (contract section 3). */
export const ADDRESS_TRANSITIONS: Readonly<Record<DepositAddressStatus, readonly DepositAddressStatus[]>> = {
  active: ['paused', 'deleted'],
  paused: ['active', 'deleted'],
  deleted: [],
};

/**
 * From each status, where a deposit may go. `processing → held`: what was to send it on took nothing. `delivered →
 * returning`: a bank sent the payout back. To stay held is to wait for another reason.
 */
export const DEPOSIT_TRANSITIONS: Readonly<Record<DepositStatus, readonly DepositStatus[]>> = {
  received: ['held', 'processing'],
  held: ['held', 'processing'],
  processing: ['delivered', 'held', 'returning'],
  delivered: ['returning'],
  returning: ['held', 'failed'],
  failed: [],
};

/** The only writer of an address's status; the event has its name. */
export async function transitionAddress(
  tx: Tx,
  events: Events,
  row: DepositAddressRow,
  to: DepositAddressStatus,
  now: Date,
): Promise<DepositAddressRow> {
  const { deposit_address_id, status: from } = row;
  assert(ADDRESS_TRANSITIONS[from].includes(to), `a deposit address cannot go from ${from} to ${to}`);
  const changed = one(
    await updateAddressStatus(tx, deposit_address_id, from, to, now),
    `${from} deposit address`,
  );
  await recordAddress(tx, events, changed, to);
  return changed;
}

export const recordAddress = (
  tx: Tx,
  events: Events,
  row: DepositAddressRow,
  news: DepositAddressStatus | 'updated',
): Promise<void> =>
  events.record(tx, {
    type: `depositAddress.${news}`,
    resourceId: row.deposit_address_id,
    data: toDepositAddress(row),
  });

/** The only writer of deposits' status: every one of them changes, one event each is recorded. */
export async function transitionDeposits(
  tx: Tx,
  events: Events,
  change: {
    readonly from: DepositStatus;
    readonly to: Exclude<DepositStatus, 'received'>;
    readonly changes: readonly DepositChange[];
    readonly now: Date;
  },
): Promise<void> {
  const { from, to, changes, now } = change;
  if (changes.length === 0) return;
  assert(DEPOSIT_TRANSITIONS[from].includes(to), `a deposit cannot go from ${from} to ${to}`);
  const rows = await updateDeposits(tx, from, to, changes, now);
  assert(rows.length === changes.length, `${changes.length - rows.length} deposits are not ${from}`);
  await recordDeposits(tx, events, rows, to);
}

export const recordDeposits = (
  tx: Tx,
  events: Events,
  rows: readonly DepositRow[],
  news: Exclude<DepositStatus, 'received'> | 'settled',
): Promise<void> =>
  events.record(
    tx,
    ...rows.map((row) => ({
      type: `deposit_address.crypto_deposit.${news}`,
      resourceId: row.deposit_id,
      data: toDeposit(row),
    })),
  );
