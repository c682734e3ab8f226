import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseEnv, promisify } from 'node:util';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const READY = 'Ctrl-C stops it';
const COMMAND_TIMEOUT_MS = 120_000;

/** What a terminal of a new user has: nothing of OpenOMS. */
const environment = (home: string): NodeJS.ProcessEnv => ({
  PATH: process.env.PATH,
  HOME: process.env.HOME,
  OMS_HOME: home,
  PORT: '0',
});

/** `npm start` in a terminal of its own. */
export class Terminal {
  readonly #home: string;
  #npm: ChildProcess | undefined;

  constructor(home: string) {
    this.#home = home;
  }

  /** Resolves when the block that greets is printed, with the pairs of sandbox.env. */
  async start(): Promise<Record<string, string | undefined>> {
    const npm = spawn('npm', ['start'], {
      cwd: ROOT,
      env: environment(this.#home),
      stdio: ['ignore', 'pipe', 'inherit'],
      detached: true,
    });
    this.#npm = npm;
    let output = '';
    await new Promise<void>((resolve, reject) => {
      npm.once('exit', () => reject(new Error(`npm start ended: ${output}`)));
      npm.stdout.on('data', (chunk) => {
        output += String(chunk);
        if (output.includes(READY)) resolve();
      });
    });
    return parseEnv(await readFile(join(this.#home, 'sandbox.env'), 'utf8'));
  }

  /** Ctrl-C: to every process of the terminal. */
  async interrupt(): Promise<void> {
    const npm = this.#npm;
    if (npm?.pid === undefined) return;
    this.#npm = undefined;
    const ended = once(npm, 'exit');
    process.kill(-npm.pid, 'SIGINT');
    await ended;
  }

  /** A command in another terminal; what it prints. Throws when it fails. */
  async run(command: string, ...args: string[]): Promise<string> {
    const { stdout } = await promisify(execFile)(command, args, {
      cwd: ROOT,
      env: environment(this.#home),
      timeout: COMMAND_TIMEOUT_MS,
    });
    return stdout;
  }
}
