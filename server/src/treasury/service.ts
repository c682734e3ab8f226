import type { Addresses } from '../chain/addresses.ts';
import type { NetworkName, TokenAsset } from '../chain/networks.ts';
import type { Deposit } from '../chain/sends.ts';
import type { Tx } from '../db/database.ts';
import type { Jobs } from '../jobs/jobs.ts';
import { must } from '../kernel/assert.ts';
import { capital, treasury } from '../ledger/chart.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { TransferGroup } from '../ledger/transfers.ts';
import { findTreasury, insertTreasury, type TreasuryRow } from './store.ts';

export type { TreasuryRow } from './store.ts';

export const FUND_TASK = 'treasury.fund';
/** What the faucet fills a sandbox's treasury with: 100 million USDC. */
export const FLOAT_MINOR = 100_000_000_000_000n;

export interface FundPayload {
  readonly address: string;
}

export interface TreasuriesDeps {
  readonly jobs: Jobs;
  readonly ledger: Ledger;
  readonly addresses: Addresses;
}

/** Where a project's float lies on chain. It is funded by a transfer to its address, in the sandbox as anywhere. */
export class Treasuries {
  readonly #deps: TreasuriesDeps;

  constructor(deps: TreasuriesDeps) {
    this.#deps = deps;
  }

  /** `fromFaucet`: have the sandbox's chain fill it. Throws 503 while no address is ready. */
  async open(tx: Tx, options: { readonly fromFaucet: boolean }): Promise<TreasuryRow> {
    const address = await this.#deps.addresses.takeAddress(tx);
    const row: TreasuryRow = { network: 'polygon', address: address.address, key_index: address.keyIndex };
    await insertTreasury(tx, row, tx.now());
    await this.#deps.addresses.watch(tx, {
      address: row.address,
      network: row.network,
      purpose: 'treasury',
      resourceId: tx.scope,
    });
    if (options.fromFaucet) {
      await this.#deps.jobs.enqueue(tx, FUND_TASK, { address: row.address } satisfies FundPayload);
    }
    return row;
  }

  /** With the float of a sandbox, which whoever calls puts on the chain; booked under a group id of the caller's. */
  async openWithFloat(tx: Tx, groupId: string): Promise<void> {
    const { network } = await this.open(tx, { fromFaucet: false });
    await this.#deps.ledger.apply(tx, fundingOf(groupId, { network, asset: 'usdc', minor: FLOAT_MINOR }));
  }

  /** Undefined until the project's treasury is opened. */
  find(tx: Tx): Promise<TreasuryRow | undefined> {
    return findTreasury(tx);
  }

  /** What the treasury can still pay out, in minor units. */
  async availableMinor(tx: Tx): Promise<bigint> {
    return -(await this.#deps.ledger.balance(tx, treasury('polygon', 'usdc'))).postedMinor;
  }

  async get(tx: Tx): Promise<TreasuryRow> {
    return must(await findTreasury(tx), 'the project has no treasury');
  }

  async depositsCredited(tx: Tx, deposits: readonly Deposit[]): Promise<void> {
    await this.#deps.ledger.apply(
      tx,
      ...deposits.map(({ depositId, network, asset, amountMinor }) =>
        fundingOf(`${depositId}.credited`, { network, asset, minor: amountMinor }),
      ),
    );
  }
}

const fundingOf = (
  groupId: string,
  { network, asset, minor }: { network: NetworkName; asset: TokenAsset; minor: bigint },
): TransferGroup => ({
  groupId,
  transfers: [{ kind: 'single', debit: treasury(network, asset), credit: capital(network, asset), minor }],
});
