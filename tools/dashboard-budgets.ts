import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

/**
 * What a browser fetches before the dashboard's home is drawn, gzipped, and how large any further page is. Reads the
 * manifest of the build; exits with 1 when a budget is exceeded.
 */

const DIST = fileURLToPath(new URL('../dashboard/dist', import.meta.url));
const KILO = 1_000;
/** All of it: the page, scripts, styles, type. */
const MAX_INITIAL_BYTES = 250 * KILO;
/** Scripts of any one page beyond those of the shell. */
const MAX_PAGE_BYTES = 40 * KILO;

interface Chunk {
  readonly file: string;
  readonly imports?: readonly string[];
  readonly css?: readonly string[];
  readonly assets?: readonly string[];
  readonly isEntry?: boolean;
}

const manifest = JSON.parse(readFileSync(join(DIST, '.vite/manifest.json'), 'utf8')) as Record<string, Chunk>;

/** As it goes over the wire: type is compressed in itself. */
function wireBytes(file: string): number {
  const bytes = readFileSync(join(DIST, file));
  return file.endsWith('.woff2') ? bytes.length : gzipSync(bytes, { level: 9 }).length;
}

/** The files of a chunk and of what it imports statically. */
function filesOf(name: string, seen: Set<string> = new Set()): Set<string> {
  const chunk = manifest[name];
  if (!chunk || seen.has(chunk.file)) return seen;
  for (const file of [chunk.file, ...(chunk.css ?? []), ...(chunk.assets ?? [])]) seen.add(file);
  for (const imported of chunk.imports ?? []) filesOf(imported, seen);
  return seen;
}

const sum = (files: Iterable<string>): number =>
  [...files].reduce((total, file) => total + wireBytes(file), 0);
const inKilo = (bytes: number): string => `${(bytes / KILO).toFixed(1)} kB`;

const HOME = 'src/pages/home/home-page.tsx';
const entry = Object.keys(manifest).find((name) => manifest[name]?.isEntry) ?? 'index.html';
const shell = filesOf(entry);
const fonts = Object.values(manifest)
  .map(({ file }) => file)
  .filter((file) => file.endsWith('.woff2'));
const initial = new Set(['index.html', 'theme.js', ...shell, ...fonts, ...filesOf(HOME)]);

const failures: string[] = [];
const initialBytes = sum(initial);
console.log(`initial load of home   ${inKilo(initialBytes).padStart(9)} of ${inKilo(MAX_INITIAL_BYTES)}`);
for (const file of initial) console.log(`  ${inKilo(wireBytes(file)).padStart(9)}  ${file}`);
if (initialBytes > MAX_INITIAL_BYTES) failures.push('the initial load');

for (const name of Object.keys(manifest).filter((each) => each.startsWith('src/pages/'))) {
  const bytes = sum([...filesOf(name)].filter((file) => !shell.has(file)));
  const isOver = bytes > MAX_PAGE_BYTES;
  console.log(
    `${name.slice('src/pages/'.length).padEnd(46)} ${inKilo(bytes).padStart(9)}${isOver ? '  too large' : ''}`,
  );
  if (isOver) failures.push(name);
}

if (failures.length > 0) {
  console.log(`over budget: ${failures.join(', ')}`);
  process.exitCode = 1;
}
