import pg from 'pg';
import { addMs, type Clock } from '../kernel/clock.ts';
import type { Timeline } from '../kernel/ids.ts';

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
}

/**
 * The row stays as it is until the transaction ends: whoever moves the clock waits for those that go by it, so that what
 * is committed later is not dated earlier.
 */
export const clockQuery = (projectId: string, isReadOnly: boolean): string =>
  `select stands_at, offset_ms, set_at from project_clocks where project_id = '${projectId}'${isReadOnly ? '' : ' for share'}`;

/** What a project's transaction goes by. */
export function timelineOf(base: Clock, projectId: string, row: ClockRow | undefined): Timeline {
  if (!row) return { now: () => base.now(), ownTime: undefined };
  const { stands_at, set_at } = row;
  if (!stands_at) {
    const offsetMs = Number(row.offset_ms);
    return { now: () => addMs(base.now(), offsetMs), ownTime: { projectId, stoodMs: undefined } };
  }
  return {
    now: () => new Date(stands_at),
    get ownTime() {
      return { projectId, stoodMs: base.now().getTime() - set_at.getTime() };
    },
  };
}

/**
 * Which projects have a clock of their own: few, and only sandboxes. Their transactions read it; those of all others do
 * without, by a list that is never older than `VALID_MS`.
 */
export class ProjectClocks {
  readonly #pool: pg.Pool;
  #known: ReadonlySet<string> = new Set();
  #readAtMs = Number.NEGATIVE_INFINITY;
  #reading: Promise<void> | undefined;

  constructor(pool: pg.Pool) {
    this.#pool = pool;
  }

  async has(projectId: string): Promise<boolean> {
    await this.#refreshed();
    return this.#known.has(projectId);
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

  async #list(): Promise<string[]> {
    const client = await this.#pool.connect();
    let broken: Error | undefined;
    try {
      const results: unknown = await client.query(
        `begin read only; set local oms.project = '*'; select project_id from project_clocks; commit`,
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
