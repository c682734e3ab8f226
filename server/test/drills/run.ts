import { afterAll, beforeAll, expect, it } from 'vitest';
import { must } from '../../src/kernel/assert.ts';
import { createTestDatabase, type TestDatabase } from '../postgres.ts';
import { type Bed, startBed } from './bed.ts';
import { type Drill, Round } from './drill.ts';
import { findings } from './oracle.ts';

/** Rounds of a campaign; unset in a test run, where each quick drill has one. */
const ROUNDS = Number(process.env.DRILL_ROUNDS ?? 0);
const SEED = Number(process.env.DRILL_SEED ?? 1);
const ROUND_LIMIT_MS = 120_000;

declare module 'vitest' {
  interface TaskMeta {
    /** What `tools/drill.ts` prints. */
    drill?: { cause: string; expect: string; rounds: number; passed: number };
  }
}

/** What the table says of a drill, and whether a test run has a round of it. */
type Headline = Pick<Drill, 'name' | 'cause' | 'isQuick'> & { readonly expect: string };

/** One test: as many rounds as the campaign wants, each of which answers what it found, in sentences. */
export function inRounds(
  drill: Headline,
  roundLimitMs: number,
  runRound: (seed: number) => Promise<readonly string[]>,
): void {
  it.runIf(ROUNDS > 0 || drill.isQuick)(
    drill.name,
    async ({ task }) => {
      const rounds = Math.max(ROUNDS, 1);
      const result = { cause: drill.cause, expect: drill.expect, rounds, passed: 0 };
      task.meta.drill = result;
      for (let index = 0; index < rounds; index++) {
        const seed = SEED * 1_000 + index;
        expect(await runRound(seed), `seed ${seed}`).toEqual([]);
        result.passed += 1;
      }
    },
    roundLimitMs * Math.max(ROUNDS, 1),
  );
}

/** One test per drill of the family, on a bed of its own. */
export function runDrills(
  drills: readonly Drill[],
  open: () => Promise<{ bed: Bed; close(): Promise<void> }> = openBed,
): void {
  let opened: Awaited<ReturnType<typeof open>> | undefined;
  beforeAll(async () => {
    opened = await open();
  });
  afterAll(() => opened?.close());
  for (const drill of drills) {
    inRounds(drill, ROUND_LIMIT_MS, (seed) => runRound(must(opened, 'the bed is open').bed, drill, seed));
  }
}

async function runRound(bed: Bed, drill: Drill, seed: number): Promise<string[]> {
  const round = await Round.begin(bed, seed);
  try {
    await drill.inject(round);
    const isSettled = await round.settle();
    bed.proxy.interfere = undefined;
    await drill.heal?.(round);
    if (!isSettled) await round.settle();
    return [...(isSettled ? [] : ['sends without an outcome']), ...(await findings(round, drill))];
  } finally {
    bed.proxy.interfere = undefined;
    bed.signerProxy.holdBack = undefined;
  }
}

async function openBed(): Promise<{ bed: Bed; close(): Promise<void> }> {
  const database: TestDatabase = await createTestDatabase();
  const bed = await startBed(database.url);
  return {
    bed,
    close: async () => {
      await bed.stop();
      await database.drop();
    },
  };
}
