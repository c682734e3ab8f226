import type { Tx } from '../db/database.ts';
import { one } from '../db/database.ts';
import type { Events } from '../events/events.ts';
import { assert } from '../kernel/assert.ts';
import { type DepositChange, type DepositRow, type DepositStatus, updateDeposits } from './deposit-store.ts';
import { updateAccountStatus, type VirtualAccountRow, type VirtualAccountStatus } from './store.ts';
import { toDeposit } from './view.ts';

export const ACCOUNT_TRANSITIONS: Readonly<Record<VirtualAccountStatus, readonly VirtualAccountStatus[]>> = {
  active: ['paused', 'deleted'],
  paused: ['active', 'deleted'],
  deleted: [],
};

/** `held → held`: it was tried again, and waits for something else. */
export const DEPOSIT_TRANSITIONS: Readonly<Record<DepositStatus, readonly DepositStatus[]>> = {
  received: ['held', 'processing', 'returning'],
  held: ['held', 'processing', 'returning'],
  processing: ['delivered', 'returning'],
  delivered: [],
  returning: ['returned'],
  returned: [],
};

/** The event of each status; what begins with a transaction has that one's events. */
const EVENT: Readonly<Record<DepositStatus, string | undefined>> = {
  received: 'received',
  held: 'held',
  processing: undefined,
  delivered: 'settled',
  returning: undefined,
  returned: 'returned',
};

/** The only writer of an account's status; whoever calls it records the event, as a change may be more than that. */
export async function transitionAccount(
  tx: Tx,
  row: VirtualAccountRow,
  to: VirtualAccountStatus,
  now: Date,
): Promise<VirtualAccountRow> {
  assert(ACCOUNT_TRANSITIONS[row.status].includes(to), `an account cannot go from ${row.status} to ${to}`);
  return one(await updateAccountStatus(tx, row.virtual_account_id, row.status, to, now), 'virtual account');
}

/** The only writer of a deposit's status: every one of them changes, and its event is recorded. */
export async function transitionDeposits(
  tx: Tx,
  events: Events,
  change: {
    readonly from: DepositStatus;
    readonly to: DepositStatus;
    readonly changes: readonly DepositChange[];
    readonly now: Date;
  },
): Promise<DepositRow[]> {
  const { from, to, changes } = change;
  if (changes.length === 0) return [];
  assert(DEPOSIT_TRANSITIONS[from].includes(to), `a deposit cannot go from ${from} to ${to}`);
  const rows = await updateDeposits(tx, from, to, changes, change.now);
  assert(rows.length === changes.length, `${changes.length - rows.length} deposits are not ${from}`);
  await recordDeposits(tx, events, rows);
  return rows;
}

/** The events of the statuses that deposits are in now. */
export async function recordDeposits(tx: Tx, events: Events, rows: readonly DepositRow[]): Promise<void> {
  await events.record(
    tx,
    ...rows.flatMap((row) => {
      const news = EVENT[row.status];
      if (news === undefined) return [];
      return { type: `virtualAccount.deposit.${news}`, resourceId: row.credit_id, data: toDeposit(row) };
    }),
  );
}
