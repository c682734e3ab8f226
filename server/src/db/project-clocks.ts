import pg from 'pg';
import { addMs, type Clock } from '../kernel/clock.ts';
import type { Timeline } from '../kernel/ids.ts';
import type { SeedRow } from './draws.ts';

/** How old the list of projects with a clock may be when a transaction goes by it, and when it is read anew. */
const VALID_MS = 1_000;
const REFRESH_MS = 300;

/**
 * When a clock is new, every process goes by it after this long, counted from its commit. Until then it must say the
 * same as the server's.
 */
export const CLOCK_KNOWN_AFTER_MS = VALID_MS + 100;

const UNDEFINED_TABLE = '42P01';

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

/**
 * Which projects have a clock of their own: few, and only sandboxes. Their transactions read it; those of all others do
 * without, by a list that is never older than `VALID_MS`. A project that is met for the first time is asked for, so that
 * one that has its clock from the start never goes without.
 */
export class ProjectClocks {
  readonly #pool: pg.Pool;
  #known: Set<string> = new Set();
  /** Had none when they were first asked for. */
  readonly #met = new Set<string>();
  #readAtMs = Number.NEGATIVE_INFINITY;
  #reading: Promise<void> | undefined;

  constructor(pool: pg.Pool) {
    this.#pool = pool;
  }

  async has(projectId: string): Promise<boolean> {
    await this.#refreshed();
    if (this.#known.has(projectId)) return true;
    if (this.#met.has(projectId)) return false;
    const [found] = await this.#list(projectId);
    if (found === undefined) this.#met.add(projectId);
    else this.#known.add(projectId);
    return found !== undefined;
  }

  /** The project was made with a clock. */
  learn(projectId: string): void {
    this.#known.add(projectId);
  }

  async any(): Promise<boolean> {
    await this.#refreshed();
    return this.#known.size > 0;
  }

  async #refreshed(): Promise<void> {
    const ageMs = performance.now() - this.#readAtMs;
    if (ageMs < REFRESH_MS) return;
    const reading = this.#read();
    if (ageMs < VALID_MS) reading.catch(() => undefined);
    else await reading;
  }

  #read(): Promise<void> {
    this.#reading ??= this.#readNow().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  async #readNow(): Promise<void> {
    const asOfMs = performance.now();
    this.#known = new Set(await this.#list());
    this.#readAtMs = asOfMs;
  }

  /** Those that have a clock: all, or the one if it has. */
  async #list(projectId?: string): Promise<string[]> {
    const client = await this.#pool.connect();
    let broken: Error | undefined;
    const which = projectId === undefined ? '' : ` where project_id = '${projectId}'`;
    try {
      const results: unknown = await client.query(
        `begin read only; set local oms.project = '*'; select project_id from project_clocks${which}; commit`,
      );
      const rows = Array.isArray(results) ? (results[2] as pg.QueryResult<{ project_id: string }>).rows : [];
      return rows.map((row) => row.project_id);
    } catch (error) {
      await client.query('rollback').catch((failure: Error) => {
        broken = failure;
      });
      // Of a database that is yet to be migrated.
      if (error instanceof pg.DatabaseError && error.code === UNDEFINED_TABLE) return [];
      throw error;
    } finally {
      client.release(broken);
    }
  }
}
