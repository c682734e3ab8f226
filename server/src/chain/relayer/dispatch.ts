import { PLATFORM } from '../../db/database.ts';
import { assert } from '../../kernel/assert.ts';
import type { SignedTransfer } from '../vault/protocol.ts';
import { broadcast } from './broadcast.ts';
import type { ChainView } from './chain-view.ts';
import type { RelayerDeps } from './deps.ts';
import { firstFees, MAX_RELAYS } from './fees.ts';
import { type ClaimedSend, claimQueued, giveUpRelaying } from './sends-store.ts';
import { countInFlight, insertBatch, type NewBatch, type Relayer, skipNonces } from './store.ts';

/** Between looks at what became of those on their way. */
const MAX_BATCHES_PER_TICK = 4;

/**
 * Relays the oldest queued sends, a transaction for each full batch: while one is on its way to the node, the next is
 * signed and stored. True when the last one was full and more may be waiting.
 */
export async function dispatch(
  deps: RelayerDeps,
  relayers: readonly Relayer[],
  view: ChainView,
): Promise<boolean> {
  const broadcasts: Promise<void>[] = [];
  try {
    return await storeAndBroadcast(deps, relayers, view, broadcasts);
  } finally {
    await Promise.all(broadcasts);
  }
}

async function storeAndBroadcast(
  deps: RelayerDeps,
  relayers: readonly Relayer[],
  view: ChainView,
  broadcasts: Promise<void>[],
): Promise<boolean> {
  let accounts = relayers;
  while (broadcasts.length < MAX_BATCHES_PER_TICK) {
    const batch = await storeBatch(deps, accounts, view);
    if (!batch) return false;
    const { batchId, attempt, relayer, transfers } = batch;
    const sending = broadcast(deps, batchId, attempt);
    // It may fail while the next batch is being stored; whoever awaits all of them hears of it.
    sending.catch(() => undefined);
    broadcasts.push(sending);
    if (transfers.length < deps.settings.maxBatch) return false;
    accounts = accounts.map((each) =>
      each.index === relayer.index ? { ...relayer, nextNonce: relayer.nextNonce + 1 } : each,
    );
  }
  return true;
}

/**
 * Fixes the authorizations of the oldest queued sends (commit), signs (outside), and stores nonce, batch and bytes
 * (commit). Undefined when nothing is queued, or no relayer can take it.
 */
async function storeBatch(
  deps: RelayerDeps,
  relayers: readonly Relayer[],
  view: ChainView,
): Promise<NewBatch | undefined> {
  const { settings } = deps;
  const relayer = await freeRelayer(deps, relayers, view);
  if (!relayer) return undefined;
  // A chain that mines only when there is something to mine has a head of any age.
  const nowSeconds = Math.max(view.latest.time, Math.floor(deps.clock.now().getTime() / 1_000));
  const claimed = await claimQueued(deps.db, deps.network.name, {
    limit: settings.maxBatch,
    maxRelays: MAX_RELAYS,
    validBefore: nowSeconds + settings.validitySeconds,
    minValidBefore: nowSeconds + settings.minValidSeconds,
  });
  const transfers = await signTransfers(deps, claimed);
  if (transfers.length === 0) return undefined;
  const batch = await signBatch(deps, relayer, transfers, view.latest.baseFeePerGas);
  await deps.db.tx(PLATFORM, (tx) => insertBatch(tx, deps.network.name, batch));
  deps.log.info({ batch: batch.batchId, tx: batch.attempt.hash, sends: transfers.length }, 'sends relayed');
  return batch;
}

/** The relayer with the fewest open batches that has gas money, its nonce brought up to what the chain has final. */
async function freeRelayer(
  deps: RelayerDeps,
  relayers: readonly Relayer[],
  view: ChainView,
): Promise<Relayer | undefined> {
  const { settings } = deps;
  const { maxFeePerGas } = firstFees(view.latest.baseFeePerGas, settings);
  const dearest = (settings.gasBase + BigInt(settings.maxBatch) * settings.gasPerTransfer) * maxFeePerGas;
  const open = await countInFlight(deps.db, deps.network.name);
  const inFlight = (index: number): number => open.get(index) ?? 0;
  const solvent = relayers.filter(
    ({ index }) => index < settings.relayers && (view.accounts.get(index)?.balance ?? 0n) >= dearest,
  );
  deps.gasAlarm.set(solvent.length === 0);
  const [relayer] = solvent
    .filter(({ index }) => inFlight(index) < settings.maxInFlight)
    .sort((a, b) => inFlight(a.index) - inFlight(b.index));
  if (!relayer) return undefined;
  const usedNonces = view.accounts.get(relayer.index)?.finalizedCount ?? 0;
  if (usedNonces <= relayer.nextNonce) return relayer;
  await skipNonces(deps.db, deps.network.name, relayer, usedNonces);
  return { ...relayer, nextNonce: usedNonces };
}

async function signTransfers(deps: RelayerDeps, claimed: readonly ClaimedSend[]): Promise<SignedTransfer[]> {
  if (claimed.length === 0) return [];
  const { chainId, tokenAddress } = deps.network;
  const answers = await deps.vault.signTransfers(claimed, { chainId, contract: tokenAddress });
  const refused: ClaimedSend[] = [];
  const waiting: ClaimedSend[] = [];
  const signed: SignedTransfer[] = [];
  claimed.forEach((send, i) => {
    const answer = answers[i];
    assert(answer, 'the signer answers each transfer');
    if ('signature' in answer) {
      signed.push({ ...send, signature: answer.signature });
    } else if (answer.refused === 'over_daily_limit') {
      waiting.push(send);
    } else {
      deps.log.error({ send: send.sendId, refused: answer.refused }, 'the signer refused a send');
      refused.push(send);
    }
  });
  // The limit is a rolling one: these stay queued, and the next look at the queue asks for them again.
  deps.dailyLimitAlarm.set(waiting.length > 0, { send: waiting[0]?.sendId });
  if (refused.length > 0) await giveUpRelaying(deps.db, refused, MAX_RELAYS);
  return signed;
}

async function signBatch(
  deps: RelayerDeps,
  relayer: Relayer,
  transfers: readonly SignedTransfer[],
  baseFee: bigint,
): Promise<NewBatch> {
  const { settings, network } = deps;
  const gas = settings.gasBase + BigInt(transfers.length) * settings.gasPerTransfer;
  const fees = firstFees(baseFee, settings);
  const { raw, hash } = await deps.vault.signRelay({
    chainId: network.chainId,
    contract: network.tokenAddress,
    relayerIndex: relayer.index,
    nonce: relayer.nextNonce,
    gas,
    ...fees,
    transfers,
  });
  const attempt = { hash, raw, ...fees, createdAt: deps.clock.now() };
  return { batchId: deps.ids.next('relayBatch'), relayer, gas, transfers, attempt };
}
