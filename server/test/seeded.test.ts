import { setTimeout as delay } from 'node:timers/promises';
import { OmsError } from '@openoms/sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { live, type Pace, seededPart } from './seeded-script.ts';
import { createWorld, type World } from './world.ts';

/** Each is a life of forty requests and what follows from them: ten seconds together, on a machine that does nothing else. */
const LIVES_TIMEOUT_MS = 300_000;

let one: World;
let other: World;
beforeAll(async () => {
  one = await createWorld();
  other = await createWorld();
});
afterAll(async () => {
  await one?.close();
  await other?.close();
});

/** Nothing is asked for before what was has been done. */
const stepByStep = (world: World): Pace => ({
  settle: () => world.drain(),
  setClock: (body, client) => world.setClock(body, client),
});

/** Each request follows on the one before, with the worker at work meanwhile. */
const inARow: Pace = {
  settle: () => Promise.resolve(),
  setClock: (body, client) => client.sandbox.clock.set(body),
};

async function lifeStepByStep(world: World, seed: string): Promise<unknown> {
  const { url } = await world.receiver();
  return seededPart(await live(world, seed, stepByStep(world), url));
}

async function lifeInARow(world: World, seed: string): Promise<unknown> {
  const { url } = await world.receiver();
  return seededPart(await world.during(live(world, seed, inARow, url)));
}

/** Who only makes wallets may be quicker than the signer makes addresses for them. */
async function untilAddresses(error: unknown): Promise<undefined> {
  if (!(error instanceof OmsError) || error.status !== 503) throw error;
  await delay(100);
}

describe('a seeded project', () => {
  it(
    'is told the same on every instance, and something else by another seed',
    async () => {
      const first = await lifeStepByStep(one, 'twins');
      expect(await lifeStepByStep(other, 'twins')).toEqual(first);
      expect(JSON.stringify(await lifeStepByStep(other, 'stranger'))).not.toBe(JSON.stringify(first));
    },
    LIVES_TIMEOUT_MS,
  );

  it(
    'is told the same however quick the requests are, and whatever others do beside it',
    async () => {
      const first = await lifeInARow(one, 'quick');
      let isOver = false;
      const others = (async () => {
        while (!isOver) {
          const wallet = await other.wallet(await other.provisionedCustomer()).catch(untilAddresses);
          if (wallet) await other.payAtTill(await other.cashIn(wallet), '100.00');
        }
      })();
      const second = await lifeInARow(other, 'quick').finally(() => {
        isOver = true;
      });
      await others;
      expect(second).toEqual(first);
    },
    LIVES_TIMEOUT_MS,
  );
});
