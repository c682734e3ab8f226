import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { must } from '../../server/src/kernel/assert.ts';
import { bareEnvironment } from './processes.ts';

const MAIN = fileURLToPath(new URL('../../server/src/main.ts', import.meta.url));
const READY_TEXT = 'Ctrl-C stops it';

/** One run of the instance, from its start to its end. */
export interface Run {
  /** The supervisor's, leader of a process group of its own. */
  readonly pid: number;
  /** Resolves with the time from the spawn in milliseconds; rejects when the process ends before. */
  readonly ready: Promise<number>;
  /** Resolves with the exit code, null after a signal. */
  readonly exited: Promise<number | null>;
  /** Whether it has printed its block. */
  isReady(): boolean;
  hasEnded(): boolean;
  /** Ctrl-C; the exit code. */
  stop(): Promise<number | null>;
  output(): string;
}

export function startRun(home: string, port: number): Run {
  const startedMs = performance.now();
  const child = spawn(process.execPath, [MAIN, 'all'], {
    // The working directory tells whose process it is; its command line does not.
    cwd: home,
    env: { ...bareEnvironment(), OMS_HOME: home, PORT: String(port) },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let output = '';
  let isReady = false;
  let hasEnded = false;
  const exited = new Promise<number | null>((resolve) => {
    child.once('exit', (code) => {
      hasEnded = true;
      resolve(code);
    });
  });
  const ready = new Promise<number>((resolve, reject) => {
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      if (isReady || !output.includes(READY_TEXT)) return;
      isReady = true;
      resolve(performance.now() - startedMs);
    });
    child.stderr.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
    void exited.then(() => reject(new Error(`the instance ended before it was ready: ${output}`)));
  });
  ready.catch(() => undefined);
  return {
    pid: must(child.pid, 'the supervisor runs'),
    ready,
    exited,
    isReady: () => isReady,
    hasEnded: () => hasEnded,
    output: () => output,
    stop: () => {
      child.kill('SIGINT');
      return exited;
    },
  };
}
