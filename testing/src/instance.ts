import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, open, readFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Connection, connectionOfHome } from '@openoms/cli/src/connection.ts';
import { makeHome, removeHome } from './homes.ts';
import { COMPILE_CACHE, copyTemplate } from './template.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const MAIN = join(ROOT, 'server', 'src', 'main.ts');
/** Of a start on a machine that is busy with tests. */
const START_TIMEOUT_MS = 60_000;
/** The instance's own limit is less. */
const STOP_TIMEOUT_MS = 12_000;

export interface InstanceOptions {
  /** Where the API listens; any free port by default. */
  readonly port?: number;
  /** Settings of the instance, as the README lists them. Nothing else of the environment reaches it. */
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * A whole instance in a temporary home, with processes of its own, for as long as this process lives: when it ends, in
 * whatever way, the instance sees its channel closed and stops.
 */
export class Instance {
  readonly home: string;
  readonly #env: Readonly<Record<string, string>>;
  #port: number;
  #connection: Connection;
  #process: ChildProcess | undefined;

  private constructor(home: string, started: Started, env: Readonly<Record<string, string>>) {
    this.home = home;
    this.#env = env;
    this.#connection = started.connection;
    this.#process = started.process;
    this.#port = Number(new URL(started.connection.baseUrl).port);
  }

  static async start({ port = 0, env = {} }: InstanceOptions = {}): Promise<Instance> {
    const home = await makeHome();
    try {
      await copyTemplate(home, async (draft) => end((await startProcess(draft, 0, {})).process));
      return new Instance(home, await startProcess(home, port, env), env);
    } catch (error) {
      await removeHome(home);
      throw error;
    }
  }

  /** Where its API is, and the key of its first project. */
  get connection(): Connection {
    return this.#connection;
  }

  /** Ends its processes; what it keeps stays for `startAgain`. */
  async stop(): Promise<void> {
    if (this.#process) await end(this.#process);
    this.#process = undefined;
  }

  /** At the same address. Does nothing while it runs. */
  async startAgain(): Promise<void> {
    if (this.#process) return;
    const started = await startProcess(this.home, this.#port, this.#env);
    this.#process = started.process;
    this.#connection = started.connection;
  }

  /** Ends it and removes all that it kept. */
  async close(): Promise<void> {
    await this.stop();
    await removeHome(this.home);
  }
}

interface Started {
  readonly process: ChildProcess;
  readonly connection: Connection;
}

/** Resolves when the instance serves. Throws what it said when it ends before. */
async function startProcess(
  home: string,
  port: number,
  env: Readonly<Record<string, string>>,
): Promise<Started> {
  await mkdir(join(home, 'logs'), { recursive: true });
  const outputFile = join(home, 'logs', 'output.log');
  const output = await open(outputFile, 'a');
  const child = spawn('node', [MAIN, 'all'], {
    cwd: home,
    env: { ...ownEnvironment(), ...env, OMS_HOME: home, PORT: String(port) },
    stdio: ['ignore', output.fd, output.fd, 'ipc'],
  });
  await output.close();
  try {
    const patience = AbortSignal.timeout(START_TIMEOUT_MS);
    const ended = once(child, 'exit', { signal: patience }).then(async () => {
      throw new Error(`The sandbox did not start: ${await readFile(outputFile, 'utf8')}`);
    });
    const ready = once(child, 'message', { signal: patience });
    ready.catch(() => undefined);
    await Promise.race([ready, ended]);
    ended.catch(() => undefined);
    const connection = await connectionOfHome(home);
    if (!connection) throw new Error(`The sandbox did not say where it is; see ${home}.`);
    // From now on it must not keep a test run from ending that forgets to close it.
    child.unref();
    child.channel?.unref();
    return { process: child, connection };
  } catch (error) {
    await end(child);
    throw error;
  }
}

/** The Node of this installation before others, as npm does; the server needs 24. Nothing of the app's own settings. */
function ownEnvironment(): Record<string, string> {
  const { PATH = '', HOME = '' } = process.env;
  const path = [join(ROOT, 'node_modules', '.bin'), PATH].join(delimiter);
  return { PATH: path, HOME, NODE_COMPILE_CACHE: COMPILE_CACHE };
}

async function end(child: ChildProcess): Promise<void> {
  const hasEnded = child.exitCode !== null || child.signalCode !== null;
  if (child.pid === undefined || hasEnded) return;
  child.ref();
  const exited = once(child, 'exit');
  if (child.connected) child.disconnect();
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
  await exited;
  clearTimeout(timer);
}
