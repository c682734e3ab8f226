import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { fromQuantity, headers } from '../server/src/chain/blocks.ts';
import { type JsonRpc, RpcError } from '../server/src/chain/rpc.ts';
import { addressOf } from '../server/src/chain/token/secp256k1.ts';
import { sendUntilFinal, signBatches } from './raw-sender.ts';
import type { Rates, SetUp } from './settle-rates.ts';

const WEI = 10n ** 24n;
const FUNDS = 1_000_000n;
const POLL_MS = 10;

interface Receipt {
  readonly blockNumber: string;
  readonly gasUsed: string;
}

/** The limit of the chain: transfers of the keys in turn, one to each recipient, signed ahead; until the last is final. */
export async function sendRaw(
  node: JsonRpc,
  setUp: SetUp,
  keys: readonly Uint8Array[],
  recipients: readonly string[],
): Promise<Rates> {
  const relayer = randomBytes(32);
  await setUp.fund([addressOf(relayer)], WEI);
  await setUp.mint(keys.map(addressOf), FUNDS);
  await untilIdle(node);
  const batches = signBatches(relayer, keys, recipients);
  const durationMs = await sendUntilFinal(node, batches);
  const hashes = batches.map(({ hash }) => hash);
  return {
    perSecond: (recipients.length * 1_000) / durationMs,
    ...(await inBlocks(node, hashes, recipients.length)),
  };
}

/** No transaction waits for a block. */
export async function untilIdle(node: JsonRpc): Promise<void> {
  while (Number((await node.call<{ pending: string }>('txpool_status')).pending) > 0) await delay(POLL_MS);
}

/** What the chain itself says of the transactions: gas, and the rate from the block before the first to the last. */
export async function inBlocks(
  node: JsonRpc,
  hashes: readonly string[],
  count: number,
): Promise<Pick<Rates, 'steadyPerSecond' | 'gasPerSend'>> {
  const receipts = await node.batch<Receipt>(
    hashes.map((hash) => ({ method: 'eth_getTransactionReceipt', params: [hash] })),
  );
  const mined = receipts.filter((each): each is Receipt => each !== null && !(each instanceof RpcError));
  const numbers = mined.map(({ blockNumber }) => fromQuantity(blockNumber));
  const gas = mined.reduce((sum, { gasUsed }) => sum + fromQuantity(gasUsed), 0);
  const [before, last] = await headers(node, [Math.min(...numbers) - 1, Math.max(...numbers)]);
  const seconds = Math.max((last?.time ?? 0) - (before?.time ?? 0), 1);
  return { steadyPerSecond: count / seconds, gasPerSend: Math.round(gas / count) };
}
