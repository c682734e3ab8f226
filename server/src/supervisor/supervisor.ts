import { createChain } from '../chain/chain.ts';
import { startLocalChain } from '../chain/local/start.ts';
import { type Config, networkOf } from '../config.ts';
import type { Context } from '../context.ts';
import { startEmbeddedPostgres } from '../db/embedded/start.ts';
import { migrate } from '../db/migrate.ts';
import { assert } from '../kernel/assert.ts';
import { systemClock } from '../kernel/clock.ts';
import type { Logger } from '../kernel/log.ts';
import { openContext, openKeyEncryption, openVault } from '../runtime.ts';
import { checkKeyEncryptionKey } from '../sealing/sealers.ts';
import { Child } from './child.ts';
import { ensureCredentials } from './credentials.ts';
import { claimHome, type Home, prepareHome } from './home.ts';
import { sandboxEnvFile, writeSandboxEnv } from './sandbox-env.ts';

const MAX_CONNECTIONS = 4;
/** Enough for a first session; the worker keeps filling. */
const FIRST_ADDRESSES = 1_000;
const RELAYER_GAS_WEI = 10n ** 24n;
const FUNDED_TIMEOUT_MS = 30_000;
const FUNDED_POLL_MS = 25;
const HOSTS_FOR_ALL = ['0.0.0.0', '::'];

export interface Instance {
  readonly baseUrl: string;
  readonly docsUrl: string;
  readonly apiKey: string;
  readonly envFile: string;
  stop(): Promise<void>;
}

export interface SupervisorOptions {
  readonly config: Config;
  readonly mainFile: string;
  readonly env: NodeJS.ProcessEnv;
  readonly log: Logger;
  /** A part cannot be kept running; the instance is of no use any more. */
  readonly onBroken: (what: string) => void;
}

/** Stops what was started, last first, whatever fails on the way. */
class Stack {
  readonly #stops: (() => Promise<unknown>)[] = [];
  readonly #log: Logger;

  constructor(log: Logger) {
    this.#log = log;
  }

  push(stop: () => Promise<unknown>): void {
    this.#stops.push(stop);
  }

  async unwind(): Promise<void> {
    for (let stop = this.#stops.pop(); stop; stop = this.#stops.pop()) {
      await stop().catch((error: Error) => this.#log.error({ error }, 'a part did not stop cleanly'));
    }
  }
}

/** Starts the whole product in one place: database, chain, signer, worker, api; and keeps it running. */
export async function startInstance(options: SupervisorOptions): Promise<Instance> {
  const stack = new Stack(options.log);
  try {
    return await start(options, stack);
  } catch (error) {
    await stack.unwind();
    throw error;
  }
}

async function start(options: SupervisorOptions, stack: Stack): Promise<Instance> {
  const { config, log } = options;
  const home = await prepareHome(config);
  await claimHome(home);
  const databaseUrl = config.databaseUrl ?? (await startDatabase(options, home, stack));
  await migrate(databaseUrl);
  const context = await openContext(config, databaseUrl, log, MAX_CONNECTIONS);
  stack.push(() => context.db.close());
  await checkKeyEncryptionKey(context.db, await openKeyEncryption(config), systemClock);

  const signer = child(options, home, 'signer', {});
  const [rpc] = await Promise.all([startChain(options, home, context, stack), startChild(signer, stack)]);
  await prepareChain(config, rpc, context, stack);
  const credentials = await ensureCredentials(context, config.home, rpc.fundGas !== undefined);

  const env = {
    DATABASE_URL: databaseUrl,
    CHAIN_RPC_URL: rpc.url,
    OMS_LOCAL_CHAIN: rpc.fundGas ? '1' : '0',
    OMS_SIGNER_SOCKET: config.signerSocket,
  };
  const parts = ['worker', 'api'].map((mode) => startChild(child(options, home, mode, env), stack));
  await Promise.all(parts);
  if (rpc.fundGas) await treasuryIsFunded(context, credentials.projectId);
  stack.push(async () => {
    context.jobWaker.close();
    context.chainWaker.close();
  });

  const origin = `http://${HOSTS_FOR_ALL.includes(config.host) ? '127.0.0.1' : config.host}:${config.port}`;
  const docsUrl = `${origin}/docs`;
  const baseUrl = `${origin}/v0.9`;
  await writeSandboxEnv(config.home, {
    OMS_BASE_URL: baseUrl,
    OMS_API_KEY: credentials.apiKey,
    OMS_API_SECRET: credentials.apiSecret,
    OMS_DOCS_URL: docsUrl,
    OMS_RPC_URL: rpc.url,
    OMS_CHAIN_ID: String(config.chainId),
    OMS_LOCAL_CHAIN: env.OMS_LOCAL_CHAIN,
    OMS_USDC_ADDRESS: config.tokenAddress,
    OMS_DATABASE_URL: databaseUrl,
  });
  return {
    baseUrl,
    docsUrl,
    apiKey: credentials.apiKey,
    envFile: sandboxEnvFile(config.home),
    stop: () => stack.unwind(),
  };
}

async function startDatabase(
  { log, onBroken }: SupervisorOptions,
  home: Home,
  stack: Stack,
): Promise<string> {
  const postgres = await startEmbeddedPostgres({ dir: home.postgres, log });
  let stopping = false;
  stack.push(() => {
    stopping = true;
    return postgres.stop();
  });
  void postgres.exited.then(() => {
    if (!stopping) onBroken('PostgreSQL');
  });
  return postgres.url;
}

interface ChainAccess {
  readonly url: string;
  /** Of the local chain only. */
  readonly fundGas?: (address: string, wei: bigint) => Promise<void>;
}

async function startChain(
  { config, log, onBroken }: SupervisorOptions,
  home: Home,
  context: Context,
  stack: Stack,
): Promise<ChainAccess> {
  if (config.chainRpcUrl !== undefined) return { url: config.chainRpcUrl };
  const { chainId } = config;
  const chain = await startLocalChain({
    store: context.db.pool,
    dir: home.chain,
    clock: systemClock,
    log,
    chainId,
  });
  let stopping = false;
  stack.push(() => {
    stopping = true;
    return chain.stop();
  });
  void chain.exited.then(() => {
    if (!stopping) onBroken('the local chain');
  });
  return { url: chain.url, fundGas: chain.fundGas };
}

/** What the first request needs: the right token on the chain, addresses derived ahead, gas for the relayer. */
async function prepareChain(
  config: Config,
  access: ChainAccess,
  context: Context,
  stack: Stack,
): Promise<void> {
  const vault = openVault(config);
  const network = networkOf(config, access.url);
  const chain = createChain({ ...context, network, vault, handlers: context.settlement });
  stack.push(async () => {
    chain.rpc.close();
    vault.close();
  });
  await chain.check();
  await chain.fillAddressPool(FIRST_ADDRESSES);
  if (!access.fundGas) return;
  const relayer = await vault.relayerAddress(0);
  const gas = BigInt(await chain.rpc.call<string>('eth_getBalance', [relayer, 'latest']));
  if (gas * 2n < RELAYER_GAS_WEI) await access.fundGas(relayer, RELAYER_GAS_WEI);
}

const child = (
  { config, mainFile, env, log, onBroken }: SupervisorOptions,
  home: Home,
  mode: string,
  settings: Readonly<Record<string, string>>,
): Child =>
  new Child({
    mode,
    mainFile,
    home: config.home,
    pidFile: `${home.run}/${mode}.pid`,
    logFile: `${home.logs}/${mode}.log`,
    env: { ...env, OMS_HOME: config.home, OMS_SIGNER_SOCKET: config.signerSocket, ...settings },
    log,
    onGivenUp: onBroken,
  });

async function startChild(part: Child, stack: Stack): Promise<void> {
  stack.push(() => part.stop());
  await part.start();
}

/** A cash-in that comes before the treasury has its float would be turned away. */
async function treasuryIsFunded(context: Context, projectId: string): Promise<void> {
  const deadline = performance.now() + FUNDED_TIMEOUT_MS;
  for (;;) {
    const available = await context.db.tx(projectId, (tx) => context.treasuries.availableMinor(tx));
    if (available > 0n) return;
    assert(performance.now() < deadline, `the treasury got no funds within ${FUNDED_TIMEOUT_MS} ms`);
    await new Promise((resolve) => setTimeout(resolve, FUNDED_POLL_MS));
  }
}
