import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import pg from 'pg';
import { startLocalChain } from '../server/src/chain/local/start.ts';
import { JsonRpc } from '../server/src/chain/rpc.ts';
import { addressOf } from '../server/src/chain/token/secp256k1.ts';
import { migrate } from '../server/src/db/migrate.ts';
import { systemClock } from '../server/src/kernel/clock.ts';
import { silentLogger } from '../server/src/kernel/log.ts';
import type { Bench } from './bench.ts';
import { sendUntilFinal, signBatches } from './raw-sender.ts';

const WEI = 10n ** 24n;
const MINOR = 1_000_000n;
const RPC_TIMEOUT_MS = 60_000;
const DATABASE = 'bench_chain';

/** Transfers per second of the chain alone: signed ahead, in batches as the relayer makes them, until all are final. */
export async function measureRawChain(bench: Bench, adminUrl: string, count: number): Promise<number> {
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
  const rpc = new JsonRpc({ url: chain.url, timeoutMs: RPC_TIMEOUT_MS });
  try {
    const payer = randomBytes(32);
    const relayer = randomBytes(32);
    await chain.fundGas(addressOf(relayer), WEI);
    await chain.mintUsdc(addressOf(payer), MINOR * BigInt(count));
    await chain.mine(3);
    const recipients = Array.from({ length: count }, () => `0x${randomBytes(20).toString('hex')}`);
    const durationMs = await sendUntilFinal(rpc, signBatches(relayer, [payer], recipients));
    return (count * 1_000) / durationMs;
  } finally {
    rpc.close();
    await chain.stop();
    await store.end();
    await admin.query(`drop database ${DATABASE} with (force)`);
    await admin.end();
  }
}
