import type { FailedSend, PaidSend } from '../chain/sends.ts';
import type { Tx } from '../db/database.ts';
import type { PageRequest } from '../db/list.ts';
import { assert, must } from '../kernel/assert.ts';
import { notFound } from '../kernel/errors.ts';
import type { TransactionsDeps } from './deps.ts';
import { type Failure, PICKUP_EXPIRED, payoutFailure, payoutReturn } from './errors.ts';
import * as postings from './postings.ts';
import type { Screening, ScreeningFinding } from './provider.ts';
import { openReviews } from './screening.ts';
import * as settlement from './settlement.ts';
import { recordNews, recordStatus, transition } from './states.ts';
import * as store from './store.ts';

export type { PayoutOrder, PayoutRail, Screener } from './provider.ts';
export type { NewTransaction, TransactionFilter, TransactionRow } from './store.ts';

/** What a bank or a cash network says of a payout that it did not make, or that came back. */
export interface PayoutTrouble {
  readonly transactionId: string;
  /** Of the rail, such as R01. */
  readonly code: string;
  readonly reason: string;
  readonly recoverable: boolean;
}

/** Transactions: one movement of money each, from `processing` to its end. */
export class Transactions implements Screening {
  readonly #deps: TransactionsDeps;

  constructor(deps: TransactionsDeps) {
    this.#deps = deps;
  }

  /**
   * Starts transactions whose funds are there, each decided by itself and in order: holds, row, event and the order to
   * the chain. One without funds leaves no trace.
   */
  async execute(
    tx: Tx,
    transactions: readonly store.NewTransaction[],
  ): Promise<(store.TransactionRow | 'insufficient_funds')[]> {
    if (transactions.length === 0) return [];
    const { ledger, sends, treasuries } = this.#deps;
    const outcomes = await ledger.applyEach(tx, transactions.map(postings.startOf));
    const started = transactions.filter((_, index) => {
      const decision = outcomes[index];
      assert(
        decision === 'applied' || decision === 'insufficient_funds',
        `a transaction began with ${decision}`,
      );
      return decision === 'applied';
    });
    const rows = started.length === 0 ? [] : await this.#insert(tx, started);
    if (rows.length > 0) {
      const treasury = await treasuries.get(tx);
      await sends.requestSends(
        tx,
        rows.map((row) => settlement.principalSend(row, treasury)),
      );
    }
    const byId = new Map(rows.map((row) => [row.transaction_id, row]));
    return transactions.map(({ transaction_id }) => byId.get(transaction_id) ?? 'insufficient_funds');
  }

  /** Of a slice that posts and sends by itself. */
  async start(tx: Tx, transactions: readonly store.NewTransaction[]): Promise<void> {
    await this.#insert(tx, transactions);
  }

  async complete(tx: Tx, outcomes: readonly { transactionId: string; txHash: string }[]): Promise<void> {
    await transition(tx, this.#deps.events, {
      from: 'processing',
      to: 'completed',
      outcomes: outcomes.map(({ transactionId, txHash }) => ({
        transaction_id: transactionId,
        tx_hash: txHash,
      })),
      now: tx.now(),
    });
  }

  async fail(
    tx: Tx,
    outcomes: readonly { transactionId: string; error: { code: string; message: string } }[],
  ): Promise<void> {
    await transition(tx, this.#deps.events, {
      from: 'processing',
      to: 'failed',
      outcomes: outcomes.map(({ transactionId, error }) => ({
        transaction_id: transactionId,
        error_code: error.code,
        error_message: error.message,
      })),
      now: tx.now(),
    });
  }

  sendsPaid(tx: Tx, sends: readonly PaidSend[]): Promise<void> {
    return settlement.sendsPaid(this.#deps, tx, sends);
  }

  sendsFailed(tx: Tx, sends: readonly FailedSend[]): Promise<void> {
    return settlement.sendsFailed(this.#deps, tx, sends);
  }

  /** The rail has paid: the bank account is credited, the cash was collected. */
  async payoutsSettled(tx: Tx, transactionIds: readonly string[]): Promise<void> {
    const { events, ledger } = this.#deps;
    const rows = await this.#getAll(tx, transactionIds);
    await ledger.apply(tx, ...rows.map(postings.payoutSettled));
    for (const from of ['processing', 'cashPickupReady'] as const) {
      const outcomes = rows
        .filter(({ status }) => status === from)
        .map((row) => {
          const isCash = row.destination_location_id !== null;
          return settlement.outcome(row, { sub_status: isCash ? 'cashPickupCollected' : 'settled' });
        });
      if (outcomes.length === 0) continue;
      const completed = await transition(tx, events, { from, to: 'completed', outcomes, now: tx.now() });
      await settlement.tellDepositAddresses(this.#deps, tx, completed);
    }
  }

  /** Cash can be collected. */
  async pickupsReady(
    tx: Tx,
    pickups: readonly {
      readonly transactionId: string;
      readonly cashPickup: NonNullable<store.TransactionRow['cash_pickup']>;
    }[],
  ): Promise<void> {
    await transition(tx, this.#deps.events, {
      from: 'processing',
      to: 'cashPickupReady',
      outcomes: pickups.map(({ transactionId, cashPickup }) => ({
        transaction_id: transactionId,
        cash_pickup: cashPickup,
      })),
      now: tx.now(),
    });
  }

  /** Nobody collected the cash: the customer gets everything back. */
  async pickupsExpired(tx: Tx, transactionIds: readonly string[]): Promise<void> {
    const rows = await this.#getAll(tx, transactionIds);
    await this.#reverse(
      tx,
      rows.map((row) => ({ row, failure: PICKUP_EXPIRED, subStatus: 'cashPickupExpired' })),
    );
  }

  /** The rail never paid: the customer gets everything back, fees too. */
  async payoutsFailed(tx: Tx, payouts: readonly PayoutTrouble[]): Promise<void> {
    const rows = await this.#getAll(
      tx,
      payouts.map(({ transactionId }) => transactionId),
    );
    await this.#reverse(
      tx,
      rows.map((row, index) => {
        const { code, reason, recoverable } = must(payouts[index], 'a payout per row');
        return {
          row,
          failure: payoutFailure(settlement.railOf(row), `${reason} (${code})`, recoverable),
          subStatus: `payoutFailed.${code}`,
        };
      }),
    );
  }

  /** A settled payout came back: what it had cost goes back to the source; fees were earned. */
  async payoutsReturned(tx: Tx, payouts: readonly PayoutTrouble[]): Promise<void> {
    const { events, ledger } = this.#deps;
    const found = await this.#getAll(
      tx,
      payouts.map(({ transactionId }) => transactionId),
    );
    await ledger.apply(tx, ...found.map(postings.payoutReturned));
    const now = tx.now();
    const rows = await store.updateProgress(
      tx,
      found.map((row, index) => {
        const { code, reason } = must(payouts[index], 'a payout per row');
        return settlement.outcome(row, {
          sub_status: 'returned',
          return_code: code,
          return_reason: reason,
          returned_at: now,
          refund: postings.convertedMinor(row),
          refund_status: 'pending',
        });
      }),
      now,
    );
    await recordNews(tx, events, rows, () => 'returned');
    const failedRows = await transition(tx, events, {
      from: 'completed',
      to: 'failed',
      outcomes: rows.map((row, index) => {
        const { code, reason, recoverable } = must(payouts[index], 'a payout per row');
        return settlement.outcome(row, settlement.failed(payoutReturn(`${reason} (${code})`, recoverable)));
      }),
      now,
    });
    await settlement.refund(this.#deps, tx, failedRows);
  }

  /** The dollars of failed on-ramps went back to their senders; whoever had taken them in has booked it. */
  async onRampsReturned(tx: Tx, transactionIds: readonly string[]): Promise<void> {
    const rows = await this.#getAll(tx, transactionIds);
    await store.updateProgress(
      tx,
      rows.map((row) =>
        settlement.outcome(row, {
          sub_status: 'returnedToSender',
          refund: row.source_gross,
          refund_status: 'completed',
        }),
      ),
      tx.now(),
    );
  }

  reviewsOpened(tx: Tx, provider: string, findings: readonly ScreeningFinding[]): Promise<void> {
    return openReviews(this.#deps, tx, provider, findings);
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

  async #insert(tx: Tx, transactions: readonly store.NewTransaction[]): Promise<store.TransactionRow[]> {
    const rows = await store.insertTransactions(tx, transactions);
    await recordStatus(tx, this.#deps.events, rows);
    await this.#deps.screener.look(
      tx,
      rows.map((row) => ({ transactionId: row.transaction_id, party: row.destination_address })),
    );
    return rows;
  }

  async #getAll(tx: Tx, transactionIds: readonly string[]): Promise<store.TransactionRow[]> {
    const rows = await store.findTransactions(tx, transactionIds);
    assert(rows.length === transactionIds.length, 'a transaction is never deleted');
    return rows;
  }

  async #reverse(
    tx: Tx,
    reversals: readonly {
      readonly row: store.TransactionRow;
      readonly failure: Failure;
      readonly subStatus: string;
    }[],
  ): Promise<void> {
    const { events, ledger } = this.#deps;
    await ledger.apply(tx, ...reversals.map(({ row }) => postings.payoutReversed(row)));
    for (const from of ['processing', 'cashPickupReady'] as const) {
      const outcomes = reversals
        .filter(({ row }) => row.status === from)
        .map(({ row, failure, subStatus }) =>
          settlement.outcome(row, {
            ...settlement.failed(failure),
            sub_status: subStatus,
            refund: row.source_gross,
            refund_status: 'pending',
          }),
        );
      if (outcomes.length === 0) continue;
      const rows = await transition(tx, events, { from, to: 'failed', outcomes, now: tx.now() });
      await settlement.refund(this.#deps, tx, rows);
    }
  }
}
