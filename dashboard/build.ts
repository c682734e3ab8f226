import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

/**
 * Builds the dashboard into `dashboard/dist`, unless what is there was made of the sources as they are: `npm start`
 * runs it first. `--force` builds in any case, and fails when it cannot; without it an instance starts all the same, and
 * says in the place of the dashboard that there is none. What compresses is written compressed besides, so that the server
 * sends it as it lies there.
 */

const HERE = fileURLToPath(new URL('.', import.meta.url));
const DIST = join(HERE, 'dist');
/** Outside of what the server sends: names of assets follow from their contents, this does not. */
const STAMP = join('.vite', 'sources');
const SOURCES = ['src', 'public', 'index.html', 'vite.config.ts', 'package.json', '../package-lock.json'];
/** Of the contract the types are erased, but the tables of permissions and of paths are part of the bundle. */
const CONTRACT = ['../contract'];
const COMPRESSED = /\.(js|css|html|svg|json)$/;
const MIN_COMPRESSED_BYTES = 500;
const MAX_REPLACEMENTS = 10;

function filesBelow(path: string): string[] {
  if (!existsSync(path)) return [];
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && !entry.parentPath.includes('node_modules'))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/** Of the sources' names, sizes and contents. */
function stampOfSources(): string {
  const hash = createHash('sha256');
  for (const file of [...SOURCES, ...CONTRACT].flatMap((path) => filesBelow(join(HERE, path))))
    hash
      .update(`${file.slice(HERE.length)}\0`)
      .update(readFileSync(file))
      .update('\0');
  return hash.digest('hex');
}

function stampOfBuild(): string | undefined {
  const file = join(DIST, STAMP);
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}

function compress(dir: string): void {
  for (const file of filesBelow(dir).filter((path) => COMPRESSED.test(path) && !path.includes('.vite'))) {
    const bytes = readFileSync(file);
    if (bytes.length < MIN_COMPRESSED_BYTES) continue;
    writeFileSync(`${file}.gz`, gzipSync(bytes, { level: 9 }));
    const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
    writeFileSync(`${file}.br`, brotliCompressSync(bytes, { params }));
  }
}

/** As a whole, and again where another build did so in between. */
function replace(old: string, by: string): void {
  for (let attempt = 1; ; attempt++) {
    try {
      rmSync(old, { recursive: true, force: true });
      renameSync(by, old);
      return;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if ((code !== 'ENOTEMPTY' && code !== 'EEXIST') || attempt === MAX_REPLACEMENTS) throw error;
    }
  }
}

/** Beside the old one, which it replaces as a whole: a server and another build may be at work meanwhile. */
async function build(stamp: string): Promise<void> {
  // Whoever asks, such as a test: else React is the one for development, half as large again.
  process.env.NODE_ENV = 'production';
  // Loaded only when there is something to do: it takes longer to load than to see that there is nothing.
  const { build: viteBuild } = await import('vite');
  const outDir = join(HERE, `.dist-${process.pid}`);
  try {
    await viteBuild({ configFile: join(HERE, 'vite.config.ts'), logLevel: 'warn', build: { outDir } });
    compress(outDir);
    writeFileSync(join(outDir, STAMP), stamp);
    // Another build may have made the same meanwhile, and somebody is being sent it.
    if (stampOfBuild() === stamp && !isForced) return;
    replace(DIST, outDir);
  } finally {
    rmSync(outDir, { recursive: true, force: true });
  }
}

const isForced = process.argv.includes('--force');
const stamp = stampOfSources();
if (stampOfBuild() !== stamp || isForced) {
  const startedMs = performance.now();
  try {
    await build(stamp);
    process.stdout.write(`dashboard built in ${((performance.now() - startedMs) / 1_000).toFixed(1)} s\n`);
  } catch (error) {
    if (isForced) throw error;
    process.stderr.write(`The dashboard could not be built: ${String(error)}\n`);
  }
}
