import type * as contract from '@openoms/contract/console/wallets.ts';
import type { ReplyOf } from '@openoms/contract/operation.ts';
import type { AskFinalBalance, FinalBalance } from '../chain/final-balance.ts';
import { readEvmAddress } from '../chain/token/evm-address.ts';
import type { Database, Tx } from '../db/database.ts';
import type { PageRequest } from '../db/list.ts';
import { formatMinor } from '../kernel/money.ts';
import { accountId, customerWallet } from '../ledger/chart.ts';
import type { Ledger } from '../ledger/ledger.ts';
import * as store from './explorer-store.ts';
import { type Wallets, withBalances } from './service.ts';
import { toWallet, type WalletWithBalance } from './view.ts';

const MAX_TRANSFERS = 100;

type ConsoleWallet = ReplyOf<typeof contract.listWallets>['data'][number];
type WalletHoldings = ReplyOf<typeof contract.getWalletHoldings>;
type WalletTransfer = ReplyOf<typeof contract.listWalletTransfers>['data'][number];

interface Deps {
  readonly db: Database;
  readonly ledger: Ledger;
  readonly wallets: Wallets;
  /** Undefined where this process knows no chain. */
  readonly askFinalBalance?: AskFinalBalance;
}

/** Wallets for people: of all customers, with both of their sides. */
export class WalletExplorer {
  readonly #deps: Deps;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  async list(
    tx: Tx,
    { address, ...filter }: store.WalletFilter,
    page: PageRequest,
  ): Promise<{ items: ConsoleWallet[]; hasMore: boolean }> {
    const asStored = address === undefined ? undefined : (readEvmAddress(address).address ?? address);
    const { rows, hasMore } = await store.listAllWallets(tx, { ...filter, address: asStored }, page);
    const wallets = await withBalances(this.#deps.ledger, tx, rows);
    const names = await store.customerNames(
      tx,
      rows.map((row) => row.customer_id),
    );
    const items = wallets.map(({ row, balance }) => ({
      ...toWallet(row),
      customerName: names.get(row.customer_id) ?? null,
      balance: formatMinor(balance.availableMinor, row.asset),
    }));
    return { items, hasMore };
  }

  /** What the chain says, asked before the transaction; undefined when it does not answer. */
  async askChain(projectId: string, walletId: string): Promise<FinalBalance | undefined> {
    const { db, wallets, askFinalBalance } = this.#deps;
    const { address } = await db.tx(projectId, (tx) => wallets.get(tx, walletId));
    return askFinalBalance?.(address).catch(() => undefined);
  }

  async holdings(tx: Tx, walletId: string, chain: FinalBalance | undefined): Promise<WalletHoldings> {
    return toHoldings(await this.#deps.wallets.balance(tx, walletId), chain);
  }

  async transfers(tx: Tx, walletId: string): Promise<WalletTransfer[]> {
    const { address } = await this.#deps.wallets.get(tx, walletId);
    const rows = await store.listTransfers(tx, address.toLowerCase(), MAX_TRANSFERS);
    return rows.map((row) => ({
      id: row.id,
      object: 'walletTransfer',
      direction: row.direction,
      amount: formatMinor(row.amount, row.asset),
      asset: row.asset,
      status: row.status,
      counterpart: readEvmAddress(row.counterpart).address ?? row.counterpart,
      txHash: row.tx_hash,
      resourceId: row.resource_id,
      createdAt: row.created_at.toISOString(),
    }));
  }
}

function toHoldings({ row, balance }: WalletWithBalance, chain: FinalBalance | undefined): WalletHoldings {
  const format = (minor: bigint): string => formatMinor(minor, row.asset);
  return {
    object: 'walletHoldings',
    walletId: row.wallet_id,
    asset: row.asset,
    ledger: {
      accountId: accountId(customerWallet(row.wallet_id, row.asset)),
      posted: format(balance.postedMinor),
      held: format(balance.postedMinor - balance.availableMinor),
      available: format(balance.availableMinor),
    },
    chain: {
      balance: chain ? format(chain.minor) : null,
      blockNumber: chain ? String(chain.blockNumber) : null,
      isFinal: chain !== undefined,
    },
    difference: chain ? format(chain.minor - balance.postedMinor) : null,
  };
}
