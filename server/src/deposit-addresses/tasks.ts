import { awaitTransfer } from '../chain/awaited-transfers.ts';
import { backoffMs, type Task } from '../jobs/jobs.ts';
import { RELEASE_TASK, type ReleasePayload, SIMULATE_TASK, type SimulatePayload } from './deps.ts';
import type { TestTransfers } from './provider.ts';
import type { DepositAddresses } from './service.ts';

const MAX_RELEASE_ATTEMPTS = 20;
const MAX_SIMULATE_ATTEMPTS = 50;

export const releaseTask = (addresses: DepositAddresses): Task<ReleasePayload> => ({
  name: RELEASE_TASK,
  maxAttempts: MAX_RELEASE_ATTEMPTS,
  retryDelayMs: backoffMs,
  record: (tx, { payload }) => addresses.releaseHeld(tx, payload),
});

/** The indexer takes the transfer in like any other. */
export const simulateTask = (transfers: TestTransfers): Task<SimulatePayload, string | undefined> => ({
  name: SIMULATE_TASK,
  maxAttempts: MAX_SIMULATE_ATTEMPTS,
  retryDelayMs: backoffMs,
  // A job that comes back with its world is another one, and makes a transfer of its own.
  call: ({ jobId, payload: { address, minor, reference, from = 'stranger' } }) =>
    transfers.transferOnce(address, BigInt(minor), `${reference}/${jobId}`, from),
  record: (tx, _job, txHash) => awaitTransfer(tx, txHash),
});
