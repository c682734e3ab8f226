import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { isBreach } from '../../tools/crash/check.ts';
import { runStorm } from '../../tools/storm/storm.ts';

/** On a machine that is busy with other tests. */
const TIMEOUT_MS = 240_000;

test(
  'every committed event comes to each endpoint that subscribes, though workers and the database are killed',
  async () => {
    const dir = await mkdtemp(join(tmpdir(), 'oms-storm-'));
    try {
      const { checks, events } = await runStorm({
        dir,
        events: 10_000,
        kills: 3,
        databaseKills: 1,
        seed: 7,
        report: () => undefined,
      });
      expect(checks.filter(isBreach)).toEqual([]);
      expect(events).toBeGreaterThanOrEqual(10_000);
    } finally {
      await rm(dir, { recursive: true, force: true, maxRetries: 5 });
    }
  },
  TIMEOUT_MS,
);
