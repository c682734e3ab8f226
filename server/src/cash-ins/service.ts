import type { CashInRequest } from '@openoms/contract/cash-ins.ts';
import { getAddress } from 'viem/utils';
import type { FailedSend, PaidSend, Sends } from '../chain/sends.ts';
import type { Customers } from '../customers/service.ts';
import { one, type Tx } from '../db/database.ts';
import type { PageRequest } from '../db/list.ts';
import type { Events } from '../events/events.ts';
import type { Jobs } from '../jobs/jobs.ts';
import { assert, must } from '../kernel/assert.ts';
import { addMs, type Clock, HOUR_MS } from '../kernel/clock.ts';
import { ApiError, notFound, validationError } from '../kernel/errors.ts';
import type { Ids } from '../kernel/ids.ts';
import { type Ledger, TransferRefused } from '../ledger/ledger.ts';
import type { ProviderEvents } from '../providers/provider-events.ts';
import type { Transactions } from '../transactions/service.ts';
import type { Treasuries } from '../treasury/service.ts';
import type { Wallets } from '../wallets/service.ts';
import { MIN_DEPOSIT_CENTS, requireInRange, requireWithinLimits } from './limits.ts';
import { deliveryPostings, depositPostings, failurePostings } from './postings.ts';
import { EXCHANGE_RATE, priceCashIn } from './pricing.ts';
import type { CashDeposit, CashNetwork, Location } from './provider.ts';
import { type CashInOrder, readOrder } from './request.ts';
import { transition } from './states.ts';
import * as store from './store.ts';
import { toCashIn } from './view.ts';

export type { CashDeposit, CashNetwork, Location, LocationQuery, Point } from './provider.ts';
export type { CashInRow } from './store.ts';

/** A code is valid for one hour (get-started.md). */
export const CODE_LIFETIME_MS = HOUR_MS;
export const EXPIRE_TASK = 'cash-ins.expire';
/** The purpose of this slice's sends; their resource is the cash-in. */
export const SEND_PURPOSE = 'cash-in';

export interface ExpirePayload {
  readonly cashInId: string;
  /** The code whose hour is over; a refreshed cash-in has another. */
  readonly code: string;
}

export interface CashInsDeps {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly events: Events;
  readonly jobs: Jobs;
  readonly ledger: Ledger;
  readonly sends: Sends;
  readonly customers: Customers;
  readonly wallets: Wallets;
  readonly transactions: Transactions;
  readonly treasuries: Treasuries;
  readonly providerEvents: ProviderEvents;
  readonly cashNetwork: CashNetwork;
}

/** Cash at a till becomes USDC at an address: code, deposit, conversion, delivery. */
export class CashIns {
  readonly #deps: CashInsDeps;

  constructor(deps: CashInsDeps) {
    this.#deps = deps;
  }

  async create(tx: Tx, body: CashInRequest): Promise<store.CashInRow> {
    const { clock, ids, events, cashNetwork } = this.#deps;
    const order = readOrder(body);
    await this.#requireAllowed(tx, order.customerId);
    const destination = await this.#destination(tx, order);
    const location = this.#location(order);
    const now = clock.now();
    // Without an amount of the client's, there must be room for the smallest deposit.
    const least = order.isIndicated ? order.indicatedMinor : MIN_DEPOSIT_CENTS;
    await this.#requireWithin(
      tx,
      'source.indicatedAmount',
      order.customerId,
      least,
      location.maxDepositMinor,
    );
    const row = await store.insertCashIn(tx, {
      cash_in_id: ids.next('cashIn'),
      customer_id: order.customerId,
      provider: location.provider,
      indicated: order.indicatedMinor,
      email: order.email ?? null,
      ...destination,
      location_id: location.locationId,
      location_reference: location.reference,
      location_name: location.name,
      location_address: `${location.address}, ${location.city}, ${location.state} ${location.zipCode}`,
      max_deposit: location.maxDepositMinor,
      code: cashNetwork.newCode(),
      code_expires_at: addMs(now, CODE_LIFETIME_MS),
      sponsor_gas: order.sponsorGas,
      metadata: order.metadata,
      created_at: now,
    });
    await events.record(tx, { type: 'cashIn.created', resourceId: row.cash_in_id, data: toCashIn(row) });
    await this.#expireLater(tx, row);
    return row;
  }

  async get(tx: Tx, cashInId: string): Promise<store.CashInRow> {
    const row = await store.findCashIn(tx, cashInId);
    if (!row) throw notFound('cash-in');
    return row;
  }

  list(
    tx: Tx,
    filter: store.CashInFilter,
    page: PageRequest,
  ): Promise<{ rows: store.CashInRow[]; hasMore: boolean }> {
    return store.listCashIns(tx, filter, page);
  }

  /** A new code for an hour; the old one is void. Throws 409 `invalid_state` once cash was taken. */
  async refresh(tx: Tx, cashInId: string): Promise<store.CashInRow> {
    const { clock, events, cashNetwork } = this.#deps;
    const { customer_id } = await this.get(tx, cashInId);
    await this.#requireAllowed(tx, customer_id);
    const row = must(await store.lockCashIn(tx, cashInId), 'a cash-in is never deleted');
    if (row.status !== 'pending' && row.status !== 'expired') {
      throw new ApiError(409, 'invalid_state', `A ${row.status} cash-in has no code to refresh.`);
    }
    await this.#requireWithin(tx, 'source.indicatedAmount', customer_id, row.indicated, row.max_deposit);
    const now = clock.now();
    const code = { code: cashNetwork.newCode(), expiresAt: addMs(now, CODE_LIFETIME_MS) };
    const refreshed = one(
      await transition(tx, events, {
        from: row.status,
        to: 'pending',
        subStatus: 'order_reserved',
        changes: [{ cashInId, code }],
        now,
      }),
      'cash-in',
    );
    await this.#expireLater(tx, refreshed);
    return refreshed;
  }

  /** The hour of a code is over: nothing happens if it was used or replaced meanwhile. */
  async expire(tx: Tx, { cashInId, code }: ExpirePayload): Promise<void> {
    const row = await store.lockCashIn(tx, cashInId);
    if (row?.status !== 'pending' || row.code !== code) return;
    await transition(tx, this.#deps.events, {
      from: 'pending',
      to: 'expired',
      subStatus: 'cash_deposit_expired',
      changes: [{ cashInId }],
      now: this.#deps.clock.now(),
    });
  }

  /**
   * The cash-in a till may take this amount for. Throws 404 for a code that is not in use, 422 `code_expired`,
   * 409 `invalid_state` when cash was taken already, 422 for an amount outside the limits.
   */
  async findForTill(
    tx: Tx,
    code: string,
    amountMinor: bigint,
    customerId?: string,
  ): Promise<store.CashInRow> {
    const row = await store.findByCode(tx, code);
    if (!row || (customerId !== undefined && customerId !== row.customer_id)) throw notFound('deposit code');
    await this.#requireAllowed(tx, row.customer_id);
    if (
      row.status === 'expired' ||
      (row.status === 'pending' && row.code_expires_at <= this.#deps.clock.now())
    ) {
      throw new ApiError(422, 'code_expired', 'The deposit code has expired; refresh the cash-in.');
    }
    if (row.status !== 'pending') throw alreadyDeposited(row);
    await this.#requireWithin(tx, 'amount', row.customer_id, amountMinor, row.max_deposit);
    return row;
  }

  /**
   * Cash was taken at a till, whoever tells us so: the one door for results of a cash network, taken once per
   * provider event. Converts, posts, and orders the delivery on chain. Throws 409 `invalid_state` when the cash-in
   * took cash before, 422 for limits, 503 while the treasury is short.
   */
  async applyCashDeposit(tx: Tx, deposit: CashDeposit): Promise<void> {
    const { cashNetwork, providerEvents, customers } = this.#deps;
    if (!(await providerEvents.accept(tx, cashNetwork.name, deposit.providerEventId, 'cash.deposited')))
      return;
    // The customer's row is always locked before the cash-in's, and limits are exact only under that lock.
    const { customer_id } = await this.get(tx, deposit.cashInId);
    await customers.lock(tx, customer_id);
    const row = must(await store.lockCashIn(tx, deposit.cashInId), 'a cash-in is never deleted');
    if (row.status !== 'pending' && row.status !== 'expired') throw alreadyDeposited(row);
    await this.#requireWithin(tx, 'amount', row.customer_id, deposit.amountMinor, row.max_deposit);
    await this.#process(tx, row, deposit.amountMinor);
  }

  /** The deliveries are final on chain. */
  async sendsPaid(tx: Tx, sends: readonly PaidSend[]): Promise<void> {
    const { clock, events, ledger, transactions } = this.#deps;
    const rows = await this.#ofSends(tx, sends);
    await ledger.apply(
      tx,
      ...rows.map((row) => ({ groupId: `${row.cash_in_id}.delivered`, transfers: deliveryPostings(row) })),
    );
    await transactions.complete(
      tx,
      rows.map((row, index) => ({
        transactionId: transactionOf(row),
        txHash: must(sends[index], 'a row per send').txHash,
      })),
    );
    await transition(tx, events, {
      from: 'processing',
      to: 'completed',
      subStatus: 'settled',
      changes: rows.map((row) => ({ cashInId: row.cash_in_id })),
      now: clock.now(),
    });
  }

  /** The deliveries can never happen: the customers' cash is in flight again, to be refunded. */
  async sendsFailed(tx: Tx, sends: readonly FailedSend[]): Promise<void> {
    const { clock, events, ledger, transactions } = this.#deps;
    const rows = await this.#ofSends(tx, sends);
    const errors = sends.map(({ failureCode }) => ({
      code: failureCode,
      message: 'The delivery on chain failed; the deposit is to be refunded.',
    }));
    await ledger.apply(
      tx,
      ...rows.map((row) => ({
        groupId: `${row.cash_in_id}.failed`,
        transfers: failurePostings(row, priceCashIn(must(row.deposited, 'a send follows a deposit'))),
      })),
    );
    const errorOf = (index: number) => must(errors[index], 'a row per send');
    await transactions.fail(
      tx,
      rows.map((row, index) => ({ transactionId: transactionOf(row), error: errorOf(index) })),
    );
    await transition(tx, events, {
      from: 'processing',
      to: 'failed',
      subStatus: 'provider_order_failed',
      changes: rows.map((row, index) => ({ cashInId: row.cash_in_id, error: errorOf(index) })),
      now: clock.now(),
    });
  }

  /** The cash-ins of sends, in their order. */
  async #ofSends(tx: Tx, sends: readonly { readonly resourceId: string }[]): Promise<store.CashInRow[]> {
    const rows = await store.findCashIns(
      tx,
      sends.map(({ resourceId }) => resourceId),
    );
    assert(rows.length === sends.length, 'a cash-in has one send and is never deleted');
    return rows;
  }

  async #process(tx: Tx, row: store.CashInRow, amountMinor: bigint): Promise<void> {
    const { clock, ids, events, ledger, sends, transactions, treasuries } = this.#deps;
    const price = priceCashIn(amountMinor);
    const source = await treasuries.get(tx);
    const now = clock.now();
    const transactionId = ids.next('transaction');
    const transaction = {
      transaction_id: transactionId,

      type: 'fiatToCrypto' as const,
      cash_in_id: row.cash_in_id,
      sender_customer_id: row.customer_id,
      recipient_customer_id: row.destination_wallet_id === null ? null : row.customer_id,
      source_asset: 'usd' as const,
      source_network: 'cash',
      source_gross: price.grossMinor,
      source_fee_oms: price.feeMinor,
      location_id: row.location_id,
      location_reference: row.location_reference,
      destination_asset: row.destination_asset,
      destination_network: row.destination_network,
      destination_wallet_id: row.destination_wallet_id,
      destination_address: row.destination_wallet_id === null ? row.destination_address : null,
      destination_gross: price.destination.minor,
      exchange_rate: EXCHANGE_RATE,
      sponsor_gas: row.sponsor_gas,
      metadata: row.metadata,
      created_at: now,
    };
    await transactions.start(tx, [transaction]);
    await transition(tx, events, {
      from: row.status,
      to: 'processing',
      subStatus: 'order_reserved',
      changes: [{ cashInId: row.cash_in_id, deposit: { amountMinor, transactionId } }],
      now,
    });
    await sends.requestSend(tx, {
      fromKeyIndex: source.key_index,
      fromAddress: source.address,
      to: row.destination_address,
      amountMinor: price.destination.minor,
      network: row.destination_network,
      asset: row.destination_asset,
      purpose: SEND_PURPOSE,
      resourceId: row.cash_in_id,
      booksRecipient: row.destination_wallet_id !== null,
    });
    // Last, because every deposit of the project shares accounts whose rows this locks until the commit.
    const deposited = { groupId: `${row.cash_in_id}.deposited`, transfers: depositPostings(row, price) };
    await ledger.apply(tx, deposited).catch((error: unknown) => {
      if (!(error instanceof TransferRefused && error.refusal === 'insufficient_funds')) throw error;
      throw new ApiError(503, 'provider_unavailable', 'The treasury is short; try again later.', {
        cause: error,
      });
    });
  }

  async #requireAllowed(tx: Tx, customerId: string): Promise<void> {
    const customer = await this.#deps.customers.requireEndorsed(tx, customerId, ['basic', 'usd']);
    this.#deps.customers.requireProvisioned(customer);
  }

  async #requireWithin(
    tx: Tx,
    field: string,
    customerId: string,
    cents: bigint,
    maxCents: bigint,
  ): Promise<void> {
    requireInRange(field, cents, maxCents);
    requireWithinLimits(field, cents, await store.depositUsage(tx, customerId, this.#deps.clock.now()));
  }

  #location(order: CashInOrder): Location {
    const location = this.#deps.cashNetwork.find(order.locationId);
    if (!location) throw notFound('cash location');
    if (location.reference !== order.locationReference) {
      throw validationError([
        { field: 'cash.cashLocationReference', issue: 'is not the reference of this location' },
      ]);
    }
    if (!location.cashInAllowed) {
      throw validationError([{ field: 'cash.cashLocationId', issue: 'does not take cash' }]);
    }
    return location;
  }

  async #destination(
    tx: Tx,
    { customerId, target, asset, network }: CashInOrder,
  ): Promise<
    Pick<
      store.NewCashIn,
      'destination_asset' | 'destination_network' | 'destination_wallet_id' | 'destination_address'
    >
  > {
    if (target.kind === 'externalAccount') throw notFound('external account');
    const wallet =
      target.kind === 'wallet' ? await this.#deps.wallets.getOf(tx, customerId, target.walletId) : undefined;
    if (asset !== 'usdc' || network !== 'polygon') {
      throw new ApiError(422, 'unsupported_asset_network', 'Cash-ins deliver usdc on polygon.', {
        details: [
          { field: asset === 'usdc' ? 'destination.network' : 'destination.asset', issue: 'is not offered' },
        ],
      });
    }
    return {
      destination_asset: asset,
      destination_network: network,
      destination_wallet_id: wallet?.wallet_id ?? null,
      destination_address: wallet?.address ?? getAddress(target.kind === 'address' ? target.address : ''),
    };
  }

  async #expireLater(tx: Tx, row: store.CashInRow): Promise<void> {
    const payload: ExpirePayload = { cashInId: row.cash_in_id, code: row.code };
    await this.#deps.jobs.enqueue(tx, EXPIRE_TASK, payload, row.code_expires_at);
  }
}

const transactionOf = (row: store.CashInRow): string =>
  must(row.transaction_id, 'a processing cash-in has a transaction');

const alreadyDeposited = (row: store.CashInRow): ApiError =>
  new ApiError(409, 'invalid_state', `The cash-in is ${row.status}; cash was taken for it already.`);
