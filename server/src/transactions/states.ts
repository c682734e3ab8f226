import type { Tx } from '../db/database.ts';
import { countToday } from '../db/day-counts.ts';
import type { Events } from '../events/events.ts';
import { assert } from '../kernel/assert.ts';
import { convert, parseRate } from '../kernel/money.ts';
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
  await count(tx, to, rows);
  await recordStatus(tx, events, rows);
  return rows;
}

const VOLUMES = {
  fiatToCrypto: 'volume.cashIn',
  cryptoToFiat: 'volume.payout',
  cryptoToCrypto: 'volume.transfer',
} as const;

/** For the overview: payments that ended today, and how much they were about, in millionths of a dollar. */
async function count(tx: Tx, to: TransactionStatus, rows: readonly TransactionRow[]): Promise<void> {
  if (to === 'failed') return countToday(tx, { 'payments.failed': BigInt(rows.length) });
  if (to !== 'completed') return;
  const amounts: Record<string, bigint> = { 'payments.completed': BigInt(rows.length) };
  for (const row of rows) {
    const name = VOLUMES[row.type];
    amounts[name] = (amounts[name] ?? 0n) + dollarsOf(row);
  }
  await countToday(tx, amounts);
}

/** What was handed over, where that are dollars; else what arrived, a dollar a token. */
function dollarsOf(row: TransactionRow): bigint {
  const [asset, minor] =
    row.type === 'fiatToCrypto'
      ? [row.source_asset, row.source_gross]
      : [row.destination_asset, row.destination_gross];
  return convert({ asset, minor }, 'usdc', DOLLAR, 'down').minor;
}

const DOLLAR = parseRate('1');

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
