import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { must } from '../../kernel/assert.ts';
import type { Logger } from '../../kernel/log.ts';
import { endChild, freePort, isPortFree } from '../../kernel/process.ts';
import { findBinaryPackage, prepareBinaries } from './binaries.ts';
import { type ClusterPaths, dataOwner, ensureCluster, openClusterDirectory, SUPERUSER } from './cluster.ts';
import { clearLeftovers, endOrphanedBackends, SHUTDOWN_TIMEOUT_MS } from './leftovers.ts';
import { rotateLog } from './log-file.ts';
import { type Exit, type LaunchResult, launch, type Postmaster, untilAccepting } from './postmaster.ts';
import { privilegeChoices } from './privileges.ts';
import { settingArguments } from './settings.ts';

export interface EmbeddedPostgresOptions {
  /** Everything the database keeps is in here; made when absent. One start at a time may use it. */
  readonly dir: string;
  readonly log: Logger;
  /** The server's own log; default `<dir>/postgres.log`. Set aside as `.1` at a start that finds it over 10 MB. */
  readonly logFile?: string;
  /** Server settings that replace the defaults, such as `{ max_connections: '50' }`. */
  readonly settings?: Readonly<Record<string, string>>;
  /** False, for tests only, trades safety against a crash of the operating system for speed. Default true. */
  readonly durable?: boolean;
  /** False when run as root: behave as where the kernel forbids user namespaces. Default true. */
  readonly allowUserNamespaces?: boolean;
}

export interface EmbeddedPostgres {
  /** `postgres://postgres:<password>@127.0.0.1:<port>/postgres`, the superuser's. */
  readonly url: string;
  readonly port: number;
  /** The postmaster's. */
  readonly pid: number;
  /** Settles when the server has ended, whether stopped or on its own. */
  readonly exited: Promise<Exit>;
  /** Resolves when it takes connections, after a crash of one of its processes too, or when there is no use in waiting. */
  ready(): Promise<void>;
  /** Fast shutdown: open sessions are cut off, committed data is kept. Ends by force after 8 s. */
  stop(): Promise<void>;
}

const MAX_LAUNCHES = 10;
const RETRY_DELAY_MS = 200;

/**
 * Starts PostgreSQL on the directory, making the database at the first start and recovering it after a crash.
 * Resolves when a connection has succeeded. Throws `EmbeddedPostgresError` when it cannot run here.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const startedMs = performance.now();
  const durable = options.durable ?? true;
  const source = await findBinaryPackage(process.platform, process.arch);
  const paths = await openClusterDirectory(options.dir);
  const user = must(process.getuid?.(), 'the platforms with binaries have user ids');
  const owner = await dataOwner(paths, user);
  await clearLeftovers(paths, options.log);
  const choices = privilegeChoices(user, owner, options.allowUserNamespaces ?? true);
  const binaries = await prepareBinaries(source, paths.dir, choices);
  const { password, isNew } = await ensureCluster(paths, binaries, durable);
  const logFile = options.logFile ?? join(paths.dir, 'postgres.log');
  await rotateLog(logFile);

  const launchOn = (port: number) =>
    launch({
      paths,
      binaries,
      logFile,
      settingArguments: settingArguments(port, durable, options.settings ?? {}),
      url: urlOf(port, password),
    });
  const { port, postmaster } = await launchRepeatedly(paths, launchOn);
  const durationMs = Math.round(performance.now() - startedMs);
  options.log.info(
    { port, pid: postmaster.pid, isNew, durationMs, privileges: binaries.privileges.kind },
    'PostgreSQL is ready',
  );
  return handleOf(postmaster, port, password, paths, options.log);
}

const urlOf = (port: number, password: string): string =>
  `postgres://${SUPERUSER}:${password}@127.0.0.1:${port}/postgres`;

/** Until it is up: another program may take the port first, a dead server's processes may take a moment to go. */
async function launchRepeatedly(
  paths: ClusterPaths,
  launchOn: (port: number) => Promise<LaunchResult>,
): Promise<{ port: number; postmaster: Postmaster }> {
  let port = await choosePort(paths);
  for (let attempt = 1; ; attempt++) {
    const result = await launchOn(port);
    if (result.ok) {
      await writeFile(paths.port, `${port}\n`, { mode: 0o600 });
      return { port, postmaster: result.postmaster };
    }
    if (result.retry === undefined || attempt === MAX_LAUNCHES) throw result.error;
    if (result.retry === 'port taken') port = await freePort();
    else await delay(RETRY_DELAY_MS);
  }
}

/** The port of the last start if it is free, so that a connection string noted somewhere stays right. */
async function choosePort(paths: ClusterPaths): Promise<number> {
  const last = Number(await readFile(paths.port, 'utf8').catch(() => ''));
  const isUsable = Number.isInteger(last) && last >= 1_024 && last <= 65_535 && (await isPortFree(last));
  return isUsable ? last : freePort();
}

function handleOf(
  postmaster: Postmaster,
  port: number,
  password: string,
  paths: ClusterPaths,
  log: Logger,
): EmbeddedPostgres {
  const { child, pid, exited } = postmaster;
  let stopping: Promise<void> | undefined;
  const stop = async () => {
    if (await endChild(child, { signal: 'SIGINT', timeoutMs: SHUTDOWN_TIMEOUT_MS })) return;
    await endOrphanedBackends(paths.data);
    log.warn(
      { pid, timeoutMs: SHUTDOWN_TIMEOUT_MS },
      'PostgreSQL had to be killed; it recovers at the next start',
    );
  };
  void exited.then(({ code, signal }) => {
    if (!stopping) log.error({ pid, code, signal }, 'PostgreSQL ended on its own');
  });
  return {
    url: urlOf(port, password),
    port,
    pid,
    exited,
    ready: () => untilAccepting(urlOf(port, password), postmaster),
    stop: () => {
      stopping ??= stop();
      return stopping;
    },
  };
}
