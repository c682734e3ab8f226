import pg from 'pg';
import { assert } from '../kernel/assert.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Timeline } from '../kernel/ids.ts';
import type { Logger } from '../kernel/log.ts';
import { insideTransaction, outsideTransaction } from '../kernel/outside.ts';
import { type Random, systemRandom } from '../kernel/random.ts';
import { Draws } from './draws.ts';
import { KnownProjects } from './known-projects.ts';
import {
  type ClockLock,
  clockQuery,
  PROJECTS_WITH_CLOCK,
  PROJECTS_WITH_SEED,
  seedOf,
  timelineOf,
  type WorldRow,
} from './project-clocks.ts';

/** Whose rows a transaction may see. Row level security compares it with `project_id` of every tenant table. */
export const PLATFORM = '*';

const APP_ROLE = 'oms_app';
const MAX_ATTEMPTS = 12;
const STATEMENT_TIMEOUT_MS = 30_000;
const LOCK_TIMEOUT_MS = 10_000;
const IDLE_IN_TRANSACTION_TIMEOUT_MS = 30_000;
const CONNECT_TIMEOUT_MS = 10_000;
/** How long transactions of a project that are open may keep waiting whoever wants it alone, and with it all others. */
const EXCLUSIVE_TIMEOUT_MS = 5_000;
/** Whoever has a project alone may have much to do in it. */
const EXCLUSIVE_STATEMENT_TIMEOUT_MS = 300_000;
/** A process that is frozen while it has a project alone loses it. */
const EXCLUSIVE_LEASE_MS = 30_000;

const SERIALIZATION_FAILURE = '40001';
const DEADLOCK_DETECTED = '40P01';
const LOCK_NOT_AVAILABLE = '55P03';

/** What a statement answers per row; the caller names its columns. */
export type Row = object;

export interface QueryOptions {
  /**
   * `each time`: for these values, and nothing of it is kept. For texts that are many, and for those whose best plan
   * depends on the values; the others are planned once on each connection.
   */
  readonly planned: 'once' | 'each time';
}

/** An open transaction in one scope. Opened and committed by the wrappers only (`operation`, `task`). */
export interface Tx extends Timeline {
  /** The project or organization whose rows are visible, or `PLATFORM` for the foundations' own work across them. */
  readonly scope: string;
  /** Business time: everything that is decided, dated and due in the scope goes by it. */
  now(): Date;
  /** Chance in business: a seeded project's follows from its seed. */
  readonly random: Random;
  /** Set for a seeded project. */
  readonly draws?: Draws | undefined;
  /** Of a sandbox's request: the row of contract/magic-values.ts that it names for what it makes. */
  readonly scenario?: string;
  query<R extends Row>(text: string, values?: readonly unknown[], options?: QueryOptions): Promise<R[]>;
  /** From here on the transaction goes by the project's clock as it has set it; draws too, if it says how far they are. */
  goBy(moved: WorldRow | Pick<WorldRow, 'stands_at' | 'set_at'>): void;
  /** Runs once the commit is durable; must not fail the caller and is lost in a crash. */
  afterCommit(work: () => void): void;
}

export interface TxOptions extends Pick<Tx, 'scenario'> {
  /** The row of a project's clock that the transaction makes with the project. */
  readonly made?: WorldRow | undefined;
}

interface Opening extends TxOptions {
  readonly begin: string;
  readonly scope: string;
  /** How the project's clock is read; undefined: it has none. */
  readonly clock: ClockLock | undefined;
}

/** Opens a transaction within what `Database.exclusively` runs. */
export type ExclusiveTx = <T>(work: (tx: Tx) => Promise<T>) => Promise<T>;

const SCOPE = /^(\*|(prj|org)_[a-z0-9]+)$/;
const BEGIN = 'begin';
const COMMIT = 'commit';
/** One snapshot for all its statements, each of which may take its time. */
const BEGIN_SNAPSHOT = 'begin isolation level repeatable read read only; set local statement_timeout = 0';

/** int8 and numeric arrive as bigint; every numeric column of the schema is of integers. */
export const resultTypes = new pg.TypeOverrides();
resultTypes.setTypeParser(pg.types.builtins.INT8, (text: string) => BigInt(text));
resultTypes.setTypeParser(pg.types.builtins.NUMERIC, (text: string) => BigInt(text));

export class Database {
  readonly pool: pg.Pool;
  /**
   * One connection for what a transaction may ask outside of itself: on the pool it would wait for a connection while it
   * holds one, and as many of these as there are connections would wait for each other.
   */
  readonly #lists: pg.Pool;
  /** Which projects have a clock of their own. */
  readonly clocks: KnownProjects;
  /** Which of these have a seed: their transactions go one at a time. */
  readonly seeds: KnownProjects;
  readonly #clock: Clock;
  readonly #statementNames = new Map<string, string>();

  constructor(url: string, options: { maxConnections: number; clock: Clock; log: Logger }) {
    this.#clock = options.clock;
    this.pool = openPool(url, options.maxConnections, options.log);
    this.#lists = openPool(url, 1, options.log);
    this.clocks = this.knownProjects(PROJECTS_WITH_CLOCK);
    this.seeds = this.knownProjects(PROJECTS_WITH_SEED);
  }

  /** A list of what `query` answers, their `project_id`, in the platform's scope. May be asked within a transaction. */
  knownProjects(query: string): KnownProjects {
    return new KnownProjects(this.#lists, query);
  }

  /**
   * Runs `work` in one transaction of the given scope and commits. Repeats it from the start on a serialization
   * failure, a deadlock or `DecidedMeanwhile`, so `work` keeps no state of its own between attempts.
   */
  async tx<T>(scope: string, work: (tx: Tx) => Promise<T>, options: TxOptions = {}): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#attempt(BEGIN, scope, work, options);
      } catch (error) {
        if (attempt >= MAX_ATTEMPTS || !isRetryable(error)) throw error;
      }
    }
  }

  /**
   * Runs `work` while nobody else has a transaction of the project: waits for those that are open, and keeps others
   * waiting until it is over. Its own transactions are those it opens by `tx`; between them it may call outside. Throws
   * `ProjectBusy` when the wait is too long. In a session of its own, which ends with the process, or when that is frozen.
   */
  async exclusively<T>(projectId: string, work: (tx: ExclusiveTx) => Promise<T>): Promise<T> {
    assert(SCOPE.test(projectId) && projectId !== PLATFORM, 'not a project');
    const client = await this.pool.connect();
    client.on('error', () => undefined);
    try {
      await client.query(
        `set lock_timeout = ${EXCLUSIVE_TIMEOUT_MS}; set idle_session_timeout = ${EXCLUSIVE_LEASE_MS};
         set statement_timeout = ${EXCLUSIVE_STATEMENT_TIMEOUT_MS};
         select pg_advisory_lock(${lockKey(projectId)})`,
      );
      return await work(async (part) =>
        this.#run(
          client,
          { begin: BEGIN, scope: projectId, clock: await this.#clockOf(BEGIN, projectId) },
          part,
        ),
      );
    } catch (error) {
      if (sqlState(error) === LOCK_NOT_AVAILABLE) throw new ProjectBusy(projectId);
      throw error;
    } finally {
      // Closed rather than reused: that frees the lock whatever state the connection is in.
      client.release(true);
    }
  }

  /** Runs `work` in one transaction that only reads and sees one state of the database throughout. */
  snapshot<T>(scope: string, work: (tx: Tx) => Promise<T>): Promise<T> {
    return this.#attempt(BEGIN_SNAPSHOT, scope, work);
  }

  async #attempt<T>(
    begin: string,
    scope: string,
    work: (tx: Tx) => Promise<T>,
    options: TxOptions = {},
  ): Promise<T> {
    assert(SCOPE.test(scope), 'not a transaction scope');
    const clock = options.made ? undefined : await this.#clockOf(begin, scope);
    const client = await this.pool.connect();
    let broken: Error | undefined;
    const onError = (error: Error): void => {
      broken = error;
    };
    client.on('error', onError);
    try {
      return await this.#run(client, { ...options, begin, scope, clock }, work);
    } catch (error) {
      await client.query('rollback').catch((failure: Error) => {
        broken = failure;
      });
      throw error;
    } finally {
      client.off('error', onError);
      client.release(broken);
    }
  }

  async #clockOf(begin: string, scope: string): Promise<ClockLock | undefined> {
    if (scope === PLATFORM || !(await this.clocks.has(scope))) return undefined;
    if (begin === BEGIN_SNAPSHOT) return 'none';
    return (await this.seeds.has(scope)) ? 'update' : 'share';
  }

  /** The caller rolls back, or ends the session, when it fails. */
  async #run<T>(
    client: pg.PoolClient,
    { begin, scope, clock, scenario, made }: Opening,
    work: (tx: Tx) => Promise<T>,
  ): Promise<T> {
    const hooks: (() => void)[] = [];
    const isReadOnly = begin === BEGIN_SNAPSHOT;
    // One that only reads sees the world before a change or the one after it, whenever it began.
    const lock =
      scope !== PLATFORM && !isReadOnly ? `; select pg_advisory_xact_lock_shared(${lockKey(scope)})` : '';
    const read = clock ? `; ${clockQuery(scope, clock)}` : '';
    const opened: unknown = await client.query(`${begin}; set local oms.project = '${scope}'${lock}${read}`);
    const row = clock ? lastRow<WorldRow>(opened) : made;
    let line = timelineOf(this.#clock, scope, row);
    let draws = drawsOf(row);
    const tx: Tx = {
      ...(scenario !== undefined && { scenario }),
      scope,
      now: () => line.now(),
      get ownTime() {
        return line.ownTime;
      },
      get random() {
        return draws?.random ?? systemRandom;
      },
      get draws() {
        return draws;
      },
      query: async <R extends Row>(text: string, values: readonly unknown[] = [], options?: QueryOptions) => {
        const name = options?.planned === 'each time' ? undefined : this.#nameOf(text);
        return (await client.query({ ...(name && { name }), text, values: [...values] })).rows as R[];
      },
      goBy: (moved) => {
        assert(row, 'only a project that has a clock moves it');
        line = timelineOf(this.#clock, scope, { ...row, ...moved });
        if ('drawn' in moved) draws = drawsOf(moved);
      },
      afterCommit: (hook) => void hooks.push(hook),
    };
    const result = await insideTransaction(() => work(tx));
    const counting = draws?.counting(scope);
    await client.query(counting === undefined ? COMMIT : `${counting}; ${COMMIT}`);
    outsideTransaction(() => {
      for (const hook of hooks) hook();
    });
    return result;
  }

  /** Texts are constants of the source, so their number is bounded; a name makes PostgreSQL keep the parsed plan. */
  #nameOf(text: string): string {
    let name = this.#statementNames.get(text);
    if (!name) {
      name = `s${this.#statementNames.size}`;
      this.#statementNames.set(text, name);
    }
    return name;
  }

  /** Throws unless the database answers. */
  async ping(): Promise<void> {
    await this.pool.query('select');
  }

  async close(): Promise<void> {
    await Promise.all([this.pool.end(), this.#lists.end()]);
  }
}

function openPool(url: string, maxConnections: number, log: Logger): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    max: maxConnections,
    types: resultTypes,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    options: [
      `-c role=${APP_ROLE}`,
      `-c statement_timeout=${STATEMENT_TIMEOUT_MS}`,
      `-c lock_timeout=${LOCK_TIMEOUT_MS}`,
      `-c idle_in_transaction_session_timeout=${IDLE_IN_TRANSACTION_TIMEOUT_MS}`,
    ].join(' '),
  });
  // The end of a session may come in one packet with the end of its opening: the pool has let go of the client by then,
  // and whoever asked for it has not got it. Unheard, it would end the process. The next query on it fails.
  pool.on('connect', (client) => void client.on('error', () => undefined));
  pool.on('error', (error) => log.warn({ error }, 'idle database connection lost'));
  return pool;
}

/** As `world_lock_key` of the schema. */
const lockKey = (projectId: string): string => `hashtextextended('world:${projectId}', 0)`;

function drawsOf(row: WorldRow | undefined): Draws | undefined {
  const seed = seedOf(row);
  return seed && new Draws(seed);
}

/** The row that the last of several statements answered. */
function lastRow<R extends Row>(results: unknown): R | undefined {
  assert(Array.isArray(results), 'several statements answer one by one');
  return (results.at(-1) as pg.QueryResult<R>).rows[0];
}

const sqlState = (error: unknown): string | undefined =>
  error instanceof pg.DatabaseError ? error.code : undefined;

/** What another transaction committed meanwhile changes what is to be decided: the transaction is to start anew. */
export class DecidedMeanwhile extends Error {
  override readonly name = 'DecidedMeanwhile';
}

/** Transactions of the project are open, and did not end in time. */
export class ProjectBusy extends Error {
  override readonly name = 'ProjectBusy';

  constructor(projectId: string) {
    super(`transactions of ${projectId} are under way`);
  }
}

/** Whether the statement failed because there is a row of the same key in the named constraint. */
export const violates = (error: unknown, constraint: string): boolean =>
  error instanceof pg.DatabaseError && error.constraint === constraint;

const isRetryable = (error: unknown): boolean => {
  if (error instanceof DecidedMeanwhile) return true;
  const state = sqlState(error);
  return state === SERIALIZATION_FAILURE || state === DEADLOCK_DETECTED;
};

/** Rows for `jsonb_populate_recordset`: one parameter, however many rows and columns. */
export const toJsonRows = (rows: readonly object[]): string =>
  JSON.stringify(rows, (_key, value: unknown) => (typeof value === 'bigint' ? value.toString() : value));

/** The only row of a result that must have one. */
export function one<R>(rows: readonly R[], what: string): R {
  const [row] = rows;
  assert(rows.length === 1 && row !== undefined, `expected one row: ${what}, got ${rows.length}`);
  return row;
}
