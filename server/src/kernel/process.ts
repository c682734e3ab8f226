import { type ChildProcess, execFile } from 'node:child_process';
import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { assert } from './assert.ts';

/**
 * Child processes that may outlive us: a parent killed with SIGKILL cannot take them along, so the next start
 * ends them. A process is only ever addressed by a recorded pid whose command line carries our marker.
 */

const POLL_INTERVAL_MS = 10;
/** The kernel ends a process at once after SIGKILL, unless it hangs in an uninterruptible call. */
const KILL_TIMEOUT_MS = 5_000;
const PS_TIMEOUT_MS = 5_000;
const MAX_PS_BYTES = 16 * 1024 * 1024;

/** What a pid file says: the process, and a text (such as its data directory) that its command line contains. */
export interface PidRecord {
  readonly pid: number;
  readonly command: string;
}

export interface EndOptions {
  /** How long the process may take after the first signal before SIGKILL. */
  readonly timeoutMs: number;
  /** The polite first signal; default SIGTERM. */
  readonly signal?: NodeJS.Signals;
}

/** `commandLine` is the arguments joined by spaces; it is empty while the process is being torn down. */
export interface ProcessInfo {
  readonly parentPid: number;
  readonly commandLine: string;
}

/** A TCP port on 127.0.0.1 that was free a moment ago; whoever binds it must still expect to lose a race. */
export function freePort(): Promise<number> {
  return portBoundBriefly(0);
}

/** Whether the TCP port on 127.0.0.1 can be bound now. */
export function isPortFree(port: number): Promise<boolean> {
  return portBoundBriefly(port).then(
    () => true,
    () => false,
  );
}

function portBoundBriefly(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => {
      const address = server.address();
      assert(typeof address === 'object' && address !== null, 'a TCP server has an address');
      server.close(() => resolve(address.port));
    });
  });
}

/** Records a process so that `endOrphan` finds it after a crash. Replaces the file in one step. */
export async function writePidFile(path: string, record: PidRecord): Promise<void> {
  assertMarker(record.command);
  const draft = `${path}.${process.pid}.tmp`;
  await writeFile(draft, `${JSON.stringify(record)}\n`, { mode: 0o600 });
  await rename(draft, path);
}

/**
 * Ends the process a pid file names, if it still is that process, waits until it is gone, and removes the file.
 * True when a process was ended; false when there was none or the pid now belongs to somebody else.
 */
export async function endOrphan(path: string, options: EndOptions): Promise<boolean> {
  const record = await readPidFile(path);
  const ended = record !== undefined && (await endProcess(record, options));
  await rm(path, { force: true });
  return ended;
}

/** What a pid file says; undefined when it is absent or unreadable. */
export async function readPidFile(path: string): Promise<PidRecord | undefined> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null) return undefined;
    const { pid, command } = value as Record<string, unknown>;
    return typeof pid === 'number' && typeof command === 'string' ? { pid, command } : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Ends the process if its command line contains the record's marker: signal, wait, SIGKILL at the limit, wait.
 * True when it was there and is gone; throws when it survives SIGKILL or may not be signalled.
 */
export async function endProcess(record: PidRecord, options: EndOptions): Promise<boolean> {
  assertMarker(record.command);
  if (!(await isProcess(record))) return false;
  if (!signalProcess(record.pid, options.signal ?? 'SIGTERM')) return true;
  if (await isGoneWithin(record, options.timeoutMs)) return true;
  signalProcess(record.pid, 'SIGKILL');
  if (await isGoneWithin(record, KILL_TIMEOUT_MS)) return true;
  throw new Error(`process ${record.pid} is still there ${KILL_TIMEOUT_MS} ms after SIGKILL`);
}

/** Whether the pid is a live process whose command line contains the marker. */
export async function isProcess(record: PidRecord): Promise<boolean> {
  const found = await findProcess(record.pid);
  return found !== undefined && mentions(found.commandLine, record.command);
}

/** Ends our own child: signal, wait, SIGKILL at the limit, wait. True when it went without SIGKILL. */
export async function endChild(child: ChildProcess, options: EndOptions): Promise<boolean> {
  if (child.pid === undefined || hasExited(child)) return true;
  child.kill(options.signal ?? 'SIGTERM');
  if (await exitsWithin(child, options.timeoutMs)) return true;
  child.kill('SIGKILL');
  if (await exitsWithin(child, KILL_TIMEOUT_MS)) return false;
  throw new Error(`child ${child.pid} is still there ${KILL_TIMEOUT_MS} ms after SIGKILL`);
}

const hasExited = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null;

function exitsWithin(child: ChildProcess, timeoutMs: number): Promise<boolean> {
  if (hasExited(child)) return Promise.resolve(true);
  return new Promise((resolve) => {
    const settle = (exited: boolean) => {
      clearTimeout(timer);
      child.off('exit', onExit);
      resolve(exited);
    };
    const onExit = () => settle(true);
    const timer = setTimeout(() => settle(hasExited(child)), timeoutMs);
    child.once('exit', onExit);
  });
}

async function isGoneWithin(record: PidRecord, timeoutMs: number): Promise<boolean> {
  const deadlineMs = performance.now() + timeoutMs;
  for (;;) {
    const found = await findProcess(record.pid);
    // The command line of a process that is being torn down is empty while it may still hold files and ports.
    if (!found || (found.commandLine !== '' && !mentions(found.commandLine, record.command))) return true;
    if (performance.now() >= deadlineMs) return false;
    await delay(POLL_INTERVAL_MS);
  }
}

/** False when the process is gone already. */
function signalProcess(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}

function assertMarker(marker: string): void {
  assert(marker.trim().length >= 4, 'a marker must single out one process');
}

/** The marker as a whole word or path: `/data/pg` is not in `/data/pg-2`, but it is in `/data/pg/base`. */
function mentions(commandLine: string, marker: string): boolean {
  const isWordCharacter = (character: string | undefined) =>
    character !== undefined && /[\p{L}\p{N}_.-]/u.test(character);
  let at = commandLine.indexOf(marker);
  while (at !== -1) {
    if (!isWordCharacter(commandLine[at - 1]) && !isWordCharacter(commandLine[at + marker.length]))
      return true;
    at = commandLine.indexOf(marker, at + 1);
  }
  return false;
}

/** Every process that can be seen, zombies left out. */
export async function listProcesses(): Promise<(ProcessInfo & { readonly pid: number })[]> {
  if (process.platform !== 'linux') return listPs();
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const found = await Promise.all(
    pids.map(async (pid) => {
      const info = await readProc(pid);
      return info ? [{ pid, ...info }] : [];
    }),
  );
  return found.flat();
}

/** The process of that pid; undefined when there is none or only its zombie. */
export function findProcess(pid: number): Promise<ProcessInfo | undefined> {
  if (!Number.isSafeInteger(pid) || pid <= 1) return Promise.resolve(undefined);
  return process.platform === 'linux' ? readProc(pid) : readPs(pid);
}

async function readProc(pid: number): Promise<ProcessInfo | undefined> {
  try {
    const status = await readFile(`/proc/${pid}/stat`, 'latin1');
    // proc(5): state and parent follow the name, which stands in parentheses and may itself contain some.
    const [state, parentPid] = status.slice(status.lastIndexOf(')') + 2).split(' ');
    if (state === 'Z' || state === 'X') return undefined;
    const commandLine = await readFile(`/proc/${pid}/cmdline`, 'utf8');
    return { parentPid: Number(parentPid), commandLine: commandLine.replaceAll('\0', ' ').trimEnd() };
  } catch {
    return undefined;
  }
}

async function readPs(pid: number): Promise<ProcessInfo | undefined> {
  const columns = ['-ww', '-o', 'stat=', '-o', 'ppid=', '-o', 'command=', '-p', String(pid)];
  try {
    const { stdout } = await promisify(execFile)('ps', columns, { timeout: PS_TIMEOUT_MS });
    const [, state, parentPid, commandLine] = /^\s*(\S+)\s+(\d+)\s+(.*?)\s*$/s.exec(stdout) ?? [];
    if (state === undefined || state.startsWith('Z')) return undefined;
    return { parentPid: Number(parentPid), commandLine: commandLine ?? '' };
  } catch {
    return undefined;
  }
}

async function listPs(): Promise<(ProcessInfo & { readonly pid: number })[]> {
  const columns = ['-axww', '-o', 'pid=', '-o', 'stat=', '-o', 'ppid=', '-o', 'command='];
  const { stdout } = await promisify(execFile)('ps', columns, {
    timeout: PS_TIMEOUT_MS,
    maxBuffer: MAX_PS_BYTES,
  });
  return stdout.split('\n').flatMap((line) => {
    const [, pid, state, parentPid, commandLine] = /^\s*(\d+)\s+(\S+)\s+(\d+)\s+(.*?)\s*$/.exec(line) ?? [];
    if (state === undefined || state.startsWith('Z')) return [];
    return { pid: Number(pid), parentPid: Number(parentPid), commandLine: commandLine ?? '' };
  });
}
