import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LocalChainError } from './chain/local/errors.ts';
import { startSigner } from './chain/vault/main.ts';
import { type Config, ConfigError, networkOf, readConfig } from './config.ts';
import { EmbeddedPostgresError } from './db/embedded/errors.ts';
import type { Logger } from './kernel/log.ts';
import { createLogger } from './log.ts';
import {
  openContext,
  openKeyEncryption,
  openVault,
  requireChainRpcUrl,
  requireDatabaseUrl,
  signingPolicyOf,
} from './runtime.ts';
import { WrongKeyEncryptionKey } from './sealing/sealers.ts';
import { READY } from './supervisor/child.ts';

const MODES = ['all', 'api', 'worker', 'signer'] as const;
const API_CONNECTIONS = 24;
const WORKER_CONNECTIONS = 24;
const WORKER_CONCURRENCY = 16;
const STOP_TIMEOUT_MS = 9_000;

type Stop = () => Promise<void>;

/** Failures that are the operator's to mend: shown as one sentence, without a stack. */
const OPERATOR_ERRORS = [ConfigError, EmbeddedPostgresError, LocalChainError, WrongKeyEncryptionKey];

const projectDir = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

async function runApi(config: Config, log: Logger): Promise<Stop> {
  const { createApi } = await import('./api.ts');
  const context = await openContext(config, requireDatabaseUrl(config), log, API_CONNECTIONS);
  const app = await createApi(context);
  await app.listen({ host: config.host, port: config.port });
  log.info({ host: config.host, port: config.port }, 'api is ready');
  return async () => {
    await app.close();
    context.jobWaker.close();
    context.chainWaker.close();
    await context.db.close();
  };
}

async function runWorker(config: Config, log: Logger): Promise<Stop> {
  const { createWorker } = await import('./worker.ts');
  const context = await openContext(config, requireDatabaseUrl(config), log, WORKER_CONNECTIONS);
  const worker = createWorker({
    context,
    network: networkOf(config, requireChainRpcUrl(config)),
    vault: openVault(config),
    isLocalChain: config.isLocalChain,
    concurrency: WORKER_CONCURRENCY,
    random: Math.random,
  });
  await worker.start();
  log.info({}, 'worker is ready');
  return async () => {
    await worker.stop();
    await context.db.close();
  };
}

async function runSigner(config: Config, log: Logger): Promise<Stop> {
  const signer = await startSigner({
    socketPath: config.signerSocket,
    seedFile: config.seedFile,
    keyEncryption: await openKeyEncryption(config),
    policy: signingPolicyOf(config),
    log,
  });
  return () => signer.stop();
}

async function runAll(config: Config, log: Logger, stopNow: (code: number) => void): Promise<Stop> {
  const { startInstance } = await import('./supervisor/supervisor.ts');
  const instance = await startInstance({
    config,
    mainFile: fileURLToPath(import.meta.url),
    env: process.env,
    log,
    onBroken: (what) => {
      process.stderr.write(`OpenOMS stops: ${what} has ended and cannot be kept running.\n`);
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
      `  Settings   ${instance.envFile}`,
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

async function main(): Promise<void> {
  const mode = MODES.find((each) => each === process.argv[2]);
  if (!mode) throw new ConfigError(`Say what to run: ${MODES.join(', ')}.`);
  const log = createLogger(mode);
  let starting: Promise<Stop> | undefined;
  let stopping = false;
  const stopNow = (code: number): void => {
    if (stopping) return;
    stopping = true;
    setTimeout(() => process.exit(1), STOP_TIMEOUT_MS).unref();
    // A start under way is finished first, so that nothing it began is left behind.
    const stopped = Promise.resolve(starting).then((stop) => stop?.());
    stopped.then(
      () => process.exit(code),
      (error: Error) => {
        log.error({ error }, 'stopping failed');
        process.exit(1);
      },
    );
  };
  // A signal may reach the whole group; the parts wait for their supervisor, which stops them in order.
  const onSignal = (): void => {
    if (!process.connected) stopNow(0);
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
  process.on('disconnect', () => stopNow(0));
  process.on('unhandledRejection', (error) => {
    log.error({ error: error instanceof Error ? error : new Error(String(error)) }, 'unhandled rejection');
    process.exit(1);
  });
  const config = readConfig(process.env, projectDir);
  starting = {
    api: () => runApi(config, log),
    worker: () => runWorker(config, log),
    signer: () => runSigner(config, log),
    all: () => runAll(config, log, stopNow),
  }[mode]();
  await starting;
  process.send?.(READY);
}

main().catch((error: unknown) => {
  const known = OPERATOR_ERRORS.some((each) => error instanceof each);
  process.stderr.write(`${known ? (error as Error).message : (error as Error).stack}\n`);
  process.exit(1);
});
