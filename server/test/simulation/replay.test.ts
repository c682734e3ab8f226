import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../postgres.ts';
import { Bed } from './bed.ts';
import { type Outcome, simulate } from './simulation.ts';

const SEEDS = [8, 27, 64];
/** Between the two runs of a seed, so that the second begins on a bed that was used. */
const OTHER_SEED = 1_000_003;
/** For seven runs on a machine that is busy with other tests. */
const TIMEOUT_MS = 300_000;

describe('a seed', () => {
  let database: TestDatabase | undefined;

  beforeAll(async () => {
    database = await createTestDatabase();
  });

  afterAll(() => database?.drop());

  it(
    'replays one run exactly, on any bed',
    async () => {
      if (!database) throw new Error('the database is there');
      const bed = await Bed.open(database.url);
      try {
        const first: Outcome[] = [];
        for (const seed of SEEDS) first.push(await simulate(bed, seed));
        await simulate(bed, OTHER_SEED);
        for (const outcome of first.toReversed()) expect(await simulate(bed, outcome.seed)).toEqual(outcome);
        expect(new Set(first.map(({ digest }) => digest)).size).toBe(SEEDS.length);
      } finally {
        await bed.close();
      }
    },
    TIMEOUT_MS,
  );
});
