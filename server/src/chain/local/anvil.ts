import { type ChildProcess, spawn } from 'node:child_process';
import { open, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { must } from '../../kernel/assert.ts';
import type { Logger } from '../../kernel/log.ts';
import {
  endChild,
  endOrphan,
  endProcess,
  freePort,
  listProcesses,
  writePidFile,
} from '../../kernel/process.ts';
import { JsonRpc } from '../rpc.ts';
import { LocalChainError } from './errors.ts';

/** The version whose block hashes the log records; the package is pinned to it. */
export const ANVIL_VERSION = '1.5.1';

/** States that anvil keeps for calls at an older block, such as `finalized`, and for reorganisations. */
export const KEPT_STATES = 64;
const MAX_LAUNCHES = 3;
const READY_TIMEOUT_MS = 20_000;
const READY_POLL_MS = 5;
const END_TIMEOUT_MS = 2_000;
/** A block full of transactions takes seconds on a busy machine. */
const CALL_TIMEOUT_MS = 60_000;
const MAX_COMPLAINT_CHARACTERS = 300;

const OTHER_NODE = 'set CHAIN_RPC_URL to the address of an EVM node instead';

export interface Anvil {
  readonly rpc: JsonRpc;
  readonly pid: number;
  /** Settles when the process is gone, whoever ended it. */
  readonly exited: Promise<void>;
  stop(): Promise<void>;
}

/** The binary from the npm package of this platform. Throws LocalChainError when there is none. */
export function findAnvilBinary(platform: string, arch: string): string {
  const name = `@foundry-rs/anvil-${platform}-${arch === 'x64' ? 'amd64' : arch}`;
  try {
    return createRequire(import.meta.url).resolve(`${name}/bin/anvil`);
  } catch {
    throw new LocalChainError(
      `The local EVM chain needs the npm package ${name} ${ANVIL_VERSION}, which is not installed or does not exist for this platform; ${OTHER_NODE}.`,
    );
  }
}

/**
 * Ends the anvil that a killed run has left behind in this directory, also one that it had started and not recorded.
 * Whoever calls this holds the chain's lock, so that no other may run here.
 */
export async function endOrphanedAnvil(dir: string, log: Logger): Promise<void> {
  const options = { timeoutMs: END_TIMEOUT_MS };
  const ended = [await endOrphan(pidFileOf(dir), options)];
  const argument = `--cache-path ${markerOf(dir)}`;
  for (const { pid, commandLine } of await listProcesses()) {
    // Somebody's editor or search may have the path on its command line as well.
    if (!/^(\S*\/)?anvil /.test(commandLine)) continue;
    ended.push(await endProcess({ pid, command: argument }, options));
  }
  if (ended.includes(true)) log.warn({ dir }, 'ended the anvil that an earlier run had left');
}

/**
 * Starts anvil on an empty chain and waits until it answers; it mines only when told. Throws LocalChainError when it
 * cannot run here. `genesisTimestamp` in Unix seconds.
 */
export async function startAnvil(options: {
  readonly binary: string;
  readonly dir: string;
  readonly chainId: number;
  readonly genesisTimestamp: number;
  readonly blockGasLimit: number;
}): Promise<Anvil> {
  for (let launch = 1; ; launch++) {
    const result = await launchAnvil({ ...options, port: await freePort() });
    if (typeof result !== 'string') return result;
    // Another program may take the port between our finding it free and anvil's binding it.
    if (!/address already in use/i.test(result) || launch === MAX_LAUNCHES) {
      throw new LocalChainError(explain(options.binary, result));
    }
  }
}

/** A running anvil, or what it complained of. */
async function launchAnvil(options: {
  readonly binary: string;
  readonly dir: string;
  readonly chainId: number;
  readonly genesisTimestamp: number;
  readonly blockGasLimit: number;
  readonly port: number;
}): Promise<Anvil | string> {
  const { binary, dir, port } = options;
  const marker = markerOf(dir);
  const logPath = join(dir, 'anvil.log');
  const logFile = await open(logPath, 'w');
  const child = spawn(binary, argumentsOf({ ...options, marker }), {
    stdio: ['ignore', logFile.fd, logFile.fd],
    // A group of its own: Ctrl-C in a terminal is for us, who end it after its users.
    detached: true,
  });
  const gone = goneOf(child);
  await logFile.close();
  if (child.pid === undefined) return String(await gone);
  await writePidFile(pidFileOf(dir), { pid: child.pid, command: marker });
  const rpc = new JsonRpc({ url: `http://127.0.0.1:${port}`, timeoutMs: CALL_TIMEOUT_MS });
  if (await isReady(rpc, child)) {
    return {
      rpc,
      pid: child.pid,
      exited: gone.then(() => rpc.close()),
      stop: async () => void (await endChild(child, { signal: 'SIGKILL', timeoutMs: END_TIMEOUT_MS })),
    };
  }
  rpc.close();
  await endChild(child, { signal: 'SIGKILL', timeoutMs: END_TIMEOUT_MS });
  const complaint = (await readFile(logPath, 'utf8')).trim();
  return complaint || String(await gone);
}

function argumentsOf(options: {
  readonly port: number;
  readonly chainId: number;
  readonly genesisTimestamp: number;
  readonly blockGasLimit: number;
  readonly marker: string;
}): string[] {
  const settings = {
    '--host': '127.0.0.1',
    '--port': options.port,
    '--chain-id': options.chainId,
    '--timestamp': options.genesisTimestamp,
    '--hardfork': 'prague',
    '--order': 'fifo',
    // The finalized block is then the latest but two.
    '--slots-in-an-epoch': 1,
    '--gas-limit': options.blockGasLimit,
    '--prune-history': KEPT_STATES,
    '--cache-path': options.marker,
  };
  return [
    ...['--quiet', '--no-mining', '--no-cors', '--no-request-size-limit'],
    ...Object.entries(settings).flatMap(([name, value]) => [name, String(value)]),
  ];
}

/** Why the process is not there: it could not be started, or it ended. */
function goneOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    child.once('exit', (code, signal) => resolve(`it ended with ${signal ?? `exit code ${code}`}`));
  });
}

async function isReady(rpc: JsonRpc, child: ChildProcess): Promise<boolean> {
  const deadlineMs = performance.now() + READY_TIMEOUT_MS;
  while (child.exitCode === null && child.signalCode === null && performance.now() < deadlineMs) {
    const answer = await rpc.call('eth_chainId').catch(() => undefined);
    if (answer !== undefined) return true;
    await delay(READY_POLL_MS);
  }
  return false;
}

/** One sentence: what is wrong and what to do. */
function explain(binary: string, complaint: string): string {
  if (complaint === 'ENOENT') {
    // For a file that is there, the kernel means the dynamic loader it names, such as glibc's on a musl system.
    return `The local EVM chain cannot start: there is no program ${binary}, or this system lacks the C library (glibc) it needs; ${OTHER_NODE}.`;
  }
  if (/GLIBC|version `|ld-linux/.test(complaint)) {
    return `The local EVM chain cannot start: anvil ${ANVIL_VERSION} needs a newer C library (glibc) than this system has; ${OTHER_NODE}.`;
  }
  if (['EACCES', 'ENOEXEC'].includes(complaint) || /exec format error/i.test(complaint)) {
    return `The local EVM chain cannot start: this system cannot execute ${binary}; ${OTHER_NODE}.`;
  }
  const [firstLine] = complaint.split('\n');
  const said = must(firstLine, 'a text has a first line').slice(0, MAX_COMPLAINT_CHARACTERS);
  return `The local EVM chain cannot start: anvil says "${said}"; ${OTHER_NODE}.`;
}

const pidFileOf = (dir: string): string => join(dir, 'anvil.pid');
/** anvil keeps nothing there; in its command line the path says whose process it is. */
const markerOf = (dir: string): string => join(dir, 'anvil-cache');
