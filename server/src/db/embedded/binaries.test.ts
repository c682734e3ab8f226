import { chmod, cp, lstat, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { must } from '../../kernel/assert.ts';
import { type BinaryPackage, findBinaryPackage, prepareBinaries } from './binaries.ts';
import { type Privileges, privilegeChoices } from './privileges.ts';

const USER = must(process.getuid?.(), 'a system with user ids');

let home: string;
let dir: string;
let source: BinaryPackage;
let choices: Privileges[];

/** A package as npm unpacks it, without symbolic links, in a place of its own. */
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'oms binaries '));
  await chmod(home, 0o755);
  dir = join(home, 'postgres');
  await mkdir(dir, { mode: 0o700 });
  const installed = await findBinaryPackage(process.platform, process.arch);
  source = { nativeDir: join(home, 'package', 'native'), version: installed.version };
  await cp(installed.nativeDir, source.nativeDir, { recursive: true, verbatimSymlinks: true });
  for (const path of await linkPaths()) await rm(path, { force: true });
  choices = privilegeChoices(USER, undefined, true);
});

afterEach(async () => {
  await chmod(dirname(source.nativeDir), 0o755);
  for (const folder of ['.', 'bin', 'lib']) await chmod(join(source.nativeDir, folder), 0o755);
  await rm(home, { recursive: true, force: true });
});

async function linkPaths(): Promise<string[]> {
  const list = await readFile(join(source.nativeDir, 'pg-symlinks.json'), 'utf8');
  return (JSON.parse(list) as { target: string }[]).map(({ target }) =>
    join(dirname(source.nativeDir), target),
  );
}

test('a package without links and exec bits is completed in place, by several starts at once', async () => {
  for (const program of ['initdb', 'postgres']) await chmod(join(source.nativeDir, 'bin', program), 0o644);

  const all = await Promise.all([1, 2, 3].map(() => prepareBinaries(source, dir, choices)));

  for (const binaries of all) expect(binaries.postgres).toBe(join(source.nativeDir, 'bin', 'postgres'));
  for (const path of await linkPaths()) expect((await lstat(path)).isSymbolicLink()).toBe(true);
});

test('a package that cannot be completed, or not be read by the user of the server, is copied once', async () => {
  // Root may write anywhere, but as root the server runs as another user, whom the closed folder keeps out.
  if (USER === 0) await chmod(dirname(source.nativeDir), 0o700);
  else for (const folder of ['lib', 'bin', '.']) await chmod(join(source.nativeDir, folder), 0o555);
  const withoutNamespaces = privilegeChoices(USER, undefined, false);

  const [one, other] = await Promise.all([1, 2].map(() => prepareBinaries(source, dir, withoutNamespaces)));

  expect(one?.postgres).toBe(join(dir, `binaries-${source.version}`, 'native', 'bin', 'postgres'));
  expect(other).toEqual(one);
  const { ino } = await lstat(must(one, 'it is prepared').postgres);
  const later = await prepareBinaries(source, dir, withoutNamespaces);
  expect((await lstat(later.postgres)).ino).toBe(ino);
});

test('a directory that is closed to the user of the server is named', async (context) => {
  if (USER !== 0) context.skip('only root runs the server as another user');
  await chmod(home, 0o700);
  await expect(prepareBinaries(source, dir, privilegeChoices(0, undefined, false))).rejects.toThrow(
    new RegExp(`${home} is closed to it.*DATABASE_URL`),
  );
});

test('a platform without binaries is told of DATABASE_URL', async () => {
  await expect(findBinaryPackage('plan9', 'mips')).rejects.toThrow(/plan9-mips.*DATABASE_URL/);
});
