import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { OpenOMS } from '@openoms/sdk';
import { bareEnvironment, killQuietly, processesOf } from '../../../tools/crash/processes.ts';
import { assert, must } from '../../src/kernel/assert.ts';
import { freePort } from '../../src/kernel/process.ts';
import { readSandboxEnv } from '../../src/supervisor/sandbox-env.ts';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const READY_TEXT = 'Ctrl-C stops it';
const READY_TIMEOUT_MS = 50_000;
const POLL_MS = 20;
const CONDITION_TIMEOUT_MS = 30_000;

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A supervisor as an operator runs it, leader of a process group of its own. */
export interface Supervisor {
  readonly pid: number;
  readonly home: string;
  readonly exited: Promise<Exit>;
  /** Standard output and standard error so far. */
  output(): string;
  stderr(): string;
  /** Resolves with the pairs of sandbox.env when the block is printed; throws when the process ends before. */
  ready(): Promise<Readonly<Record<string, string>>>;
  kill(signal: NodeJS.Signals): void;
  /** To every process of the group, as Ctrl-C in a terminal does. */
  killGroup(signal: NodeJS.Signals): void;
}

export interface StartOptions {
  readonly home: string;
  readonly port?: number;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** The instances of one test file, their homes below one temporary directory. */
export class Instances {
  readonly #supervisors: Supervisor[] = [];
  readonly #dirs: string[] = [];

  async newHome(): Promise<string> {
    const dir = await mkdtemp(join(tmpdir(), 'oms-instance-'));
    this.#dirs.push(dir);
    return dir;
  }

  async start(options: StartOptions): Promise<Supervisor> {
    const port = options.port ?? (await freePort());
    const supervisor = spawnSupervisor(options, port);
    this.#supervisors.push(supervisor);
    return supervisor;
  }

  /** For `afterAll`: ends whatever still runs, and removes the homes. */
  async clear(): Promise<void> {
    for (const supervisor of this.#supervisors) supervisor.kill('SIGTERM');
    await Promise.all(this.#supervisors.map(({ exited }) => exited));
    for (const home of this.#dirs) {
      for (const { pid } of await processesOf(home)) killQuietly(pid, 'SIGKILL');
      await eventually(async () => (await processesOf(home)).length === 0, 'nothing of the home runs');
      await rm(home, { recursive: true, force: true, maxRetries: 5 });
    }
  }
}

function spawnSupervisor(options: StartOptions, port: number): Supervisor {
  const { home, cwd = home } = options;
  const env = { ...bareEnvironment(), OMS_HOME: home, PORT: String(port), ...options.env };
  const child = spawn(process.execPath, [MAIN, 'all'], {
    cwd,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const pid = must(child.pid, 'the supervisor runs');
  const output = collect(child);
  const exited = new Promise<Exit>((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal }));
  });
  return {
    pid,
    home,
    exited,
    output: () => output.stdout + output.stderr,
    stderr: () => output.stderr,
    ready: async () => {
      await eventually(
        () => {
          assert(
            child.exitCode === null && child.signalCode === null,
            `it ended: ${output.stdout}${output.stderr}${warningsOf(home)}`,
          );
          return output.stdout.includes(READY_TEXT);
        },
        `the instance is ready: ${output.stdout}${output.stderr}`,
        READY_TIMEOUT_MS,
      );
      return readSandboxEnv(home);
    },
    kill: (signal) => void child.kill(signal),
    killGroup: (signal) => killQuietly(-pid, signal),
  };
}

/** What the parts of the instance complained of. */
function warningsOf(home: string): string {
  const files = ['supervisor', 'api', 'worker', 'signer'].map((part) => join(home, 'logs', `${part}.log`));
  const lines = files.filter(existsSync).flatMap((file) => readFileSync(file, 'utf8').split('\n'));
  return lines.filter((line) => !line.includes('"level":"info"')).join('\n');
}

function collect(child: ChildProcess): { stdout: string; stderr: string } {
  const output = { stdout: '', stderr: '' };
  child.stdout?.on('data', (chunk: Buffer) => {
    output.stdout += chunk.toString();
  });
  child.stderr?.on('data', (chunk: Buffer) => {
    output.stderr += chunk.toString();
  });
  return output;
}

/** Polls until the condition holds. */
export async function eventually(
  condition: () => boolean | Promise<boolean>,
  what: string,
  timeoutMs = CONDITION_TIMEOUT_MS,
): Promise<void> {
  const deadlineMs = performance.now() + timeoutMs;
  while (!(await condition())) {
    assert(performance.now() < deadlineMs, `not within ${timeoutMs} ms: ${what}`);
    await delay(POLL_MS);
  }
}

/** The status of `/health/<which>`; 0 when nobody answers. */
export async function health(
  env: Readonly<Record<string, string>>,
  which: 'live' | 'ready',
): Promise<number> {
  try {
    const response = await fetch(new URL(`/health/${which}`, env.OMS_BASE_URL));
    await response.arrayBuffer();
    return response.status;
  } catch {
    return 0;
  }
}

/** The SDK on the credentials of sandbox.env. */
export const clientOf = (env: Readonly<Record<string, string>>): OpenOMS =>
  new OpenOMS({
    baseUrl: must(env.OMS_BASE_URL, 'OMS_BASE_URL'),
    apiKey: must(env.OMS_API_KEY, 'OMS_API_KEY'),
    apiSecret: must(env.OMS_API_SECRET, 'OMS_API_SECRET'),
    maxRetries: 20,
  });

/** Resolves when the cash-in is completed. */
export const isCompleted = (oms: OpenOMS, cashInId: string): Promise<void> =>
  eventually(
    async () => (await oms.cashIns.get(cashInId)).status === 'completed',
    `${cashInId} is completed`,
  );
