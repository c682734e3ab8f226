import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { endChild, writePidFile } from '../kernel/process.ts';
import type { RunningPart } from './kept-part.ts';
import { LogFile } from './log-file.ts';

const READY_TIMEOUT_MS = 30_000;
const STOP_TIMEOUT_MS = 4_000;
/** What is shown of the last words of a part that did not start. */
const MAX_COMPLAINT_CHARACTERS = 2_000;

/** What a child tells its supervisor once it serves. */
export const READY = 'ready';

export interface ChildOptions {
  readonly mode: string;
  /** Of the instance; stands in the command line, so that a leftover of ours is told from another instance's. */
  readonly home: string;
  readonly mainFile: string;
  readonly pidFile: string;
  readonly env: NodeJS.ProcessEnv;
  readonly logFile: string;
}

/**
 * Starts one mode of the server in a process of its own; resolves when it serves. When it ends before, takes too long
 * or the signal is aborted, it is ended and this throws.
 */
export async function startChild(options: ChildOptions, signal: AbortSignal): Promise<RunningPart> {
  const { mode, home, mainFile, pidFile, env } = options;
  signal.throwIfAborted();
  const logFile = new LogFile(options.logFile);
  const child = spawn(process.execPath, [mainFile, mode, home], {
    env,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const exited = new Promise<void>((resolve) => {
    child.once('close', () => {
      logFile.close();
      resolve();
    });
  });
  child.stdout?.on('data', (chunk: Buffer) => logFile.write(chunk));
  let complaint = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    complaint = (complaint + chunk.toString()).slice(-MAX_COMPLAINT_CHARACTERS);
    logFile.write(chunk);
  });
  const stop = async (): Promise<void> => {
    // A part ends when its supervisor is gone, and only then: signals to the whole group are not for it.
    if (child.connected) child.disconnect();
    await endChild(child, { signal: 'SIGTERM', timeoutMs: STOP_TIMEOUT_MS });
  };
  try {
    const patience = AbortSignal.any([signal, AbortSignal.timeout(READY_TIMEOUT_MS)]);
    const ended = once(child, 'close', { signal: patience }).then(() => {
      throw new Error(`${mode} ended before it was ready; see ${options.logFile}\n${complaint}`);
    });
    const ready = Promise.race([once(child, 'message', { signal: patience }), ended]);
    // It may fail before it is awaited.
    ready.catch(() => undefined);
    if (child.pid !== undefined) await writePidFile(pidFile, { pid: child.pid, command: `${mode} ${home}` });
    await ready;
  } catch (error) {
    await stop();
    throw error;
  }
  return { exited, stop };
}
