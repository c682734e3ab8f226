import { afterAll, beforeAll, expect, it } from 'vitest';
import { type SettlementWorld, startSettlementWorld } from './settlement.testing.ts';

const OUTSIDE = `0x${'0d'.repeat(20)}`;

let world: SettlementWorld;
beforeAll(async () => {
  world = await startSettlementWorld({ maxDailyMinor: '100' });
});
afterAll(() => world.stop());

it('a send over the signer’s daily limit waits, and is paid once the limit allows it', async () => {
  const wallet = await world.wallet(1_000n);
  await world.local.mine();
  const within = await world.send(wallet, OUTSIDE, 80n, false);
  const over = await world.send(wallet, OUTSIDE, 30n, false);
  await world.until(() => world.isPaid(within));
  for (let round = 0; round < 5; round++) await world.step();
  expect(await world.query('select status, relays from sends where send_id = $1', [over])).toEqual([
    { status: 'queued', relays: 0 },
  ]);
  expect(await world.balance(OUTSIDE)).toBe(80n);

  await world.restartSigner({ maxDailyMinor: '110' });
  await world.until(() => world.isPaid(over));
  expect(world.timesPaid(over)).toBe(1);
  expect(await world.balance(OUTSIDE)).toBe(110n);
});
