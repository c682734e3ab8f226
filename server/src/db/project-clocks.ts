import { addMs, type Clock } from '../kernel/clock.ts';
import type { Timeline } from '../kernel/ids.ts';
import type { SeedRow } from './draws.ts';

/** Which projects have a clock of their own, for `KnownProjects`: few, and only sandboxes. */
export const PROJECTS_WITH_CLOCK = 'select project_id from project_clocks';

/** How the clock of a project is set, as its transaction has read it. */
export interface ClockRow {
  stands_at: Date | null;
  offset_ms: bigint;
  set_at: Date;
  epoch: bigint;
}

/** And what its draws follow from: nothing, unless it has a seed. */
export interface WorldRow extends ClockRow, Omit<SeedRow, 'seed' | 'address_space'> {
  seed: string | null;
  address_space: number | null;
}

const COLUMNS = 'stands_at, offset_ms, set_at, epoch, seed, address_space, drawn, addresses';

/**
 * The row stays as it is until the transaction ends: whoever moves the clock waits for those that go by it, so that what
 * is committed later is not dated earlier. Transactions of a seeded project go one at a time, for each draws what follows
 * on what the one before has drawn.
 */
export function clockQuery(projectId: string, isReadOnly: boolean): string {
  const row = `from project_clocks where project_id = '${projectId}'`;
  if (isReadOnly) return `select ${COLUMNS} ${row}`;
  return `select ${row} and seed is not null for update; select ${COLUMNS} ${row} for share`;
}

/** What a project's transaction goes by. */
export function timelineOf(base: Clock, projectId: string, row: ClockRow | undefined): Timeline {
  if (!row) return { now: () => base.now(), ownTime: undefined };
  const { stands_at, set_at, epoch } = row;
  if (!stands_at) {
    const offsetMs = Number(row.offset_ms);
    return { now: () => addMs(base.now(), offsetMs), ownTime: { projectId, epoch, stoodMs: undefined } };
  }
  return {
    now: () => new Date(stands_at),
    get ownTime() {
      return { projectId, epoch, stoodMs: base.now().getTime() - set_at.getTime() };
    },
  };
}

/** What the project's draws follow from; undefined when it has no seed. */
export function seedOf(row: WorldRow | undefined): SeedRow | undefined {
  if (!row || row.seed === null || row.address_space === null) return undefined;
  const { seed, address_space, drawn, addresses } = row;
  return { seed, address_space, drawn, addresses };
}
