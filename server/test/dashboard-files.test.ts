import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fastify, { type FastifyInstance } from 'fastify';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { protectBrowsers } from '../src/http/browser-headers.ts';
import { serveDashboard } from '../src/http/dashboard.ts';
import { ApiError } from '../src/kernel/errors.ts';

let dir: string;
let app: FastifyInstance;
let unbuilt: FastifyInstance;

function serve(from: string, isSecure: boolean): FastifyInstance {
  const server = fastify({ routerOptions: { ignoreTrailingSlash: true } });
  protectBrowsers(server, isSecure);
  serveDashboard(server, from);
  server.setErrorHandler((error, _request, reply) =>
    reply.code(error instanceof ApiError ? error.status : 500).send('refused'),
  );
  return server;
}

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'oms-dashboard-'));
  await mkdir(join(dir, 'dist', 'assets'), { recursive: true });
  await mkdir(join(dir, 'dist', '.vite'));
  await writeFile(join(dir, 'secret'), 'not to be seen');
  await writeFile(join(dir, 'dist', '.vite', 'manifest.json'), '{}');
  await writeFile(join(dir, 'dist', 'index.html'), '<title>one</title>');
  await writeFile(join(dir, 'dist', 'favicon.svg'), '<svg/>');
  for (const [ending, text] of [
    ['', 'plain'],
    ['.br', 'brotli'],
    ['.gz', 'gzip'],
  ] as const)
    await writeFile(join(dir, 'dist', 'assets', `main-1a2b.js${ending}`), text);
  app = serve(join(dir, 'dist'), true);
  unbuilt = serve(join(dir, 'nowhere'), false);
});
afterAll(async () => {
  await Promise.all([app.close(), unbuilt.close()]);
  await rm(dir, { recursive: true });
});

const get = (url: string, headers = {}) => app.inject({ method: 'GET', url, headers });

it('sends the page for every path that is the page’s own to read, never from a cache unasked', async () => {
  for (const url of [
    '/dashboard',
    '/dashboard/',
    '/dashboard/sign-in',
    '/dashboard/p/prj_1/transactions?a=b',
  ]) {
    const reply = await get(url);
    expect([url, reply.statusCode, reply.body]).toEqual([url, 200, '<title>one</title>']);
    expect(reply.headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-cache',
    });
  }
});

it('sends files that are named by their contents to be kept for a year, compressed as the browser likes', async () => {
  const url = '/dashboard/assets/main-1a2b.js';
  const plain = await get(url);
  expect(plain.headers).toMatchObject({
    'content-type': 'text/javascript; charset=utf-8',
    'cache-control': 'public, max-age=31536000, immutable',
    vary: 'accept-encoding',
  });
  const bodies = ['gzip, deflate, br, zstd', 'gzip;q=1.0', 'identity'].map(async (accepted) => {
    const { body, headers } = await get(url, { 'accept-encoding': accepted });
    return [body, headers['content-encoding']];
  });
  expect(await Promise.all(bodies)).toEqual([
    ['brotli', 'br'],
    ['gzip', 'gzip'],
    ['plain', undefined],
  ]);
});

it.each([
  '/dashboard/assets/other.js',
  '/dashboard/favicon.ico',
  '/dashboard/.vite/manifest.json',
  '/dashboard/../secret.txt',
  '/dashboard/%2e%2e%2fsecret.txt',
  '/dashboard/assets/..%2f..%2fsecret',
])('knows no %s', async (url) => {
  expect((await get(url)).statusCode).toBe(404);
});

it('lets nothing run but its own files, and nobody frame it', async () => {
  const { headers } = await get('/dashboard/');
  expect(headers['content-security-policy']).toBe(
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
  );
  expect(headers).toMatchObject({
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'strict-transport-security': 'max-age=63072000',
  });
  const { headers: withoutTls } = await unbuilt.inject('/dashboard/');
  expect(withoutTls['strict-transport-security']).toBeUndefined();
});

it('says how it is built when it is not', async () => {
  const reply = await unbuilt.inject('/dashboard/');
  expect([reply.statusCode, reply.body]).toEqual([503, expect.stringContaining('npm run build:dashboard')]);
});

it('sends a new build without a restart', async () => {
  expect((await get('/dashboard/')).body).toBe('<title>one</title>');
  await new Promise((resolve) => setTimeout(resolve, 20));
  await writeFile(join(dir, 'dist', 'index.html'), '<title>two</title>');
  expect((await get('/dashboard/')).body).toBe('<title>two</title>');
});
