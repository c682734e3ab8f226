import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { must } from './assert.ts';
import {
  endChild,
  endOrphan,
  endProcess,
  freePort,
  isPortFree,
  isProcess,
  listProcesses,
  writePidFile,
} from './process.ts';

const OBEDIENT = 'process.stdout.write("up"); setInterval(() => {}, 1000);';
const STUBBORN = `process.on('SIGTERM', () => {}); ${OBEDIENT}`;

let dir: string;
let children: ChildProcess[];

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'oms process '));
  children = [];
});

afterEach(async () => {
  for (const child of children) child.kill('SIGKILL');
  await rm(dir, { recursive: true, force: true });
});

/** A child that has reached its program and whose command line ends with the marker. */
async function startChild(program: string, marker: string): Promise<ChildProcess & { pid: number }> {
  const child = spawn(process.execPath, ['-e', program, marker], { stdio: ['ignore', 'pipe', 'ignore'] });
  children.push(child);
  await once(must(child.stdout, 'stdout is a pipe'), 'data');
  return Object.assign(child, { pid: must(child.pid, 'the child runs') });
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

test('an orphan whose command line carries the marker is ended, and its pid file with it', async () => {
  const child = await startChild(OBEDIENT, join(dir, 'data'));
  await writePidFile(join(dir, 'pid'), { pid: child.pid, command: join(dir, 'data') });

  expect(await endOrphan(join(dir, 'pid'), { timeoutMs: 5_000 })).toBe(true);

  expect(await isProcess({ pid: child.pid, command: join(dir, 'data') })).toBe(false);
  expect(await exists(join(dir, 'pid'))).toBe(false);
  expect(await endOrphan(join(dir, 'pid'), { timeoutMs: 5_000 })).toBe(false);
});

test('the first signal is the one asked for', async () => {
  const program = `process.on('SIGINT', () => process.exit(7)); ${OBEDIENT}`;
  const child = await startChild(program, dir);
  const exit = once(child, 'exit');
  await endProcess({ pid: child.pid, command: dir }, { timeoutMs: 5_000, signal: 'SIGINT' });
  expect(await exit).toEqual([7, null]);
});

test('an orphan that ignores the first signal is killed at the limit', async () => {
  const child = await startChild(STUBBORN, dir);
  const exit = once(child, 'exit');
  expect(await endProcess({ pid: child.pid, command: dir }, { timeoutMs: 100 })).toBe(true);
  expect(await exit).toEqual([null, 'SIGKILL']);
});

test('a pid that now belongs to a foreign process is left alone', async () => {
  const child = await startChild(OBEDIENT, join(dir, 'data-2'));
  await writePidFile(join(dir, 'pid'), { pid: child.pid, command: join(dir, 'data') });

  expect(await endOrphan(join(dir, 'pid'), { timeoutMs: 100 })).toBe(false);

  expect(await isProcess({ pid: child.pid, command: join(dir, 'data-2') })).toBe(true);
  expect(await exists(join(dir, 'pid'))).toBe(false);
});

test('a torn pid file ends nobody', async () => {
  for (const text of ['', '{"pid":', 'null', '{"pid":1}', '{"pid":"1","command":"init"}']) {
    await writeFile(join(dir, 'pid'), text);
    expect(await endOrphan(join(dir, 'pid'), { timeoutMs: 100 })).toBe(false);
  }
});

test('pid files are for the owner only', async () => {
  await writePidFile(join(dir, 'pid'), { pid: process.pid, command: 'vitest' });
  expect((await stat(join(dir, 'pid'))).mode & 0o777).toBe(0o600);
  expect(JSON.parse(await readFile(join(dir, 'pid'), 'utf8'))).toEqual({
    pid: process.pid,
    command: 'vitest',
  });
});

test('a child is ended politely, by force at the limit, and not twice', async () => {
  const obedient = await startChild(OBEDIENT, dir);
  expect(await endChild(obedient, { timeoutMs: 5_000 })).toBe(true);
  expect(await endChild(obedient, { timeoutMs: 5_000 })).toBe(true);

  const stubborn = await startChild(STUBBORN, dir);
  expect(await endChild(stubborn, { timeoutMs: 100 })).toBe(false);
  expect(stubborn.signalCode).toBe('SIGKILL');
});

test('a child that could not be spawned counts as ended', async () => {
  const child = spawn(join(dir, 'no such program'));
  child.on('error', () => {});
  expect(await endChild(child, { timeoutMs: 100 })).toBe(true);
});

test('a free port can be bound, and is seen as taken meanwhile', async () => {
  const port = await freePort();
  expect(await isPortFree(port)).toBe(true);
  const server = createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
  expect(await isPortFree(port)).toBe(false);
  server.close();
  await once(server, 'close');
});

test('a process is listed with its parent and its command line', async () => {
  const child = await startChild(OBEDIENT, join(dir, 'listed'));
  const listed = (await listProcesses()).find(({ pid }) => pid === child.pid);
  expect(listed).toMatchObject({ parentPid: process.pid, commandLine: expect.stringContaining(dir) });
});
