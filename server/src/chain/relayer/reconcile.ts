import { PLATFORM } from '../../db/database.ts';
import { must } from '../../kernel/assert.ts';
import { fromQuantity, headers } from '../blocks.ts';
import { RpcError } from '../rpc.ts';
import { VaultUnavailable } from '../vault/client.ts';
import { Refused, type SignedRelay } from '../vault/protocol.ts';
import type { AccountView, ChainView } from './chain-view.ts';
import type { RelayerDeps } from './deps.ts';
import { bumpedFees, type Fees, isOutbid, MAX_ATTEMPTS_PER_BATCH, MAX_RELAYS } from './fees.ts';
import {
  type Attempt,
  type BlockRef,
  finishBatches,
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

/** A transaction that is in the chain, as its receipt says. */
interface MinedBatch extends OpenBatch {
  readonly block: BlockRef;
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
  const accountOf = (batch: OpenBatch): AccountView =>
    must(view.accounts.get(batch.relayerIndex), 'a batch has a relayer');
  const isSettled = (batch: OpenBatch, block: BlockRef): boolean =>
    block.number <= settledNumber && accountOf(batch).finalizedCount > batch.nonce;
  // A receipt is one node's word: a batch given up on it whose nonce is free would block all that follow it.
  const counted = open.filter((batch) => accountOf(batch).latestCount > batch.nonce);
  // It is also long, with every log in it. Once known, it is asked for again when the batch is to end by it, or when the
  // nonce is final and the block that it named is not: it was wrong.
  const asked = counted.filter(
    (batch) =>
      !batch.block ||
      isSettled(batch, batch.block) ||
      (accountOf(batch).finalizedCount > batch.nonce && batch.block.number > view.finalized.number),
  );
  const mined = await minedOf(deps, asked);
  const news = mined.filter((batch) => batch.status !== 'mined' && !isSettled(batch, batch.block));
  await markMined(deps.db, news);
  await finish(
    deps,
    mined.filter((batch) => isSettled(batch, batch.block)),
  );
  const inBlocks = new Set(mined.map(({ batchId }) => batchId));
  for (const batch of open) {
    const isMined = asked.includes(batch) ? inBlocks.has(batch.batchId) : counted.includes(batch);
    if (!isMined) await reconcileUnmined(deps, batch, accountOf(batch), view);
  }
}

/** Those of which any attempt is in a block: whichever it is, it is the one that counts. */
async function minedOf(deps: RelayerDeps, batches: readonly OpenBatch[]): Promise<MinedBatch[]> {
  const attempts = batches.flatMap((batch) => batch.attempts.map(({ hash }) => ({ batch, hash })));
  const answers = await deps.rpc.batch<Receipt | null>(
    attempts.map(({ hash }) => ({ method: 'eth_getTransactionReceipt', params: [hash] })),
  );
  return answers.flatMap((answer, i): MinedBatch[] => {
    if (answer instanceof RpcError) throw answer;
    const batch = attempts[i]?.batch;
    if (!answer || !batch) return [];
    return [{ ...batch, block: { number: fromQuantity(answer.blockNumber), hash: answer.blockHash } }];
  });
}

async function finish(deps: RelayerDeps, batches: readonly MinedBatch[]): Promise<void> {
  if (batches.length === 0) return;
  const numbers = [...new Set(batches.map(({ block }) => block.number))];
  const found = new Map((await headers(deps.rpc, numbers)).map((header) => [header?.hash, header]));
  const finished = batches.flatMap(({ batchId, block }) => {
    // A node that answers from another branch than the final one is asked again at the next tick.
    const header = found.get(block.hash);
    return header ? { batchId, block: header } : [];
  });
  await finishBatches(deps.db, finished, MAX_RELAYS);
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
  if (deps.broadcaster.isUnderWay(batch.batchId)) return;
  const last = must(batch.attempts.at(-1), 'a batch has an attempt');
  const replacement = await replacementOf(deps, batch, last, view, account.latestCount);
  if (replacement) {
    deps.broadcaster.start({ ...idsOf(batch), ...replacement });
    return;
  }
  const nowMs = deps.clock.now().getTime();
  const isDue = !batch.sentAt || nowMs - batch.sentAt.getTime() >= deps.settings.resendAfterMs;
  if (!isDue) return;
  const raw = await getRaw(deps.db, batch.batchId, last.hash);
  deps.broadcaster.start({ ...idsOf(batch), raw, hash: last.hash });
}

const idsOf = ({ batchId, relayerIndex }: OpenBatch) => ({ batchId, relayerIndex });

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
