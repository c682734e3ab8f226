import { enableCompileCache, flushCompileCache } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Config, ConfigError, readConfig } from './config.ts';
import { asError } from './kernel/errors.ts';
import type { Logger } from './kernel/log.ts';
import { READY } from './supervisor/child.ts';

/*
 * Little is imported here: what a mode needs is imported when it starts, with the compile cache on, which halves
 * the start of a process (measured: 360 ms to 190 ms for the supervisor, on 2 cores).
 */

const MODES = ['all', 'api', 'worker', 'signer'] as const;
type Mode = (typeof MODES)[number];
const API_CONNECTIONS = 24;
const WORKER_CONNECTIONS = 40;
const STOP_TIMEOUT_MS = 9_000;
const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

/** Ends the mode; resolves when all that it held is given back. */
type Stop = () => Promise<void>;

interface Start {
  readonly config: Config;
  readonly log: Logger;
  /** Aborted when the process is to end while it is still starting. */
  readonly signal: AbortSignal;
  readonly stopNow: (exitCode: number) => void;
}

/** Failures that are the operator's to mend, by name: shown as one sentence, without a stack. */
const OPERATOR_ERRORS = [
  'ConfigError',
  'EmbeddedPostgresError',
  'LocalChainError',
  'Pkcs11Error',
  'WrongKeyEncryptionKey',
];

const mainFile = fileURLToPath(import.meta.url);
const projectDir = join(dirname(mainFile), '..', '..');

async function runApi({ config, log }: Start): Promise<Stop> {
  const { createApi } = await import('./api.ts');
  const { openContext } = await import('./runtime.ts');
  const { cannotListen } = await import('./supervisor/home.ts');
  const context = await openContext(
    config,
    required(config.databaseUrl, 'DATABASE_URL'),
    log,
    API_CONNECTIONS,
  );
  const app = await createApi(context);
  await app.listen({ host: config.host, port: config.port }).catch((error: NodeJS.ErrnoException) => {
    throw error.syscall === 'listen' ? cannotListen(config.host, config.port, error) : error;
  });
  log.info({ host: config.host, port: config.port }, 'api is ready');
  return async () => {
    await app.close();
    context.jobWaker.close();
    context.chainWaker.close();
    context.changesWaker.close();
    await context.db.close();
  };
}

async function runWorker({ config, log }: Start): Promise<Stop> {
  const { createWorker } = await import('./worker.ts');
  const { networkOf } = await import('./config.ts');
  const { POLYGON_RELAYER } = await import('./chain/relayer/fees.ts');
  const { openContext, openVault } = await import('./runtime.ts');
  const supervisorPid = process.ppid;
  const databaseUrl = required(config.databaseUrl, 'DATABASE_URL');
  const network = networkOf(config, required(config.chainRpcUrl, 'CHAIN_RPC_URL'));
  const context = await openContext(config, databaseUrl, log, WORKER_CONNECTIONS);
  const worker = createWorker({
    context,
    network,
    vault: openVault(config),
    relayerSettings: { ...POLYGON_RELAYER, relayers: config.relayers },
    isLocalChain: config.isLocalChain,
    reconciliationIntervalMs: config.reconciliationIntervalMs,
    retention: config.retention,
    random: Math.random,
  });
  await worker.start();
  log.info({}, 'worker is ready');
  return async () => {
    await worker.stop();
    await context.db.close();
    if (process.ppid !== supervisorPid) await endParentlessOf(config, log);
  };
}

async function endParentlessOf(config: Config, log: Logger): Promise<void> {
  const { endParentless } = await import('./supervisor/orphans.ts');
  const { homeOf } = await import('./supervisor/home.ts');
  await endParentless(homeOf(config), log);
}

async function runSigner({ config, log }: Start): Promise<Stop> {
  const { startSigner } = await import('./chain/vault/main.ts');
  const { systemClock } = await import('./kernel/clock.ts');
  const { openKeyEncryption, signingPolicyOf } = await import('./runtime.ts');
  const signer = await startSigner({
    socketPath: config.signerSocket,
    seedFile: config.seedFile,
    keyEncryption: await openKeyEncryption(config),
    policy: signingPolicyOf(config),
    clock: systemClock,
    log,
  });
  return () => signer.stop();
}

async function runAll({ config, log, signal, stopNow }: Start): Promise<Stop> {
  const { startInstance } = await import('./supervisor/supervisor.ts');
  const instance = await startInstance({
    config,
    mainFile,
    env: process.env,
    log,
    signal,
    onBroken: (what) => {
      process.stderr.write(
        `OpenOMS stops: ${what} has ended and cannot be kept running; see ${config.home}/logs.\n`,
      );
      stopNow(1);
    },
  });
  process.stdout.write(
    [
      '',
      '  OpenOMS sandbox is ready',
      '',
      `  Base URL   ${instance.baseUrl}`,
      `  API key    ${instance.apiKey}`,
      `  Docs       ${instance.docsUrl}`,
      `  Dashboard  ${instance.dashboardUrl}`,
      ...(instance.firstUser
        ? [
            `    Email    ${instance.firstUser.email}`,
            `    Password ${instance.firstUser.password ?? 'as you have set it'}`,
          ]
        : []),
      `  Settings   ${instance.envFile}`,
      ...(instance.toFund
        ? [
            '',
            '  Fund on your chain:',
            ...instance.toFund.relayers.map((relayer) => `  Relayer    ${relayer} (gas)`),
            `  Treasury   ${instance.toFund.treasury} (USDC)`,
          ]
        : []),
      '',
      '  Try next:',
      `    . "${instance.envFile}"`,
      `    curl -X POST $OMS_BASE_URL/auth/token -H "Content-Type: application/json" \\`,
      `      -d "{\\"apiKey\\": \\"$OMS_API_KEY\\", \\"apiSecret\\": \\"$OMS_API_SECRET\\"}"`,
      '',
      '  Ctrl-C stops it; everything is kept.',
      '',
      '',
    ].join('\n'),
  );
  return instance.stop;
}

const RUN: Readonly<Record<Mode, (start: Start) => Promise<Stop>>> = {
  all: runAll,
  api: runApi,
  worker: runWorker,
  signer: runSigner,
};

function required(value: string | undefined, name: string): string {
  if (value === undefined) throw new ConfigError(`${name} is not set.`);
  return value;
}

/** Ends the process once: what runs is stopped first, a start under way is given up or finished, then stopped. */
function createStopping(log: Promise<Logger>) {
  const aborted = new AbortController();
  let starting: Promise<Stop> | undefined;
  const stopNow = (exitCode: number): void => {
    if (aborted.signal.aborted) return;
    aborted.abort();
    setTimeout(() => process.exit(1), STOP_TIMEOUT_MS).unref();
    const stopped = Promise.resolve(starting).then(
      (stop) => stop?.(),
      // A start that fails has cleaned up after itself.
      () => undefined,
    );
    stopped.then(
      () => process.exit(exitCode),
      async (error: Error) => {
        (await log).error({ error }, 'stopping failed');
        process.exit(1);
      },
    );
  };
  return {
    stopNow,
    signal: aborted.signal,
    begin: (start: Promise<Stop>): Promise<Stop> => {
      starting = start;
      return start;
    },
  };
}

/** The supervisor's goes to a file; its parts' standard output is a file already, or the operator's to collect. */
async function openLog(mode: (typeof MODES)[number], config: Config): Promise<Logger> {
  const { createLogger } = await import('./log.ts');
  if (mode !== 'all') return createLogger(mode);
  const { supervisorLog } = await import('./supervisor/log-file.ts');
  return createLogger(mode, supervisorLog(join(config.home, 'logs', 'supervisor.log')));
}

async function main(): Promise<void> {
  const mode = MODES.find((each) => each === process.argv[2]);
  if (!mode) throw new ConfigError(`Say what to run: ${MODES.join(', ')}.`);
  const config = readConfig(process.env, projectDir);
  enableCompileCache(join(config.home, 'cache'));
  const log = openLog(mode, config);
  const { stopNow, signal, begin } = createStopping(log);
  // A signal may reach the whole group; the parts wait for their supervisor, which stops them in order.
  const onSignal = (): void => {
    if (!process.connected) stopNow(0);
  };
  for (const each of SIGNALS) process.on(each, onSignal);
  process.on('disconnect', () => stopNow(0));
  process.on('unhandledRejection', async (error) => {
    const logger = await log;
    logger.error({ error: asError(error) }, 'unhandled rejection');
    process.exit(1);
  });
  try {
    await begin(log.then((logger) => RUN[mode]({ config, log: logger, signal, stopNow })));
    process.send?.(READY);
    // Written now, for a process that is killed writes nothing at its end.
    flushCompileCache();
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

main().catch((error: Error) => {
  process.stderr.write(`${OPERATOR_ERRORS.includes(error.name) ? error.message : error.stack}\n`);
  process.exit(1);
});
