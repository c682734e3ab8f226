import type { TimelineEntry, TimelineFact } from '@openoms/contract/console/timeline.ts';
import { type Asset, formatMinor } from '../kernel/money.ts';

/**
 * Where a row belongs in the course of a payment: what comes of what, also where all of it is of one instant, as in a
 * project whose clock stands.
 */
export const STEPS = {
  quoted: 10,
  ordered: 15,
  expired: 17,
  atTill: 18,
  arrived: 19,
  started: 20,
  sendQueued: 22,
  sendRelayed: 24,
  sendFinal: 28,
  moved: 30,
  feeQueued: 32,
  feeRelayed: 33,
  feeFinal: 34,
  feeBooked: 35,
  railOrdered: 40,
  railAccepted: 42,
  railReady: 45,
  railSettled: 50,
  corrected: 55,
  returned: 60,
  refundQueued: 72,
  refundRelayed: 74,
  refundFinal: 78,
  refunded: 80,
} as const;

/** Within a step: a request or a message from outside, what is booked for it, the state it leads to, who is told. */
const RANKS: Readonly<Record<TimelineEntry['kind'], number>> = {
  request: 0,
  quote: 1,
  rail: 2,
  chain: 3,
  ledger: 4,
  state: 5,
  event: 6,
  delivery: 7,
};

export interface Placed {
  readonly step: number;
  readonly at: Date;
  /** Among rows of one kind, step and instant. */
  readonly place: number;
  readonly entry: TimelineEntry;
}

interface NewEntry {
  readonly id: string;
  readonly kind: TimelineEntry['kind'];
  readonly at: Date;
  readonly step: number;
  readonly place?: number;
  readonly title: string;
  readonly outcome?: TimelineEntry['outcome'];
  readonly resourceId?: string | null;
  readonly facts?: readonly (TimelineFact | undefined)[];
  readonly sum?: TimelineEntry['sum'];
  readonly postings?: TimelineEntry['postings'];
  readonly delivery?: TimelineEntry['delivery'];
}

export function placed({ at, step, place = 0, facts = [], ...entry }: NewEntry): Placed {
  const { id, kind, title, outcome = 'done', resourceId = null, sum, postings, delivery } = entry;
  return {
    step,
    at,
    place,
    entry: {
      id,
      kind,
      at: at.toISOString(),
      title,
      outcome,
      resourceId,
      facts: facts.filter((fact) => fact !== undefined),
      ...(sum && { sum }),
      ...(postings && { postings }),
      ...(delivery && { delivery }),
    },
  };
}

/** A transaction is over sooner: what it books and what it books that for have times of its own course. */
const ONE_COMMIT_MS = 250;

/** What is booked, and dated some milliseconds after the booking in the same commit, has its time. */
function withItsBooking(row: Placed, bookings: readonly Placed[]): Placed {
  if (row.entry.kind !== 'quote' && row.entry.kind !== 'rail') return row;
  const booking = bookings.find(({ step, at }) => {
    const laterMs = row.at.getTime() - at.getTime();
    return step === row.step && laterMs > 0 && laterMs <= ONE_COMMIT_MS;
  });
  return booking ? { ...row, at: booking.at, entry: { ...row.entry, at: booking.entry.at } } : row;
}

/** By time; what is of one instant, in the order in which it follows from each other. */
export function inOrder(rows: readonly Placed[]): TimelineEntry[] {
  const bookings = rows.filter(({ entry }) => entry.kind === 'ledger');
  return rows
    .map((row) => withItsBooking(row, bookings))
    .toSorted(
      (a, b) =>
        a.at.getTime() - b.at.getTime() ||
        a.step - b.step ||
        RANKS[a.entry.kind] - RANKS[b.entry.kind] ||
        a.place - b.place ||
        (a.entry.id < b.entry.id ? -1 : 1),
    )
    .map(({ entry }) => entry);
}

/** Undefined of what is not there. */
export const fact = (
  label: string,
  value: string | null | undefined,
  kind: TimelineFact['kind'] = 'text',
): TimelineFact | undefined =>
  value === null || value === undefined || value === '' ? undefined : { label, value, kind };

export const amountFact = (label: string, minor: bigint, asset: Asset): TimelineFact => ({
  label,
  value: `${formatMinor(minor, asset)} ${asset.toUpperCase()}`,
  kind: 'amount',
});
