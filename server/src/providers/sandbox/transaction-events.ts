import type { BodyOf } from '@openoms/contract/operation.ts';
import {
  EVENT_FIELDS,
  type simulateTransaction,
  type TransactionSimulation,
} from '@openoms/contract/simulations.ts';
import type { Tx } from '../../db/database.ts';
import type { Events } from '../../events/events.ts';
import { must } from '../../kernel/assert.ts';
import { toIsoSeconds } from '../../kernel/clock.ts';
import { type ErrorDetail, validationError } from '../../kernel/errors.ts';
import type { Ids } from '../../kernel/ids.ts';
import type { Transactions } from '../../transactions/service.ts';
import { SANDBOX_SCREENING } from './at-once.ts';
import type { BankHands } from './bank-hands.ts';
import type { SandboxCashOut } from './cash-out.ts';
import { toCausedEvent } from './caused.ts';

type Body = BodyOf<typeof simulateTransaction>;

type EventField = Exclude<keyof Body, 'event'>;

export interface SimulatorDeps {
  readonly ids: Ids;
  readonly events: Events;
  readonly transactions: Transactions;
  readonly sandboxCashOut: SandboxCashOut;
  readonly bankHands: BankHands;
}

/** Acts on transactions as customers, banks and screeners do. */
export class TransactionSimulator {
  readonly #deps: SimulatorDeps;

  constructor(deps: SimulatorDeps) {
    this.#deps = deps;
  }

  /** Throws 404 for a transaction that is not there, and what its hands throw. */
  async run(tx: Tx, transactionId: string, body: Body): Promise<TransactionSimulation> {
    await this.#deps.transactions.get(tx, transactionId);
    requireFields(body);
    const caused = this.#deps.events.watch(tx);
    await this.#act(tx, transactionId, body);
    const submittedAt = toIsoSeconds(tx.now());
    const events = (await caused()).map(toCausedEvent);
    return { transactionId, event: body.event, status: 'submitted', submittedAt, events };
  }

  #act(tx: Tx, transactionId: string, { event, returnCode, code, corrected }: Body): Promise<void> {
    const { sandboxCashOut: cashOut, bankHands: bank, transactions, ids } = this.#deps;
    switch (event) {
      case 'cashCollected':
        return cashOut.collect(tx, transactionId);
      case 'cashPickupExpired':
        return cashOut.expire(tx, transactionId);
      case 'payoutSettled':
        return bank.settle(tx, transactionId);
      case 'payoutRejected':
        return bank.reject(tx, transactionId, code);
      case 'payoutReturned':
        return bank.sendBack(tx, transactionId, must(returnCode, 'it was required'));
      case 'notificationOfChange':
        return bank.notifyOfChange(
          tx,
          transactionId,
          must(code, 'it was required'),
          must(corrected, 'it was required'),
        );
      case 'underReview':
        return transactions.reviewsOpened(tx, SANDBOX_SCREENING, [
          { providerEventId: ids.next('review', tx), transactionId },
        ]);
    }
  }
}

/** The schema says what each field is; an event says which it takes. */
function requireFields({ event, ...fields }: Body): void {
  const wanted: Readonly<Partial<Record<EventField, 'required' | 'optional'>>> = EVENT_FIELDS[event];
  const details: ErrorDetail[] = [];
  for (const field of ['returnCode', 'code', 'corrected'] as const) {
    const isGiven = fields[field] !== undefined;
    if (!isGiven && wanted[field] === 'required') details.push({ field, issue: `is required with ${event}` });
    if (isGiven && wanted[field] === undefined) details.push({ field, issue: `is not taken by ${event}` });
  }
  if (details.length > 0) throw validationError(details);
}
