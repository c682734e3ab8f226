import { PLATFORM } from '../../db/database.ts';
import { assert, must } from '../../kernel/assert.ts';
import { chunksOf } from '../indexer/store.ts';
import type { SignedTransfer } from '../vault/protocol.ts';
import type { ChainView } from './chain-view.ts';
import type { RelayerDeps } from './deps.ts';
import { firstFees, MAX_RELAYS } from './fees.ts';
import { type ClaimedSend, claimQueued, giveUpRelaying } from './sends-store.ts';
import { countInFlight, insertBatch, type NewBatch, type Relayer, skipNonces } from './store.ts';

/** Between looks at what became of those on their way; what they take fits into one request to the signer. */
const MAX_BATCHES_PER_TICK = 4;

/**
 * Relays the oldest queued sends, a transaction for each full batch: fixes their authorizations (commit), signs
 * (outside), stores nonces, batches and bytes (commit), and starts to broadcast. What costs a wait, the flushes of
 * PostgreSQL and of the signing log, is shared by all batches of the tick. True when they were full and more may wait.
 */
export async function dispatch(
  deps: RelayerDeps,
  relayers: readonly Relayer[],
  view: ChainView,
): Promise<boolean> {
  const { settings, network } = deps;
  const places = await freePlaces(deps, relayers, view);
  if (places.length === 0) return false;
  // A chain that mines only when there is something to mine has a head of any age.
  const nowSeconds = Math.max(view.latest.time, Math.floor(deps.clock.now().getTime() / 1_000));
  const claimed = await claimQueued(deps.db, network.name, {
    limit: settings.maxBatch * places.length,
    maxRelays: MAX_RELAYS,
    validBefore: nowSeconds + settings.validitySeconds,
    minValidBefore: nowSeconds + settings.minValidSeconds,
  });
  const transfers = await signTransfers(deps, claimed);
  if (transfers.length === 0) return false;
  const batches = await Promise.all(
    [...chunksOf(transfers, settings.maxBatch)].map((chunk, i) =>
      signBatch(deps, must(places[i], 'a place for each batch'), chunk, view.latest.baseFeePerGas),
    ),
  );
  await deps.db.tx(PLATFORM, async (tx) => {
    for (const batch of batches) await insertBatch(tx, network.name, batch);
  });
  for (const { batchId, relayer, attempt, transfers: sends } of batches) {
    deps.log.info({ batch: batchId, tx: attempt.hash, sends: sends.length }, 'sends relayed');
    deps.broadcaster.start({ batchId, relayerIndex: relayer.index, ...attempt });
  }
  return transfers.length === settings.maxBatch * places.length;
}

/**
 * Accounts with the nonces for the next batches, at most one tick's: always the account with the fewest open batches
 * of those that have gas money.
 */
async function freePlaces(
  deps: RelayerDeps,
  relayers: readonly Relayer[],
  view: ChainView,
): Promise<Relayer[]> {
  const { settings } = deps;
  const { maxFeePerGas } = firstFees(view.latest.baseFeePerGas, settings);
  const dearest = (settings.gasBase + BigInt(settings.maxBatch) * settings.gasPerTransfer) * maxFeePerGas;
  const active = relayers.filter(({ index }) => index < settings.relayers);
  const canPay = ({ index }: Relayer): boolean => (view.accounts.get(index)?.balance ?? 0n) >= dearest;
  const solvent = active.filter(canPay);
  deps.gasAlarm.set(solvent.length === 0);
  deps.restingAlarm.set(solvent.length < active.length, {
    relayer: active.find((each) => !canPay(each))?.address,
  });
  if (solvent.length === 0) return [];
  const open = await countInFlight(deps.db, deps.network.name);
  const inFlight = (index: number): number => open.get(index) ?? 0;
  const accounts = await Promise.all(solvent.map((relayer) => withFreeNonce(deps, relayer, view)));
  const places: Relayer[] = [];
  while (places.length < MAX_BATCHES_PER_TICK) {
    const taken = (index: number): number => places.filter((place) => place.index === index).length;
    const load = (index: number): number => inFlight(index) + taken(index);
    const [next] = accounts
      .filter(({ index }) => load(index) < settings.maxInFlight)
      .sort((a, b) => load(a.index) - load(b.index));
    if (!next) break;
    places.push({ ...next, nextNonce: next.nextNonce + taken(next.index) });
  }
  return places;
}

/** Its nonce brought up to what the chain has final. */
async function withFreeNonce(deps: RelayerDeps, relayer: Relayer, view: ChainView): Promise<Relayer> {
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
