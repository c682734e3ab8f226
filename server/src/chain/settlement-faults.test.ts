import { afterAll, beforeAll, expect, it } from 'vitest';
import { must } from '../kernel/assert.ts';
import type { PoolAddress } from './addresses.ts';
import { type SettlementWorld, startSettlementWorld } from './settlement.testing.ts';

const SEED = 20_260_101;
const ROUNDS = 120;
const FUNDS = 1_000n;

let world: SettlementWorld;
beforeAll(async () => {
  world = await startSettlementWorld();
});
afterAll(() => world?.stop());

/** mulberry32: the whole run follows from the seed. */
function randomBelow(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0;
    let x = Math.imul(state ^ (state >>> 15), 1 | state);
    x = (x + Math.imul(x ^ (x >>> 7), 61 | x)) ^ x;
    return ((x ^ (x >>> 14)) >>> 0) % limit;
  };
}

async function trouble(kind: number, below: (limit: number) => number): Promise<void> {
  const { faults } = world.proxy;
  switch (kind) {
    case 0:
      faults.dropRequests = 1 + below(2);
      return;
    case 1:
      faults.dropResponses = 1;
      return;
    case 2:
      faults.down = true;
      return;
    case 3:
      return world.restart();
    case 4:
      // What lies deeper than two blocks is final on this chain.
      await world.node.call('anvil_reorg', [1 + below(2), []]);
      return;
    case 5:
      await world.node.call('anvil_dropAllTransactions');
      return;
    default:
      return;
  }
}

it(`every send is paid once and every deposit credited once, whatever goes wrong (seed ${SEED})`, async () => {
  const below = randomBelow(SEED);
  const wallets = await Promise.all(Array.from({ length: 6 }, () => world.wallet(FUNDS)));
  await world.until(() => world.told.credited.length === wallets.length);
  const pick = (): PoolAddress => must(wallets[below(wallets.length)], 'a wallet');
  const expected = new Map(wallets.map(({ address }) => [address, FUNDS]));
  const sendIds: string[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    for (let count = below(3); count > 0; count--) {
      const [from, to, amount] = [pick(), pick(), BigInt(1 + below(3))];
      sendIds.push(await world.send(from, to.address, amount));
      expected.set(from.address, must(expected.get(from.address), 'from') - amount);
      expected.set(to.address, must(expected.get(to.address), 'to') + amount);
    }
    await trouble(below(14), below);
    await world.chain.drainOnce().catch(() => undefined);
    if (below(3) > 0) await world.local.mine();
    if (below(4) === 0) world.proxy.faults.down = false;
    world.clock.advance(below(3_000));
  }
  Object.assign(world.proxy.faults, { down: false, dropRequests: 0, dropResponses: 0 });
  await world.until(() => sendIds.every(world.isPaid));
  for (let i = 0; i < 4; i++) await world.step();

  expect(sendIds.map(world.timesPaid)).toEqual(sendIds.map(() => 1));
  for (const { address } of wallets) expect(await world.balance(address)).toBe(expected.get(address));
  expect(world.told.failed).toEqual([]);
  expect(world.told.credited).toHaveLength(wallets.length);
  expect(await world.query(`select from relay_batches where status in ('signed', 'broadcast')`)).toEqual([]);
});
