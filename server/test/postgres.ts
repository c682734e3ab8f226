import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { inject } from 'vitest';
import type { Mode } from '../src/auth/api-keys.ts';
import { Database } from '../src/db/database.ts';
import { assert } from '../src/kernel/assert.ts';
import { type Clock, systemClock } from '../src/kernel/clock.ts';
import { TypeIds } from '../src/kernel/ids.ts';
import { silentLogger } from '../src/kernel/log.ts';
import { TEMPLATE } from './postgres-server.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Where `global-setup.ts` listens for test files that want a database. */
    postgresSocket: string;
  }
}

/** What `global-setup.ts` says: the superuser's URL of the server, or why there is none. */
export type PostgresAnswer = { readonly url: string } | { readonly error: string };

const OBJECT_IN_USE = '55006';
const MAX_CREATE_ATTEMPTS = 100;
const CREATE_RETRY_MS = 50;
const DEFAULT_MAX_CONNECTIONS = 10;

export interface TestDatabase {
  /** The superuser's: what row level security and triggers do not hold back. */
  readonly url: string;
  /** The server's own way in, as `oms_app`. */
  readonly db: Database;
  /** A further pool on the same database, closed by `drop` as well. */
  connect(): Database;
  /** Closes the pools and removes the database. */
  drop(): Promise<void>;
}

/**
 * A database of the caller's own with every migration applied, or with none; for `beforeAll`, with `drop` in `afterAll`.
 */
export async function createTestDatabase(
  options: { maxConnections?: number; isEmpty?: boolean; clock?: Clock } = {},
): Promise<TestDatabase> {
  const serverUrl = await askForServer();
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await copyTemplate(serverUrl, name, options.isEmpty ? 'template0' : TEMPLATE);
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  const pools: Database[] = [];
  const open = (): Database => {
    const maxConnections = options.maxConnections ?? DEFAULT_MAX_CONNECTIONS;
    const db = new Database(url.href, {
      maxConnections,
      clock: options.clock ?? systemClock,
      log: silentLogger,
    });
    pools.push(db);
    return db;
  };
  return {
    url: url.href,
    db: open(),
    connect: open,
    drop: async () => {
      await Promise.all(pools.map((db) => db.close()));
      await asSuperuser(serverUrl, (client) => client.query(`drop database ${name} with (force)`));
    },
  };
}

/** A new project, for tests below the service that makes them. Returns its id. */
export async function createTestProject(db: Database, mode: Mode = 'sandbox'): Promise<string> {
  const projectId = new TypeIds(systemClock).next('project');
  await db.tx(projectId, (tx) =>
    tx.query('insert into projects (project_id, name, mode, created_at) values ($1, $2, $3, $4)', [
      projectId,
      'Test',
      mode,
      systemClock.now(),
    ]),
  );
  return projectId;
}

/** One connection as the owner of everything, outside the rules that bind the server. */
export async function asSuperuser<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

async function askForServer(): Promise<string> {
  const answer = JSON.parse(await text(connect(inject('postgresSocket')))) as PostgresAnswer;
  assert('url' in answer, `no PostgreSQL for tests: ${'error' in answer ? answer.error : ''}`);
  return answer.url;
}

/** Copying is refused while anyone is connected to the template, be it a process that just migrated it. */
async function copyTemplate(serverUrl: string, name: string, template: string): Promise<void> {
  await asSuperuser(serverUrl, async (client) => {
    for (let attempt = 1; ; attempt++) {
      try {
        await client.query(`create database ${name} template ${template}`);
        return;
      } catch (error) {
        const isBusy = error instanceof pg.DatabaseError && error.code === OBJECT_IN_USE;
        if (!isBusy || attempt === MAX_CREATE_ATTEMPTS) throw error;
        await delay(CREATE_RETRY_MS);
      }
    }
  });
}
