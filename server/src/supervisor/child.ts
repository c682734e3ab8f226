import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Logger } from '../kernel/log.ts';
import { endChild, endOrphan, writePidFile } from '../kernel/process.ts';
import { LogFile } from './log-file.ts';

const READY_TIMEOUT_MS = 30_000;
const STOP_TIMEOUT_MS = 4_000;
const RESTART_DELAY_MS = 500;
/** A part that falls this often within the window is broken, not unlucky. */
const MAX_FALLS = 10;
const FALLS_WINDOW_MS = 60_000;

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
  readonly log: Logger;
  /** Called when the part keeps falling and is given up. */
  readonly onGivenUp: (mode: string) => void;
}

/** One part of the server in a process of its own, started again when it falls. */
export class Child {
  readonly #options: ChildOptions;
  readonly #logFile: LogFile;
  #process: ChildProcess | undefined;
  #stopping = false;
  #falls: number[] = [];

  constructor(options: ChildOptions) {
    this.#options = options;
    this.#logFile = new LogFile(options.logFile);
  }

  /** Resolves when the part serves. Throws when it ends before, or takes too long. */
  async start(): Promise<void> {
    const { mode, home, mainFile, pidFile, env } = this.#options;
    await endOrphan(pidFile, { timeoutMs: STOP_TIMEOUT_MS });
    const child = spawn(process.execPath, [mainFile, mode, home], {
      env,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    this.#process = child;
    if (child.pid !== undefined) await writePidFile(pidFile, { pid: child.pid, command: `${mode} ${home}` });
    child.stdout?.on('data', (chunk: Buffer) => this.#logFile.write(chunk));
    child.stderr?.on('data', (chunk: Buffer) => this.#logFile.write(chunk));
    const ready = once(child, 'message', { signal: AbortSignal.timeout(READY_TIMEOUT_MS) });
    const ended = once(child, 'exit').then(() => {
      throw new Error(`${mode} ended before it was ready; see ${this.#options.logFile}`);
    });
    await Promise.race([ready, ended]);
    child.once('exit', (code, signal) => this.#fallen(code, signal));
    if (child.exitCode !== null || child.signalCode !== null) this.#fallen(child.exitCode, child.signalCode);
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    const child = this.#process;
    if (!child) return;
    // A part ends when its supervisor is gone, and only then: signals to the whole group are not for it.
    if (child.connected) child.disconnect();
    await endChild(child, { signal: 'SIGTERM', timeoutMs: STOP_TIMEOUT_MS });
  }

  #fallen(code: number | null, signal: NodeJS.Signals | null): void {
    if (this.#stopping) return;
    const { mode, log, onGivenUp } = this.#options;
    log.warn({ mode, code, signal }, 'a part has fallen; starting it again');
    const now = performance.now();
    this.#falls = [...this.#falls.filter((at) => now - at < FALLS_WINDOW_MS), now];
    if (this.#falls.length > MAX_FALLS) return onGivenUp(mode);
    setTimeout(() => {
      if (this.#stopping) return;
      this.start().catch((error: Error) => {
        log.error({ error, mode }, 'a part did not start again');
        this.#fallen(null, null);
      });
    }, RESTART_DELAY_MS);
  }
}
