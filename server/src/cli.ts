#!/usr/bin/env node
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { JsonRpc } from './chain/rpc.ts';
import { type Config, ConfigError, readConfig } from './config.ts';
import { checkInvariants } from './invariants/check.ts';
import { createLogger } from './log.ts';
import { openContext } from './runtime.ts';
import { readSandboxEnv } from './supervisor/sandbox-env.ts';

const MAX_CONNECTIONS = 2;
const RPC_TIMEOUT_MS = 10_000;
const EXIT_BROKEN = 1;
const EXIT_USAGE = 2;

const USAGE = `Usage: openoms <command>

  ledger check                     recompute every invariant; exit code 1 when one is broken
  project create --name <name>     make a sandbox project and print its key pair

Both work on the instance in OMS_HOME, or on DATABASE_URL and CHAIN_RPC_URL.
`;

const projectDir = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** The configuration of the instance: the environment's, or what the running sandbox wrote down. */
async function instanceConfig(): Promise<Config> {
  const home = readConfig(process.env, projectDir).home;
  const sandbox = await readSandboxEnv(home);
  return readConfig(
    {
      DATABASE_URL: sandbox.OMS_DATABASE_URL,
      CHAIN_RPC_URL: sandbox.OMS_RPC_URL,
      CHAIN_ID: sandbox.OMS_CHAIN_ID,
      CHAIN_USDC_ADDRESS: sandbox.OMS_USDC_ADDRESS,
      OMS_LOCAL_CHAIN: sandbox.OMS_LOCAL_CHAIN,
      ...process.env,
    },
    projectDir,
  );
}

async function open(config: Config) {
  if (!config.databaseUrl)
    throw new ConfigError('No instance is running in OMS_HOME, and DATABASE_URL is not set.');
  return openContext(config, config.databaseUrl, createLogger('cli'), MAX_CONNECTIONS);
}

async function ledgerCheck(): Promise<number> {
  const config = await instanceConfig();
  const context = await open(config);
  const rpc = config.chainRpcUrl
    ? new JsonRpc({ url: config.chainRpcUrl, timeoutMs: RPC_TIMEOUT_MS })
    : undefined;
  try {
    const findings = await checkInvariants(context.db, rpc && { rpc, token: config.tokenAddress });
    for (const { projectId, rule, subject, detail } of findings) {
      process.stdout.write(`BROKEN  ${projectId}  ${rule}: ${subject} (${detail})\n`);
    }
    process.stdout.write(findings.length === 0 ? 'All invariants hold.\n' : `${findings.length} findings.\n`);
    return findings.length === 0 ? 0 : EXIT_BROKEN;
  } finally {
    rpc?.close();
    await context.db.close();
  }
}

async function projectCreate(name: string): Promise<number> {
  const config = await instanceConfig();
  const context = await open(config);
  try {
    const project = { name, mode: 'sandbox' as const, fromFaucet: config.isLocalChain };
    const { projectId, apiKey, apiSecret } = await context.projects.create(project);
    process.stdout.write(`OMS_PROJECT_ID=${projectId}\nOMS_API_KEY=${apiKey}\nOMS_API_SECRET=${apiSecret}\n`);
    return 0;
  } finally {
    await context.db.close();
  }
}

async function main(): Promise<number> {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: { name: { type: 'string', default: 'Project' }, help: { type: 'boolean', short: 'h' } },
  });
  const command = positionals.join(' ');
  if (values.help) process.stdout.write(USAGE);
  if (values.help) return 0;
  if (command === 'ledger check') return ledgerCheck();
  if (command === 'project create') return projectCreate(values.name);
  process.stderr.write(USAGE);
  return EXIT_USAGE;
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: Error) => {
    process.stderr.write(`${error instanceof ConfigError ? error.message : error.stack}\n`);
    process.exitCode = EXIT_USAGE;
  },
);
