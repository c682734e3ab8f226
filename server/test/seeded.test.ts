import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { live, type Pace, seededPart } from './seeded-script.ts';
import { createWorld, type World } from './world.ts';

let worlds: World[];
beforeAll(async () => {
  worlds = [await createWorld(), await createWorld()];
});
afterAll(async () => {
  for (const world of worlds) await world.close();
});

/** Each request waits until nothing moves. */
const stepByStep = (world: World): Pace => ({
  settle: () => world.drain(),
  setClock: (body, client) => world.setClock(body, client),
});

async function liveOn(world: World, seed: string): Promise<unknown> {
  const receiver = await world.receiver();
  return seededPart(await live(world, seed, stepByStep(world), receiver.url));
}

describe('a seeded project', () => {
  it('is told the same on every instance', async () => {
    const [one, other] = await Promise.all(worlds.map((world) => liveOn(world, 'twins')));
    expect(other).toEqual(one);
  });
});
