import { awaitTransfer } from '../chain/awaited-transfers.ts';
import { backoffMs, type Task } from '../jobs/jobs.ts';
import type { Faucet } from './provider.ts';
import { FLOAT_MINOR, FUND_TASK, type FundPayload } from './service.ts';

const MAX_FUND_ATTEMPTS = 50;

/** Fills a sandbox's treasury; the indexer credits the transfer like any other. */
export const fundTask = (faucet: Faucet): Task<FundPayload, string | undefined> => ({
  name: FUND_TASK,
  maxAttempts: MAX_FUND_ATTEMPTS,
  retryDelayMs: backoffMs,
  call: ({ payload }) => faucet.topUp(payload.address, FLOAT_MINOR),
  record: (tx, _job, txHash) => awaitTransfer(tx, txHash),
});
