import type { BodyOf } from '@openoms/contract/operation.ts';
import type {
  SimulatedSender,
  SimulatedWalletDeposit,
  simulateWalletDeposit,
} from '@openoms/contract/simulations.ts';
import { awaitTransfer } from '../../chain/awaited-transfers.ts';
import type { Tx } from '../../db/database.ts';
import { backoffMs, type Jobs, type Task } from '../../jobs/jobs.ts';
import { toIsoSeconds } from '../../kernel/clock.ts';
import { ApiError, validationError } from '../../kernel/errors.ts';
import type { Ids } from '../../kernel/ids.ts';
import { formatMinor, parseMinor } from '../../kernel/money.ts';
import type { Wallets } from '../../wallets/service.ts';

type Body = BodyOf<typeof simulateWalletDeposit>;

/** 100 million USDC. */
const MAX_MINOR = 100_000_000_000_000n;
const MAX_ATTEMPTS = 50;
const TRANSFER_TASK = 'sandbox-chain.transfer';

interface TransferPayload {
  readonly address: string;
  readonly token: 'usdc' | 'other';
  /** As decimal digits. */
  readonly minor: string;
  /** Names the transfer, so that it is made once. */
  readonly reference: string;
  readonly from?: SimulatedSender;
}

/** A stranger on the local chain. */
export interface StrangerTransfers {
  transferOnce(
    address: string,
    minor: bigint,
    reference: string,
    from: SimulatedSender,
  ): Promise<string | undefined>;
  transferUnknown(address: string, minor: bigint, from: SimulatedSender): Promise<unknown>;
}

/** Strangers send to wallets; the indexer takes their transfers in like any others. */
export class ChainDeposits {
  readonly #deps: {
    readonly ids: Ids;
    readonly jobs: Jobs;
    readonly wallets: Wallets;
  };

  constructor(deps: {
    readonly ids: Ids;
    readonly jobs: Jobs;
    readonly wallets: Wallets;
  }) {
    this.#deps = deps;
  }

  /** Throws 404, 400 for an amount that is none, 422 for one that is too large. */
  async simulate(
    tx: Tx,
    walletId: string,
    { token = 'usdc', amount, from = 'stranger' }: Body,
  ): Promise<SimulatedWalletDeposit> {
    const { ids, jobs, wallets } = this.#deps;
    const minor = parseMinor(amount.value, 'usdc');
    if (minor === undefined || minor === 0n) {
      const issue = 'must be a positive amount with at most 6 decimals';
      throw validationError([{ field: 'amount.value', issue }]);
    }
    const { address, chain } = await wallets.get(tx, walletId);
    if (minor > MAX_MINOR) {
      throw new ApiError(422, 'amount_out_of_range', 'The amount is more than a simulation sends.', {
        details: [{ field: 'amount.value', issue: `must be at most ${formatMinor(MAX_MINOR, 'usdc')}` }],
      });
    }
    const reference = ids.next('simulatedDeposit', tx);
    const payload: TransferPayload = { address, token, minor: minor.toString(), reference, from };
    await jobs.enqueue(tx, TRANSFER_TASK, payload);
    return {
      walletId,
      address,
      network: chain,
      token,
      amount: { value: formatMinor(minor, 'usdc') },
      status: 'submitted',
      submittedAt: toIsoSeconds(tx.now()),
    };
  }
}

export const transferTask = (transfers: StrangerTransfers): Task<TransferPayload, string | undefined> => ({
  name: TRANSFER_TASK,
  maxAttempts: MAX_ATTEMPTS,
  retryDelayMs: backoffMs,
  call: async ({ jobId, payload: { address, token, minor, reference, from = 'stranger' } }) => {
    // A job that comes back with its world is another one, and makes a transfer of its own.
    if (token === 'usdc')
      return transfers.transferOnce(address, BigInt(minor), `${reference}/${jobId}`, from);
    await transfers.transferUnknown(address, BigInt(minor), from);
    return undefined;
  },
  record: (tx, _job, txHash) => awaitTransfer(tx, txHash),
});
