import pg from 'pg';

/** How old a list may be when somebody goes by it, and when it is read anew. */
const VALID_MS = 1_000;
const REFRESH_MS = 300;

/** What is new on a list, every process goes by after this long, counted from its commit. */
export const KNOWN_AFTER_MS = VALID_MS + 100;

const UNDEFINED_TABLE = '42P01';

/**
 * The few projects of which something is true that must cost the others nothing: a list in each process, never older
 * than `VALID_MS`. A project that is met for the first time is asked for, so that one of which it is true from the start
 * never goes without.
 */
export class KnownProjects {
  readonly #pool: pg.Pool;
  readonly #query: string;
  #known: Set<string> = new Set();
  /** Were not on the list when they were first asked for. */
  readonly #met = new Set<string>();
  #readAtMs = Number.NEGATIVE_INFINITY;
  #reading: Promise<void> | undefined;

  /** `query` answers their `project_id`, in the platform's scope. */
  constructor(pool: pg.Pool, query: string) {
    this.#pool = pool;
    this.#query = query;
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

  /** It is true of a project that was just made. */
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

  /** All of them, or the one if it is among them. */
  async #list(projectId?: string): Promise<string[]> {
    const client = await this.#pool.connect();
    let broken: Error | undefined;
    const which = projectId === undefined ? '' : ` where project_id = '${projectId}'`;
    try {
      const results: unknown = await client.query(
        `begin read only; set local oms.project = '*'; select project_id from (${this.#query}) listed${which}; commit`,
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
