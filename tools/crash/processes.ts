import { readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { must } from '../../server/src/kernel/assert.ts';
import { findProcess, listProcesses, readPidFile } from '../../server/src/kernel/process.ts';

export interface FoundProcess {
  readonly pid: number;
  readonly commandLine: string;
}

/** Every process that belongs to the home, whoever is its parent: it is in the command line or the working directory. */
export async function processesOf(home: string): Promise<FoundProcess[]> {
  if (process.platform !== 'linux') return recordedProcesses(home);
  const found = await Promise.all(
    (await listProcesses()).map(async ({ pid, commandLine }) => {
      if (pid === process.pid) return [];
      const cwd = await readlink(`/proc/${pid}/cwd`).catch(() => '');
      return commandLine.includes(home) || cwd.startsWith(home) ? [{ pid, commandLine }] : [];
    }),
  );
  return found.flat();
}

/** The processes that the home's pid files name. */
async function recordedProcesses(home: string): Promise<FoundProcess[]> {
  const pids = await Promise.all(PARTS.map((part) => pidOf(home, part).catch(() => undefined)));
  const found = await Promise.all(
    pids.map(async (pid) => {
      const info = pid === undefined ? undefined : await findProcess(pid);
      return pid !== undefined && info ? [{ pid, commandLine: info.commandLine }] : [];
    }),
  );
  return found.flat();
}

const PARTS = ['api', 'worker', 'signer', 'anvil', 'postgres'] as const;
export type Part = (typeof PARTS)[number];

/** The pid that the instance has recorded for one of its parts. */
export async function pidOf(home: string, part: Part): Promise<number> {
  if (part === 'postgres') {
    const text = await readFile(join(home, 'postgres', 'data', 'postmaster.pid'), 'utf8');
    return Number.parseInt(text, 10);
  }
  const file = part === 'anvil' ? join(home, 'chain', 'anvil.pid') : join(home, 'run', `${part}.pid`);
  return must(await readPidFile(file), `${file} names a process`).pid;
}

export function killQuietly(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Only what a shell would have, so that no setting of the one who starts it gets in. */
export function bareEnvironment(): NodeJS.ProcessEnv {
  const { PATH, HOME, NODE_COMPILE_CACHE } = process.env;
  return { PATH, HOME, NODE_COMPILE_CACHE };
}
