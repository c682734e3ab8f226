import { setTimeout as delay } from 'node:timers/promises';
import type { Config } from '../config.ts';
import type { Context } from '../context.ts';
import { ensureServerLogin } from '../db/login.ts';
import { migrate } from '../db/migrate.ts';
import { assert } from '../kernel/assert.ts';
import { systemClock } from '../kernel/clock.ts';
import type { KeyEncryption } from '../kernel/key-encryption.ts';
import type { Logger } from '../kernel/log.ts';
import type { Credentials } from '../projects/service.ts';
import { openContext, openKeyEncryption } from '../runtime.ts';
import { checkKeyEncryptionKey } from '../sealing/sealers.ts';
import { type ChainAccess, chainStarter, prepareChain } from './chain.ts';
import { startChild } from './child.ts';
import { ensureCredentials } from './credentials.ts';
import { databaseStarter, migrateOperatorsDatabase } from './database.ts';
import { ensureFirstUser, type FirstUser } from './first-user.ts';
import { claimHome, claimPort, type Home, prepareHome } from './home.ts';
import { KeptPart, type KeptPartOptions, type RunningPart } from './kept-part.ts';
import { endLeftParts, type Part, pidFileOf } from './orphans.ts';
import { sandboxEnvFile, writeSandboxEnv } from './sandbox-env.ts';
import { Stack } from './stack.ts';

const MAX_CONNECTIONS = 4;
const FUNDED_TIMEOUT_MS = 30_000;
const FUNDED_POLL_MS = 25;
const HOSTS_FOR_ALL = ['0.0.0.0', '::'];

export interface Instance {
  readonly baseUrl: string;
  readonly docsUrl: string;
  readonly dashboardUrl: string;
  /** Undefined: somebody made users before this. */
  readonly firstUser: FirstUser | undefined;
  readonly apiKey: string;
  readonly envFile: string;
  /** On an operator's chain: the addresses that have to be funded from outside. */
  readonly toFund: { readonly relayers: readonly string[]; readonly treasury: string } | undefined;
  stop(): Promise<void>;
}

export interface SupervisorOptions {
  readonly config: Config;
  readonly mainFile: string;
  readonly env: NodeJS.ProcessEnv;
  readonly log: Logger;
  /** Aborted, it ends a start under way. */
  readonly signal: AbortSignal;
  /** A part cannot be kept running; the instance is of no use any more. */
  readonly onBroken: (what: string) => void;
}

/**
 * Starts the whole product in one place: database, chain, signer, worker, api; and keeps it running. When it throws,
 * everything that was started has been stopped.
 */
export async function startInstance(options: SupervisorOptions): Promise<Instance> {
  const stack = new Stack(options.log);
  try {
    return await new Starter(options, stack, await prepareHome(options.config)).start();
  } catch (error) {
    await stack.unwind();
    throw error;
  }
}

/** One start: what takes long begins as soon as what it needs is there. */
class Starter {
  readonly #options: SupervisorOptions;
  readonly #stack: Stack;
  readonly #home: Home;
  readonly #needs: KeptPart<RunningPart>[] = [];
  #isUp = false;

  constructor(options: SupervisorOptions, stack: Stack, home: Home) {
    this.#options = options;
    this.#stack = stack;
    this.#home = home;
  }

  async start(): Promise<Instance> {
    const { config, log, signal } = this.#options;
    await claimHome(this.#home);
    await endLeftParts(this.#home, log);
    const port = await claimPort(config);
    const keyEncryption = await openKeyEncryption(config);
    const isLocalChain = config.chainRpcUrl === undefined;
    const chainSettings = { OMS_LOCAL_CHAIN: isLocalChain ? '1' : '0' };
    const signer = this.#startPart('signer', chainSettings);
    signer.catch(() => undefined);

    const { ownerUrl, serverUrl: databaseUrl } = await this.#openDatabase(keyEncryption);
    signal.throwIfAborted();
    const context = await openContext(config, databaseUrl, log, MAX_CONNECTIONS);
    this.#stack.push(() => closeContext(context));
    await checkKeyEncryptionKey(context.db, keyEncryption, systemClock);

    const settings = { ...chainSettings, DATABASE_URL: databaseUrl, PORT: String(port) };
    const firstUser = ensureFirstUser(context, config.home);
    firstUser.catch(() => undefined);
    const opening = this.#openChain(context);
    const settlement = this.#startSettlement(context, both(opening, signer), settings);
    // It asks the chain what wallets hold.
    const api = opening.then(({ url }) => this.#startPart('api', { ...settings, CHAIN_RPC_URL: url }));
    const [{ access, credentials, toFund }] = await both(settlement, api);
    if (access.fundGas) await treasuryIsFunded(context, credentials.projectId, signal);
    signal.throwIfAborted();
    const announced = await this.#announce(port, credentials, await firstUser, ownerUrl, access);
    this.#isUp = true;
    return { ...announced, toFund };
  }

  /** The URLs of the schema's owner and of the server's own login, the schema being up to date. */
  async #openDatabase(keyEncryption: KeyEncryption): Promise<{ ownerUrl: string; serverUrl: string }> {
    const { config, log } = this.#options;
    if (config.databaseUrl !== undefined) {
      await migrateOperatorsDatabase(config.databaseOwnerUrl ?? config.databaseUrl);
      return { ownerUrl: config.databaseUrl, serverUrl: config.databaseUrl };
    }
    const database = this.#keep({ name: 'PostgreSQL', start: databaseStarter(this.#home.postgres, log) });
    const { url } = await database.start();
    this.#needs.push(database);
    await migrate(url);
    const password = keyEncryption.derive('database-login').export().toString('hex');
    return { ownerUrl: url, serverUrl: await ensureServerLogin(url, password) };
  }

  /** Once there is a chain, and a signer for it: the worker that settles on it, and a project whose treasury has a place there. */
  async #startSettlement(
    context: Context,
    chain: Promise<readonly [ChainAccess, unknown]>,
    settings: Readonly<Record<string, string>>,
  ): Promise<{ access: ChainAccess; credentials: Credentials; toFund: Instance['toFund'] }> {
    const { config, signal } = this.#options;
    const [access] = await chain;
    signal.throwIfAborted();
    const worker = this.#startPart('worker', { ...settings, CHAIN_RPC_URL: access.url });
    const prepared = prepareChain(config, access, context, this.#stack).then(async (relayers) => {
      const credentials = await ensureCredentials(context, config.home, access.fundGas !== undefined);
      const treasury = await context.db.tx(credentials.projectId, (tx) => context.treasuries.get(tx));
      return { credentials, toFund: access.fundGas ? undefined : { relayers, treasury: treasury.address } };
    });
    const [{ credentials, toFund }] = await both(prepared, worker);
    return { access, credentials, toFund };
  }

  async #openChain(context: Context): Promise<ChainAccess> {
    const { config } = this.#options;
    if (config.chainRpcUrl !== undefined) return { url: config.chainRpcUrl };
    const chain = this.#keep({
      name: 'the local chain',
      start: chainStarter(config, this.#home.chain, context, () => this.#isUp),
    });
    const access = await chain.start();
    this.#needs.push(chain);
    return access;
  }

  #startPart(part: Part, settings: Readonly<Record<string, string>>): Promise<RunningPart> {
    const { config, mainFile, env, signal } = this.#options;
    const options = {
      mode: part,
      mainFile,
      home: config.home,
      pidFile: pidFileOf(this.#home, part),
      logFile: `${this.#home.logs}/${part}.log`,
      env: { ...env, OMS_HOME: config.home, OMS_SIGNER_SOCKET: config.signerSocket, ...settings },
    };
    const start = (stopping: AbortSignal) => startChild(options, AbortSignal.any([stopping, signal]));
    return this.#keep({ name: `the ${part}`, start }).start();
  }

  /** Kept running from its first start on, stopped in its turn, after all that need it. */
  #keep<P extends RunningPart>(options: Pick<KeptPartOptions<P>, 'name' | 'start'>): KeptPart<P> {
    const { log, onBroken } = this.#options;
    const part = new KeptPart({ ...options, needs: [...this.#needs], log, onGivenUp: onBroken });
    this.#stack.push(() => part.stop());
    return part;
  }

  async #announce(
    port: number,
    { apiKey, apiSecret }: Credentials,
    firstUser: FirstUser | undefined,
    databaseUrl: string,
    access: ChainAccess,
  ): Promise<Omit<Instance, 'toFund'>> {
    const { config } = this.#options;
    const origin = `http://${HOSTS_FOR_ALL.includes(config.host) ? '127.0.0.1' : config.host}:${port}`;
    const docsUrl = `${origin}/docs`;
    const dashboardUrl = `${config.publicUrl?.replace(/\/$/, '') ?? origin}/dashboard/`;
    const baseUrl = `${origin}/v0.9`;
    await writeSandboxEnv(config.home, {
      OMS_BASE_URL: baseUrl,
      OMS_API_KEY: apiKey,
      OMS_API_SECRET: apiSecret,
      OMS_DOCS_URL: docsUrl,
      OMS_DASHBOARD_URL: dashboardUrl,
      ...(firstUser && { OMS_DASHBOARD_EMAIL: firstUser.email }),
      ...(firstUser?.password !== undefined && { OMS_DASHBOARD_PASSWORD: firstUser.password }),
      OMS_RPC_URL: access.url,
      OMS_CHAIN_ID: String(config.chainId),
      OMS_LOCAL_CHAIN: access.fundGas ? '1' : '0',
      OMS_USDC_ADDRESS: config.tokenAddress,
      OMS_DATABASE_URL: databaseUrl,
    });
    return {
      baseUrl,
      docsUrl,
      dashboardUrl,
      firstUser,
      apiKey,
      envFile: sandboxEnvFile(config.home),
      stop: () => this.#stack.unwind(),
    };
  }
}

async function closeContext({ jobWaker, chainWaker, passwords, db }: Context): Promise<void> {
  jobWaker.close();
  chainWaker.close();
  await passwords.close();
  await db.close();
}

/** The results of both, or the first's failure, or the second's; never before both have come to an end. */
async function both<A, B>(first: Promise<A>, second: Promise<B>): Promise<[A, B]> {
  await Promise.allSettled([first, second]);
  return Promise.all([first, second]);
}

/** A cash-in that comes before the treasury has its float would be turned away. */
async function treasuryIsFunded(context: Context, projectId: string, signal: AbortSignal): Promise<void> {
  const deadline = performance.now() + FUNDED_TIMEOUT_MS;
  for (;;) {
    const available = await context.db.tx(projectId, (tx) => context.treasuries.availableMinor(tx));
    if (available > 0n) return;
    assert(performance.now() < deadline, `the treasury got no funds within ${FUNDED_TIMEOUT_MS} ms`);
    await delay(FUNDED_POLL_MS, undefined, { signal });
  }
}
