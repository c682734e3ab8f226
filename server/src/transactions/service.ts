import type { Tx } from '../db/database.ts';
import type { PageRequest } from '../db/list.ts';
import type { Events } from '../events/events.ts';
import type { Clock } from '../kernel/clock.ts';
import { notFound } from '../kernel/errors.ts';
import { recordStatus, transition } from './states.ts';
import * as store from './store.ts';

export type { NewTransaction, TransactionFilter } from './store.ts';

/** Transactions: one movement of money each, from `processing` to its end. */
export class Transactions {
  readonly #clock: Clock;
  readonly #events: Events;

  constructor(clock: Clock, events: Events) {
    this.#clock = clock;
    this.#events = events;
  }

  async start(tx: Tx, transactions: readonly store.NewTransaction[]): Promise<void> {
    const rows = await store.insertTransactions(tx, transactions);
    await recordStatus(tx, this.#events, rows);
  }

  complete(tx: Tx, outcomes: readonly { transactionId: string; txHash: string }[]): Promise<void> {
    const now = this.#clock.now();
    return transition(tx, this.#events, { from: 'processing', to: 'completed', outcomes, now });
  }

  fail(
    tx: Tx,
    outcomes: readonly { transactionId: string; error: { code: string; message: string } }[],
  ): Promise<void> {
    const now = this.#clock.now();
    return transition(tx, this.#events, { from: 'processing', to: 'failed', outcomes, now });
  }

  async get(tx: Tx, transactionId: string): Promise<store.TransactionRow> {
    const row = await store.findTransaction(tx, transactionId);
    if (!row) throw notFound('transaction');
    return row;
  }

  list(
    tx: Tx,
    filter: store.TransactionFilter,
    page: PageRequest,
  ): Promise<{ rows: store.TransactionRow[]; hasMore: boolean }> {
    return store.listTransactions(tx, filter, page);
  }
}
