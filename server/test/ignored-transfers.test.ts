import type { Wallet } from '@openoms/contract/wallets.ts';
import { getAddress } from 'viem/utils';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEPLOYER_KEY } from '../src/chain/local/genesis.ts';
import { emit, installEmitters, submitAs, transferLog } from '../src/chain/log-emitter.testing.ts';
import { JsonRpc } from '../src/chain/rpc.ts';
import { encodeTransfer } from '../src/chain/token/calls.ts';
import { USDC_POLYGON } from '../src/chain/token/contracts.ts';
import { createWorld, type Project, type World } from './world.ts';

const PATH = '/v0.9/reconciliation/ignored-transfers';
const STRANGER = `0x${'e1'.repeat(20)}`;
const MAX_UINT = 2n ** 256n - 1n;

let world: World;
let node: JsonRpc;
let wallet: Wallet;
let treasury: string;
let token: string;

beforeAll(async () => {
  world = await createWorld();
  node = new JsonRpc({ url: world.chain.url, timeoutMs: 10_000 });
  await installEmitters(node);
  wallet = await world.wallet(await world.provisionedCustomer());
  const [row] = await world.sql<{ address: string }>('select address from treasuries');
  treasury = row?.address ?? '';
  ({ token } = await emit(node, transferLog(STRANGER, wallet.address, 25_000_000n)));
  await submitAs(node, DEPLOYER_KEY, USDC_POLYGON, encodeTransfer(wallet.address, 0n));
  await emit(node, transferLog(STRANGER, treasury, MAX_UINT));
  await world.drain();
});
afterAll(async () => {
  node.close();
  await world.close();
});

const list = async (query = '', as: Project = world.project) =>
  (await world.fetch('GET', PATH + query, { as })).json.data;

describe('ignored transfers', () => {
  it('are listed newest first, and are in no balance and no event', async () => {
    const receiver = await world.receiver();
    await world.client.webhooks.create({ url: receiver.url });
    await emit(node, transferLog(STRANGER, wallet.address, 1n));
    await world.drain();
    const [latest, toTreasury, ofNothing, ofAnother] = await list();
    expect(latest).toMatchObject({ amount: '1' });
    expect(toTreasury).toMatchObject({
      reason: 'wrong_token',
      subject: { type: 'treasury', id: 'polygon' },
      address: getAddress(treasury),
      amount: MAX_UINT.toString(),
    });
    expect(ofNothing).toMatchObject({ reason: 'zero_value', token: USDC_POLYGON, amount: '0' });
    expect(ofAnother).toMatchObject({
      object: 'ignoredTransfer',
      reason: 'wrong_token',
      subject: { type: 'wallet', id: wallet.id },
      network: 'polygon',
      token: getAddress(token),
      from: getAddress(STRANGER),
      address: wallet.address,
      amount: '25000000',
    });
    expect((await world.client.wallets.balance(wallet.id)).balance).toBe('0.00');
    expect(receiver.requests).toEqual([]);
    const chain = { rpc: node, token: USDC_POLYGON };
    const run = await world.context.reconciliation.run(world.project.projectId, { chain });
    expect(run).toMatchObject({ open_breaks: 0 });
  });

  it('can be had by reason, and by address in any letter case', async () => {
    expect(await list('?reason=zero_value')).toMatchObject([{ reason: 'zero_value' }]);
    const ofWallet = await list(`?address=${wallet.address.toLowerCase()}`);
    expect(ofWallet).toHaveLength(3);
    expect(await list(`?address=${wallet.address}&reason=wrong_token`)).toHaveLength(2);
    expect(await list(`?address=${STRANGER}`)).toEqual([]);
  });

  it.each(['?reason=dust', '?address=0x12', '?limit=0', '?startingAfter=nonsense'])(
    'are refused to a query that makes no sense: %s',
    async (query) => {
      expect(await world.fetch('GET', PATH + query)).toMatchObject({
        status: 400,
        json: { code: 'validation_error' },
      });
    },
  );

  it('need a token, and are their own project’s alone', async () => {
    expect(await world.fetch('GET', PATH, { as: null })).toMatchObject({ status: 401 });
    const stranger = await world.newProject();
    expect(await list('', stranger)).toEqual([]);
    expect(await list(`?address=${wallet.address}`, stranger)).toEqual([]);
  });

  it('are paged, forth and back, as the client reads them', async () => {
    const all = await world.client.reconciliation.ignoredTransfers().take(99);
    expect(all).toEqual(await list());
    expect(await world.client.reconciliation.ignoredTransfers({ limit: 1 }).take(99)).toEqual(all);
    const second = await world.client.reconciliation.ignoredTransfers({ limit: 2 }).firstPage();
    const back = await world.fetch('GET', `${PATH}?limit=2&endingBefore=${second.nextCursor}`);
    expect(back.json.data).toEqual(all.slice(0, 1));
    expect(await world.client.reconciliation.breaks().take(9)).toEqual([]);
    expect(await world.client.reconciliation.runs().take(9)).toHaveLength(1);
  });
});
