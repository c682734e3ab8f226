import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { fromQuantity, heads } from '../server/src/chain/blocks.ts';
import { POLYGON_RELAYER } from '../server/src/chain/relayer/fees.ts';
import type { JsonRpc } from '../server/src/chain/rpc.ts';
import {
  authorizationNonce,
  domainSeparator,
  signAuthorization,
} from '../server/src/chain/token/authorization.ts';
import { encodeAggregate3, encodeTransferWithAuthorization } from '../server/src/chain/token/calls.ts';
import { MULTICALL3, USDC_POLYGON } from '../server/src/chain/token/contracts.ts';
import type { Hex } from '../server/src/chain/token/hex.ts';
import { addressOf } from '../server/src/chain/token/secp256k1.ts';
import { type SignedTransaction, signTransaction } from '../server/src/chain/token/transaction.ts';
import { assert, must } from '../server/src/kernel/assert.ts';
import { systemClock } from '../server/src/kernel/clock.ts';

const CHAIN_ID = 137;
const GWEI = 10n ** 9n;
const MAX_FEE = 1_000n * GWEI;
const VALID_SECONDS = 3_600;
const POLL_MS = 10;
const FINAL_TIMEOUT_MS = 300_000;

/** Transfers of one minor unit from the payers in turn, one to each recipient, in batches as the relayer makes them. */
export function signBatches(
  relayer: Uint8Array,
  payers: readonly Uint8Array[],
  recipients: readonly string[],
): SignedTransaction[] {
  const calls = transferCalls(payers, recipients);
  const { maxBatch, gasBase, gasPerTransfer, minTip } = POLYGON_RELAYER;
  return Array.from({ length: Math.ceil(calls.length / maxBatch) }, (_, nonce) =>
    signTransaction(relayer, {
      chainId: CHAIN_ID,
      nonce,
      // The last one's too: anvil tries whatever fits a block's rest, and drops it for its nonce if it is not next.
      gas: gasBase + gasPerTransfer * BigInt(maxBatch),
      maxFeePerGas: MAX_FEE,
      maxPriorityFeePerGas: minTip,
      to: MULTICALL3,
      data: encodeAggregate3(calls.slice(nonce * maxBatch, (nonce + 1) * maxBatch)),
    }),
  );
}

function transferCalls(
  payers: readonly Uint8Array[],
  recipients: readonly string[],
): { readonly target: string; readonly callData: Hex }[] {
  const separator = domainSeparator({
    name: 'USD Coin',
    version: '2',
    chainId: CHAIN_ID,
    verifyingContract: USDC_POLYGON,
  });
  const validBefore = BigInt(Math.floor(systemClock.now().getTime() / 1_000) + VALID_SECONDS);
  const run = randomBytes(8).toString('hex');
  return recipients.map((to, index) => {
    const key = must(payers[index % payers.length], 'a payer');
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
}

/** Submits one account's transactions in order; milliseconds until the last one is final. */
export async function sendUntilFinal(node: JsonRpc, batches: readonly SignedTransaction[]): Promise<number> {
  const startedMs = performance.now();
  for (const { raw } of batches) await node.call('eth_sendRawTransaction', [raw]);
  const { hash } = must(batches.at(-1), 'a batch');
  for (;;) {
    const receipt = await node.call<{ blockNumber: string } | null>('eth_getTransactionReceipt', [hash]);
    const durationMs = performance.now() - startedMs;
    if (receipt && (await heads(node)).finalized.number >= fromQuantity(receipt.blockNumber))
      return durationMs;
    assert(durationMs < FINAL_TIMEOUT_MS, 'the last transaction does not become final');
    await delay(POLL_MS);
  }
}
