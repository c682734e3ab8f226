import { readdir, readFile, readlink, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '../../kernel/log.ts';
import { endOrphan, endProcess, findProcess, isProcess } from '../../kernel/process.ts';
import type { ClusterPaths } from './cluster.ts';
import { DRAFT_PID_FILE, DRAFT_PREFIX, draftNameStart } from './drafts.ts';
import { EmbeddedPostgresError } from './errors.ts';
import { launcherMark } from './settings.ts';

/** A fast shutdown writes a checkpoint; after this the recovery of the next start does that work instead. */
export const SHUTDOWN_TIMEOUT_MS = 8_000;
const INITDB_END_TIMEOUT_MS = 2_000;
const BACKEND_END_TIMEOUT_MS = 2_000;
const RM_RETRIES = 5;

/** Ends and removes what a killed start or server has left under `dir`. Throws when the database is in use. */
export async function clearLeftovers(paths: ClusterPaths, log: Logger): Promise<void> {
  await clearDrafts(paths, log);
  await endOrphanedPostmaster(paths, log);
  await endOrphanedBackends(paths.data);
}

async function clearDrafts(paths: ClusterPaths, log: Logger): Promise<void> {
  for (const name of await readdir(paths.dir)) {
    if (!(await isAbandonedDraft(name))) continue;
    const draft = join(paths.dir, name);
    await endOrphan(join(draft, DRAFT_PID_FILE), { timeoutMs: INITDB_END_TIMEOUT_MS });
    await rm(draft, { recursive: true, force: true, maxRetries: RM_RETRIES });
    log.info({ draft }, 'removed what an interrupted start had left');
  }
}

/** In a container every run may have the same pid, so a draft with our pid is ours only if it has our start time. */
async function isAbandonedDraft(name: string): Promise<boolean> {
  if (!name.startsWith(DRAFT_PREFIX) || name.startsWith(draftNameStart())) return false;
  const pid = Number.parseInt(name.slice(DRAFT_PREFIX.length), 10);
  return pid === process.pid || (await findProcess(pid)) === undefined;
}

async function endOrphanedPostmaster(paths: ClusterPaths, log: Logger): Promise<void> {
  const { pid } = await readPostmasterFile(paths);
  if (pid === undefined) return;
  const record = { pid, command: paths.data };
  const found = await findProcess(pid);
  if (!found || !(await isProcess(record))) {
    // Any process of that pid, even a zombie nobody has reaped, would look to PostgreSQL like a live server.
    await removeLock(paths, pid);
    return;
  }
  if (found.commandLine.split(' ').includes(launcherMark(found.parentPid))) {
    throw new EmbeddedPostgresError(
      `The database in ${paths.dir} is in use by process ${found.parentPid}; stop that first, choose another directory, or set DATABASE_URL.`,
    );
  }
  await endProcess(record, { signal: 'SIGINT', timeoutMs: SHUTDOWN_TIMEOUT_MS });
  await removeLock(paths, pid);
  log.warn({ pid }, 'ended the PostgreSQL that an earlier run had left');
}

/** Not the lock of a server that a parallel start has launched meanwhile. */
async function removeLock(paths: ClusterPaths, deadPid: number): Promise<void> {
  const { pid } = await readPostmasterFile(paths);
  if (pid === deadPid) await rm(join(paths.data, 'postmaster.pid'), { force: true });
}

/**
 * Server processes outlive a postmaster killed with SIGKILL until they next look, and a new one must not start
 * before they are gone. They are known by their working directory, the data directory; their titles are
 * `postgres: …`. Where there is no /proc, the launch itself is repeated until they are gone.
 */
export async function endOrphanedBackends(dataDir: string): Promise<void> {
  if (process.platform !== 'linux') return;
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  for (const pid of pids) {
    const cwd = await readlink(`/proc/${pid}/cwd`).catch(() => undefined);
    if (cwd !== dataDir) continue;
    const found = await findProcess(pid);
    if (!found?.commandLine.startsWith('postgres: ')) continue;
    if (await isProcess({ pid: found.parentPid, command: dataDir })) continue;
    await endProcess({ pid, command: 'postgres' }, { signal: 'SIGQUIT', timeoutMs: BACKEND_END_TIMEOUT_MS });
  }
}

/** What postmaster.pid says: the postmaster's pid, and whether it accepts connections. */
export async function readPostmasterFile(
  paths: ClusterPaths,
): Promise<{ pid: number | undefined; isReady: boolean }> {
  const text = await readFile(join(paths.data, 'postmaster.pid'), 'utf8').catch((error) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  // One fact a line; the pid is the first, the state the eighth (PostgreSQL: utils/pidfile.h).
  const lines = text.split('\n');
  const pid = Number.parseInt(lines[0] ?? '', 10);
  return { pid: Number.isNaN(pid) ? undefined : Math.abs(pid), isReady: lines[7]?.trim() === 'ready' };
}
