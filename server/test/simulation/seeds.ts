import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../postgres.ts';
import { Bed } from './bed.ts';
import { simulate } from './simulation.ts';

/** One test per seed, on a bed of the file's own. */
export function testSeeds(first: number, last: number): void {
  let database: TestDatabase | undefined;
  let bed: Bed | undefined;

  beforeAll(async () => {
    database = await createTestDatabase();
    bed = await Bed.open(database.url);
  });

  afterAll(async () => {
    await bed?.close();
    await database?.drop();
  });

  const seeds = Array.from({ length: last - first + 1 }, (_, i) => first + i);
  it.each(seeds)('seed %i: nothing is lost, doubled or jammed', async (seed) => {
    if (!bed) throw new Error('the bed is made');
    const { findings, lines } = await simulate(bed, seed);
    expect(findings, `npm run sim -- --seed ${seed}\n${lines.join('\n')}`).toEqual([]);
  });
}
