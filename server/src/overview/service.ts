import type { Overview } from '@openoms/contract/console/project.ts';
import type { Tx } from '../db/database.ts';
import { type DayCount, listDayCounts } from '../db/day-counts.ts';
import { must } from '../kernel/assert.ts';
import { addMs, DAY_MS } from '../kernel/clock.ts';
import { divide, formatMinor } from '../kernel/money.ts';
import type { AccountKind } from '../ledger/chart.ts';
import * as store from './store.ts';

/** What is shown of the books. What customers own lies on addresses of the project: `custody` holds all of it. */
const SHOWN = {
  custody: { label: 'Held for customers', sign: -1n },
  treasury: { label: 'Treasury', sign: -1n },
  fees_oms: { label: 'OMS fees earned', sign: 1n },
  fees_developer: { label: 'Developer fees earned', sign: 1n },
  fees_gas: { label: 'Gas fees earned', sign: 1n },
} as const satisfies Partial<Record<AccountKind, object>>;
type ShownKind = keyof typeof SHOWN;
const SHOWN_KINDS = Object.keys(SHOWN) as readonly ShownKind[];

const RATE_DECIMALS = 4;

const dayOf = (at: Date): string => at.toISOString().slice(0, 10);
/** Volumes are counted in millionths of a dollar, as usdc is. */
const dollars = (millionths: bigint): string => formatMinor(millionths, 'usdc');

/** A project at a glance, from sums by the day that are kept as things happen. */
export class Overviews {
  async get(tx: Tx, days: number): Promise<Overview> {
    const today = tx.now();
    const counts = await listDayCounts(tx, addMs(today, -(2 * days - 1) * DAY_MS), today);
    const byDay = Map.groupBy(counts, ({ day }) => day);
    const points = Array.from({ length: days }, (_, index) =>
      toPoint(dayOf(addMs(today, -(days - 1 - index) * DAY_MS)), byDay),
    );
    const first = must(points[0], 'there is a day').day;
    const now = counts.filter(({ day }) => day >= first);
    const things = must(await store.countThings(tx), 'one row of counts');
    const sums = await store.listSums(tx, SHOWN_KINDS);
    return {
      object: 'overview',
      days: points,
      totals: totalsOf(
        now,
        counts.filter(({ day }) => day < first),
      ),
      pending: {
        cashIns: Number(things.cash_ins),
        transactions: Number(things.transactions),
        deliveries: Number(things.deliveries),
        deadDeliveries: Number(things.dead_deliveries),
        openBreaks: Number(things.open_breaks),
      },
      balances: sums.map(({ kind, asset, net }) => ({
        kind,
        label: SHOWN[kind as ShownKind].label,
        asset,
        amount: formatMinor(net * SHOWN[kind as ShownKind].sign, asset),
      })),
      counts: {
        customers: Number(things.customers),
        wallets: Number(things.wallets),
        transactions: Number(things.all_transactions),
        webhooks: Number(things.webhooks),
      },
    };
  }
}

const sumOf = (counts: readonly DayCount[], isMeant: (name: string) => boolean): bigint =>
  counts.reduce((sum, { name, total }) => (isMeant(name) ? sum + total : sum), 0n);

function toPoint(day: string, byDay: ReadonlyMap<string, readonly DayCount[]>): Overview['days'][number] {
  const of = (name: string): bigint => sumOf(byDay.get(day) ?? [], (each) => each === name);
  return {
    day,
    cashIn: dollars(of('volume.cashIn')),
    payout: dollars(of('volume.payout')),
    transfer: dollars(of('volume.transfer')),
    completed: Number(of('payments.completed')),
    failed: Number(of('payments.failed')),
    delivered: Number(of('deliveries.delivered')),
    undelivered: Number(of('deliveries.failed')),
  };
}

function totalsOf(now: readonly DayCount[], before: readonly DayCount[]): Overview['totals'] {
  const volumeOf = (counts: readonly DayCount[]) => sumOf(counts, (name) => name.startsWith('volume.'));
  const completed = sumOf(now, (name) => name === 'payments.completed');
  const failed = sumOf(now, (name) => name === 'payments.failed');
  return {
    volume: dollars(volumeOf(now)),
    previousVolume: dollars(volumeOf(before)),
    completed: Number(completed),
    failed: Number(failed),
    successRate: completed + failed === 0n ? null : shareOf(completed, completed + failed),
  };
}

/** As a decimal string of four places, rounded down: nothing but all is 1. */
function shareOf(part: bigint, whole: bigint): string {
  const digits = divide(part * 10n ** BigInt(RATE_DECIMALS), whole, 'down')
    .toString()
    .padStart(RATE_DECIMALS + 1, '0');
  return `${digits.slice(0, -RATE_DECIMALS)}.${digits.slice(-RATE_DECIMALS)}`;
}
