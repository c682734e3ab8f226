import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { Client } from 'pg';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { must } from '../../kernel/assert.ts';
import { silentLogger } from '../../kernel/log.ts';
import { endProcess, findProcess } from '../../kernel/process.ts';
import { EmbeddedPostgresError } from './errors.ts';
import { type EmbeddedPostgres, type EmbeddedPostgresOptions, startEmbeddedPostgres } from './start.ts';

const DEADLINE_MS = 30_000;

let home: string;
let dir: string;
let running: EmbeddedPostgres[];
let children: ChildProcess[];

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'oms embedded '));
  dir = join(home, 'a directory whose path is longer than a socket address may be'.repeat(2), 'postgres');
  running = [];
  children = [];
});

afterEach(async () => {
  for (const child of children) child.kill('SIGKILL');
  await Promise.all(running.map((postgres) => postgres.stop()));
  await endPostmaster();
  await rm(home, { recursive: true, force: true, maxRetries: 5 });
});

/** The one a killed child left, when its test failed before the next start. */
async function endPostmaster(): Promise<void> {
  const pid = Number.parseInt(
    await readFile(join(dir, 'data', 'postmaster.pid'), 'utf8').catch(() => ''),
    10,
  );
  if (pid > 0) await endProcess({ pid, command: home }, { signal: 'SIGQUIT', timeoutMs: 2_000 });
}

async function start(options: Partial<EmbeddedPostgresOptions> = {}): Promise<EmbeddedPostgres> {
  const postgres = await startEmbeddedPostgres({ dir, log: silentLogger, ...options });
  running.push(postgres);
  return postgres;
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

async function until(condition: () => Promise<boolean>, what: string): Promise<void> {
  const deadlineMs = performance.now() + DEADLINE_MS;
  while (!(await condition())) {
    if (performance.now() > deadlineMs) throw new Error(`not within ${DEADLINE_MS} ms: ${what}`);
    await delay(5);
  }
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

/** A process of its own that starts the database, commits rows as fast as it can and prints each committed id. */
function startWriter(): ChildProcess {
  const program = `
    import { Client } from 'pg';
    import { startEmbeddedPostgres } from ${JSON.stringify(pathToFileURL(join(import.meta.dirname, 'start.ts')).href)};
    const log = { debug() {}, info() {}, warn() {}, error() {} };
    const postgres = await startEmbeddedPostgres({ dir: ${JSON.stringify(dir)}, log });
    console.log('pid', postgres.pid);
    const client = new Client({ connectionString: postgres.url });
    await client.connect();
    await client.query('create table if not exists entry (id bigint primary key)');
    for (let id = 1; ; id++) {
      await client.query('insert into entry (id) values ($1)', [id]);
      console.log('row', id);
    }`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    cwd: import.meta.dirname,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  return child;
}

/** Runs the writer, kills it (and, if told, its postmaster) after some rows; returns what it saw committed. */
async function crashWriter(rows: number, alsoPostmaster: boolean): Promise<{ pid: number; lastId: number }> {
  const child = startWriter();
  let pid = 0;
  let lastId = 0;
  for await (const line of createInterface({ input: must(child.stdout, 'stdout is a pipe') })) {
    const [kind, value] = line.split(' ');
    if (kind === 'pid') pid = Number(value);
    if (kind === 'row') lastId = Number(value);
    if (kind !== 'row' || lastId < rows || child.killed) continue;
    child.kill('SIGKILL');
    if (alsoPostmaster) process.kill(pid, 'SIGKILL');
  }
  return { pid, lastId };
}

describe('a first start', () => {
  test('makes a durable, checksummed UTF-8 database that listens on loopback only', async () => {
    const postgres = await start();
    const [settings] = await query(
      postgres,
      `select current_setting('fsync') as fsync, current_setting('synchronous_commit') as synchronous_commit,
        current_setting('full_page_writes') as full_page_writes, current_setting('data_checksums') as data_checksums,
        current_setting('server_encoding') as server_encoding, current_setting('timezone') as timezone,
        current_setting('listen_addresses') as listen_addresses,
        current_setting('unix_socket_directories') as unix_socket_directories,
        current_setting('max_connections') as max_connections`,
    );
    expect(settings).toEqual({
      fsync: 'on',
      synchronous_commit: 'on',
      full_page_writes: 'on',
      data_checksums: 'on',
      server_encoding: 'UTF8',
      timezone: 'UTC',
      listen_addresses: '127.0.0.1',
      unix_socket_directories: '',
      max_connections: '200',
    });
    expect((await findProcess(postgres.pid))?.commandLine).toContain(join(dir, 'data'));
  });

  test('protects it with a random password that only the owner can read', async () => {
    const postgres = await start({ durable: false });
    const password = (await readFile(join(dir, 'password'), 'utf8')).trim();
    expect(postgres.url).toBe(`postgres://postgres:${password}@127.0.0.1:${postgres.port}/postgres`);
    expect((await stat(join(dir, 'password'))).mode & 0o777).toBe(0o600);
    const stranger = new Client({ connectionString: postgres.url.replace(password, 'guess') });
    await expect(stranger.connect()).rejects.toThrow('password authentication failed');
  });

  test('that is killed in initdb leaves nothing the next start would trust', async () => {
    const child = startWriter();
    const draftPid = async () => {
      const names = await readdir(dir).catch(() => []);
      const draft = names.find((name) => name.startsWith('draft-'));
      return draft !== undefined && (await exists(join(dir, draft, 'initdb.pid')));
    };
    await until(draftPid, 'initdb runs');
    const exit = once(child, 'exit');
    child.kill('SIGKILL');
    await exit;
    expect(await exists(join(dir, 'data'))).toBe(false);

    const postgres = await start({ durable: false });

    expect(await query(postgres, 'select 1 as one')).toEqual([{ one: 1 }]);
    expect((await readdir(dir)).sort()).toEqual(['data', 'password', 'port', 'postgres.log']);
  });

  test('in two places at once makes one database, and refuses the second server', async () => {
    const starts = await Promise.allSettled([start({ durable: false }), start({ durable: false })]);
    expect(starts.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const [postgres] = running;
    expect(await query(must(postgres, 'one has started'), 'select 1 as one')).toEqual([{ one: 1 }]);
  });
});

describe('a later start', () => {
  test('finds the data, the password and the port of the one before', async () => {
    const first = await start();
    await query(first, 'create table entry as select 1 as id');
    await first.stop();
    expect(await first.exited).toEqual({ code: 0, signal: null });

    const second = await start();

    expect(second.url).toBe(first.url);
    expect(await query(second, 'select id from entry')).toEqual([{ id: 1 }]);
  });

  test('takes another port when somebody has the old one', async () => {
    const first = await start({ durable: false });
    await first.stop();
    const squatter = createServer().listen(first.port, '127.0.0.1');
    await once(squatter, 'listening');

    const second = await start({ durable: false });

    expect(second.port).not.toBe(first.port);
    expect(await query(second, 'select 1 as one')).toEqual([{ one: 1 }]);
    squatter.close();
  });

  test('is refused while the database is in use, and disturbs nobody', async () => {
    const first = await start({ durable: false });
    await expect(start({ durable: false })).rejects.toThrow(`in use by process ${process.pid}`);
    expect(await query(first, 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  test('refuses the data of another major version, and what is no database', async () => {
    await (await start({ durable: false })).stop();
    await writeFile(join(dir, 'data', 'PG_VERSION'), '17\n');
    await expect(start()).rejects.toThrow(
      /made by PostgreSQL 17; the installed binaries are 18.*DATABASE_URL/,
    );
    await rm(join(dir, 'data', 'PG_VERSION'));
    await expect(start()).rejects.toThrow(/no PostgreSQL data directory.*DATABASE_URL/);
  });

  test('sets aside a log that has grown large', async () => {
    await (await start({ durable: false })).stop();
    await truncate(join(dir, 'postgres.log'), 11 * 1024 * 1024);
    await start({ durable: false });
    expect((await stat(join(dir, 'postgres.log.1'))).size).toBe(11 * 1024 * 1024);
    expect((await stat(join(dir, 'postgres.log'))).size).toBeLessThan(1024 * 1024);
  });

  test('that fails says what the server said', async () => {
    const failure = start({ durable: false, settings: { shared_buffers: 'plenty' } });
    await expect(failure).rejects.toThrow(EmbeddedPostgresError);
    await expect(failure).rejects.toThrow(/invalid value for parameter "shared_buffers": "plenty"/);
  });
});

describe('after a crash', () => {
  test('a surviving orphan is ended and no committed row is lost', async () => {
    const crash = await crashWriter(200, false);
    expect(await findProcess(crash.pid)).toBeDefined();

    const postgres = await start();

    expect(await findProcess(crash.pid)).toBeUndefined();
    expect(await committedRows(postgres, crash.lastId)).toBe(crash.lastId);
  });

  test('with the postmaster killed too, no committed row is lost', async () => {
    const crash = await crashWriter(200, true);
    const postgres = await start();
    expect(postgres.pid).not.toBe(crash.pid);
    expect(await committedRows(postgres, crash.lastId)).toBe(crash.lastId);
  });

  test('a pid that a foreign process has now does not block the start, nor is that process touched', async () => {
    await (await start({ durable: false })).stop();
    const foreign = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
    children.push(foreign);
    const stale = `${foreign.pid}\n${join(dir, 'data')}\n1\n5432\n\n127.0.0.1\n        1         1\nready   \n`;
    await writeFile(join(dir, 'data', 'postmaster.pid'), stale, { mode: 0o600 });

    const postgres = await start({ durable: false });

    expect(await query(postgres, 'select 1 as one')).toEqual([{ one: 1 }]);
    expect(await findProcess(must(foreign.pid, 'it runs'))).toBeDefined();
  });

  test('of one of its processes it is ready again when it has recovered', async () => {
    const postgres = await start();
    const walWriter = async (): Promise<number> => {
      const sql = `select pid from pg_stat_activity where backend_type = 'walwriter'`;
      return Number((await query(postgres, sql))[0]?.pid ?? 0);
    };
    const killed = await walWriter();
    process.kill(killed, 'SIGKILL');
    await until(async () => {
      await postgres.ready();
      const now = await walWriter().catch(() => 0);
      return now > 0 && now !== killed;
    }, 'another WAL writer');
  });

  test('the end of a server that nobody stopped is reported', async () => {
    const postgres = await start({ durable: false });
    process.kill(postgres.pid, 'SIGKILL');
    expect(await postgres.exited).toEqual({ code: null, signal: 'SIGKILL' });
    await postgres.stop();
  });

  /** How many of the ids 1 … lastId the database has. */
  async function committedRows(postgres: EmbeddedPostgres, lastId: number): Promise<number> {
    const [row] = await query(postgres, `select count(*)::int as count from entry where id <= ${lastId}`);
    return Number(row?.count);
  }
});

test('two databases run side by side', async () => {
  const [one, other] = await Promise.all([
    start({ durable: false }),
    start({ durable: false, dir: join(home, 'other') }),
  ]);
  await query(one, 'create table only_here ()');
  expect(await query(other, `select to_regclass('only_here') as found`)).toEqual([{ found: null }]);
});

test('stopping cuts open sessions off, and may be asked for twice', async () => {
  const postgres = await start({ durable: false });
  const client = new Client({ connectionString: postgres.url });
  client.on('error', () => {});
  await client.connect();
  const sleeping = client.query('select pg_sleep(600)');
  await Promise.all([expect(sleeping).rejects.toThrow(), postgres.stop(), postgres.stop()]);
  expect(await postgres.exited).toEqual({ code: 0, signal: null });
});
