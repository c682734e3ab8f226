import type {
  DepositAddressChange,
  DepositAddressRequest,
  simulateDeposit,
} from '@openoms/contract/deposit-addresses.ts';
import type { BodyOf } from '@openoms/contract/operation.ts';
import { noAddressReady } from '../chain/addresses.ts';
import type { Deposit } from '../chain/sends.ts';
import { authorizationNonce } from '../chain/token/authorization.ts';
import type { Tx } from '../db/database.ts';
import { one } from '../db/database.ts';
import type { PageRequest } from '../db/list.ts';
import { readTarget, type Target } from '../http/request-fields.ts';
import { must } from '../kernel/assert.ts';
import { ApiError, type ErrorDetail, notFound, validationError } from '../kernel/errors.ts';
import { parseMinor } from '../kernel/money.ts';
import type { TransactionRow } from '../transactions/service.ts';
import * as deposits from './deposit-store.ts';
import {
  type DepositAddressesDeps,
  RELEASE_TASK,
  type ReleasePayload,
  SIMULATE_TASK,
  type SimulatePayload,
} from './deps.ts';
import { checkDestination, neededFor } from './destination.ts';
import * as forwarding from './forwarding.ts';
import { paymentsChanged } from './outcomes.ts';
import { readFees, requireOffered, TARGET_NAMES } from './request.ts';
import { recordAddress, transitionAddress } from './states.ts';
import * as store from './store.ts';
import { type Simulation, toPendingDeposit } from './view.ts';

/** 100 million USDC: as much as a sandbox's treasury has. */
const MAX_SIMULATED_MINOR = 100_000_000_000_000n;

/** Addresses of customers from which deposits are sent on by themselves. */
export class DepositAddresses {
  readonly #deps: DepositAddressesDeps;

  constructor(deps: DepositAddressesDeps) {
    this.#deps = deps;
  }

  /** Throws 400 naming every field that breaks a rule the schema cannot say, 404, 403, 422 for what is not offered. */
  async create(tx: Tx, customerId: string, body: DepositAddressRequest): Promise<store.DepositAddressRow> {
    const { ids, addresses, events, numberOrders } = this.#deps;
    const issues: ErrorDetail[] = [];
    const target = readTarget(body.destination.wallet, TARGET_NAMES, issues);
    const fees = body.developerFees && readFees(body.developerFees, issues);
    if (issues.length > 0 || !target) throw validationError(issues);
    requireOffered(body.source, body.destination, target);
    const destination = await this.#destination(tx, customerId, body.destination, target);
    await this.#requireWallets(tx, fees);
    if (await numberOrders.isRefused(tx, 'createDepositAddress', body.label)) throw noAddressReady();
    const address = await addresses.takeAddress(tx);
    const inserted = await store.insertAddress(tx, {
      deposit_address_id: ids.next('depositAddress', tx),
      customer_id: customerId,
      asset: 'usdc',
      network: 'polygon',
      address: address.address,
      key_index: address.keyIndex,
      ...destination,
      developer_fees: fees ?? null,
      label: body.label ?? null,
      metadata: body.metadata ?? {},
      created_at: tx.now(),
    });
    const row = one(inserted, 'deposit address');
    await addresses.watch(tx, {
      address: row.address,
      network: row.network,
      purpose: 'depositAddress',
      resourceId: row.deposit_address_id,
    });
    await recordAddress(tx, events, row, 'active');
    return row;
  }

  /** Throws 404, also for a deleted one. */
  async get(tx: Tx, depositAddressId: string): Promise<store.DepositAddressRow> {
    return existing(await store.findAddress(tx, depositAddressId));
  }

  async list(
    tx: Tx,
    customerId: string,
    filter: store.DepositAddressFilter,
    page: PageRequest,
  ): Promise<{ rows: store.DepositAddressRow[]; hasMore: boolean }> {
    await this.#deps.customers.requireExists(tx, customerId);
    return store.listAddresses(tx, customerId, filter, page);
  }

  /** Throws as `create` does. Resuming releases what is held. */
  async update(
    tx: Tx,
    depositAddressId: string,
    body: DepositAddressChange,
  ): Promise<store.DepositAddressRow> {
    const { events } = this.#deps;
    const issues: ErrorDetail[] = [];
    const target = body.destination && readTarget(body.destination.wallet, TARGET_NAMES, issues);
    const fees = body.developerFees && readFees(body.developerFees, issues);
    if (issues.length > 0) throw validationError(issues);
    requireOffered(undefined, body.destination, target);
    let row = await this.#lock(tx, depositAddressId);
    const { status, ...changes } = body;
    if (Object.values(changes).some((change) => change !== undefined)) {
      const destination =
        body.destination && target
          ? await this.#destination(tx, row.customer_id, body.destination, target)
          : row;
      await this.#requireWallets(tx, fees ?? undefined);
      const changed = await store.updateAddress(
        tx,
        depositAddressId,
        {
          ...row,
          ...destination,
          developer_fees: fees === undefined ? row.developer_fees : fees,
          label: body.label === undefined ? row.label : body.label,
          metadata: body.metadata ?? row.metadata,
        },
        tx.now(),
      );
      row = one(changed, 'deposit address');
      await recordAddress(tx, events, row, 'updated');
    }
    if (status === undefined || status === row.status) return row;
    if (status === 'active') await this.#enqueueRelease(tx, depositAddressId);
    return transitionAddress(tx, events, row, status, tx.now());
  }

  /** What arrives from now on is held. Throws 404. */
  async delete(tx: Tx, depositAddressId: string): Promise<void> {
    const row = await this.#lock(tx, depositAddressId);
    await transitionAddress(tx, this.#deps.events, row, 'deleted', tx.now());
  }

  /** Has what is held tried again, of a deleted address too. Throws 404, 409 `invalid_state` while it is paused. */
  async release(tx: Tx, depositAddressId: string): Promise<store.DepositAddressRow> {
    const row = await store.findAddress(tx, depositAddressId);
    if (!row) throw notFound('deposit address');
    if (row.status === 'paused') {
      throw new ApiError(409, 'invalid_state', 'The deposit address is paused; set it active.');
    }
    await this.#enqueueRelease(tx, depositAddressId);
    return row;
  }

  releaseHeld(tx: Tx, payload: ReleasePayload): Promise<void> {
    return forwarding.releaseHeld(this.#deps, tx, payload);
  }

  /** Of any address, deleted ones too. */
  listDeposits(
    tx: Tx,
    filter: deposits.DepositFilter,
    page: PageRequest,
  ): Promise<{ rows: deposits.DepositRow[]; hasMore: boolean }> {
    return deposits.listDeposits(tx, filter, page);
  }

  /** Orders a transfer of play money to the address. Throws 400, 404, 422 `amount_out_of_range`. */
  async simulate(
    tx: Tx,
    depositAddressId: string,
    { amount, from = 'stranger' }: BodyOf<typeof simulateDeposit>,
  ): Promise<Simulation> {
    const { ids, jobs } = this.#deps;
    const minor = parseMinor(amount.value, 'usdc');
    if (minor === undefined || minor === 0n) {
      const issue = 'must be a positive amount with at most 6 decimals';
      throw validationError([{ field: 'amount.value', issue }]);
    }
    const row = await this.get(tx, depositAddressId);
    if (minor > MAX_SIMULATED_MINOR) {
      throw new ApiError(422, 'amount_out_of_range', 'The amount is more than a simulation sends.', {
        details: [{ field: 'amount.value', issue: 'must be at most 100000000.00' }],
      });
    }
    const reference = ids.next('simulatedDeposit', tx);
    const payload: SimulatePayload = { address: row.address, minor: minor.toString(), reference, from };
    await jobs.enqueue(tx, SIMULATE_TASK, payload);
    return { row, minor, hash: authorizationNonce(reference, 1), at: tx.now() };
  }

  /** Seen in a block that may still go: news, and nothing to keep. */
  async depositsDetected(tx: Tx, detected: readonly Deposit[]): Promise<void> {
    const ids = [...new Set(detected.map(({ resourceId }) => resourceId))];
    const rows = await store.findAddresses(tx, ids);
    const byId = new Map(rows.map((row) => [row.deposit_address_id, row]));
    await this.#deps.events.record(
      tx,
      ...detected.map((deposit) => ({
        type: 'deposit_address.crypto_deposit.pending',
        resourceId: deposit.depositId,
        data: toPendingDeposit(
          deposit,
          must(byId.get(deposit.resourceId), `a deposit to an unknown ${deposit.resourceId}`),
        ),
      })),
    );
  }

  depositsCredited(tx: Tx, credited: readonly Deposit[]): Promise<void> {
    return forwarding.depositsCredited(this.#deps, tx, credited);
  }

  /** Of transactions that sent deposits on. */
  paymentsChanged(tx: Tx, transactions: readonly TransactionRow[]): Promise<void> {
    return paymentsChanged(this.#deps, tx, transactions);
  }

  async #lock(tx: Tx, depositAddressId: string): Promise<store.DepositAddressRow> {
    const [row] = await store.lockAddresses(tx, [depositAddressId]);
    return existing(row);
  }

  async #destination(
    tx: Tx,
    customerId: string,
    { asset, network }: DepositAddressRequest['destination'],
    target: Target,
  ): Promise<store.DestinationFields> {
    const { customers } = this.#deps;
    const order = { asset: asset === 'usd' ? 'usd' : 'usdc', network, target } as const;
    const customer = await customers.requireEndorsed(tx, customerId, neededFor(order.asset));
    const destination = await checkDestination(this.#deps, tx, customerId, order);
    if (order.asset === 'usd') customers.requireProvisioned(customer);
    return destination;
  }

  async #requireWallets(tx: Tx, fees: readonly store.PercentageFee[] = []): Promise<void> {
    const ids = [...new Set(fees.flatMap(({ wallet }) => wallet ?? []))];
    if (ids.length === 0) return;
    const found = await this.#deps.wallets.findAll(tx, ids);
    if (found.length < ids.length) throw notFound('wallet');
  }

  #enqueueRelease(tx: Tx, depositAddressId: string): Promise<void> {
    return this.#deps.jobs.enqueue(tx, RELEASE_TASK, { depositAddressId } satisfies ReleasePayload);
  }
}

/** The row, unless there is none to be shown. */
function existing(row: store.DepositAddressRow | undefined): store.DepositAddressRow {
  if (!row || row.status === 'deleted') throw notFound('deposit address');
  return row;
}
