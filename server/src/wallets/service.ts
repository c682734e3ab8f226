import type { Addresses } from '../chain/addresses.ts';
import type { Deposit } from '../chain/sends.ts';
import type { Customers, CustomerWallet } from '../customers/service.ts';
import type { Tx } from '../db/database.ts';
import type { PageRequest } from '../db/list.ts';
import type { Events } from '../events/events.ts';
import { must } from '../kernel/assert.ts';
import { ApiError, notFound } from '../kernel/errors.ts';
import type { Ids } from '../kernel/ids.ts';
import { accountId, custody, customerWallet } from '../ledger/chart.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { NO_BALANCE } from '../ledger/transfers.ts';
import * as store from './store.ts';
import { toCustomerWallet, toWalletDeposit, type WalletWithBalance } from './view.ts';

export type { WalletRow } from './store.ts';

/** The wallets shown inside customers; needs no more than the ledger. */
export async function summarizeWallets(
  ledger: Ledger,
  tx: Tx,
  customerIds: readonly string[],
): Promise<ReadonlyMap<string, readonly CustomerWallet[]>> {
  const summaries = new Map<string, CustomerWallet[]>();
  for (const wallet of await withBalances(ledger, tx, await store.walletsOf(tx, customerIds))) {
    const list = summaries.get(wallet.row.customer_id) ?? [];
    list.push(toCustomerWallet(wallet));
    summaries.set(wallet.row.customer_id, list);
  }
  return summaries;
}

export interface WalletsDeps {
  readonly ids: Ids;
  readonly ledger: Ledger;
  readonly events: Events;
  readonly customers: Customers;
  readonly addresses: Addresses;
}

/** Custodial wallets: one asset on one chain at one address whose key the signer holds. */
export class Wallets {
  readonly #deps: WalletsDeps;

  constructor(deps: WalletsDeps) {
    this.#deps = deps;
  }

  async create(tx: Tx, customerId: string, asset: string, chain: string): Promise<store.WalletRow> {
    const { ids, customers, addresses } = this.#deps;
    await customers.requireEndorsed(tx, customerId, ['cryptoCustody']);
    if (asset !== 'usdc' || chain !== 'polygon') {
      throw new ApiError(422, 'unsupported_asset_network', 'Wallets hold usdc on polygon.', {
        details: [{ field: asset === 'usdc' ? 'chain' : 'asset', issue: 'is not offered' }],
      });
    }
    const address = await addresses.takeAddress(tx);
    const now = tx.now();
    const row: store.WalletRow = {
      wallet_id: ids.next('wallet', tx),
      customer_id: customerId,
      asset,
      chain,
      address: address.address,
      key_index: address.keyIndex,
      status: 'active',
      created_at: now,
      updated_at: now,
    };
    await store.insertWallet(tx, row);
    await addresses.watch(tx, {
      address: row.address,
      network: row.chain,
      purpose: 'wallet',
      resourceId: row.wallet_id,
    });
    return row;
  }

  async get(tx: Tx, walletId: string): Promise<store.WalletRow> {
    const row = await store.findWallet(tx, walletId);
    if (!row) throw notFound('wallet');
    return row;
  }

  /** Those of the ids that there are, in no order. */
  findAll(tx: Tx, walletIds: readonly string[]): Promise<store.WalletRow[]> {
    return store.findWallets(tx, walletIds);
  }

  /** A customer's wallet; another customer's is not found. */
  async getOf(tx: Tx, customerId: string, walletId: string): Promise<store.WalletRow> {
    const row = await this.get(tx, walletId);
    if (row.customer_id !== customerId) throw notFound('wallet');
    return row;
  }

  async list(
    tx: Tx,
    customerId: string,
    page: PageRequest,
  ): Promise<{ rows: store.WalletRow[]; hasMore: boolean }> {
    await this.#deps.customers.requireExists(tx, customerId);
    return store.listWallets(tx, customerId, page);
  }

  async balance(tx: Tx, walletId: string): Promise<WalletWithBalance> {
    const row = await this.get(tx, walletId);
    return { row, balance: await this.#deps.ledger.balance(tx, customerWallet(walletId, row.asset)) };
  }

  /** All wallets of a customer that has a fiat account. Throws the provisioning error otherwise. */
  async customerBalance(tx: Tx, customerId: string): Promise<WalletWithBalance[]> {
    const { row } = await this.#deps.customers.get(tx, customerId);
    this.#deps.customers.requireProvisioned(row);
    return withBalances(this.#deps.ledger, tx, await store.walletsOf(tx, [customerId]));
  }

  depositsDetected(tx: Tx, deposits: readonly Deposit[]): Promise<void> {
    return this.#recordDeposits(tx, deposits, 'detected');
  }

  /** Final on chain: the customer owns it, and custody holds it. */
  async depositsCredited(tx: Tx, deposits: readonly Deposit[]): Promise<void> {
    await this.#deps.ledger.apply(
      tx,
      ...deposits.map((deposit) => ({
        groupId: `${deposit.depositId}.credited`,
        transfers: [
          {
            kind: 'single' as const,
            debit: custody(deposit.network, deposit.asset),
            credit: customerWallet(deposit.resourceId, deposit.asset),
            minor: deposit.amountMinor,
          },
        ],
      })),
    );
    await this.#recordDeposits(tx, deposits, 'credited');
  }

  async #recordDeposits(tx: Tx, deposits: readonly Deposit[], step: 'detected' | 'credited'): Promise<void> {
    const rows = await store.findWallets(tx, [...new Set(deposits.map(({ resourceId }) => resourceId))]);
    const byId = new Map(rows.map((row) => [row.wallet_id, row]));
    const now = tx.now();
    await this.#deps.events.record(
      tx,
      ...deposits.map((deposit) => {
        const row = must(byId.get(deposit.resourceId), `deposit to unknown wallet ${deposit.resourceId}`);
        return {
          type: step === 'detected' ? 'wallet.depositDetected' : 'wallet.depositCredited',
          resourceId: row.wallet_id,
          data: toWalletDeposit(deposit, row, now, step === 'credited' ? now : null),
        };
      }),
    );
  }
}

export async function withBalances(
  ledger: Ledger,
  tx: Tx,
  rows: readonly store.WalletRow[],
): Promise<WalletWithBalance[]> {
  if (rows.length === 0) return [];
  const accounts = rows.map((row) => customerWallet(row.wallet_id, row.asset));
  const balances = await ledger.balances(tx, accounts);
  return rows.map((row) => ({
    row,
    balance: balances.get(accountId(customerWallet(row.wallet_id, row.asset))) ?? NO_BALANCE,
  }));
}
