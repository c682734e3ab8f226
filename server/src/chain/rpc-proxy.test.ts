import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../test/postgres.ts';
import { systemClock } from '../kernel/clock.ts';
import { silentLogger } from '../kernel/log.ts';
import { DEPLOYER, DEPLOYER_KEY } from './local/genesis.ts';
import { type LocalChain, startLocalChain } from './local/start.ts';
import { JsonRpc } from './rpc.ts';
import { type FaultyProxy, startFaultyProxy } from './rpc-proxy.testing.ts';
import { signTransaction } from './token/transaction.ts';

const GWEI = 10n ** 9n;
const TIP = 25n * GWEI;
const MAX_FEE = 100n * GWEI;
const MAX_GAS = 33_500_000n;

let dir: string;
let database: TestDatabase;
let local: LocalChain;
let proxy: FaultyProxy;
let rpc: JsonRpc;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'oms-proxy-'));
  database = await createTestDatabase();
  const store = database.db.pool;
  local = await startLocalChain({ store, dir, clock: systemClock, log: silentLogger, mining: 'manual' });
  proxy = await startFaultyProxy(local.url);
  rpc = new JsonRpc({ url: proxy.url, timeoutMs: 10_000 });
});
afterAll(async () => {
  rpc.close();
  await proxy.stop();
  await local.stop();
  await database.drop();
  await rm(dir, { recursive: true, force: true });
});

const nextNonce = async (): Promise<number> =>
  Number(await rpc.call<string>('eth_getTransactionCount', [DEPLOYER, 'latest']));

const signed = (nonce: number, maxFeePerGas: bigint, maxPriorityFeePerGas: bigint, gas = 21_000n) =>
  signTransaction(DEPLOYER_KEY, {
    chainId: 137,
    nonce,
    gas,
    maxFeePerGas,
    maxPriorityFeePerGas,
    to: DEPLOYER,
  });

const submit = (transaction: { readonly raw: string }): Promise<string> =>
  rpc.call<string>('eth_sendRawTransaction', [transaction.raw]);

it('refuses a tip below 25 gwei, alone and in a batch', async () => {
  const nonce = await nextNonce();
  const cheap = signed(nonce, MAX_FEE, TIP - 1n);
  await expect(submit(cheap)).rejects.toThrow(/tip cap below minimum/);
  const params = [cheap.raw];
  const [answer] = await rpc.batch([{ method: 'eth_sendRawTransaction', params }, { method: 'eth_chainId' }]);
  expect(String(answer)).toMatch(/tip cap below minimum/);
  const enough = signed(nonce, MAX_FEE, TIP);
  expect(await submit(enough)).toBe(enough.hash);
  await local.mine();
});

it('refuses more than 33.5 M gas', async () => {
  const nonce = await nextNonce();
  await expect(submit(signed(nonce, MAX_FEE, TIP, MAX_GAS + 1n))).rejects.toThrow(/gas limit too high/);
  const fitting = signed(nonce, MAX_FEE, TIP, MAX_GAS);
  expect(await submit(fitting)).toBe(fitting.hash);
  await local.mine();
});

it('refuses a replacement that does not offer 10 % more on both fees', async () => {
  const nonce = await nextNonce();
  const first = signed(nonce, MAX_FEE, TIP);
  await submit(first);
  const more = (fee: bigint): bigint => (fee * 11n) / 10n;
  for (const [maxFee, tip] of [
    [more(MAX_FEE), TIP],
    [MAX_FEE, more(TIP)],
    [more(MAX_FEE) - 1n, more(TIP)],
    [more(MAX_FEE), more(TIP) - 1n],
  ] as const) {
    await expect(submit(signed(nonce, maxFee, tip))).rejects.toThrow(/replacement transaction underpriced/);
  }
  await expect(submit(first)).rejects.toThrow(/already imported/);
  const second = signed(nonce, more(MAX_FEE), more(TIP));
  expect(await submit(second)).toBe(second.hash);
  await local.mine();
  expect(await rpc.call('eth_getTransactionReceipt', [first.hash])).toBeNull();
  expect(await rpc.call('eth_getTransactionReceipt', [second.hash])).toMatchObject({ status: '0x1' });
});

it('takes any offer again once the one before is dropped', async () => {
  const nonce = await nextNonce();
  const first = signed(nonce, MAX_FEE * 2n, TIP * 2n);
  await submit(first);
  await rpc.call('anvil_dropTransaction', [first.hash]);
  const lower = signed(nonce, MAX_FEE, TIP);
  expect(await submit(lower)).toBe(lower.hash);
  await local.mine();
});
