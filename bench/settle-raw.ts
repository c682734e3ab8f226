import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { fromQuantity, headers, heads } from '../server/src/chain/blocks.ts';
import { POLYGON_RELAYER } from '../server/src/chain/relayer/fees.ts';
import { type JsonRpc, RpcError } from '../server/src/chain/rpc.ts';
import {
  authorizationNonce,
  domainSeparator,
  signAuthorization,
} from '../server/src/chain/token/authorization.ts';
import { encodeAggregate3, encodeTransferWithAuthorization } from '../server/src/chain/token/calls.ts';
import { MULTICALL3, USDC_POLYGON } from '../server/src/chain/token/contracts.ts';
import { addressOf } from '../server/src/chain/token/secp256k1.ts';
import { signTransaction } from '../server/src/chain/token/transaction.ts';
import { must } from '../server/src/kernel/assert.ts';
import { systemClock } from '../server/src/kernel/clock.ts';
import type { Rates, SetUp } from './settle-rates.ts';

const CHAIN_ID = 137;
const WEI = 10n ** 24n;
const FUNDS = 1_000_000n;
const GWEI = 10n ** 9n;
const VALID_SECONDS = 3_600;
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
  const count = recipients.length;
  const relayer = randomBytes(32);
  await setUp.fund([addressOf(relayer)], WEI);
  await setUp.mint(keys.map(addressOf), FUNDS);
  await untilIdle(node);
  const batches = signBatches(relayer, keys, recipients);
  const startedMs = performance.now();
  for (const { raw } of batches) await node.call('eth_sendRawTransaction', [raw]);
  const hashes = batches.map(({ hash }) => hash);
  await untilFinal(node, must(hashes.at(-1), 'a batch'));
  const perSecond = (count * 1_000) / (performance.now() - startedMs);
  return { perSecond, ...(await inBlocks(node, hashes, count)) };
}

function signBatches(relayer: Uint8Array, keys: readonly Uint8Array[], recipients: readonly string[]) {
  const separator = domainSeparator({
    name: 'USD Coin',
    version: '2',
    chainId: CHAIN_ID,
    verifyingContract: USDC_POLYGON,
  });
  const validBefore = BigInt(Math.floor(systemClock.now().getTime() / 1_000) + VALID_SECONDS);
  const run = randomBytes(8).toString('hex');
  const calls = recipients.map((to, index) => {
    const key = must(keys[index % keys.length], 'a key');
    const authorization = {
      from: addressOf(key),
      to,
      value: 1n,
      validAfter: 0n,
      validBefore,
      nonce: authorizationNonce(`raw_${run}_${index}`, 1),
    };
    const signature = signAuthorization(key, authorization, separator);
    return { target: USDC_POLYGON, callData: encodeTransferWithAuthorization(authorization, signature) };
  });
  const { maxBatch, gasBase, gasPerTransfer, minTip } = POLYGON_RELAYER;
  return Array.from({ length: Math.ceil(calls.length / maxBatch) }, (_, nonce) => {
    const batch = calls.slice(nonce * maxBatch, (nonce + 1) * maxBatch);
    return signTransaction(relayer, {
      chainId: CHAIN_ID,
      nonce,
      gas: gasBase + gasPerTransfer * BigInt(batch.length),
      maxFeePerGas: minTip + 1_000n * GWEI,
      maxPriorityFeePerGas: minTip,
      to: MULTICALL3,
      data: encodeAggregate3(batch),
    });
  });
}

/** No transaction waits for a block. */
export async function untilIdle(node: JsonRpc): Promise<void> {
  while (Number((await node.call<{ pending: string }>('txpool_status')).pending) > 0) await delay(POLL_MS);
}

async function untilFinal(node: JsonRpc, hash: string): Promise<void> {
  for (;;) {
    const receipt = await node.call<Receipt | null>('eth_getTransactionReceipt', [hash]);
    if (receipt && (await heads(node)).finalized.number >= fromQuantity(receipt.blockNumber)) return;
    await delay(POLL_MS);
  }
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
