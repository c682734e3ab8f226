import { setTimeout as delay } from 'node:timers/promises';
import { type Database, one, PLATFORM } from './database.ts';

/** A project that takes longer is not at fault by itself: the chain may stand still, or a job fail. */
const REST_TIMEOUT_MS = 10_000;
/** Between looks: short at first, for most of it is soon over. */
const FIRST_LOOK_MS = 2;
const LONGEST_LOOK_MS = 50;

/**
 * Waits until a seeded project has done all that it was asked for, for what it draws next must not depend on who is
 * quicker: the next request, or the work that an earlier one has left. Other projects do not wait.
 */
export async function untilAtRest(db: Database, projectId: string): Promise<void> {
  if (!(await db.seeds.has(projectId))) return;
  const endMs = performance.now() + REST_TIMEOUT_MS;
  for (let lookMs = FIRST_LOOK_MS; ; lookMs = Math.min(2 * lookMs, LONGEST_LOOK_MS)) {
    const rows = await db.tx(PLATFORM, (tx) =>
      tx.query<{ moves: boolean }>('select seeded_project_moves($1, $2) moves', [projectId, tx.now()]),
    );
    if (!one(rows, 'an answer').moves || performance.now() >= endMs) return;
    await delay(lookMs);
  }
}
