import { join } from 'node:path';
import type pg from 'pg';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { systemClock } from '../../kernel/clock.ts';
import { silentLogger } from '../../kernel/log.ts';
import type { ChainRule } from '../../trouble/trouble.ts';
import { JsonRpc } from '../rpc.ts';
import { decodeUint, encodeBalanceOf } from '../token/calls.ts';
import { USDC_POLYGON } from '../token/contracts.ts';
import type { Hex } from '../token/hex.ts';
import { addressOf } from '../token/secp256k1.ts';
import { startLocalChain } from './start.ts';
import { startTestStores, type TestStores } from './stores.fixture.ts';
import { LocalBalances } from './token-balances.ts';
import type { Announced, ChainTroubleSource } from './trouble.ts';

const GWEI = 10n ** 9n;
const BOB = addressOf(Buffer.alloc(32, 3));
const CAROL = addressOf(Buffer.alloc(32, 4));
const NOTHING: Announced = { seenUpTo: Number.MAX_SAFE_INTEGER, deposits: [] };

interface Block {
  readonly number: Hex;
  readonly hash: Hex;
  readonly baseFeePerGas: Hex;
  readonly transactions: readonly Hex[];
}

let stores: TestStores;
const running: { stop(): Promise<void> }[] = [];
beforeAll(async () => {
  stores = await startTestStores();
});
afterEach(async () => {
  for (const { stop } of running.splice(0)) await stop();
});
afterAll(() => stores.stop());

/** What the test has go wrong. */
function steered() {
  const steer = { rules: [] as ChainRule[], announced: NOTHING, hits: 0 };
  const source: ChainTroubleSource = {
    list: async () => steer.rules,
    hits: async () => {
      steer.hits += 1;
      return true;
    },
    announced: async () => steer.announced,
  };
  return { steer, source };
}

const rule = (kind: ChainRule['kind'], parameters: object = {}): ChainRule =>
  ({ ruleId: `tbl_${kind}`, projectId: 'prj_1', kind, parameters }) as ChainRule;

async function start(store: pg.Pool, trouble: ChainTroubleSource) {
  const chain = await startLocalChain({
    store,
    dir: join(stores.dir, 'chain'),
    clock: systemClock,
    log: silentLogger,
    mining: 'manual',
    trouble,
  });
  const rpc = new JsonRpc({ url: chain.url, timeoutMs: 20_000 });
  const stop = async () => {
    rpc.close();
    await chain.stop();
  };
  running.push({ stop });
  return { chain, rpc, stop };
}

const blockAt = (rpc: JsonRpc, tag: string) => rpc.call<Block>('eth_getBlockByNumber', [tag, false]);
const numberAt = async (rpc: JsonRpc, tag: string) => Number((await blockAt(rpc, tag)).number);
const feeOf = async (rpc: JsonRpc) => BigInt((await blockAt(rpc, 'latest')).baseFeePerGas);

async function usdcOf(rpc: JsonRpc, tag = 'latest', holder = BOB): Promise<bigint> {
  const call = { to: USDC_POLYGON, data: encodeBalanceOf(holder) };
  return decodeUint(await rpc.call<Hex>('eth_call', [call, tag]));
}

test('a reorganisation empties the block and those after it; what they held comes again, before what waited', async () => {
  const { store } = await stores.newDatabase();
  const { steer, source } = steered();
  const first = await start(store, source);
  const { chain, rpc } = first;
  steer.rules = [rule('chain.reorg', { depth: 2 })];
  await numberAt(rpc, 'finalized');
  const hashes = [await chain.mintUsdc(BOB, 5n), await chain.mintUsdc(BOB, 7n)];
  await chain.mine();
  const gone = await blockAt(rpc, 'latest');
  hashes.push(await chain.mintUsdc(BOB, 9n));
  await chain.mine();
  expect(await usdcOf(rpc)).toBe(21n);
  hashes.push(await chain.mintUsdc(BOB, 1n), await chain.mintUsdc(BOB, 2n));

  steer.announced = {
    seenUpTo: Number(gone.number) + 1,
    deposits: [{ blockNumber: Number(gone.number), blockHash: gone.hash }],
  };
  expect(await numberAt(rpc, 'finalized')).toBeLessThan(Number(gone.number));
  expect(await numberAt(rpc, 'latest')).toBe(Number(gone.number) + 1);
  expect(await usdcOf(rpc)).toBe(0n);
  expect((await blockAt(rpc, gone.number)).hash).not.toBe(gone.hash);
  // The indexer still believes in the block: finality waits, and nothing is taken back twice.
  expect(await numberAt(rpc, 'finalized')).toBeLessThan(Number(gone.number));
  expect([steer.hits, await chain.pendingCount()]).toEqual([1, 5]);
  const { rows } = await store.query<{ kind: string }>(
    'select kind from local_chain_log order by seq desc limit 6',
  );
  expect(rows.map(({ kind }) => kind)).toEqual([...hashes.map(() => 'transaction'), 'call']);
  await chain.mine();
  expect((await blockAt(rpc, 'latest')).transactions).toEqual(hashes);
  steer.announced = NOTHING;
  expect(await numberAt(rpc, 'finalized')).toBe(Number(gone.number));

  const tip = await blockAt(rpc, 'latest');
  await first.stop();
  const second = await start(store, source);
  expect((await blockAt(second.rpc, 'latest')).hash).toBe(tip.hash);
  expect(await usdcOf(second.rpc)).toBe(24n);
});

test('what was set without a transaction stays set through a reorganisation', async () => {
  const { store } = await stores.newDatabase();
  const { steer, source } = steered();
  const { chain, rpc } = await start(store, source);
  steer.rules = [rule('chain.reorg', { depth: 3 })];
  await numberAt(rpc, 'finalized');
  await chain.fundGas(CAROL, 100n);
  await chain.mintUsdc(BOB, 5n);
  await chain.mine();
  const { number, hash } = await blockAt(rpc, 'latest');
  await new LocalBalances(rpc).set([{ address: CAROL, minor: 42n }]);
  await chain.mine();
  await chain.fundGas(CAROL, 11n);
  steer.announced = {
    seenUpTo: Number(number) + 1,
    deposits: [{ blockNumber: Number(number), blockHash: hash }],
  };
  await numberAt(rpc, 'finalized');
  expect(await usdcOf(rpc)).toBe(0n);
  await chain.mine();
  expect([await usdcOf(rpc), await usdcOf(rpc, 'latest', CAROL)]).toEqual([5n, 42n]);
  expect(await rpc.call('eth_getBalance', [CAROL, 'latest'])).toBe('0x6f');
});

test('what was announced before the chain was started again is spared', async () => {
  const { store } = await stores.newDatabase();
  const { steer, source } = steered();
  const first = await start(store, source);
  await first.chain.mintUsdc(BOB, 5n);
  await first.chain.mine();
  const { number, hash } = await blockAt(first.rpc, 'latest');
  await first.stop();
  steer.rules = [rule('chain.reorg', { depth: 1 })];
  steer.announced = {
    seenUpTo: Number(number),
    deposits: [{ blockNumber: Number(number), blockHash: hash }],
  };
  const { chain, rpc } = await start(store, source);
  await numberAt(rpc, 'finalized');
  await chain.mine(2);
  expect(await numberAt(rpc, 'finalized')).toBe(Number(number));
  expect([(await blockAt(rpc, number)).hash, steer.hits]).toEqual([hash, 0]);
});

test('while finality stalls, `finalized` and `safe` stay where they were, wherever they are asked for', async () => {
  const { store } = await stores.newDatabase();
  const { steer, source } = steered();
  const { chain, rpc } = await start(store, source);
  const before = await numberAt(rpc, 'finalized');
  steer.rules = [rule('chain.stalledFinality')];
  await numberAt(rpc, 'finalized');
  await chain.mintUsdc(BOB, 5n);
  await chain.mine(6);
  expect([await numberAt(rpc, 'finalized'), await numberAt(rpc, 'safe')]).toEqual([before, before]);
  expect([await usdcOf(rpc, 'finalized'), await usdcOf(rpc)]).toEqual([0n, 5n]);
  const filter = { address: USDC_POLYGON, fromBlock: '0x0' };
  const [final = [], all = [], chainId] = await rpc.batch<unknown>([
    { method: 'eth_getLogs', params: [{ ...filter, toBlock: 'finalized' }] },
    { method: 'eth_getLogs', params: [{ ...filter, toBlock: 'latest' }] },
    { method: 'eth_chainId' },
  ]);
  expect((all as unknown[]).length).toBeGreaterThan((final as unknown[]).length);
  expect(chainId).toBe('0x89');
  // With a call among them that does something, they go another way.
  const [asked] = await rpc.batch<Block>([
    { method: 'eth_getBlockByNumber', params: ['finalized', false] },
    { method: 'evm_mine' },
  ]);
  expect(Number((asked as Block).number)).toBe(before);
  expect(steer.hits).toBe(1);
  steer.rules = [];
  expect(await numberAt(rpc, 'finalized')).toBe(before + 7);
});

test('a spike holds the base fee of each block, through a restart, and ends with its rule', async () => {
  const { store } = await stores.newDatabase();
  const { steer, source } = steered();
  const first = await start(store, source);
  steer.rules = [rule('chain.feeSpike', { factor: 1_000 })];
  expect(await feeOf(first.rpc)).toBe(30_000n * GWEI);
  await first.chain.mintUsdc(BOB, 5n);
  await first.chain.mine(3);
  expect(await feeOf(first.rpc)).toBe(30_000n * GWEI);
  expect(await usdcOf(first.rpc)).toBe(5n);
  const tip = await blockAt(first.rpc, 'latest');
  await first.stop();

  const second = await start(store, source);
  expect((await blockAt(second.rpc, tip.number)).hash).toBe(tip.hash);
  await second.chain.mine();
  expect(await feeOf(second.rpc)).toBe(30_000n * GWEI);
  await second.stop();

  steer.rules = [];
  const third = await start(store, source);
  expect(await feeOf(third.rpc)).toBe(GWEI);
});

test('a node that is down answers nothing and does nothing', async () => {
  const { store } = await stores.newDatabase();
  const { steer, source } = steered();
  const { rpc } = await start(store, source);
  const height = await numberAt(rpc, 'latest');
  steer.rules = [rule('chain.rpcDown')];
  await expect(rpc.call('eth_blockNumber')).rejects.toThrow('the node answered with HTTP status 503');
  await expect(rpc.call('evm_mine')).rejects.toThrow('the node answered with HTTP status 503');
  steer.rules = [];
  expect(await numberAt(rpc, 'latest')).toBe(height);
});
