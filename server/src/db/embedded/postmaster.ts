import type { ChildProcess } from 'node:child_process';
import { open } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';
import { must } from '../../kernel/assert.ts';
import { endChild } from '../../kernel/process.ts';
import type { Binaries } from './binaries.ts';
import type { ClusterPaths } from './cluster.ts';
import { EmbeddedPostgresError } from './errors.ts';
import { readPostmasterFile, SHUTDOWN_TIMEOUT_MS } from './leftovers.ts';
import { sizeOf, tailSince } from './log-file.ts';
import { spawnAs } from './privileges.ts';

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface Postmaster {
  readonly child: ChildProcess;
  readonly pid: number;
  readonly exited: Promise<Exit>;
}

export interface Launch {
  readonly paths: ClusterPaths;
  readonly binaries: Binaries;
  readonly settingArguments: readonly string[];
  readonly logFile: string;
  /** Connection string of the superuser on the port that the arguments name. */
  readonly url: string;
}

/** Recovery after a crash replays at most the log since the last checkpoint (1 GB by default). */
const READY_TIMEOUT_MS = 60_000;
const READY_POLL_MS = 5;
const RECOVERY_POLL_MS = 50;
const CONNECT_TIMEOUT_MS = 5_000;

/** A launch that failed for a cause that another attempt may not meet. */
export type RetryCause = 'port taken' | 'shared memory in use';

export type LaunchResult =
  | { readonly ok: true; readonly postmaster: Postmaster }
  | { readonly ok: false; readonly retry: RetryCause | undefined; readonly error: EmbeddedPostgresError };

/** Starts the server and waits until it accepts a connection; a failed one is ended before this returns. */
export async function launch(request: Launch): Promise<LaunchResult> {
  const logStart = await sizeOf(request.logFile);
  try {
    const postmaster = await spawnPostmaster(request);
    const failure = await waitUntilReady(request, postmaster);
    if (failure === undefined) return { ok: true, postmaster };
    await endChild(postmaster.child, { signal: 'SIGINT', timeoutMs: SHUTDOWN_TIMEOUT_MS });
    const tail = await tailSince(request.logFile, logStart);
    const error = new EmbeddedPostgresError(`PostgreSQL ${failure}; the end of ${request.logFile}:\n${tail}`);
    return { ok: false, retry: retryCause(tail), error };
  } catch (cause) {
    const error = new EmbeddedPostgresError(`PostgreSQL could not be started: ${String(cause)}`, { cause });
    return { ok: false, retry: undefined, error };
  }
}

async function spawnPostmaster(request: Launch): Promise<Postmaster> {
  const { binaries, paths } = request;
  const log = await open(request.logFile, 'a', 0o600);
  try {
    const command = [binaries.postgres, '-D', paths.data, ...request.settingArguments] as const;
    const child = spawnAs(binaries.privileges, command, {
      cwd: paths.dir,
      stdio: ['ignore', log.fd, log.fd],
      // A session of its own: Ctrl-C in a terminal reaches us alone, and we stop it after its last client.
      detached: true,
    });
    const exited = new Promise<Exit>((resolve) => {
      child.once('exit', (code, signal) => resolve({ code, signal }));
    });
    if (child.pid === undefined) await new Promise((_, reject) => child.once('error', reject));
    return { child, pid: must(child.pid, 'the postmaster runs'), exited };
  } finally {
    await log.close();
  }
}

/** Undefined when ready, else what went wrong. */
async function waitUntilReady(request: Launch, postmaster: Postmaster): Promise<string | undefined> {
  const deadlineMs = performance.now() + READY_TIMEOUT_MS;
  while (performance.now() < deadlineMs) {
    const { exitCode, signalCode } = postmaster.child;
    if (exitCode !== null || signalCode !== null) return `ended with ${signalCode ?? `code ${exitCode}`}`;
    const { pid, isReady } = await readPostmasterFile(request.paths);
    if (isReady && pid === postmaster.pid) {
      const refusal = await refusedConnection(request.url);
      if (refusal === undefined) return undefined;
      if (!refusal.isPassing) return `refuses the connection: ${refusal.message}`;
    }
    await delay(READY_POLL_MS);
  }
  return `accepts no connection after ${READY_TIMEOUT_MS} ms`;
}

/**
 * Until a connection succeeds: a server that has lost one of its processes ends all others, recovers, and takes nobody
 * meanwhile. Resolves as well when waiting is of no use: the server has ended, refuses for another cause, or takes longer
 * than a start may. Whoever connects then is told why it cannot.
 */
export async function untilAccepting(url: string, postmaster: Postmaster): Promise<void> {
  const { child } = postmaster;
  const deadlineMs = performance.now() + READY_TIMEOUT_MS;
  while (child.exitCode === null && child.signalCode === null && performance.now() < deadlineMs) {
    const refusal = await refusedConnection(url);
    if (!refusal?.isPassing) return;
    await delay(RECOVERY_POLL_MS);
  }
}

/** 57P03 cannot_connect_now: the server is starting up. */
const PASSING = new Set(['ECONNREFUSED', 'ECONNRESET', '57P03']);

async function refusedConnection(url: string): Promise<{ isPassing: boolean; message: string } | undefined> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: CONNECT_TIMEOUT_MS });
  client.on('error', () => {});
  try {
    await client.connect();
    await client.query('select 1');
    return undefined;
  } catch (error) {
    const { code = '', message } = error as Error & { code?: string };
    return { isPassing: PASSING.has(code), message };
  } finally {
    await client.end().catch(() => {});
  }
}

function retryCause(log: string): RetryCause | undefined {
  if (log.includes('could not create any TCP/IP sockets')) return 'port taken';
  if (log.includes('pre-existing shared memory block')) return 'shared memory in use';
  return undefined;
}
