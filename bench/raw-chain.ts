import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { startLocalChain } from '../server/src/chain/local/start.ts';
import { POLYGON_RELAYER } from '../server/src/chain/relayer/fees.ts';
import { JsonRpc, RpcError } from '../server/src/chain/rpc.ts';
import {
  authorizationNonce,
  domainSeparator,
  signAuthorization,
} from '../server/src/chain/token/authorization.ts';
import { encodeAggregate3, encodeTransferWithAuthorization } from '../server/src/chain/token/calls.ts';
import { MULTICALL3, USDC_POLYGON } from '../server/src/chain/token/contracts.ts';
import { addressOf } from '../server/src/chain/token/secp256k1.ts';
import { signTransaction } from '../server/src/chain/token/transaction.ts';
import { migrate } from '../server/src/db/migrate.ts';
import { systemClock } from '../server/src/kernel/clock.ts';
import { silentLogger } from '../server/src/kernel/log.ts';
import type { Bench } from './bench.ts';

const CHAIN_ID = 137;
const WEI = 10n ** 24n;
const MINOR = 1_000_000n;
const GWEI = 10n ** 9n;
const VALID_SECONDS = 3_600;
const POLL_MS = 10;
const RPC_TIMEOUT_MS = 60_000;
const DATABASE = 'bench_chain';

/** Transfers per second of the chain alone: signed ahead, in batches as the relayer makes them, until all are final. */
export async function measureRawChain(bench: Bench, adminUrl: string): Promise<number> {
  const admin = new pg.Client({ connectionString: adminUrl });
  await admin.connect();
  const url = new URL(adminUrl);
  url.pathname = `/${DATABASE}`;
  await admin.query(`create database ${DATABASE}`);
  await migrate(url.href);
  const store = new pg.Pool({ connectionString: url.href });
  const chain = await startLocalChain({
    store,
    dir: join(bench.dir, 'raw-chain'),
    clock: systemClock,
    log: silentLogger,
  });
  bench.stops.push(chain.stop);
  const { cashIns: count } = bench.scale;
  const rpc = new JsonRpc({ url: chain.url, timeoutMs: RPC_TIMEOUT_MS });
  try {
    const payer = randomBytes(32);
    const relayer = randomBytes(32);
    await chain.fundGas(addressOf(relayer), WEI);
    await chain.mintUsdc(addressOf(payer), MINOR * BigInt(count));
    await chain.mine(3);
    const batches = signBatches(payer, relayer, count);
    const startedMs = performance.now();
    for (const { raw } of batches) await rpc.call('eth_sendRawTransaction', [raw]);
    await untilFinal(
      rpc,
      batches.map(({ hash }) => hash),
    );
    return (count * 1_000) / (performance.now() - startedMs);
  } finally {
    rpc.close();
    await chain.stop();
    await store.end();
    await admin.query(`drop database ${DATABASE} with (force)`);
    await admin.end();
  }
}

function signBatches(payer: Uint8Array, relayer: Uint8Array, count: number) {
  const separator = domainSeparator({
    name: 'USD Coin',
    version: '2',
    chainId: CHAIN_ID,
    verifyingContract: USDC_POLYGON,
  });
  const validBefore = BigInt(Math.floor(systemClock.now().getTime() / 1_000) + VALID_SECONDS);
  const calls = Array.from({ length: count }, (_, index) => {
    const authorization = {
      from: addressOf(payer),
      to: `0x${randomBytes(20).toString('hex')}`,
      value: MINOR,
      validAfter: 0n,
      validBefore,
      nonce: authorizationNonce(`bench_${index}`, 1),
    };
    const signature = signAuthorization(payer, authorization, separator);
    return { target: USDC_POLYGON, callData: encodeTransferWithAuthorization(authorization, signature) };
  });
  const { maxBatch, gasBase, gasPerTransfer, minTip } = POLYGON_RELAYER;
  return Array.from({ length: Math.ceil(count / maxBatch) }, (_, nonce) => {
    const batch = calls.slice(nonce * maxBatch, (nonce + 1) * maxBatch);
    return signTransaction(relayer, {
      chainId: CHAIN_ID,
      nonce,
      gas: gasBase + gasPerTransfer * BigInt(batch.length),
      maxFeePerGas: minTip + 100n * GWEI,
      maxPriorityFeePerGas: minTip,
      to: MULTICALL3,
      data: encodeAggregate3(batch),
    });
  });
}

async function untilFinal(rpc: JsonRpc, hashes: readonly string[]): Promise<void> {
  for (;;) {
    const [last] = await rpc.batch<{ blockNumber: string; status: string } | null>([
      { method: 'eth_getTransactionReceipt', params: [hashes.at(-1)] },
    ]);
    if (last && !(last instanceof RpcError)) {
      const finalized = await rpc.call<{ number: string }>('eth_getBlockByNumber', ['finalized', false]);
      if (Number(finalized.number) >= Number(last.blockNumber)) return;
    }
    await delay(POLL_MS);
  }
}
