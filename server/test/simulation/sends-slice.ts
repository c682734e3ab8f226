import { SEND_PURPOSE } from '../../src/cash-ins/deps.ts';
import type { FailedSend, PaidSend, Sends, SettlementHandlers } from '../../src/chain/sends.ts';
import type { Context } from '../../src/context.ts';
import { Coalescer } from '../../src/db/coalescer.ts';
import type { Database, Tx } from '../../src/db/database.ts';
import type { Events } from '../../src/events/events.ts';
import { must } from '../../src/kernel/assert.ts';
import { custody, customerWallet } from '../../src/ledger/chart.ts';
import type { Ledger } from '../../src/ledger/ledger.ts';
import type { Refusal } from '../../src/ledger/transfers.ts';

/** The purpose of this slice's sends; their resource is the send itself. */
export const SIMULATION = 'simulation';
const MAX_BATCH = 50;
const MAX_WAITING = 200;

/** A customer's wallet pays an address. */
export interface Order {
  /** The client's own: an order that comes twice takes effect once. */
  readonly sendId: string;
  readonly walletId: string;
  readonly keyIndex: bigint;
  readonly fromAddress: string;
  readonly to: string;
  readonly amountMinor: bigint;
}

export type OrderOutcome = 'applied' | Refusal;

const NETWORK = 'polygon';
const ASSET = 'usdc';
const holdOf = (sendId: string): string => `${sendId}.hold`;

/**
 * Sends from customers' wallets, as a slice of the product would have them: hold, send and event in one commit, many
 * orders at a time; the hold is posted when the send is paid and voided when it never can be.
 */
export class SendsSlice {
  readonly #ledger: Ledger;
  readonly #sends: Sends;
  readonly #events: Events;
  readonly #orders: Coalescer<Order, OrderOutcome>;

  constructor({ ledger, sends, events, db }: Context, projectId: string) {
    this.#ledger = ledger;
    this.#sends = sends;
    this.#events = events;
    this.#orders = new Coalescer({
      maxBatch: MAX_BATCH,
      maxWaiting: MAX_WAITING,
      run: (_key, orders) => runOrders(db, projectId, (tx) => this.place(tx, orders)),
    });
  }

  /** Shares a commit with what else is ordered at the same time. */
  order(order: Order): Promise<OrderOutcome> {
    return this.#orders.submit('', order);
  }

  /** One outcome per order; `exists` for one that took effect before. */
  async place(tx: Tx, orders: readonly Order[]): Promise<readonly OrderOutcome[]> {
    const outcomes = await this.#ledger.applyEach(
      tx,
      orders.map(({ sendId, walletId, amountMinor: minor }) => ({
        groupId: `${sendId}.held`,
        transfers: [
          {
            kind: 'pending',
            transferId: holdOf(sendId),
            debit: customerWallet(walletId, ASSET),
            credit: custody(NETWORK, ASSET),
            minor,
          },
        ],
      })),
    );
    const applied = orders.filter((_, index) => outcomes[index] === 'applied');
    await this.#sends.requestSends(
      tx,
      applied.map(({ sendId, keyIndex, fromAddress, to, amountMinor }) => ({
        sendId,
        fromKeyIndex: keyIndex,
        fromAddress,
        to,
        amountMinor,
        network: NETWORK,
        asset: ASSET,
        purpose: SIMULATION,
        resourceId: sendId,
        booksRecipient: false,
      })),
    );
    await this.#record(
      tx,
      'requested',
      applied.map(({ sendId }) => sendId),
    );
    return outcomes;
  }

  async paid(tx: Tx, sends: readonly PaidSend[]): Promise<void> {
    await this.#resolve(tx, 'paid', 'post', sends);
  }

  async failed(tx: Tx, sends: readonly FailedSend[]): Promise<void> {
    await this.#resolve(tx, 'failed', 'void', sends);
  }

  async #resolve(
    tx: Tx,
    outcome: 'paid' | 'failed',
    kind: 'post' | 'void',
    sends: readonly { readonly resourceId: string }[],
  ): Promise<void> {
    const ids = sends.map(({ resourceId }) => resourceId);
    await this.#ledger.apply(
      tx,
      ...ids.map((id) => ({ groupId: `${id}.${outcome}`, transfers: [{ kind, pendingId: holdOf(id) }] })),
    );
    await this.#record(tx, outcome, ids);
  }

  #record(tx: Tx, what: string, sendIds: readonly string[]): Promise<void> {
    return this.#events.record(
      tx,
      ...sendIds.map((id) => ({ type: `simulation.${what}`, resourceId: id, data: { id } })),
    );
  }
}

const runOrders = (
  db: Database,
  projectId: string,
  place: (tx: Tx) => Promise<readonly OrderOutcome[]>,
): Promise<readonly OrderOutcome[]> => db.tx(projectId, place);

/** The product's handlers, with the sends of this slice handed to it. */
export function withSimulation(product: SettlementHandlers, slice: () => SendsSlice): SettlementHandlers {
  const dispatch = async <S extends { readonly purpose: string }>(
    sends: readonly S[],
    toProduct: (sends: readonly S[]) => Promise<void>,
    toSlice: (sends: readonly S[]) => Promise<void>,
  ): Promise<void> => {
    const byPurpose = Map.groupBy(sends, ({ purpose }) => purpose);
    for (const [purpose, own] of byPurpose) {
      await must({ [SEND_PURPOSE]: toProduct, [SIMULATION]: toSlice }[purpose], 'a known purpose')(own);
    }
  };
  return {
    ...product,
    sendsPaid: (tx, sends) =>
      dispatch(
        sends,
        (own) => product.sendsPaid(tx, own),
        (own) => slice().paid(tx, own),
      ),
    sendsFailed: (tx, sends) =>
      dispatch(
        sends,
        (own) => product.sendsFailed(tx, own),
        (own) => slice().failed(tx, own),
      ),
  };
}
