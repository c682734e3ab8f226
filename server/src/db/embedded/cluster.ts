import { constants } from 'node:fs';
import { access, link, mkdir, open, readFile, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { randomHex } from '../../kernel/crypto.ts';
import { writePidFile } from '../../kernel/process.ts';
import type { Binaries } from './binaries.ts';
import { DRAFT_PID_FILE, makeDraft } from './drafts.ts';
import { EmbeddedPostgresError } from './errors.ts';
import { giveTo, type Owner, runAs } from './privileges.ts';

/** The files of one embedded database, all under `dir`. */
export interface ClusterPaths {
  readonly dir: string;
  /** The PostgreSQL data directory. It exists only complete: it is made elsewhere and renamed. */
  readonly data: string;
  readonly password: string;
  /** The port of the last start, to be used again when free. */
  readonly port: string;
}

export const SUPERUSER = 'postgres';

const INITDB_TIMEOUT_MS = 120_000;
const PASSWORD_BYTES = 24;

/** Makes `dir` if need be. The paths are real ones: symbolic links resolved, so that processes can be compared. */
export async function openClusterDirectory(dir: string): Promise<ClusterPaths> {
  const wanted = resolve(dir);
  try {
    await mkdir(dirname(wanted), { recursive: true });
    await mkdir(wanted, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw notMakeable(wanted, error);
  }
  const real = await realpath(wanted);
  await access(real, constants.R_OK | constants.W_OK | constants.X_OK).catch(() => {
    throw foreignDirectory(real);
  });
  return {
    dir: real,
    data: join(real, 'data'),
    password: join(real, 'password'),
    port: join(real, 'port'),
  };
}

/** Who owns the data directory, undefined before the first start. Throws when it is closed to `user`. */
export async function dataOwner(paths: ClusterPaths, user: number): Promise<Owner | undefined> {
  const owner = await ownerOf(paths.data);
  if (owner && user !== 0 && owner.uid !== user) throw foreignDirectory(paths.data);
  return owner;
}

const ownerOf = (path: string): Promise<Owner | undefined> =>
  stat(path).then(
    ({ uid, gid }) => ({ uid, gid }),
    () => undefined,
  );

/**
 * Makes the cluster at the first start, else checks that it is this PostgreSQL's. Returns the superuser's
 * password, and whether the cluster is new.
 */
export async function ensureCluster(
  paths: ClusterPaths,
  binaries: Binaries,
  durable: boolean,
): Promise<{ password: string; isNew: boolean }> {
  const version = await readIfPresent(join(paths.data, 'PG_VERSION'));
  if (version === undefined) {
    if (await ownerOf(paths.data)) throw notACluster(paths);
    const password = await ensurePassword(paths);
    await createCluster(paths, binaries, password, durable);
    return { password, isNew: true };
  }
  if (version.trim() !== binaries.major) throw wrongVersion(paths, version.trim(), binaries.major);
  const password = await readIfPresent(paths.password);
  if (password === undefined) throw passwordMissing(paths);
  await giveTo(binaries.privileges, paths.data);
  return { password: password.trim(), isNew: false };
}

async function createCluster(
  paths: ClusterPaths,
  binaries: Binaries,
  password: string,
  durable: boolean,
): Promise<void> {
  const draft = await makeDraft(paths.dir);
  try {
    const passwordFile = join(draft, 'password');
    await writeFile(passwordFile, password, { mode: 0o600 });
    await giveTo(binaries.privileges, draft);
    await runInitdb(binaries, draft, passwordFile, durable);
    await rename(join(draft, 'data'), paths.data).catch(async (error) => {
      // Another start was first; both used the same password.
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
    });
    await syncDirectory(paths.dir);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

async function runInitdb(
  binaries: Binaries,
  draft: string,
  passwordFile: string,
  durable: boolean,
): Promise<void> {
  let recorded: Promise<void> = Promise.resolve();
  const command = [
    binaries.initdb,
    ...['-D', join(draft, 'data'), '--username', SUPERUSER, '--pwfile', passwordFile],
    ...['--auth', 'scram-sha-256', '--encoding', 'UTF8', '--locale', 'C'],
    ...['--locale-provider', 'builtin', '--builtin-locale', 'C.UTF-8'],
    ...['--data-checksums', '--no-instructions'],
    ...(durable ? [] : ['--no-sync']),
  ] as const;
  const result = await runAs(binaries.privileges, [command[0], ...command.slice(1)], {
    cwd: draft,
    timeoutMs: INITDB_TIMEOUT_MS,
    // If we are killed meanwhile, the next start ends initdb before it clears its draft away.
    onSpawn: (pid) => {
      recorded = writePidFile(join(draft, DRAFT_PID_FILE), { pid, command: draft });
    },
  });
  await recorded;
  if (!result.ok) throw new EmbeddedPostgresError(`initdb failed in ${draft}: ${result.output}`);
}

/** The password of the first start, whichever of several parallel ones that is; on disk before it is used. */
async function ensurePassword(paths: ClusterPaths): Promise<string> {
  const existing = await readIfPresent(paths.password);
  if (existing !== undefined) return existing.trim();
  const draft = `${paths.password}.${randomHex(4)}.tmp`;
  const file = await open(draft, 'wx', 0o600);
  await file.writeFile(`${randomHex(PASSWORD_BYTES)}\n`);
  await file.sync();
  await file.close();
  await link(draft, paths.password).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  await rm(draft);
  return (await readFile(paths.password, 'utf8')).trim();
}

async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path);
  await directory.sync();
  await directory.close();
}

async function readIfPresent(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
}

const notMakeable = (path: string, cause: unknown): EmbeddedPostgresError =>
  new EmbeddedPostgresError(
    `${path} cannot be made (${String(cause)}); choose another directory, or set DATABASE_URL.`,
    { cause },
  );

const foreignDirectory = (path: string): EmbeddedPostgresError =>
  new EmbeddedPostgresError(
    `${path} belongs to another user; run as that user, choose another directory, or set DATABASE_URL.`,
  );

const notACluster = (paths: ClusterPaths): EmbeddedPostgresError =>
  new EmbeddedPostgresError(
    `${paths.data} exists but is no PostgreSQL data directory (PG_VERSION is missing). ` +
      'Restore it, move it away to start empty, or set DATABASE_URL.',
  );

const wrongVersion = (paths: ClusterPaths, found: string, expected: string): EmbeddedPostgresError =>
  new EmbeddedPostgresError(
    `The database in ${paths.data} was made by PostgreSQL ${found}; the installed binaries are ${expected}. ` +
      `Run the release that made it and dump it, move ${basename(paths.data)} away to start empty, or set DATABASE_URL.`,
  );

const passwordMissing = (paths: ClusterPaths): EmbeddedPostgresError =>
  new EmbeddedPostgresError(
    `${paths.password} is missing, and the database in ${paths.data} does not open without it. ` +
      'Restore it, move the data directory away to start empty, or set DATABASE_URL.',
  );
