import { readdir, readFile, stat } from 'node:fs/promises';
import { extname, join, relative } from 'node:path';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { notFound } from '../kernel/errors.ts';

const PATH = '/dashboard';
const INDEX = 'index.html';
/** Names of these follow from their contents. */
const ASSETS = 'assets/';
const IMMUTABLE = 'public, max-age=31536000, immutable';
/** Asked for anew each time; it is small. */
const REVALIDATED = 'no-cache';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.json': 'application/json; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8',
};

/** The best first. */
const ENCODINGS = [
  ['br', '.br'],
  ['gzip', '.gz'],
] as const;

const NOT_BUILT = `The dashboard is not built: run "npm run build:dashboard" where OpenOMS is installed, and reload this page.
The API is documented at /docs.
`;

/** Every file of a build by its path, compressed ones among them. */
type Files = ReadonlyMap<string, Buffer>;

interface Build {
  readonly builtMs: number;
  readonly files: Files;
}

/** Sends the dashboard's files from memory: no path that is asked for ever reaches the disk. */
export function serveDashboard(app: FastifyInstance, dir: string): void {
  let current: Build | undefined;
  const build = async (): Promise<Build | undefined> => {
    const builtMs = await stat(join(dir, INDEX)).then(
      ({ mtimeMs }) => mtimeMs,
      () => undefined,
    );
    if (builtMs === undefined) return undefined;
    if (current?.builtMs !== builtMs) current = { builtMs, files: await readFiles(dir) };
    return current;
  };
  const answer = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const path = (request.params as { '*'?: string })['*'] ?? '';
    // Files of a build are read once; whether there is another one is asked with the page.
    const isAsset = path.startsWith(ASSETS);
    const built = isAsset && current ? current : await build();
    if (!built) return reply.code(503).type('text/plain; charset=utf-8').send(NOT_BUILT);
    if (built.files.has(path)) return sendFile(request, reply, built.files, path);
    // Any other path is the page's own to read, unless it names a file.
    if (isAsset || extname(path) !== '') throw notFound('resource');
    return sendFile(request, reply, built.files, INDEX);
  };
  app.get(PATH, answer);
  app.get(`${PATH}/*`, answer);
}

async function readFiles(dir: string): Promise<Files> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const served = paths.filter((path) => !relative(dir, path).startsWith('.'));
  const read = served.map(async (path) => [relative(dir, path), await readFile(path)] as const);
  return new Map(await Promise.all(read));
}

function sendFile(request: FastifyRequest, reply: FastifyReply, files: Files, path: string): FastifyReply {
  const accepted = String(request.headers['accept-encoding'] ?? '')
    .split(',')
    .map((each) => each.trim());
  const [encoding, suffix] = ENCODINGS.find(
    ([name, ending]) =>
      accepted.some((each) => each === name || each.startsWith(`${name};`)) && files.has(path + ending),
  ) ?? [undefined, ''];
  reply
    .type(TYPES[extname(path)] ?? 'application/octet-stream')
    .header('cache-control', path.startsWith(ASSETS) ? IMMUTABLE : REVALIDATED)
    .header('vary', 'accept-encoding');
  if (encoding) reply.header('content-encoding', encoding);
  return reply.send(files.get(path + suffix));
}
