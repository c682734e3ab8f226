import type { RequestRow } from '../request-log/service.ts';
import { fact, type Placed, placed, STEPS } from './entry.ts';
import type { AttemptRow, CashInRow, DeliveryRow, EventRow, TransactionRow } from './store.ts';

/** Of a payout, which pays out; of others, which is over once it has arrived. */
const isPayout = (row: TransactionRow): boolean => row.type === 'cryptoToFiat';

interface Subjects {
  readonly transaction: TransactionRow | undefined;
  readonly cashIn: CashInRow | undefined;
}

/** Where in the course of a payment an event belongs. */
function stepOf(event: EventRow, { transaction }: Subjects): number {
  const news = event.type.slice(event.type.lastIndexOf('.') + 1);
  const ends = transaction && isPayout(transaction) ? STEPS.railSettled : STEPS.moved;
  switch (news) {
    case 'created':
      return STEPS.ordered;
    case 'expired':
      return STEPS.expired;
    case 'received':
    case 'held':
      return STEPS.arrived;
    case 'processing':
      return STEPS.started;
    case 'cashPickupReady':
      return STEPS.railReady;
    case 'refunded':
      return STEPS.refunded;
    case 'returned':
      return STEPS.returned;
    case 'failed':
      if (transaction?.returned_at) return STEPS.returned;
      return transaction?.source_gross && transaction.refund === null ? STEPS.moved : ends;
    default:
      return event.type.startsWith('transaction.') ? ends : STEPS.moved;
  }
}

export const eventRows = (events: readonly EventRow[], subjects: Subjects): Placed[] =>
  events.map((event) =>
    placed({
      id: event.event_id,
      kind: 'event',
      at: event.created_at,
      step: stepOf(event, subjects),
      place: Number(event.sequence),
      title: event.type,
      resourceId: event.event_id,
      facts: [fact('Of', event.resource_id, 'id'), fact('Number', String(event.sequence))],
    }),
  );

const OUTCOMES = { delivered: 'done', pending: 'pending', failed: 'failed' } as const;
const DELIVERY_TITLES = { delivered: 'delivered', pending: 'to be delivered', failed: 'given up' } as const;

export function deliveryRows(
  deliveries: readonly DeliveryRow[],
  attempts: readonly AttemptRow[],
  events: readonly EventRow[],
  subjects: Subjects,
): Placed[] {
  const byDelivery = Map.groupBy(attempts, (row) => row.delivery_id);
  const byId = new Map(events.map((event) => [event.event_id, event]));
  return deliveries.flatMap((row, place) => {
    const event = byId.get(row.event_id);
    if (!event) return [];
    const own = byDelivery.get(row.delivery_id) ?? [];
    return placed({
      id: row.delivery_id,
      kind: 'delivery',
      at: own[0]?.attempted_at ?? row.created_at,
      step: stepOf(event, subjects),
      place,
      title: `${row.event_type} ${DELIVERY_TITLES[row.status]}`,
      outcome: OUTCOMES[row.status],
      resourceId: row.delivery_id,
      delivery: {
        webhookId: row.webhook_id,
        deliveryId: row.delivery_id,
        url: row.url,
        attempts: own.map((attempt) => ({
          number: attempt.attempt,
          at: attempt.attempted_at.toISOString(),
          statusCode: attempt.status_code,
          durationMs: attempt.duration_ms,
          error: attempt.error,
        })),
      },
    });
  });
}

const FIRST_FAILURE = 400;
/** Requests that make a payment: they are as old as what they made. */
const MAKERS: Readonly<Record<string, 'quote' | 'transaction' | 'cashIn'>> = {
  createQuote: 'quote',
  createTransaction: 'transaction',
  createCashIn: 'cashIn',
};

interface MadeAt {
  readonly quote: Date | undefined;
  readonly transaction: Date | undefined;
  readonly cashIn: Date | undefined;
}

/**
 * Requests go by the clock of the server. In a project with a time of its own those are shown whose time by it is known:
 * the ones that made something.
 */
export function requestRows(requests: readonly RequestRow[], madeAt: MadeAt, hasOwnTime: boolean): Placed[] {
  return requests.flatMap((row, place) => {
    const maker = row.status < FIRST_FAILURE && !row.is_replay ? MAKERS[row.operation ?? ''] : undefined;
    const made = maker && madeAt[maker];
    if (hasOwnTime && !made) return [];
    const began = new Date(row.created_at.getTime() - Math.ceil(Number(row.duration_us) / 1_000));
    const title = `${row.method} ${row.path}`;
    return placed({
      id: row.request_id,
      kind: 'request',
      at: made ?? began,
      step: maker === 'quote' ? STEPS.quoted : maker === 'transaction' ? STEPS.started : STEPS.ordered,
      place,
      title: row.is_replay ? `${title}, repeated` : title,
      outcome: row.status < FIRST_FAILURE ? 'done' : 'failed',
      resourceId: row.request_id,
      facts: [
        fact('Answer', `${row.status}${row.error_code ? ` ${row.error_code}` : ''}`),
        fact('Took', String(Number(row.duration_us) / 1_000), 'duration'),
        fact('By', row.actor),
        fact('Idempotency key', row.idempotency_key, 'code'),
      ],
    });
  });
}

const lastOf = (events: readonly EventRow[], news: string): Date | undefined =>
  events.findLast(({ type }) => type.endsWith(`.${news}`))?.created_at;

/** The statuses a transaction went through; where its events are kept no more, as far as its row tells. */
export function transactionStates(row: TransactionRow, all: readonly EventRow[]): Placed[] {
  const events = all.filter((event) => event.resource_id === row.transaction_id);
  const ends = isPayout(row) ? STEPS.railSettled : STEPS.moved;
  const state = (
    name: string,
    at: Date | null | undefined,
    step: number,
    { title, outcome = 'done' }: { title: string; outcome?: 'done' | 'pending' | 'failed' },
  ): Placed[] =>
    at
      ? [
          placed({
            id: `${row.transaction_id}.is.${name}`,
            kind: 'state',
            at,
            step,
            title,
            outcome,
            resourceId: row.transaction_id,
          }),
        ]
      : [];
  const isOver = row.status === 'completed' || row.status === 'failed';
  const failedStep = row.returned_at ? STEPS.returned : row.refund === null ? STEPS.moved : ends;
  const refundedAt =
    row.refund_status === 'completed' ? (lastOf(events, 'refunded') ?? row.updated_at) : undefined;
  return [
    ...state('processing', row.created_at, STEPS.started, {
      title: 'Transaction is processing',
      outcome: isOver ? 'done' : 'pending',
    }),
    ...state('cashPickupReady', lastOf(events, 'cashPickupReady'), STEPS.railReady, {
      title: 'Cash is ready to be collected',
      outcome: row.status === 'cashPickupReady' ? 'pending' : 'done',
    }),
    ...state('completed', row.completed_at, ends, { title: 'Transaction is completed' }),
    ...(row.status === 'failed'
      ? state('failed', lastOf(events, 'failed') ?? row.returned_at ?? row.updated_at, failedStep, {
          title: row.returned_at ? 'Transaction was returned' : 'Transaction failed',
          outcome: 'failed',
        })
      : []),
    ...state('refunded', refundedAt, STEPS.refunded, { title: 'Refunded' }),
    ...(row.refund_status === 'failed'
      ? state('refundFailed', row.updated_at, STEPS.refunded, { title: 'Refund failed', outcome: 'failed' })
      : []),
  ];
}

export function cashInStates(row: CashInRow, all: readonly EventRow[]): Placed[] {
  const events = all.filter((event) => event.resource_id === row.cash_in_id);
  const state = (
    name: string,
    at: Date,
    step: number,
    title: string,
    outcome: 'done' | 'pending' | 'failed' = 'done',
  ): Placed =>
    placed({
      id: `${row.cash_in_id}.is.${name}`,
      kind: 'state',
      at,
      step,
      title,
      outcome,
      resourceId: row.cash_in_id,
    });
  const expiredAt = lastOf(events, 'expired') ?? (row.status === 'expired' ? row.updated_at : undefined);
  return [
    state(
      'pending',
      row.created_at,
      STEPS.ordered,
      'Cash-in waits for the cash',
      row.status === 'pending' ? 'pending' : 'done',
    ),
    ...(expiredAt ? [state('expired', expiredAt, STEPS.expired, 'Code has expired', 'failed')] : []),
    ...(row.deposited_at
      ? [
          state(
            'processing',
            row.deposited_at,
            STEPS.started,
            'Cash-in is processing',
            row.status === 'processing' ? 'pending' : 'done',
          ),
        ]
      : []),
    ...(row.completed_at ? [state('completed', row.completed_at, STEPS.moved, 'Cash-in is completed')] : []),
    ...(row.status === 'failed'
      ? [
          state(
            'failed',
            lastOf(events, 'failed') ?? row.updated_at,
            row.deposited_at ? STEPS.moved : STEPS.expired,
            'Cash-in failed',
            'failed',
          ),
        ]
      : []),
  ];
}
