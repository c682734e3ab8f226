import { addMs, type Clock } from '../kernel/clock.ts';
import type { Timeline } from '../kernel/ids.ts';
import type { SeedRow } from './draws.ts';

/** Which projects have a clock of their own, for `KnownProjects`: few, and only sandboxes. */
export const PROJECTS_WITH_CLOCK = 'select project_id from project_clocks';
/** And which of them have a seed. */
export const PROJECTS_WITH_SEED = 'select project_id from project_clocks where seed is not null';

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

/** What keeps the row as it is while a transaction goes by it. */
export type ClockLock = 'none' | 'share' | 'update';

/**
 * The row stays as it is until the transaction ends: whoever moves the clock waits for those that go by it, so that what
 * is committed later is not dated earlier. Transactions of a seeded project go one at a time, for each draws what follows
 * on what the one before has drawn. One that does not know of the seed yet is not wrong: it draws from the row that it
 * reads, two that count what they drew from the same one deadlock, and one begins anew.
 */
export function clockQuery(projectId: string, lock: ClockLock): string {
  const query = `select ${COLUMNS} from project_clocks where project_id = '${projectId}'`;
  return lock === 'none' ? query : `${query} for ${lock}`;
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
