import { type ChildProcess, spawn } from 'node:child_process';
import { chmod, lchown, readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/**
 * PostgreSQL refuses to run as root. As root we run it as the user the data belongs to, or inside a user
 * namespace in which root appears as nobody (the files keep belonging to root), or as the user nobody.
 */
export type Privileges =
  | { readonly kind: 'same-user' }
  | { readonly kind: 'user-namespace' }
  | { readonly kind: 'other-user'; readonly uid: number; readonly gid: number };

export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** Linux's overflow id, which distributions call nobody (kernel: sys/kernel/overflowuid); macOS has -2. */
const NOBODY = process.platform === 'darwin' ? -2 : 65534;
const UNSHARE = ['unshare', '--user', '--map-user=65534', '--map-group=65534', '--'];

/** Nothing of the caller's environment: PGDATA, PGPORT or a library path in it would change what runs. */
const ENVIRONMENT = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/run/current-system/sw/bin',
  LC_ALL: 'C',
  TZ: 'UTC',
};

const MAX_OUTPUT_BYTES = 64 * 1024;

/** The ways to run PostgreSQL, best first. `dataOwner` is the owner of an existing data directory. */
export function privilegeChoices(
  user: number,
  dataOwner: Owner | undefined,
  allowUserNamespaces: boolean,
): Privileges[] {
  if (user !== 0) return [{ kind: 'same-user' }];
  if (dataOwner && dataOwner.uid !== 0) return [{ kind: 'other-user', ...dataOwner }];
  const nobody: Privileges = { kind: 'other-user', uid: NOBODY, gid: NOBODY };
  return process.platform === 'linux' && allowUserNamespaces
    ? [{ kind: 'user-namespace' }, nobody]
    : [nobody];
}

/** Starts a program under the privileges. The child's pid is the program's own: `unshare` replaces itself by it. */
export function spawnAs(
  privileges: Privileges,
  command: readonly [string, ...string[]],
  options: { cwd: string; stdio: ['ignore', 'pipe' | number, 'pipe' | number]; detached: boolean },
): ChildProcess {
  const [file, ...args] = privileges.kind === 'user-namespace' ? [...UNSHARE, ...command] : command;
  const identity = privileges.kind === 'other-user' ? { uid: privileges.uid, gid: privileges.gid } : {};
  return spawn(file ?? '', args, { ...options, ...identity, env: ENVIRONMENT });
}

export interface RunResult {
  readonly ok: boolean;
  /** Both streams, up to 64 KiB; for a program that did not start, the reason. */
  readonly output: string;
}

/** Runs a program to its end; it is killed at the time limit. */
export function runAs(
  privileges: Privileges,
  command: readonly [string, ...string[]],
  options: { cwd: string; timeoutMs: number; onSpawn?: (pid: number) => void },
): Promise<RunResult> {
  const child = spawnAs(privileges, command, {
    cwd: options.cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: false,
  });
  return new Promise((resolve) => {
    let output = '';
    const collect = (chunk: Buffer) => {
      if (output.length < MAX_OUTPUT_BYTES) output += chunk.toString();
    };
    const timer = setTimeout(() => {
      output += `\nkilled after ${options.timeoutMs} ms`;
      child.kill('SIGKILL');
    }, options.timeoutMs);
    const settle = (ok: boolean) => {
      clearTimeout(timer);
      resolve({ ok, output: output.trim() });
    };
    child.stdout?.on('data', collect);
    child.stderr?.on('data', collect);
    child.once('error', (error) => {
      output += error.message;
      settle(false);
    });
    child.once('close', (code) => settle(code === 0));
    if (child.pid !== undefined) options.onSpawn?.(child.pid);
  });
}

const REACH_TIMEOUT_MS = 10_000;

/** Whether these privileges can be had at all, and with them the directory can be entered. */
export async function canReach(privileges: Privileges, dir: string): Promise<RunResult> {
  if (privileges.kind === 'same-user') return { ok: true, output: '' };
  if (privileges.kind === 'other-user') {
    const { mode } = await stat(dir);
    await chmod(dir, (mode & 0o777) | 0o011);
  }
  const script = 'for d in "$@"; do test -x "$d" || { echo "$d is closed to it"; exit 1; }; done';
  return runAs(privileges, ['/bin/sh', '-c', script, 'sh', ...pathTo(dir)], {
    cwd: '/',
    timeoutMs: REACH_TIMEOUT_MS,
  });
}

/** Each directory on the way, the outermost first, so that the failure names the one to open. */
function pathTo(dir: string): string[] {
  const parent = dirname(dir);
  return parent === dir ? [dir] : [...pathTo(parent), dir];
}

/** Hands a directory and all in it to the user PostgreSQL runs as, if that is another than ours. */
export async function giveTo(privileges: Privileges, path: string): Promise<void> {
  if (privileges.kind !== 'other-user' || (await stat(path)).uid === privileges.uid) return;
  const inside = await readdir(path, { recursive: true });
  for (const name of inside) await lchown(join(path, name), privileges.uid, privileges.gid);
  // The directory last: its owner says whether all of it has been handed over.
  await lchown(path, privileges.uid, privileges.gid);
}
