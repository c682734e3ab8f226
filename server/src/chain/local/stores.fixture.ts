import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { startEmbeddedPostgres } from '../../db/embedded/start.ts';
import { silentLogger } from '../../kernel/log.ts';

const MIGRATION = new URL('../../../migrations/0003_local_chain.sql', import.meta.url);

/** A real PostgreSQL for one test file, which gives every test a database of its own with the table of the log. */
export interface TestStores {
  /** A temporary directory, removed at the end. */
  readonly dir: string;
  newDatabase(): Promise<{ readonly url: string; readonly store: pg.Pool }>;
  stop(): Promise<void>;
}

/** A pool that works as the server does: as the role that owns nothing. */
export const storeOf = (url: string): pg.Pool => poolOf(url, 3, '-c role=oms_app');

function poolOf(connectionString: string, max: number, options = ''): pg.Pool {
  const pool = new pg.Pool({ connectionString, max, options });
  // Idle connections are still closing when the server stops and says so on them.
  pool.on('error', () => {});
  return pool;
}

export async function startTestStores(): Promise<TestStores> {
  const dir = await mkdtemp(join(tmpdir(), 'oms-local-chain-'));
  const postgres = await startEmbeddedPostgres({
    dir: join(dir, 'postgres'),
    log: silentLogger,
    durable: false,
  });
  const admin = poolOf(postgres.url, 1);
  await admin.query('create role oms_app');
  const pools: pg.Pool[] = [];
  return {
    dir,
    newDatabase: async () => {
      const name = `chain_${pools.length}`;
      await admin.query(`create database ${name}`);
      const url = postgres.url.replace(/\/postgres$/, `/${name}`);
      const owner = new pg.Client({ connectionString: url });
      await owner.connect();
      await owner.query(await readFile(MIGRATION, 'utf8'));
      await owner.end();
      const store = storeOf(url);
      pools.push(store);
      return { url, store };
    },
    stop: async () => {
      await Promise.all([...pools, admin].map((pool) => pool.end()));
      await postgres.stop();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

/** Runs a statement as the database's owner, who may do to the log what the server may not. */
export async function asOwner(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const owner = new pg.Client({ connectionString: url });
  await owner.connect();
  try {
    return (await owner.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await owner.end();
  }
}
