import type { TimelinePosting } from '@openoms/contract/console/timeline.ts';
import { formatMinor } from '../kernel/money.ts';
import { type Placed, placed, STEPS } from './entry.ts';
import type { TransferRow } from './store.ts';

interface Booking {
  readonly title: string;
  readonly step: number;
}

/** What the groups of transfers are about, by the last part of their names. */
const OF_TRANSACTION = {
  started: { title: 'Money set aside', step: STEPS.started },
  pulled: { title: 'Tokens taken in and exchanged', step: STEPS.moved },
  delivered: { title: 'Delivery booked', step: STEPS.moved },
  failed: { title: 'Everything released', step: STEPS.moved },
  fees: { title: 'Fees booked', step: STEPS.feeBooked },
  settled: { title: 'Payout booked', step: STEPS.railSettled },
  reversed: { title: 'Exchange and fees undone', step: STEPS.railSettled },
  returned: { title: 'Return booked', step: STEPS.returned },
  refunded: { title: 'Refund booked', step: STEPS.refunded },
} as const satisfies Record<string, Booking>;
const OF_CASH_IN = {
  deposited: { title: 'Cash booked and exchanged', step: STEPS.started },
  delivered: { title: 'Delivery booked', step: STEPS.moved },
  failed: { title: 'Exchange and fee undone', step: STEPS.moved },
} as const satisfies Record<string, Booking>;
const OF_CREDIT = {
  received: { title: 'Money of the bank booked', step: STEPS.arrived },
  returned: { title: 'Sent back to the bank', step: STEPS.returned },
} as const satisfies Record<string, Booking>;
const OF_ARRIVAL = {
  credited: { title: 'Tokens booked', step: STEPS.arrived },
} as const satisfies Record<string, Booking>;

export interface BookedThings {
  readonly transactionId?: string | undefined;
  readonly cashInId?: string | undefined;
  readonly creditId?: string | undefined;
  readonly arrivalIds: readonly string[];
}

/** Groups of transfers that there may be, by name. */
export function bookingsOf(things: BookedThings): ReadonlyMap<string, Booking> {
  const of = (id: string | undefined, bookings: Readonly<Record<string, Booking>>): [string, Booking][] =>
    id === undefined ? [] : Object.entries(bookings).map(([name, booking]) => [`${id}.${name}`, booking]);
  return new Map([
    ...of(things.transactionId, OF_TRANSACTION),
    ...of(things.cashInId, OF_CASH_IN),
    ...of(things.creditId, OF_CREDIT),
    ...things.arrivalIds.flatMap((id) => of(id, OF_ARRIVAL)),
  ]);
}

const STATES = { single: 'single', pending: 'pending', post: 'posted', void: 'voided' } as const;

/** A row for each group. */
export function bookingRows(
  transfers: readonly TransferRow[],
  bookings: ReadonlyMap<string, Booking>,
  names: ReadonlyMap<string, string>,
): Placed[] {
  const nameOf = (id: string) => ({ id, name: names.get(id) ?? id });
  const toPosting = (row: TransferRow): TimelinePosting => ({
    id: `${row.group_id}.${row.position}`,
    debit: nameOf(row.debit_id),
    credit: nameOf(row.credit_id),
    amount: formatMinor(row.amount, row.asset),
    asset: row.asset,
    state: STATES[row.kind],
  });
  return [...Map.groupBy(transfers, (row) => row.group_id)].flatMap(([groupId, rows], place) => {
    const booking = bookings.get(groupId);
    const [first] = rows;
    if (!booking || !first) return [];
    return placed({
      id: `${groupId}.ledger`,
      kind: 'ledger',
      at: first.created_at,
      step: booking.step,
      place,
      title: booking.title,
      postings: rows.map(toPosting),
    });
  });
}
