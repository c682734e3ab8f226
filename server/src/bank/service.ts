import type { StatementLine } from '@openoms/contract/reconciliation.ts';
import type { Tx } from '../db/database.ts';
import type { PageRequest } from '../db/list.ts';
import { assert, must } from '../kernel/assert.ts';
import { ApiError, notFound } from '../kernel/errors.ts';
import type { Sealer } from '../sealing/sealers.ts';
import { applyEvents } from './apply-events.ts';
import type { BankDeps } from './deps.ts';
import type { BankEvent, BankRailName, OutgoingPayment, ReturnedCredit, StatementEntry } from './provider.ts';
import { applyStatementEntry, toStatementLine } from './statement.ts';
import { listLines } from './statement-store.ts';
import { transitionCredits } from './states.ts';
import * as store from './store.ts';

export type { BankDeps, BankHandlers, ReceivedCredit, ReturnedBankCredit } from './deps.ts';
export type { BankEvent, BankRailName } from './provider.ts';
export type { FailedPayout, ReturnedPayout } from './view.ts';

export const SUBMIT_TASK = 'bank.submit';
export const RETURN_CREDIT_TASK = 'bank.return-credit';

export interface SubmitPayload {
  readonly payoutId: string;
}

export interface ReturnCreditPayload {
  readonly creditId: string;
}

export interface PayoutRequest {
  readonly rail: BankRailName;
  /** Cents. */
  readonly amountMinor: bigint;
  readonly externalAccountId: string;
  /** Whose payout it is, returned with its outcome: a slice's name and the id of the slice's row. */
  readonly purpose: string;
  readonly resourceId: string;
}

/** Fiat in and out over bank rails. It knows no slice: owners hear of outcomes through `BankHandlers`. */
export class Bank {
  readonly #deps: BankDeps;

  constructor(deps: BankDeps) {
    this.#deps = deps;
  }

  /**
   * The payouts exist if and only if the caller commits; the ids come in the order of the requests. A resource has one
   * payout at a time: another may be requested after a failure or a return.
   */
  async requestPayouts(tx: Tx, requests: readonly PayoutRequest[]): Promise<string[]> {
    if (requests.length === 0) return [];
    for (const { amountMinor } of requests) assert(amountMinor > 0n, 'a payout has a positive amount');
    const { ids, jobs } = this.#deps;
    const payouts = requests.map((request) => ({
      payout_id: ids.next('bankPayout', tx),
      rail: request.rail,
      amount: request.amountMinor,
      external_account_id: request.externalAccountId,
      purpose: request.purpose,
      resource_id: request.resourceId,
    }));
    await store.insertPayouts(tx, payouts, tx.now());
    const payoutIds = payouts.map((payout) => payout.payout_id);
    const payloads: SubmitPayload[] = payoutIds.map((payoutId) => ({ payoutId }));
    await jobs.enqueueMany(tx, SUBMIT_TASK, payloads);
    return payoutIds;
  }

  /** Sends credits back whole. Throws 409 `invalid_state` when one is on its way back already. */
  async returnCredits(
    tx: Tx,
    creditIds: readonly string[],
    reason: { readonly code: string; readonly text: string },
  ): Promise<void> {
    const { jobs } = this.#deps;
    const unique = [...new Set(creditIds)];
    const rows = await store.lockCredits(tx, unique);
    if (rows.length < unique.length) throw notFound('bank credit');
    const other = rows.find(({ status }) => status !== 'received');
    if (other) throw new ApiError(409, 'invalid_state', `The credit is ${other.status} already.`);
    if (rows.length === 0) return;
    const changes = unique.map((creditId) => ({ creditId, returned: reason }));
    await transitionCredits(tx, 'received', 'returning', changes, tx.now());
    const payloads: ReturnCreditPayload[] = unique.map((creditId) => ({ creditId }));
    await jobs.enqueueMany(tx, RETURN_CREDIT_TASK, payloads);
  }

  /** Results of any bank, by the one door; see apply-events.ts. */
  applyEvents(tx: Tx, events: readonly BankEvent[]): Promise<void> {
    return applyEvents(this.#deps, tx, events);
  }

  /** Of a statement: see statement.ts. */
  async applyStatementEntry(tx: Tx, entry: StatementEntry): Promise<StatementLine | undefined> {
    const row = await applyStatementEntry(this.#deps, tx, entry);
    return row && toStatementLine(row);
  }

  /** Of the given status, or all. */
  async listStatementLines(
    tx: Tx,
    status: StatementLine['status'] | undefined,
    page: PageRequest,
  ): Promise<{ items: StatementLine[]; hasMore: boolean }> {
    const { rows, hasMore } = await listLines(tx, status, page);
    return { items: rows.map(toStatementLine), hasMore };
  }

  findPayout(tx: Tx, payoutId: string): Promise<store.PayoutRow | undefined> {
    return store.findPayout(tx, payoutId);
  }

  /** The latest payout of a resource. */
  findPayoutOf(tx: Tx, purpose: string, resourceId: string): Promise<store.PayoutRow | undefined> {
    return store.findPayoutOf(tx, purpose, resourceId);
  }

  /** What is to be submitted; undefined when the bank is known to have it, or to have refused it. */
  async findPaymentToSubmit(tx: Tx, sealer: Sealer, payoutId: string): Promise<OutgoingPayment | undefined> {
    const row = must(await store.findPayout(tx, payoutId), 'a payout is never deleted');
    if (row.status !== 'queued') return undefined;
    const details = await this.#deps.accounts.payoutDetails(tx, sealer, row.external_account_id);
    return { projectId: tx.scope, payoutId, rail: row.rail, amountMinor: row.amount, details };
  }

  /** What the bank is to be asked to send back; undefined when it has done so. */
  async findCreditToReturn(tx: Tx, creditId: string): Promise<ReturnedCredit | undefined> {
    const row = must(await store.findCredit(tx, creditId), 'a credit is never deleted');
    if (row.status !== 'returning') return undefined;
    return {
      projectId: tx.scope,
      creditId,
      rail: row.rail,
      amountMinor: row.amount,
      reference: row.reference,
      code: must(row.return_code, 'a credit on its way back has a code'),
      text: must(row.reason, 'a credit on its way back has a reason'),
    };
  }
}
