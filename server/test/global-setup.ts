import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import type { EmbeddedPostgres } from '../src/db/embedded/start.ts';
import { silentLogger } from '../src/kernel/log.ts';
import type { PostgresAnswer } from './postgres.ts';
import { startTestPostgres } from './postgres-server.ts';

/** Test files run two at a time, each with a few pools; some open a hundred connections on purpose. */
const MAX_CONNECTIONS = '300';

/**
 * One PostgreSQL for all test files, started when the first of them asks, so that a run without a database pays
 * nothing. A test process asks by connecting to a socket and reads the answer as JSON until the end.
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dir = await mkdtemp(join(tmpdir(), 'oms-test-'));
  // For every process that a test starts: without it each compiles all of its modules anew.
  process.env.NODE_COMPILE_CACHE ??= join(dir, 'compiled');
  let starting: Promise<EmbeddedPostgres> | undefined;
  let running: EmbeddedPostgres | undefined;
  // A run that breaks off, as on a closed pipe, is not torn down; only this is left to it.
  const abandon = (): void => {
    if (running) process.kill(running.pid, 'SIGQUIT');
    rmSync(dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  };
  process.once('exit', abandon);
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    starting ??= startTestPostgres({
      dir,
      log: silentLogger,
      settings: { max_connections: MAX_CONNECTIONS },
    });
    void starting.then(
      (postgres) => {
        running = postgres;
      },
      () => undefined,
    );
    const answer: Promise<PostgresAnswer> = starting.then(
      ({ url }) => ({ url }),
      (error: Error) => ({ error: error.stack ?? error.message }),
    );
    void answer.then((value) => socket.end(JSON.stringify(value)));
  });
  const path = join(dir, 'ask');
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  });
  project.provide('postgresSocket', path);
  return async () => {
    await new Promise((resolve) => server.close(resolve));
    const postgres = await starting?.catch(() => undefined);
    await postgres?.stop();
    await rm(dir, { recursive: true, force: true, maxRetries: 5 });
    process.off('exit', abandon);
  };
}
