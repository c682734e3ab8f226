import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { USDC_POLYGON } from '../src/chain/token/contracts.ts';
import { Networks } from '../src/networks/service.ts';
import { createWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

describe('networks', () => {
  it('are the chain as configured, and the rails of the sandbox', async () => {
    const networks = await world.client.networks.list().take(100);
    expect(networks.map(({ id, kind, capabilities }) => [id, kind, capabilities])).toEqual([
      ['polygon', 'blockchain', ['wallet', 'send', 'receive']],
      ['ach', 'bank', ['send', 'receive']],
      ['wire', 'bank', ['send', 'receive']],
      ['swift', 'bank', ['send']],
      ['cash', 'cash', ['cashIn', 'cashOut']],
    ]);
    expect(networks[0]).toMatchObject({
      object: 'network',
      chainId: world.chain.chainId,
      finality: { block: 'finalized', typicalSeconds: 5 },
      assets: [{ asset: 'usdc', decimals: 6, contractAddress: USDC_POLYGON, enabled: true }],
      testnet: true,
    });
    expect(networks[1]?.assets).toEqual([{ asset: 'usd', decimals: 2, enabled: true }]);
    const reply = await world.fetch('GET', '/v0.9/networks');
    expect(reply.json).toEqual({ data: networks, hasMore: false, nextCursor: null, previousCursor: null });
  });

  it('name what wallets and cash-ins are made with', async () => {
    const enabled = (await world.client.networks.list().take(100)).flatMap(({ id, assets }) =>
      assets.filter((each) => each.enabled).map(({ asset }) => `${asset}/${id}`),
    );
    const wallet = await world.wallet(await world.provisionedCustomer());
    const { source, destination } = await world.cashIn(wallet);
    expect(enabled).toContain(`${wallet.asset}/${wallet.chain}`);
    expect(enabled).toContain(`${source.asset}/${source.network}`);
    expect(enabled).toContain(`${destination.asset}/${destination.network}`);
  });

  it('have no bank and no cash in a live project, behind which nobody stands', async () => {
    const live = await world.newProject({ mode: 'live' });
    const networks = await live.client.networks.list().take(100);
    expect(networks.map(({ id, assets }) => [id, assets.map(({ enabled }) => enabled)])).toEqual([
      ['polygon', [true]],
      ['ach', [false]],
      ['wire', [false]],
      ['swift', [false]],
      ['cash', [false]],
    ]);
  });

  it('need a token', async () => {
    expect(await world.fetch('GET', '/v0.9/networks', { as: null })).toMatchObject({ status: 401 });
  });
});

it.each([
  [137, false, false],
  [137, true, true],
  [80_002, false, true],
])('chain %i, local: %s, is a testnet: %s', (chainId, isLocal, testnet) => {
  const tokenAddress = USDC_POLYGON.toLowerCase();
  const [chain] = new Networks({ name: 'polygon', chainId, tokenAddress, isLocal }).list('live');
  expect(chain).toMatchObject({ chainId, testnet, assets: [{ contractAddress: USDC_POLYGON }] });
});
