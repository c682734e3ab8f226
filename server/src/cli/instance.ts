import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { JsonRpc } from '../chain/rpc.ts';
import { type Config, ConfigError, readConfig } from '../config.ts';
import type { Context } from '../context.ts';
import { createLogger } from '../log.ts';
import type { ChainToCompare } from '../reconciliation/service.ts';
import { openContext } from '../runtime.ts';
import { readSandboxEnv } from '../supervisor/sandbox-env.ts';

/** One for a lock, one for a transaction. */
const MAX_CONNECTIONS = 2;
const RPC_TIMEOUT_MS = 10_000;

const projectDir = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..');

/** The configuration of the instance: the environment's, or what the running sandbox wrote down. */
export async function instanceConfig(env: Readonly<Record<string, string | undefined>>): Promise<Config> {
  const home = readConfig(env, projectDir).home;
  const sandbox = await readSandboxEnv(home);
  return readConfig(
    {
      DATABASE_URL: sandbox.OMS_DATABASE_URL,
      CHAIN_RPC_URL: sandbox.OMS_RPC_URL,
      CHAIN_ID: sandbox.OMS_CHAIN_ID,
      CHAIN_USDC_ADDRESS: sandbox.OMS_USDC_ADDRESS,
      OMS_LOCAL_CHAIN: sandbox.OMS_LOCAL_CHAIN,
      ...env,
    },
    projectDir,
  );
}

/** Runs a command with the instance's context and closes what it opened. Throws ConfigError when there is none. */
export async function withContext(
  config: Config,
  work: (context: Context) => Promise<number>,
): Promise<number> {
  if (!config.databaseUrl)
    throw new ConfigError('No instance is running in OMS_HOME, and DATABASE_URL is not set.');
  const context = await openContext(config, config.databaseUrl, createLogger('cli'), MAX_CONNECTIONS);
  try {
    return await work(context);
  } finally {
    await context.passwords.close();
    await context.db.close();
  }
}

/** The same for a command that asks the chain as well; undefined when the instance has none. */
export async function withChain(
  config: Config,
  work: (chain: ChainToCompare | undefined) => Promise<number>,
): Promise<number> {
  if (!config.chainRpcUrl) return work(undefined);
  const rpc = new JsonRpc({ url: config.chainRpcUrl, timeoutMs: RPC_TIMEOUT_MS });
  try {
    return await work({ rpc, token: config.tokenAddress });
  } finally {
    rpc.close();
  }
}
