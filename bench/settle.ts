import { type ChildProcess, fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { POLYGON_RELAYER } from '../server/src/chain/relayer/fees.ts';
import { JsonRpc } from '../server/src/chain/rpc.ts';
import { startEmbeddedPostgres } from '../server/src/db/embedded/start.ts';
import { migrate } from '../server/src/db/migrate.ts';
import { silentLogger } from '../server/src/kernel/log.ts';
import { endChild } from '../server/src/kernel/process.ts';
import { type Settling, startSettling } from './settle-product.ts';
import type { Rates } from './settle-rates.ts';
import { sendRaw } from './settle-raw.ts';

/**
 * `npm run bench:settle [-- --sends 10000 --wallets 1000 --block-ms 1000]`: sends from many wallets to distinct
 * addresses, until each is final on chain and posted in the ledger, beside a raw sender: the same transfers, signed
 * ahead and submitted in batches of the same size by one account, on the same chain, until final. The raw sender goes
 * twice: the first transfer to an address costs 17,100 gas more (EIP-2200: a slot that was zero), and both senders are
 * to meet the same addresses.
 */
const { values } = parseArgs({
  options: {
    sends: { type: 'string', default: '10000' },
    wallets: { type: 'string', default: '1000' },
    'block-ms': { type: 'string', default: '1000' },
    relayers: { type: 'string', default: '3' },
  },
});
const [sends, wallets, relayers] = [Number(values.sends), Number(values.wallets), Number(values.relayers)];
const blockMs = values['block-ms'];

const RPC_TIMEOUT_MS = 60_000;
const END_TIMEOUT_MS = 10_000;
/** The share is the aim on any machine; the rate is that of one that has its two cores for itself, with 1 s blocks. */
const AIM_SHARE = 0.7;
const AIM_PER_SECOND = 1_000;
const AIM_GAS = 56_000;

const dir = await mkdtemp(join(tmpdir(), 'oms-settle-'));
const postgres = await startEmbeddedPostgres({ dir: join(dir, 'postgres'), log: silentLogger });
await migrate(postgres.url);
const chain = fork(
  new URL('./local-chain-process.ts', import.meta.url),
  [postgres.url, join(dir, 'chain'), blockMs],
  { execArgv: [] },
);
const [{ url: rpcUrl }] = (await once(chain, 'message')) as [{ url: string }];
const node = new JsonRpc({ url: rpcUrl, timeoutMs: RPC_TIMEOUT_MS });
let settling: Settling | undefined;

/** Has the chain's process do something, until it is done. */
async function order(child: ChildProcess, message: object): Promise<void> {
  child.send(message);
  await once(child, 'message');
}
const setUp = {
  fund: (addresses: readonly string[], wei: bigint) => order(chain, { fund: addresses, wei: wei.toString() }),
  mint: (addresses: readonly string[], minor: bigint) =>
    order(chain, { mint: addresses, minor: minor.toString() }),
};

try {
  const keys = Array.from({ length: wallets }, () => randomBytes(32));
  const recipients = Array.from({ length: sends }, () => `0x${randomBytes(20).toString('hex')}`);
  const first = await sendRaw(node, setUp, keys, recipients);
  const raw = await sendRaw(node, setUp, keys, recipients);
  settling = await startSettling({
    dir,
    databaseUrl: postgres.url,
    rpcUrl,
    setUp,
    recipients,
    wallets,
    relayers,
  });
  const product = await settling.run(node);
  const share = product.perSecond / raw.perSecond;
  console.table([
    { sender: 'raw, to addresses that hold nothing', ...rounded(first) },
    { sender: 'raw, to the same again', ...rounded(raw) },
    { sender: 'product, to the same, posted', ...rounded(product) },
  ]);
  console.log(
    [
      `relayers: ${relayers}, sends in a full batch: ${POLYGON_RELAYER.maxBatch}, block time: ${blockMs} ms, ` +
        `block gas limit: ${await blockGasLimit(node)}`,
      `share of the raw sender: ${percent(share)} (aim ${percent(AIM_SHARE)}: ${verdict(share >= AIM_SHARE)})`,
      `sends/s: ${Math.round(product.perSecond)} (aim ${AIM_PER_SECOND} with 1 s blocks: ${verdict(product.perSecond >= AIM_PER_SECOND)})`,
      `gas per send: ${product.gasPerSend} (aim ${AIM_GAS} in full batches: ${verdict(product.gasPerSend <= AIM_GAS)})`,
    ].join('\n'),
  );
} finally {
  await settling?.stop();
  node.close();
  const gone = once(chain, 'exit');
  chain.disconnect();
  await Promise.race([gone, endChild(chain, { timeoutMs: END_TIMEOUT_MS })]);
  await postgres.stop();
  await rm(dir, { recursive: true, force: true, maxRetries: 5 });
}

async function blockGasLimit(rpc: JsonRpc): Promise<number> {
  return Number((await rpc.call<{ gasLimit: string }>('eth_getBlockByNumber', ['latest', false])).gasLimit);
}

function verdict(isMet: boolean): string {
  return isMet ? 'met' : 'MISSED';
}

function percent(ratio: number): string {
  return `${(ratio * 100).toFixed(0)} %`;
}

function rounded({ perSecond, gasPerSend, steadyPerSecond }: Rates) {
  return {
    'sends/s': Math.round(perSecond),
    'sends/s from first to last block': Math.round(steadyPerSecond),
    'gas per send': gasPerSend,
  };
}
