import { PLATFORM } from '../../db/database.ts';
import { must } from '../../kernel/assert.ts';
import { fromQuantity, type Header, headers } from '../blocks.ts';
import { RpcError } from '../rpc.ts';
import { VaultUnavailable } from '../vault/client.ts';
import { Refused, type SignedRelay } from '../vault/protocol.ts';
import { broadcast } from './broadcast.ts';
import type { AccountView, ChainView } from './chain-view.ts';
import type { RelayerDeps } from './deps.ts';
import { bumpedFees, type Fees, isOutbid, MAX_ATTEMPTS_PER_BATCH, MAX_RELAYS } from './fees.ts';
import {
  type Attempt,
  finishBatch,
  getRaw,
  getTransfers,
  insertAttempt,
  markMined,
  markUnmined,
  type OpenBatch,
  type SignedAttempt,
  supersedeBatch,
} from './store.ts';

interface Receipt {
  readonly blockNumber: string;
  readonly blockHash: string;
}

/**
 * Brings every open batch up to what the chain says. A transaction's status says nothing of its transfers (each may
 * fail alone), so a batch only becomes final once the indexer, which settles them, has passed its block.
 */
export async function reconcile(
  deps: RelayerDeps,
  open: readonly OpenBatch[],
  view: ChainView,
  settledNumber: number,
): Promise<void> {
  const receipts = await receiptsOf(deps, open);
  for (const batch of open) {
    const receipt = receipts.get(batch.batchId);
    const account = must(view.accounts.get(batch.relayerIndex), 'a batch has a relayer');
    // A receipt is one node's word. A batch given up on it whose nonce is free would block all that follow it.
    if (receipt && account.latestCount > batch.nonce) {
      await reconcileMined(deps, batch, receipt, account, settledNumber);
    } else await reconcileUnmined(deps, batch, account, view);
  }
}

/** Of any attempt: whichever is mined is the one that counts. */
async function receiptsOf(deps: RelayerDeps, open: readonly OpenBatch[]): Promise<Map<string, Receipt>> {
  const attempts = open.flatMap(({ batchId, attempts: own }) => own.map(({ hash }) => ({ batchId, hash })));
  const answers = await deps.rpc.batch<Receipt | null>(
    attempts.map(({ hash }) => ({ method: 'eth_getTransactionReceipt', params: [hash] })),
  );
  const found = new Map<string, Receipt>();
  answers.forEach((answer, i) => {
    if (answer instanceof RpcError) throw answer;
    const attempt = attempts[i];
    if (answer && attempt) found.set(attempt.batchId, answer);
  });
  return found;
}

async function reconcileMined(
  deps: RelayerDeps,
  batch: OpenBatch,
  receipt: Receipt,
  account: AccountView,
  settledNumber: number,
): Promise<void> {
  const number = fromQuantity(receipt.blockNumber);
  if (number > settledNumber || account.finalizedCount <= batch.nonce) {
    if (batch.status !== 'mined')
      await markMined(deps.db, batch.batchId, { number, hash: receipt.blockHash });
    return;
  }
  const header: Header | undefined = (await headers(deps.rpc, [number]))[0];
  // A node that answers from another branch than the final one is asked again at the next tick.
  if (header?.hash !== receipt.blockHash) return;
  await finishBatch(deps.db, batch.batchId, header, MAX_RELAYS);
}

async function reconcileUnmined(
  deps: RelayerDeps,
  batch: OpenBatch,
  account: AccountView,
  view: ChainView,
): Promise<void> {
  if (batch.status === 'mined') await markUnmined(deps.db, batch.batchId);
  if (account.finalizedCount > batch.nonce) {
    deps.log.warn({ batch: batch.batchId, nonce: batch.nonce }, 'nonce used by another transaction');
    await supersedeBatch(deps.db, batch.batchId);
    return;
  }
  // Another transaction has the nonce for now; it may yet be reorganised away.
  if (account.latestCount > batch.nonce) return;
  const last = must(batch.attempts.at(-1), 'a batch has an attempt');
  const replacement = await replacementOf(deps, batch, last, view, account.latestCount);
  if (replacement) return broadcast(deps, batch.batchId, replacement);
  const nowMs = deps.clock.now().getTime();
  const isDue = !batch.sentAt || nowMs - batch.sentAt.getTime() >= deps.settings.resendAfterMs;
  if (!isDue) return;
  const raw = await getRaw(deps.db, batch.batchId, last.hash);
  await broadcast(deps, batch.batchId, { raw, hash: last.hash });
}

/** The batch signed again at higher fees, stored, if it is outbid or has waited long as the next in line. */
async function replacementOf(
  deps: RelayerDeps,
  batch: OpenBatch,
  last: Attempt,
  view: ChainView,
  latestCount: number,
): Promise<SignedAttempt | undefined> {
  const baseFee = view.latest.baseFeePerGas;
  const ageMs = deps.clock.now().getTime() - last.createdAt.getTime();
  const isStuck = ageMs >= deps.settings.bumpAfterMs && batch.nonce === latestCount;
  if (batch.attempts.length >= MAX_ATTEMPTS_PER_BATCH || !(isStuck || isOutbid(last, baseFee)))
    return undefined;
  const fees = bumpedFees(last, baseFee, deps.settings);
  if (!fees) return undefined;
  const signed = await signAgain(deps, batch, fees);
  if (!signed) return undefined;
  const { raw, hash } = signed;
  const attempt = { raw, hash, ...fees, createdAt: deps.clock.now() };
  await deps.db.tx(PLATFORM, (tx) => insertAttempt(tx, batch.batchId, attempt));
  deps.log.info({ batch: batch.batchId, tx: hash, attempts: batch.attempts.length + 1 }, 'fees raised');
  return attempt;
}

/** Undefined when the signer is away or refuses the fees: the last attempt must do for now. */
async function signAgain(deps: RelayerDeps, batch: OpenBatch, fees: Fees): Promise<SignedRelay | undefined> {
  const { chainId, tokenAddress } = deps.network;
  const { relayerIndex, nonce, gas } = batch;
  const transfers = await getTransfers(deps.db, batch.batchId);
  try {
    return await deps.vault.signRelay({
      chainId,
      contract: tokenAddress,
      relayerIndex,
      nonce,
      gas,
      ...fees,
      transfers,
    });
  } catch (error) {
    if (!(error instanceof Refused || error instanceof VaultUnavailable)) throw error;
    deps.log.warn({ batch: batch.batchId, reason: error.message }, 'fees not raised');
    return undefined;
  }
}
