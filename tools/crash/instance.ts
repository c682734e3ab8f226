import { type ChildProcess, spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { must } from '../../server/src/kernel/assert.ts';
import { findProcess, readPidFile } from '../../server/src/kernel/process.ts';

const MAIN = fileURLToPath(new URL('../../server/src/main.ts', import.meta.url));
const READY_TEXT = 'Ctrl-C stops it';

/** The supervisor's process group alone, or PostgreSQL and anvil as well, which have groups of their own. */
export type Blast = 'group' | 'everything';

/** One run of the instance, from its start to its end. */
export interface Run {
  /** Resolves with the time from the spawn in milliseconds; rejects when the process ends before. */
  readonly ready: Promise<number>;
  kill(blast: Blast): Promise<void>;
  /** Ctrl-C; the exit code. */
  stop(): Promise<number | null>;
  output(): string;
}

export function startRun(home: string, port: number): Run {
  const startedMs = performance.now();
  const child = spawn(process.execPath, [MAIN, 'all'], {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, OMS_HOME: home, PORT: String(port) },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let output = '';
  const exited = new Promise<number | null>((resolve) => child.once('close', resolve));
  const ready = new Promise<number>((resolve, reject) => {
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      if (output.includes(READY_TEXT)) resolve(performance.now() - startedMs);
    });
    child.stderr.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
    void exited.then(() => reject(new Error(`the instance ended before it was ready: ${output}`)));
  });
  ready.catch(() => undefined);
  return {
    ready,
    output: () => output,
    kill: async (blast) => {
      const others = blast === 'everything' ? await separateGroups(home) : [];
      killGroup(child);
      for (const pid of others) signal(pid);
      await exited;
    },
    stop: async () => {
      child.kill('SIGINT');
      return exited;
    },
  };
}

function killGroup(child: ChildProcess): void {
  signal(-must(child.pid, 'the supervisor runs'));
}

/** The pids of PostgreSQL and anvil, as far as they run now. */
async function separateGroups(home: string): Promise<number[]> {
  const anvil = await readPidFile(join(home, 'chain', 'anvil.pid'));
  const postmaster = await readFile(join(home, 'postgres', 'data', 'postmaster.pid'), 'utf8').catch(() => '');
  const candidates = [anvil?.pid, Number.parseInt(postmaster, 10)];
  const found = await Promise.all(
    candidates.map(async (pid) =>
      pid !== undefined && (await findProcess(pid))?.commandLine.includes(home) ? [pid] : [],
    ),
  );
  return found.flat();
}

function signal(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
