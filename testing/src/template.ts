import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * The home of an instance that was started once and stopped: its database has its schema, its chain its contracts. A new
 * instance begins with a copy and so starts in half the time.
 */

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const CACHE = join(ROOT, 'node_modules', '.cache', 'openoms-testing');
/** Compiled modules, for all instances. */
export const COMPILE_CACHE = join(CACHE, 'compiled');
const TEMPLATE_PREFIX = 'home-';
const DRAFT_PREFIX = 'draft-';

/** What a first start depends on. */
const SOURCES = ['package-lock.json', 'contract', 'server/migrations', 'server/src'];
/** Of one run alone: processes, logs, and ports, which instances started together would all want. */
const NOT_COPIED = ['openoms.pid', 'run', 'logs', 'cache', join('postgres', 'port'), join('chain', 'port')];

/** Fills the new home with a copy. The first time, `startOnce` makes the template: it starts an instance, and stops it. */
export async function copyTemplate(home: string, startOnce: (home: string) => Promise<void>): Promise<void> {
  const template = join(CACHE, TEMPLATE_PREFIX + (await fingerprint()));
  if (!(await exists(template))) await makeTemplate(template, startOnce);
  await cp(template, home, { recursive: true, mode: constants.COPYFILE_FICLONE });
}

async function makeTemplate(template: string, startOnce: (home: string) => Promise<void>): Promise<void> {
  await mkdir(CACHE, { recursive: true });
  const outdated = (await readdir(CACHE)).filter((name) => name.startsWith(TEMPLATE_PREFIX));
  const draft = await mkdtemp(join(CACHE, DRAFT_PREFIX));
  try {
    await startOnce(draft);
    for (const name of NOT_COPIED) await rm(join(draft, name), { recursive: true, force: true });
    await rename(draft, template).catch((error: NodeJS.ErrnoException) => {
      // Another run was first.
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
    });
    for (const name of outdated) await rm(join(CACHE, name), { recursive: true, force: true });
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

/** Changes with every change of the sources. */
async function fingerprint(): Promise<string> {
  const hash = createHash('sha256');
  for (const source of SOURCES) {
    for (const file of await filesOf(join(ROOT, source))) {
      const { size, mtimeMs } = await stat(file);
      hash.update(`${file} ${size} ${mtimeMs}\n`);
    }
  }
  return hash.digest('hex').slice(0, 16);
}

async function filesOf(path: string): Promise<string[]> {
  if (!(await stat(path)).isDirectory()) return [path];
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );
