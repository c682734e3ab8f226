import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, mkdir, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Client } from 'pg';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { silentLogger } from '../../kernel/log.ts';
import { type EmbeddedPostgres, startEmbeddedPostgres } from './start.ts';

const NOBODY = 65534;

let home: string;
let running: EmbeddedPostgres | undefined;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'oms privileges '));
  await chmod(home, 0o755);
});

afterEach(async () => {
  await running?.stop();
  await rm(home, { recursive: true, force: true });
});

async function start(allowUserNamespaces: boolean): Promise<EmbeddedPostgres> {
  const dir = join(home, 'postgres');
  running = await startEmbeddedPostgres({ dir, log: silentLogger, durable: false, allowUserNamespaces });
  return running;
}

async function query(postgres: EmbeddedPostgres, sql: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: postgres.url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

describe.skipIf(process.getuid?.() !== 0 || process.platform !== 'linux')('as root', () => {
  test('without user namespaces the server runs as nobody, who owns the data and nothing else', async () => {
    const postgres = await start(false);
    expect((await stat(`/proc/${postgres.pid}`)).uid).toBe(NOBODY);
    expect((await stat(join(home, 'postgres', 'data', 'base'))).uid).toBe(NOBODY);
    const password = await stat(join(home, 'postgres', 'password'));
    expect({ uid: password.uid, mode: password.mode & 0o777 }).toEqual({ uid: 0, mode: 0o600 });
  });

  test('a database made by nobody is reopened by nobody', async () => {
    await query(await start(false), 'create table entry as select 1 as id');
    await running?.stop();
    const postgres = await start(true);
    expect(await query(postgres, 'select id from entry')).toEqual([{ id: 1 }]);
    expect((await stat(`/proc/${postgres.pid}`)).uid).toBe(NOBODY);
  });

  test('a database made in a user namespace is handed over when namespaces are forbidden later', async () => {
    await query(await start(true), 'create table entry as select 1 as id');
    await running?.stop();
    const postgres = await start(false);
    expect(await query(postgres, 'select id from entry')).toEqual([{ id: 1 }]);
    expect((await stat(join(home, 'postgres', 'data', 'base'))).uid).toBe(NOBODY);
  });

  test('an ordinary user starts, stops and restarts it', async (context) => {
    if (!(await isOpenToAll(process.execPath)) || !(await isOpenToAll(import.meta.filename))) {
      context.skip('the checkout or Node is closed to other users');
    }
    const dir = join(home, 'theirs');
    await mkdir(dir);
    await chown(dir, NOBODY, NOBODY);
    const program = `
      import { startEmbeddedPostgres } from ${JSON.stringify(pathToFileURL(join(import.meta.dirname, 'start.ts')).href)};
      const log = { debug() {}, info() {}, warn() {}, error() {} };
      for (let i = 0; i < 2; i++) {
        const postgres = await startEmbeddedPostgres({ dir: ${JSON.stringify(dir)}, log, durable: false });
        await postgres.stop();
      }`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
      uid: NOBODY,
      gid: NOBODY,
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    expect(await once(child, 'exit')).toEqual([0, null]);
    expect((await stat(join(dir, 'data'))).uid).toBe(NOBODY);
  });
});

async function isOpenToAll(path: string): Promise<boolean> {
  const { mode } = await stat(path);
  return (mode & 0o004) !== 0 && (path === dirname(path) || (await isOpenToAll(dirname(path))));
}
