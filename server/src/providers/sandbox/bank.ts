import {
  BANK_REASONS,
  type BankReason,
  type CreditRailName,
  RAIL_REFERENCES,
  type ReasonUse,
} from '@openoms/contract/bank-reasons.ts';
import type {
  BankRail,
  CorrectedDetails,
  CreditDetails,
  OutgoingPayment,
  RailReference,
  ReturnedCredit,
  SubmitResult,
  VirtualAccountNumbers,
} from '../../bank/provider.ts';
import type { Bank } from '../../bank/service.ts';
import type { Database, Tx } from '../../db/database.ts';
import type { Jobs } from '../../jobs/jobs.ts';
import { assert, must } from '../../kernel/assert.ts';
import { isAbaRoutingNumber } from '../../kernel/check-digits.ts';
import { addMs, DAY_MS } from '../../kernel/clock.ts';
import { ApiError, type ErrorDetail, notFound, validationError } from '../../kernel/errors.ts';
import { assertOutsideTransaction } from '../../kernel/outside.ts';
import type { Random } from '../../kernel/random.ts';
import { isReturnInTime, settlesAt } from './bank-calendar.ts';
import { newAccountNumbers, newReference } from './bank-numbers.ts';
import { transitionPayment } from './bank-states.ts';
import { type BankPace, insertPayment, lockPayment, type PaymentRow } from './bank-store.ts';
import { type BankScenario, bankMagic, bankScenario } from './magic-values.ts';
import type { SandboxRails } from './rails.ts';
import type { Scenarios } from './scenarios.ts';

export const SETTLE_TASK = 'sandbox-bank.settle';
export const AFTERWARDS_TASK = 'sandbox-bank.afterwards';
export interface SettlePayload {
  readonly paymentId: string;
}

/** Money that someone sends to a virtual account. */
export interface IncomingCredit extends Pick<CreditDetails, 'accountNumber' | 'memo' | 'addenda'> {
  readonly rail: CreditRailName;
  /** Cents. */
  readonly amountMinor: bigint;
  readonly senderName?: string;
  readonly senderAccount?: string;
}

interface BankSettings {
  readonly mode: 'sandbox' | 'live';
  readonly pace: BankPace;
}

interface SandboxBankDeps {
  readonly db: Database;
  readonly jobs: Jobs;
  readonly bank: Pick<Bank, 'findPayout'>;
  readonly rails: Pick<SandboxRails, 'tellBank'>;
  readonly scenarios: Pick<Scenarios, 'find'>;
  /**
   * `auto`: a payment settles at once. `manual`: when told. `realistic`: by the calendar of US banks, which also binds
   * returns. A payment keeps the pace at which it was taken.
   */
  readonly settings: { readonly get: (tx: Tx) => Promise<BankSettings> };
}

const DEFAULT_SENDER = 'Sandbox Sender';
const BIC = /^[A-Z]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?$/;
const CORRECTED_FIELDS = ['accountNumber', 'routingNumber', 'accountType', 'ownerName'] as const;

/**
 * The sandbox's bank. It keeps payments in a table of its own and tells what becomes of them by its rails, which lead to
 * `Bank.applyEvents`, the door of every bank. Its other methods are hands on the outside world: each may be repeated, works in the caller's
 * transaction, and throws 404 for a payout that is not there, 409 `invalid_state`, or 400 for a code of another rail.
 */
export class SandboxBank implements BankRail {
  readonly name = 'sandbox-bank';
  readonly #deps: SandboxBankDeps;

  constructor(deps: SandboxBankDeps) {
    this.#deps = deps;
  }

  async submit(payment: OutgoingPayment): Promise<SubmitResult> {
    assertOutsideTransaction('the bank');
    const { payoutId, rail, amountMinor, details } = payment;
    const { accountNumber } = details;
    const row = await this.#deps.db.tx(payment.projectId, (tx) =>
      this.#take(
        tx,
        { paymentId: payoutId, kind: 'payout', rail, amountMinor, accountNumber },
        refusalOf(payment),
      ),
    );
    if (row.status !== 'rejected') {
      return { outcome: 'accepted', reference: row.reference, effectiveAt: row.effective_at };
    }
    const { code, title } = reasonOf(row.rail, 'rejection', must(row.code, 'a rejection has a code'));
    return { outcome: 'rejected', code, reason: title };
  }

  async returnCredit({ projectId, creditId, rail, amountMinor }: ReturnedCredit): Promise<void> {
    assertOutsideTransaction('the bank');
    await this.#deps.db.tx(projectId, (tx) =>
      this.#take(tx, { paymentId: creditId, kind: 'credit_return', rail, amountMinor }),
    );
  }

  newAccount(random: Random): VirtualAccountNumbers {
    return newAccountNumbers(random);
  }

  /** Settles a payout, or the return of a credit. */
  async settle(tx: Tx, paymentId: string): Promise<void> {
    const row = await this.#lock(tx, paymentId);
    if (row.status === 'settled') return;
    if (row.status !== 'accepted') throw invalidState(row, 'settled');
    await this.#settle(tx, row);
  }

  /** Its time has come; nothing happens if it was settled or refused meanwhile. */
  async settleDue(tx: Tx, { paymentId }: SettlePayload): Promise<void> {
    const row = await this.#lock(tx, paymentId);
    if (row.status !== 'accepted') return;
    const magic = bankScenario(row.scenario);
    if (magic?.event === 'returned') await this.returnPayout(tx, paymentId, magic.code);
    else await this.#settle(tx, row);
  }

  /** What a magic value has come after a payout settled; nothing when something else came first. */
  async afterwards(tx: Tx, { paymentId }: SettlePayload): Promise<void> {
    const row = await this.#lock(tx, paymentId);
    const magic = bankScenario(row.scenario);
    if (row.status !== 'settled' || !magic) return;
    if (magic.event === 'returnedAfterSettlement') await this.returnPayout(tx, paymentId, magic.code);
    if (magic.event === 'changed') {
      await this.notifyOfChange(tx, paymentId, magic.code, correctedBy(magic));
    }
  }

  /** Refuses a payout that has not settled. */
  async reject(tx: Tx, payoutId: string, code: string): Promise<void> {
    const row = await this.#lockPayout(tx, payoutId);
    const { title } = reasonOf(row.rail, 'rejection', code);
    if (row.status === 'rejected' && row.code === code) return;
    if (row.status !== 'accepted') throw invalidState(row, 'rejected');
    await transitionPayment(tx, row, 'rejected', { code });
    const event = this.#event(row, 'rejected');
    await this.#deps.rails.tellBank(tx, { ...event, kind: 'payoutRejected', payoutId, code, reason: title });
  }

  /** The receiving bank sends a payout back, before it is reported settled or after. */
  async returnPayout(tx: Tx, payoutId: string, code: string): Promise<void> {
    const row = await this.#lockPayout(tx, payoutId);
    const { title, window } = reasonOf(row.rail, 'return', code);
    if (row.status === 'returned' && row.code === code) return;
    if (row.status !== 'accepted' && row.status !== 'settled') throw invalidState(row, 'returned');
    const now = tx.now();
    if (row.pace === 'realistic' && row.settled_at && !isReturnInTime(window, row.settled_at, now)) {
      throw new ApiError(409, 'invalid_state', `It is too late for a return with ${code}.`);
    }
    await transitionPayment(tx, row, 'returned', { code });
    const event = this.#event(row, 'returned');
    await this.#deps.rails.tellBank(tx, { ...event, kind: 'payoutReturned', payoutId, code, reason: title });
  }

  /** The receiving bank took an ACH payout and tells what to write next time. One notice per payout and code. */
  async notifyOfChange(tx: Tx, payoutId: string, code: string, corrected: CorrectedDetails): Promise<void> {
    const row = await this.#lockPayout(tx, payoutId);
    requireCorrections(reasonOf(row.rail, 'change', code), corrected);
    if (row.status !== 'accepted' && row.status !== 'settled') throw invalidState(row, 'corrected');
    const event = this.#event(row, code);
    await this.#deps.rails.tellBank(tx, { ...event, kind: 'detailsCorrected', payoutId, code, corrected });
  }

  /** Someone's bank sends money to an account number of ours; it is ours at once, at any pace. */
  async receive(tx: Tx, credit: IncomingCredit): Promise<RailReference> {
    const { accountNumber, rail, amountMinor, memo, addenda } = credit;
    assert(amountMinor > 0n, 'a credit has a positive amount');
    const reference = newReference(rail, tx, 'them');
    await this.#deps.rails.tellBank(tx, {
      provider: this.name,
      providerEventId: `credit/${tx.random.uuid()}`,
      kind: 'credit',
      rail,
      amountMinor,
      reference,
      accountNumber,
      senderName: credit.senderName ?? DEFAULT_SENDER,
      ...(credit.senderAccount !== undefined && { senderAccount: credit.senderAccount }),
      ...(memo !== undefined && { memo }),
      ...(addenda && { addenda }),
    });
    return RAIL_REFERENCES[rail](reference);
  }

  /** Takes a payment in, once, and answers what the bank has of it. */
  async #take(
    tx: Tx,
    payment: Pick<PaymentRow, 'kind' | 'rail'> & {
      readonly paymentId: string;
      readonly amountMinor: bigint;
      /** Of a payout. */
      readonly accountNumber?: string;
    },
    unroutable?: string,
  ): Promise<PaymentRow> {
    const { jobs } = this.#deps;
    const { paymentId, kind, rail, amountMinor, accountNumber } = payment;
    const now = tx.now();
    const { mode, pace } = await this.#deps.settings.get(tx);
    const scenario =
      mode === 'sandbox' && accountNumber !== undefined
        ? await this.#scenarioOf(tx, paymentId, rail, accountNumber)
        : undefined;
    const magic = bankScenario(scenario);
    const refusal = unroutable ?? (magic?.event === 'rejected' ? magic.code : undefined);
    const effectiveAt = pace === 'realistic' ? settlesAt(rail, now) : now;
    const isNew = await insertPayment(tx, {
      payment_id: paymentId,
      kind,
      status: refusal === undefined ? 'accepted' : 'rejected',
      pace,
      rail,
      amount: amountMinor,
      reference: newReference(rail, tx, 'us'),
      effective_at: effectiveAt,
      code: refusal ?? null,
      created_at: now,
      scenario: scenario ?? null,
    });
    if (isNew && refusal === undefined && pace !== 'manual') {
      const payload: SettlePayload = { paymentId };
      await jobs.enqueue(tx, SETTLE_TASK, payload, effectiveAt);
    }
    const row = must(await lockPayment(tx, paymentId), 'the bank has the payment');
    assert(row.amount === amountMinor && row.kind === kind, 'a payment is what it was');
    return row;
  }

  /** What the transaction was made with, else the account, else what the number's last digits say. */
  async #scenarioOf(
    tx: Tx,
    payoutId: string,
    rail: CreditRailName,
    accountNumber: string,
  ): Promise<string | undefined> {
    const { bank, scenarios } = this.#deps;
    const { resource_id, external_account_id } = must(await bank.findPayout(tx, payoutId), 'it was ordered');
    return bankMagic(await scenarios.find(tx, [resource_id, external_account_id]), rail, accountNumber);
  }

  async #settle(tx: Tx, row: PaymentRow): Promise<void> {
    const now = tx.now();
    await transitionPayment(tx, row, 'settled', { settledAt: now });
    const magic = bankScenario(row.scenario);
    if (magic?.event === 'returnedAfterSettlement' || magic?.event === 'changed') {
      const payload: SettlePayload = { paymentId: row.payment_id };
      const due = addMs(now, (magic.afterDays ?? 0) * DAY_MS);
      await this.#deps.jobs.enqueue(tx, AFTERWARDS_TASK, payload, due);
    }
    const event = this.#event(row, 'settled');
    const { payment_id, reference } = row;
    await this.#deps.rails.tellBank(
      tx,
      row.kind === 'payout'
        ? { ...event, kind: 'payoutSettled', payoutId: payment_id, reference }
        : { ...event, kind: 'creditReturned', creditId: payment_id },
    );
  }

  #event(row: PaymentRow, what: string): { readonly provider: string; readonly providerEventId: string } {
    return { provider: this.name, providerEventId: `${row.payment_id}/${what}` };
  }

  async #lockPayout(tx: Tx, payoutId: string): Promise<PaymentRow> {
    const row = await this.#lock(tx, payoutId);
    if (row.kind !== 'payout') throw notFound('payout');
    return row;
  }

  async #lock(tx: Tx, paymentId: string): Promise<PaymentRow> {
    const row = await lockPayment(tx, paymentId);
    if (row) return row;
    if (!(await this.#deps.bank.findPayout(tx, paymentId))) throw notFound('payout');
    throw new ApiError(409, 'invalid_state', 'The payout has not reached the bank yet.');
  }
}

/** The code under which the bank refuses what cannot be routed; undefined when it takes the payment. */
function refusalOf({ rail, details }: OutgoingPayment): string | undefined {
  if (rail === 'swift') {
    return details.kind === 'international' && BIC.test(details.bic) ? undefined : 'RC04';
  }
  if (details.kind === 'us' && isAbaRoutingNumber(details.routingNumber)) return undefined;
  if (rail === 'wire') return 'RC08';
  return details.kind === 'us' ? 'R28' : 'R13';
}

function reasonOf(rail: CreditRailName, use: ReasonUse, code: string): BankReason {
  const reason = BANK_REASONS.find(
    (each) => each.code === code && each.rails.some((name) => name === rail) && each.uses.includes(use),
  );
  if (!reason) throw validationError([{ field: 'code', issue: `is no code for a ${use} of ${rail}` }]);
  return reason;
}

/** All that the code corrects must be there, and nothing else. */
function requireCorrections({ code, corrects = [] }: BankReason, corrected: CorrectedDetails): void {
  const details: ErrorDetail[] = CORRECTED_FIELDS.flatMap((name) => {
    const field = `corrected.${name}`;
    const value = corrected[name];
    if (value === undefined)
      return corrects.includes(name) ? [{ field, issue: `is required with ${code}` }] : [];
    if (!corrects.includes(name)) return [{ field, issue: `is not corrected by ${code}` }];
    if (name === 'routingNumber' && !isAbaRoutingNumber(value)) {
      return [{ field, issue: 'is no routing number: nine digits, the last of which checks the others' }];
    }
    return [];
  });
  if (details.length > 0) throw validationError(details);
}

function correctedBy({ corrected = {} }: BankScenario): CorrectedDetails {
  const { accountType, ...texts } = corrected;
  return {
    ...texts,
    ...(accountType && { accountType: accountType === 'savings' ? 'savings' : 'checking' }),
  };
}

const invalidState = (row: PaymentRow, what: string): ApiError =>
  new ApiError(409, 'invalid_state', `The payment is ${row.status} and cannot be ${what}.`);
