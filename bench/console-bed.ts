import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { startEmbeddedPostgres } from '../server/src/db/embedded/start.ts';
import { migrate } from '../server/src/db/migrate.ts';
import { assert } from '../server/src/kernel/assert.ts';
import { silentLogger } from '../server/src/kernel/log.ts';
import { endChild } from '../server/src/kernel/process.ts';
import { fillConsole } from './console-fill.ts';
import type { ConsoleSeed } from './console-process.ts';

const END_TIMEOUT_MS = 5_000;

export interface ConsoleBed {
  readonly seed: ConsoleSeed;
  readonly port: number;
  /** The session's, as a browser has it: `name=value`. */
  readonly cookie: string;
  /** The superuser's. */
  readonly client: pg.Client;
  stop(): Promise<void>;
}

/**
 * A database with a project of so many transactions, the product's api on it in a process of its own, and a member who is
 * signed in. With `keep` the database stays in that directory and is used again, brought up to the present schema.
 */
export async function openConsoleBed(rows: number, keep: string | undefined): Promise<ConsoleBed> {
  const dir = keep === undefined ? await mkdtemp(join(tmpdir(), 'oms-console-')) : resolve(keep);
  const postgres = await startEmbeddedPostgres({ dir, log: silentLogger });
  await migrate(postgres.url);
  const api = fork(fileURLToPath(new URL('./console-process.ts', import.meta.url)), [postgres.url], {
    execArgv: [],
  });
  const client = new pg.Client({ connectionString: postgres.url });
  const stop = async (): Promise<void> => {
    await client.end();
    await endChild(api, { timeoutMs: END_TIMEOUT_MS });
    await postgres.stop();
    if (keep === undefined) await rm(dir, { recursive: true, force: true });
  };
  await client.connect();
  try {
    const port = await nextMessage<number>(api);
    const seed = await filled(api, client, rows, join(dir, 'seed.json'));
    return { seed, port, cookie: await signIn(port, seed), client, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function nextMessage<T>(child: ChildProcess): Promise<T> {
  const ended = once(child, 'exit').then(() => {
    throw new Error('the api ended early');
  });
  const [message] = (await Promise.race([once(child, 'message'), ended])) as [T];
  return message;
}

async function filled(
  api: ChildProcess,
  client: pg.Client,
  rows: number,
  file: string,
): Promise<ConsoleSeed> {
  if (existsSync(file)) return JSON.parse(await readFile(file, 'utf8')) as ConsoleSeed;
  api.send('seed');
  const seed = await nextMessage<ConsoleSeed>(api);
  const startMs = performance.now();
  await fillConsole(client, { projectId: seed.projectId, transactions: rows, now: new Date() });
  const seconds = ((performance.now() - startMs) / 1_000).toFixed(0);
  console.log(`filled ${rows.toLocaleString('en')} transactions and what comes with them in ${seconds} s`);
  await writeFile(file, JSON.stringify(seed));
  return seed;
}

async function signIn(port: number, { email, password }: ConsoleSeed): Promise<string> {
  const reply = await fetch(`http://127.0.0.1:${port}/console/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-oms-console': '1' },
    body: JSON.stringify({ email, password }),
  });
  const [cookie] = reply.headers.getSetCookie();
  assert(reply.ok && cookie !== undefined, `not signed in: ${await reply.text()}`);
  return cookie.split(';', 1)[0] ?? '';
}
