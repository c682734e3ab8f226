import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { must } from '../server/src/kernel/assert.ts';
import { endChild, freePort } from '../server/src/kernel/process.ts';
import { readSandboxEnv } from '../server/src/supervisor/sandbox-env.ts';
import type { Bench } from './bench.ts';

const MAIN = fileURLToPath(new URL('../server/src/main.ts', import.meta.url));
const READY = 'OpenOMS sandbox is ready';
const READY_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 12_000;

export interface Product {
  readonly port: number;
  readonly apiKey: string;
  readonly apiSecret: string;
  /** The database's superuser. */
  readonly databaseUrl: string;
  /** From the spawn to the line that says it is ready. */
  readonly startedInMs: number;
  stop(): Promise<void>;
}

/** Starts the whole product on that home, as `npm start` does, in the environment of the run. */
export async function startProduct(bench: Bench, home: string): Promise<Product> {
  const port = await freePort();
  const startedMs = performance.now();
  const child = spawn(process.execPath, [MAIN, 'all'], {
    env: {
      ...bench.env,
      OMS_HOME: home,
      PORT: String(port),
      HOST: '127.0.0.1',
      DATABASE_URL: '',
      CHAIN_RPC_URL: '',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const stop = async (): Promise<void> => {
    await endChild(child, { timeoutMs: STOP_TIMEOUT_MS });
  };
  bench.stops.push(stop);
  let said = '';
  const ready = Promise.withResolvers<void>();
  child.stdout.on('data', (chunk: Buffer) => {
    if (said.length > 100_000) return;
    said += chunk;
    if (said.includes(READY)) ready.resolve();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk;
  });
  void once(child, 'exit').then(() => ready.reject(new Error(`the product ended early: ${said}`)));
  const timer = setTimeout(() => ready.reject(new Error('the product did not start')), READY_TIMEOUT_MS);
  try {
    await ready.promise;
    const startedInMs = performance.now() - startedMs;
    const { OMS_API_KEY, OMS_API_SECRET, OMS_DATABASE_URL } = await readSandboxEnv(home);
    return {
      port,
      apiKey: must(OMS_API_KEY, 'a key'),
      apiSecret: must(OMS_API_SECRET, 'a secret'),
      databaseUrl: must(OMS_DATABASE_URL, 'a database'),
      startedInMs,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}
