import type { BodyOf } from '@openoms/contract/operation.ts';
import type { CashInSimulation, simulateCashIn } from '@openoms/contract/simulations.ts';
import type { CashIns } from '../../cash-ins/service.ts';
import type { Tx } from '../../db/database.ts';
import type { Events } from '../../events/events.ts';
import { toIsoSeconds } from '../../kernel/clock.ts';
import { toCausedEvent } from './caused.ts';

interface CashInHandsDeps {
  readonly events: Events;
  readonly cashIns: CashIns;
}

/** The sandbox's cash network ends an order before cash was taken, when it is told to. */
export class CashInHands {
  readonly #deps: CashInHandsDeps;

  constructor(deps: CashInHandsDeps) {
    this.#deps = deps;
  }

  /** Throws 404, 409 `invalid_state` unless the cash-in is pending. */
  async end(tx: Tx, cashInId: string, { event }: BodyOf<typeof simulateCashIn>): Promise<CashInSimulation> {
    const { events, cashIns } = this.#deps;
    const caused = events.watch(tx);
    await cashIns.endOrder(tx, cashInId, event);
    const submittedAt = toIsoSeconds(tx.now());
    return { cashInId, event, status: 'submitted', submittedAt, events: (await caused()).map(toCausedEvent) };
  }
}
