import type { CashInRequest } from '@openoms/contract/cash-ins.ts';
import type { FailedSend, PaidSend } from '../chain/sends.ts';
import { one, type Tx } from '../db/database.ts';
import type { PageRequest } from '../db/list.ts';
import type { Target } from '../http/request-fields.ts';
import { assert, must } from '../kernel/assert.ts';
import { addMs, HOUR_MS } from '../kernel/clock.ts';
import { ApiError, notFound, validationError } from '../kernel/errors.ts';
import { alreadyDeposited, applyCashDeposits, type DepositResult } from './deposits.ts';
import type { CashInsDeps } from './deps.ts';
import { MIN_DEPOSIT_CENTS, requireInRange, requireWithinLimits } from './limits.ts';
import { deliveryPostings, failurePostings } from './postings.ts';
import { priceCashIn } from './pricing.ts';
import type { CashDeposit, Location } from './provider.ts';
import { type CashInOrder, readOrder } from './request.ts';
import { transition } from './states.ts';
import * as store from './store.ts';
import { toCashIn } from './view.ts';

export type { DepositResult } from './deposits.ts';
export type { CashDeposit, CashNetwork, Location } from './provider.ts';

/** A code is valid for one hour (get-started.md). */
const CODE_LIFETIME_MS = HOUR_MS;
const ORDER_DECLINED = { code: 'provider_order_failed', message: 'The cash network gave the order up.' };
export const EXPIRE_TASK = 'cash-ins.expire';
export interface ExpirePayload {
  readonly cashInId: string;
  /** The code whose hour is over; a refreshed cash-in has another. */
  readonly code: string;
}

/** Cash at a till becomes USDC at an address: code, deposit, conversion, delivery. */
export class CashIns {
  readonly #deps: CashInsDeps;

  constructor(deps: CashInsDeps) {
    this.#deps = deps;
  }

  async create(tx: Tx, body: CashInRequest): Promise<store.CashInRow> {
    const { ids, events, settings, cashNetwork, cashOrders } = this.#deps;
    const order = readOrder(body);
    await this.#requireAllowed(tx, order.customerId);
    const destination = await this.#destination(tx, order);
    const location = this.#location(order);
    const now = tx.now();
    // Without an amount of the client's, there must be room for the smallest deposit.
    const least = order.isIndicated ? order.indicatedMinor : MIN_DEPOSIT_CENTS;
    await this.#requireWithin(
      tx,
      'source.indicatedAmount',
      order.customerId,
      least,
      location.maxDepositMinor,
    );
    const { oms } = settings.feesOf(await settings.get(tx), 'cashIn', 'usd');
    const row = await store.insertCashIn(tx, {
      cash_in_id: ids.next('cashIn', tx),
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
      code: cashNetwork.newCode(tx.random),
      code_expires_at: addMs(now, CODE_LIFETIME_MS),
      sponsor_gas: order.sponsorGas,
      fee_rate: oms.percentage,
      fee_fixed: oms.fixedMinor,
      metadata: order.metadata,
      created_at: now,
    });
    await events.record(tx, { type: 'cashIn.created', resourceId: row.cash_in_id, data: toCashIn(row) });
    const refusal = await cashOrders.refusalOf(tx, order);
    if (refusal) return this.#decline(tx, row, refusal);
    await this.#expireLater(tx, row);
    return row;
  }

  async get(tx: Tx, cashInId: string): Promise<store.CashInRow> {
    const row = await store.findCashIn(tx, cashInId);
    if (!row) throw notFound('cash-in');
    return row;
  }

  /** Whose cash-ins these are, by cash-in. */
  async customersOf(tx: Tx, cashInIds: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const rows = await store.findCashIns(tx, cashInIds);
    return new Map(rows.map((row) => [row.cash_in_id, row.customer_id]));
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
    const { events, cashNetwork } = this.#deps;
    const { customer_id } = await this.get(tx, cashInId);
    await this.#requireAllowed(tx, customer_id);
    const row = must(await store.lockCashIn(tx, cashInId), 'a cash-in is never deleted');
    if (row.status !== 'pending' && row.status !== 'expired') {
      throw new ApiError(409, 'invalid_state', `A ${row.status} cash-in has no code to refresh.`);
    }
    await this.#requireWithin(tx, 'source.indicatedAmount', customer_id, row.indicated, row.max_deposit);
    // A deleted address is not used for anything new.
    if (row.destination_external_account_id !== null)
      await this.#deps.externalAccounts.getPayable(tx, customer_id, row.destination_external_account_id);
    const now = tx.now();
    const code = { code: cashNetwork.newCode(tx.random), expiresAt: addMs(now, CODE_LIFETIME_MS) };
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

  /**
   * Of the cash network: no till takes cash under the code any more. Throws 404, 409 `invalid_state` unless it is
   * pending.
   */
  async endOrder(tx: Tx, cashInId: string, how: 'codeExpired' | 'orderDeclined'): Promise<void> {
    const row = await store.lockCashIn(tx, cashInId);
    if (!row) throw notFound('cash-in');
    if (row.status !== 'pending') {
      throw new ApiError(409, 'invalid_state', `A ${row.status} cash-in has no order that could end.`);
    }
    if (how === 'orderDeclined') await this.#decline(tx, row, ORDER_DECLINED);
    else await this.expire(tx, { cashInId, code: row.code });
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
      now: tx.now(),
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
    if (row.status === 'expired' || (row.status === 'pending' && row.code_expires_at <= tx.now())) {
      throw new ApiError(422, 'code_expired', 'The deposit code has expired; refresh the cash-in.');
    }
    if (row.status !== 'pending') throw alreadyDeposited(row);
    await this.#requireWithin(tx, 'amount', row.customer_id, amountMinor, row.max_deposit);
    return row;
  }

  /** Results of a cash network; see deposits.ts. */
  applyCashDeposits(tx: Tx, deposits: readonly CashDeposit[]): Promise<DepositResult[]> {
    return applyCashDeposits(this.#deps, tx, deposits);
  }

  /** The deliveries are final on chain. */
  async sendsPaid(tx: Tx, sends: readonly PaidSend[]): Promise<void> {
    const { events, ledger, transactions } = this.#deps;
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
      now: tx.now(),
    });
  }

  /** The deliveries can never happen: the customers' cash is in flight again, to be refunded. */
  async sendsFailed(tx: Tx, sends: readonly FailedSend[]): Promise<void> {
    const { events, ledger, transactions } = this.#deps;
    const rows = await this.#ofSends(tx, sends);
    const errors = sends.map(({ failureCode }) => ({
      code: failureCode,
      message: 'The delivery on chain failed; the deposit is to be refunded.',
    }));
    await ledger.apply(
      tx,
      ...rows.map((row) => ({
        groupId: `${row.cash_in_id}.failed`,
        transfers: failurePostings(row, priceCashIn(must(row.deposited, 'a send follows a deposit'), row)),
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
      now: tx.now(),
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

  /** The network does not take the order, so no till ever takes cash for it. */
  async #decline(
    tx: Tx,
    { cash_in_id }: store.CashInRow,
    error: { readonly code: string; readonly message: string },
  ): Promise<store.CashInRow> {
    const declined = await transition(tx, this.#deps.events, {
      from: 'pending',
      to: 'failed',
      subStatus: 'provider_order_failed',
      changes: [{ cashInId: cash_in_id, error }],
      now: tx.now(),
    });
    return one(declined, 'cash-in');
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
    const usages = await store.depositUsages(tx, [customerId], tx.now());
    requireWithinLimits(field, cents, must(usages.get(customerId), 'usage of the customer'));
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
  ): Promise<store.CashInDestination> {
    const recipient = await this.#recipient(tx, customerId, target);
    if (asset !== 'usdc' || network !== 'polygon') {
      throw new ApiError(422, 'unsupported_asset_network', 'Cash-ins deliver usdc on polygon.', {
        details: [
          { field: asset === 'usdc' ? 'destination.network' : 'destination.asset', issue: 'is not offered' },
        ],
      });
    }
    return { destination_asset: asset, destination_network: network, ...recipient };
  }

  async #recipient(tx: Tx, customerId: string, target: Target): Promise<store.CashInRecipient> {
    const none = { destination_wallet_id: null, destination_external_account_id: null };
    if (target.kind === 'address') return { ...none, destination_address: target.address };
    if (target.kind === 'wallet') {
      const wallet = await this.#deps.wallets.getOf(tx, customerId, target.walletId);
      return { ...none, destination_wallet_id: wallet.wallet_id, destination_address: wallet.address };
    }
    const { externalAccountId } = target;
    const account = await this.#deps.externalAccounts.getPayable(tx, customerId, externalAccountId);
    if (account.address === null) {
      throw validationError([
        { field: 'destination.wallet.externalAccount', issue: 'is not a saved blockchain address' },
      ]);
    }
    return {
      ...none,
      destination_external_account_id: account.external_account_id,
      destination_address: account.address,
    };
  }

  async #expireLater(tx: Tx, row: store.CashInRow): Promise<void> {
    const payload: ExpirePayload = { cashInId: row.cash_in_id, code: row.code };
    await this.#deps.jobs.enqueue(tx, EXPIRE_TASK, payload, row.code_expires_at);
  }
}

const transactionOf = (row: store.CashInRow): string =>
  must(row.transaction_id, 'a processing cash-in has a transaction');
