import type { Timeline } from '@openoms/contract/console/timeline.ts';
import { COMPLIANCE_EVENTS } from '@openoms/contract/subscriptions.ts';
import type { Tx } from '../db/database.ts';
import { notFound } from '../kernel/errors.ts';
import type { LedgerExplorer } from '../ledger-explorer/service.ts';
import type { RequestLog } from '../request-log/service.ts';
import { bookingRows, bookingsOf } from './books.ts';
import { arrivalRow, sendRows } from './chain.ts';
import { inOrder, type Placed, placed, STEPS } from './entry.ts';
import { type Explanation, explanationOf, explanationOfCashIn } from './explanations.ts';
import { cashInStates, deliveryRows, eventRows, requestRows, transactionStates } from './news.ts';
import { cashRows, correctionRow, creditRow, payoutRows, pickupRows } from './rails.ts';
import * as store from './store.ts';
import { sumOf, sumOfCashIn } from './sums.ts';

const MAX_REQUESTS = 50;
/** Nobody but compliance may learn of a review, and nothing of a transaction tells of it. */
const HIDDEN_EVENTS: ReadonlySet<string> = new Set(COMPLIANCE_EVENTS);
const CORRECTED = 'externalAccount.updated';

export interface TimelinesDeps {
  readonly ledgerExplorer: LedgerExplorer;
  readonly requestLog: RequestLog;
}

/** Of what a timeline is made: a payment with all that belongs to it. */
interface Story {
  readonly resourceId: string;
  readonly transaction: store.TransactionRow | undefined;
  readonly cashIn: store.CashInRow | undefined;
}

/** All that happened to a payment, from the tables of those who did it, in a bounded number of statements. */
export class Timelines {
  readonly #deps: TimelinesDeps;

  constructor(deps: TimelinesDeps) {
    this.#deps = deps;
  }

  async ofTransaction(tx: Tx, transactionId: string): Promise<Timeline> {
    const transaction = await store.findTransaction(tx, transactionId);
    if (!transaction) throw notFound('transaction');
    const cashIn = transaction.cash_in_id ? await store.findCashIn(tx, transaction.cash_in_id) : undefined;
    return this.#tell(tx, { resourceId: transactionId, transaction, cashIn });
  }

  async ofCashIn(tx: Tx, cashInId: string): Promise<Timeline> {
    const cashIn = await store.findCashIn(tx, cashInId);
    if (!cashIn) throw notFound('cash-in');
    const transaction = cashIn.transaction_id
      ? await store.findTransaction(tx, cashIn.transaction_id)
      : undefined;
    return this.#tell(tx, { resourceId: cashInId, transaction, cashIn });
  }

  async #tell(tx: Tx, story: Story): Promise<Timeline> {
    const { transaction, cashIn } = story;
    const transactionId = transaction?.transaction_id;
    const ids = [transactionId, cashIn?.cash_in_id].filter((id) => id !== undefined);
    const tills = cashIn ? await store.listTills(tx, cashIn.cash_in_id) : [];
    const credit =
      transactionId && transaction?.virtual_account_id
        ? await store.findCreditOf(tx, transactionId)
        : undefined;
    const arrivals =
      transactionId && transaction?.deposit_address_id ? await store.listArrivals(tx, transactionId) : [];
    const isBank = transaction?.destination_external_account_id && transaction.destination_asset === 'usd';
    const payouts = isBank ? await store.listPayouts(tx, ids) : [];
    const pickup =
      transactionId && transaction?.destination_location_id
        ? await store.findPickup(tx, transactionId)
        : undefined;
    const events = await this.#events(tx, story, credit?.credit_id);
    const own = events.filter(({ type }) => type !== CORRECTED);
    return {
      object: 'timeline',
      resourceId: story.resourceId,
      explanation: explain(story, { payout: payouts.at(-1), pickup }),
      entries: inOrder([
        ...(await this.#requestsAndQuote(tx, story, ids)),
        ...(cashIn ? [...cashRows(cashIn, tills), ...cashInStates(cashIn, own)] : []),
        ...(credit ? [creditRow(credit)] : []),
        ...arrivals.map(arrivalRow),
        ...payouts.flatMap(payoutRows),
        ...events.filter(({ type }) => type === CORRECTED).map(correctionRow),
        ...(pickup ? pickupRows(pickup, readyAt(own)) : []),
        ...(transaction ? transactionStates(transaction, own) : []),
        ...(await this.#booksAndChain(tx, ids, {
          transactionId,
          cashInId: cashIn?.cash_in_id,
          creditId: credit?.credit_id,
          arrivalIds: arrivals.map((row) => row.deposit_id),
        })),
        ...eventRows(own, story),
        ...(await this.#deliveries(tx, own, story)),
      ]),
    };
  }

  async #events(
    tx: Tx,
    { transaction, cashIn }: Story,
    creditId: string | undefined,
  ): Promise<store.EventRow[]> {
    const accountId =
      transaction?.destination_asset === 'usd' ? transaction.destination_external_account_id : null;
    const ids = [transaction?.transaction_id, cashIn?.cash_in_id, creditId, accountId].filter((id) => !!id);
    const rows = await store.listEvents(tx, ids as string[]);
    return rows.filter(
      (row) =>
        !HIDDEN_EVENTS.has(row.type) &&
        (row.resource_id !== accountId ||
          (row.type === CORRECTED && transaction && row.created_at >= transaction.created_at)),
    );
  }

  async #requestsAndQuote(tx: Tx, { transaction, cashIn }: Story, ids: readonly string[]): Promise<Placed[]> {
    const quote = transaction?.quote_id ? await store.findQuote(tx, transaction.quote_id) : undefined;
    const about = quote ? [...ids, quote.quote_id] : ids;
    const requests = await this.#deps.requestLog.changesOf(tx, about, MAX_REQUESTS);
    const madeAt = {
      quote: quote?.created_at,
      transaction: quote ? transaction?.created_at : undefined,
      cashIn: cashIn?.created_at,
    };
    return [
      ...requestRows(requests, madeAt, tx.ownTime !== undefined),
      ...priceRows({ transaction, cashIn, quote }),
    ];
  }

  async #booksAndChain(
    tx: Tx,
    ids: readonly string[],
    things: Parameters<typeof bookingsOf>[0],
  ): Promise<Placed[]> {
    const bookings = bookingsOf(things);
    const transfers = await store.listTransfers(tx, [...bookings.keys()]);
    const names = await this.#deps.ledgerExplorer.namesOf(
      tx,
      transfers.flatMap((row) => [row.debit_id, row.credit_id]),
    );
    const sends = await store.listSends(tx, ids);
    const relays = new Map((await store.listRelays(tx, ids)).map((row) => [row.send_id, row]));
    const bookedAt = (name: string): Date | undefined =>
      transfers.find((row) => ids.some((id) => row.group_id === `${id}.${name}`))?.created_at;
    const time = { hasOwnTime: tx.ownTime !== undefined, bookedAt };
    return [
      ...bookingRows(transfers, bookings, names),
      ...sends.flatMap((send) => sendRows(send, relays.get(send.send_id), time)),
    ];
  }

  async #deliveries(tx: Tx, events: readonly store.EventRow[], story: Story): Promise<Placed[]> {
    const eventIds = events.map((event) => event.event_id);
    if (eventIds.length === 0) return [];
    const deliveries = await store.listDeliveries(tx, eventIds);
    if (deliveries.length === 0) return [];
    const attempts = await store.listAttempts(tx, eventIds);
    return deliveryRows(deliveries, attempts, events, story);
  }
}

/** A failed transaction of a cash-in says why by its cash-in, which waits for other things besides. */
function explain(
  { transaction, cashIn }: Story,
  around: Parameters<typeof explanationOf>[1],
): Explanation | null {
  if (cashIn) return explanationOfCashIn(cashIn);
  return transaction ? explanationOf(transaction, around) : null;
}

const readyAt = (events: readonly store.EventRow[]): Date | undefined =>
  events.find(({ type }) => type.endsWith('.cashPickupReady'))?.created_at;

function priceRows(about: {
  readonly transaction: store.TransactionRow | undefined;
  readonly cashIn: store.CashInRow | undefined;
  readonly quote: store.QuoteRow | undefined;
}): Placed[] {
  const { transaction, cashIn, quote } = about;
  if (cashIn) {
    return [
      placed({
        id: `${cashIn.cash_in_id}.price`,
        kind: 'quote',
        at: cashIn.deposited_at ?? cashIn.created_at,
        step: cashIn.deposited_at ? STEPS.started : STEPS.ordered,
        title: cashIn.deposited_at ? 'Priced' : 'Price of what was announced',
        sum: sumOfCashIn(cashIn),
      }),
    ];
  }
  if (!transaction) return [];
  return [
    placed({
      id: quote?.quote_id ?? `${transaction.transaction_id}.price`,
      kind: 'quote',
      at: quote?.created_at ?? transaction.created_at,
      step: quote ? STEPS.quoted : STEPS.started,
      title: quote ? 'Quote made' : 'Priced',
      resourceId: quote?.quote_id ?? null,
      facts: quote ? [{ label: 'Good until', value: quote.expires_at.toISOString(), kind: 'time' }] : [],
      sum: sumOf(transaction),
    }),
  ];
}
