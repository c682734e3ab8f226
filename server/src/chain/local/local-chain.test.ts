import { join } from 'node:path';
import type pg from 'pg';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { ManualClock, systemClock } from '../../kernel/clock.ts';
import { silentLogger } from '../../kernel/log.ts';
import { JsonRpc, RpcError } from '../rpc.ts';
import { authorizationNonce, domainSeparator, signAuthorization } from '../token/authorization.ts';
import {
  decodeBool,
  decodeUint,
  encodeAggregate3,
  encodeAuthorizationState,
  encodeBalanceOf,
  encodeTransferWithAuthorization,
} from '../token/calls.ts';
import { MULTICALL3, USDC_POLYGON } from '../token/contracts.ts';
import { readTokenDomain } from '../token/domain.ts';
import type { Hex } from '../token/hex.ts';
import { decodeTokenLog, TOKEN_LOG_TOPICS, type WireLog } from '../token/logs.ts';
import { addressOf } from '../token/secp256k1.ts';
import { signTransaction } from '../token/transaction.ts';
import { type LocalChainOptions, startLocalChain } from './start.ts';
import { asOwner, startTestStores, type TestStores } from './stores.fixture.ts';

const ETHER = 10n ** 18n;
const FEES = { maxFeePerGas: 10n ** 12n, maxPriorityFeePerGas: 10n ** 9n } as const;
const ALICE = Buffer.alloc(32, 1);
const RELAYER = Buffer.alloc(32, 2);
const BOB = addressOf(Buffer.alloc(32, 3));

interface Block {
  readonly number: Hex;
  readonly hash: Hex;
  readonly timestamp: Hex;
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

async function start(store: pg.Pool, options: Partial<LocalChainOptions> = {}) {
  const chain = await startLocalChain({
    store,
    dir: join(stores.dir, 'chain'),
    clock: systemClock,
    log: silentLogger,
    mining: 'manual',
    ...options,
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

async function allHashes(rpc: JsonRpc): Promise<Hex[]> {
  const height = Number(await rpc.call<Hex>('eth_blockNumber'));
  const calls = Array.from({ length: height + 1 }, (_, number) => ({
    method: 'eth_getBlockByNumber',
    params: [`0x${number.toString(16)}`, false],
  }));
  return (await rpc.batch<Block>(calls)).map((block) => (block as Block).hash);
}

async function usdcOf(rpc: JsonRpc, holder: string, tag = 'latest'): Promise<bigint> {
  const call = { to: USDC_POLYGON, data: encodeBalanceOf(holder) };
  return decodeUint(await rpc.call<Hex>('eth_call', [call, tag]));
}

async function sendFrom(
  rpc: JsonRpc,
  key: Uint8Array,
  fields: { to: string; data?: string; value?: bigint; maxFeePerGas?: bigint },
): Promise<Hex> {
  const nonce = Number(await rpc.call<Hex>('eth_getTransactionCount', [addressOf(key), 'pending']));
  const { raw } = signTransaction(key, { chainId: 137, nonce, gas: 500_000n, ...FEES, ...fields });
  return rpc.call<Hex>('eth_sendRawTransaction', [raw]);
}

async function eventually(condition: () => Promise<boolean>): Promise<void> {
  await expect.poll(condition, { timeout: 15_000, interval: 20 }).toBe(true);
}

test('a new chain has the real USDC, whose domain is Polygon USDC’s, and Multicall3', async () => {
  const { store } = await stores.newDatabase();
  const { chain, rpc } = await start(store);
  expect(chain).toMatchObject({ chainId: 137, usdc: USDC_POLYGON });
  expect(await readTokenDomain(rpc, chain.usdc)).toEqual({
    name: 'USD Coin',
    version: '2',
    chainId: 137,
    verifyingContract: USDC_POLYGON,
  });
  await expect(readTokenDomain(rpc, BOB)).rejects.toThrow('is not a token with EIP-3009 authorizations');
});

test('a new chain has Polygon’s block gas limit, and one whose log does not say it the limit it had', async () => {
  const { url, store } = await stores.newDatabase();
  const limitOf = async (rpc: JsonRpc) =>
    Number((await rpc.call<{ gasLimit: Hex }>('eth_getBlockByNumber', ['latest', false])).gasLimit);
  const first = await start(store);
  expect(await limitOf(first.rpc)).toBe(140_000_000);
  await first.stop();
  await asOwner(url, `update local_chain_log set payload = payload - 'blockGasLimit', hash = null`);
  const { rpc } = await start(store);
  expect(await limitOf(rpc)).toBe(60_000_000);
});

test('a batch of authorized transfers moves each payable one once, and finalized state can be read', async () => {
  const { store } = await stores.newDatabase();
  const { chain, rpc } = await start(store);
  const alice = addressOf(ALICE);
  await chain.fundGas(addressOf(RELAYER), ETHER);
  await chain.mintUsdc(alice, 1_000n);
  await chain.mine();
  const separator = domainSeparator(await readTokenDomain(rpc, chain.usdc));
  const transfer = (sendId: string, value: bigint) => {
    const nonce = authorizationNonce(sendId, 1);
    const authorization = { from: alice, to: BOB, value, validAfter: 0n, validBefore: 2n ** 40n, nonce };
    const signature = signAuthorization(ALICE, authorization, separator);
    return { target: chain.usdc, callData: encodeTransferWithAuthorization(authorization, signature) };
  };
  const calls = [transfer('a', 100n), transfer('too-much', 5_000n), transfer('b', 23n), transfer('a', 100n)];
  const txHash = await sendFrom(rpc, RELAYER, { to: MULTICALL3, data: encodeAggregate3(calls) });
  expect(await chain.pendingCount()).toBe(1);
  await chain.mine();
  expect(await chain.pendingCount()).toBe(0);
  expect(await usdcOf(rpc, BOB)).toBe(123n);
  const logs = await rpc.call<WireLog[]>('eth_getLogs', [
    { fromBlock: 'latest', address: chain.usdc, topics: [TOKEN_LOG_TOPICS] },
  ]);
  expect(logs.map(decodeTokenLog)).toMatchObject([
    { kind: 'authorizationUsed', txHash, nonce: authorizationNonce('a', 1), authorizer: alice.toLowerCase() },
    { kind: 'transfer', txHash, to: BOB.toLowerCase(), value: 100n },
    { kind: 'authorizationUsed', nonce: authorizationNonce('b', 1) },
    { kind: 'transfer', value: 23n },
  ]);

  const isUsed = async (sendId: string) => {
    const data = encodeAuthorizationState(alice, authorizationNonce(sendId, 1));
    return decodeBool(await rpc.call<Hex>('eth_call', [{ to: chain.usdc, data }, 'finalized']));
  };
  expect(await isUsed('a')).toBe(false);
  await chain.mine(2);
  const latest = Number((await blockAt(rpc, 'latest')).number);
  expect(Number((await blockAt(rpc, 'finalized')).number)).toBe(latest - 2);
  expect([await isUsed('a'), await isUsed('too-much')]).toEqual([true, false]);
});

test('a restart restores every block by its hash, the balances, and the transactions in the pool', async () => {
  const { store } = await stores.newDatabase();
  const first = await start(store);
  await first.chain.fundGas(addressOf(ALICE), ETHER);
  for (let i = 0; i < 3; i++) {
    await first.chain.mintUsdc(BOB, 5n);
    await sendFrom(first.rpc, ALICE, { to: BOB, value: 7n });
    await first.chain.mine(2);
  }
  const hashes = await allHashes(first.rpc);
  await first.chain.mintUsdc(BOB, 100n);
  await first.stop();
  expect(await first.chain.exited).toEqual({ error: undefined });

  const second = await start(store);
  expect(await allHashes(second.rpc)).toEqual(hashes);
  expect(await usdcOf(second.rpc, BOB)).toBe(15n);
  expect(await second.rpc.call('eth_getBalance', [BOB, 'latest'])).toBe('0x15');
  expect(await second.chain.pendingCount()).toBe(1);
  await second.chain.mine();
  expect(await usdcOf(second.rpc, BOB)).toBe(115n);
});

test('two chains side by side know nothing of each other', async () => {
  const [one, two] = [await stores.newDatabase(), await stores.newDatabase()];
  const a = await start(one.store, { dir: join(stores.dir, 'a') });
  const b = await start(two.store, { dir: join(stores.dir, 'b') });
  await a.chain.mintUsdc(BOB, 1n);
  await a.chain.mine();
  expect([await usdcOf(a.rpc, BOB), await usdcOf(b.rpc, BOB)]).toEqual([1n, 0n]);
});

test('a log has one writer: a second chain on the same database is refused while the first runs', async () => {
  const { store } = await stores.newDatabase();
  const { chain } = await start(store);
  await expect(start(store)).rejects.toThrow(
    'Another process runs the local EVM chain on this database; stop it, or set CHAIN_RPC_URL to its address.',
  );
  await chain.mine();
});

test('lazy mining makes a transaction final by itself, then rests', async () => {
  const { store } = await stores.newDatabase();
  const { chain, rpc } = await start(store, { mining: 'lazy', blockIntervalMs: 10 });
  await chain.mintUsdc(BOB, 9n);
  await eventually(async () => (await usdcOf(rpc, BOB, 'finalized')) === 9n);
  // 5 blocks of the genesis, the one with the mint, 3 trailing.
  await eventually(async () => Number(await rpc.call<Hex>('eth_blockNumber')) === 9);
});

test('chain time follows the clock and never runs ahead of it, however many blocks a second has', async () => {
  const { store } = await stores.newDatabase();
  const clock = new ManualClock(new Date('2026-03-01T12:00:00.900Z'));
  const { chain, rpc } = await start(store, { clock });
  const seconds = async () => Number((await blockAt(rpc, 'latest')).timestamp);
  const startSeconds = Date.parse('2026-03-01T12:00:00Z') / 1_000;
  await chain.mine(20);
  expect(await seconds()).toBe(startSeconds);
  clock.advance(90_000);
  await chain.mine();
  expect(await seconds()).toBe(startSeconds + 90);
  clock.advance(-60_000);
  await chain.mine();
  expect(await seconds()).toBe(startSeconds + 90);
});

test('a transaction that anvil refuses is answered with its reason and not logged', async () => {
  const { store } = await stores.newDatabase();
  const { rpc } = await start(store);
  const countOf = async () => (await store.query('select seq from local_chain_log')).rowCount;
  const before = await countOf();
  const { raw } = signTransaction(ALICE, { chainId: 137, nonce: 0, gas: 21_000n, ...FEES, to: BOB });
  await expect(rpc.call('eth_sendRawTransaction', [raw])).rejects.toThrow('Insufficient funds');
  await expect(rpc.call('eth_sendRawTransaction', ['0x02'])).rejects.toBeInstanceOf(RpcError);
  await rpc.call('evm_mine');
  expect(await countOf()).toBe(Number(before) + 1);
});

test('cheats, reorganisations included, are replayed in their place', async () => {
  const { store } = await stores.newDatabase();
  const first = await start(store);
  const { chain, rpc } = first;
  await chain.mintUsdc(BOB, 5n);
  await chain.mine(2);
  await rpc.call('anvil_setBalance', [BOB, '0x64']);
  await rpc.call('anvil_setBalance', ['not an address', '0x64']).catch(() => undefined);
  await rpc.call('anvil_reorg', [2, []]);
  expect(await usdcOf(rpc, BOB)).toBe(0n);
  await chain.mintUsdc(BOB, 8n);
  await rpc.call('evm_mine', [{ blocks: 3 }]);
  const state = async (of: JsonRpc) => [
    await allHashes(of),
    await usdcOf(of, BOB),
    await of.call('eth_getBalance', [BOB, 'latest']),
  ];
  const before = await state(rpc);
  await first.stop();
  expect(await state((await start(store)).rpc)).toEqual(before);
});

test('a block that was logged but perhaps not mined is mined at the next start, and its hash noted', async () => {
  const { url, store } = await stores.newDatabase();
  const first = await start(store);
  await first.chain.mintUsdc(BOB, 5n);
  await first.chain.mine();
  const hashes = await allHashes(first.rpc);
  await first.stop();
  await asOwner(
    url,
    'update local_chain_log set hash = null where seq = (select max(seq) from local_chain_log)',
  );
  const second = await start(store);
  expect(await allHashes(second.rpc)).toEqual(hashes);
  const unknown = await asOwner(url, "select seq from local_chain_log where kind = 'block' and hash is null");
  expect(unknown).toEqual([]);
});

test('a log that was altered is refused with the entry where it departs', async () => {
  const { url, store } = await stores.newDatabase();
  const first = await start(store);
  await first.chain.mintUsdc(BOB, 5n);
  await first.chain.mine();
  await first.stop();
  await asOwner(
    url,
    `update local_chain_log set payload = jsonb_set(payload, '{timestamp}', to_jsonb((payload->>'timestamp')::bigint + 1))
     where seq = (select max(seq) from local_chain_log)`,
  );
  await expect(start(store)).rejects.toThrow(
    /cannot be restored, for at entry \d+ of its log the block is 0x.* and was 0x.*: the table local_chain_log was altered/,
  );
});

test('the server may add to the log and note hashes, not rewrite it', async () => {
  const { store } = await stores.newDatabase();
  await start(store);
  await expect(store.query("update local_chain_log set payload = '{}'")).rejects.toThrow('permission denied');
  await expect(store.query('delete from local_chain_log')).rejects.toThrow('permission denied');
});

test('a chain of another id in the same database is refused', async () => {
  const { store } = await stores.newDatabase();
  await (await start(store)).stop();
  await expect(start(store, { chainId: 31_337 })).rejects.toThrow('has chain id 137, not 31337');
});

test('the gateway takes batches, refuses what would take mining out of its hands, and strangers', async () => {
  const { store } = await stores.newDatabase();
  const { chain, rpc } = await start(store);
  const height = Number(await rpc.call<Hex>('eth_blockNumber'));
  const outcomes = await rpc.batch<unknown>([
    { method: 'eth_chainId' },
    { method: 'evm_mine' },
    { method: 'anvil_setAutomine', params: [true] },
    { method: 'eth_sendTransaction', params: [{}] },
    { method: 'evm_mine', params: ['0x1'] },
  ]);
  expect(outcomes.slice(0, 2)).toEqual(['0x89', '0x0']);
  expect(outcomes.slice(2).map((outcome) => (outcome as RpcError).code)).toEqual([-32601, -32601, -32602]);
  expect(Number(await rpc.call<Hex>('eth_blockNumber'))).toBe(height + 1);

  const post = (headers: Record<string, string>, body: string) =>
    fetch(chain.url, { method: 'POST', headers, body }).then((response) => response.status);
  const call = '{"jsonrpc":"2.0","id":1,"method":"evm_mine","params":[]}';
  expect(await post({ 'content-type': 'text/plain' }, call)).toBe(415);
  expect(await post({ 'content-type': 'application/json' }, 'x')).toBe(200);
  expect(await fetch(chain.url).then((response) => response.status)).toBe(405);
});

test('when anvil dies the chain says so, answers no more, and the next start has all its blocks', async () => {
  const { store } = await stores.newDatabase();
  const pids: number[] = [];
  const log = {
    ...silentLogger,
    info: (fields: Record<string, unknown>) => pids.push(Number(fields.anvilPid)),
  };
  const first = await start(store, { log });
  await first.chain.mine();
  const hashes = await allHashes(first.rpc);
  for (const pid of pids) process.kill(pid, 'SIGKILL');
  const { error } = await first.chain.exited;
  expect(error?.message).toContain('anvil ended on its own');
  await expect(first.chain.mine()).rejects.toThrow();
  expect(await allHashes((await start(store)).rpc)).toEqual(hashes);
});

test('when the database drops the session the chain ends rather than go on unlogged', async () => {
  const { url, store } = await stores.newDatabase();
  const { chain } = await start(store);
  await asOwner(
    url,
    'select pg_terminate_backend(pid) from pg_locks where locktype = $$advisory$$ and database = (select oid from pg_database where datname = current_database())',
  );
  const { error } = await chain.exited;
  expect(error).toBeInstanceOf(Error);
  await expect(chain.mine()).rejects.toThrow();
});
