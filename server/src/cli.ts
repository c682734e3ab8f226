#!/usr/bin/env node
import { parseArgs } from 'node:util';
import { listKnownAddresses } from './chain/addresses.ts';
import { instanceConfig, withChain, withContext } from './cli/instance.ts';
import { checkAll, type LedgerOptions, showBalance, showHistory, verifyChains } from './cli/ledger.ts';
import { acceptRate, showRates } from './cli/rates.ts';
import { reconcile } from './cli/reconcile.ts';
import { createUser, resetPassword, type UserOptions } from './cli/user.ts';
import { backupVault, existingKeyEncryption, restoreVault, rotateKeySet } from './cli/vault.ts';
import { ConfigError } from './config.ts';
import type { Context } from './context.ts';

const EXIT_USAGE = 2;
const DEFAULT_NAME = 'Project';

const USAGE = `Usage: openoms <command>

  ledger check                     recompute every invariant; exit code 1 when one is broken
  ledger verify [--project <id>] [--expect <position>:<hash>] [--json]
                                   recompute the hash chain of the journal and print its head; exit code 1 when it is
                                   broken, or has not the link that is expected
  ledger balance --account <id> [--at <time>] [--project <id>] [--json]
                                   what an account holds, or held at an instant
  ledger history --account <id> [--limit <n>] [--after <cursor>] [--project <id>] [--json]
                                   its entries, the newest first, with the balance after each
  reconcile [--project <id>] [--json]
                                   compare the ledger with the chain; exit code 1 when breaks are open
  rates list [--json]              exchange rates of the feed, and how old they are
  rates accept --pair <pair> --rate <rate>
                                   take a rate that moved too far for a feed to be believed
  project create --name <name>     make a sandbox project and print its key pair
  user create --email <address> [--role <role>] [--name <name>]
                                   make a member of the organization, by default an owner, and print the password
  user reset-password --email <address>
                                   print a new password, take the authenticator away and end all sessions
  vault backup --out <file>        write the sealed seeds and the signing log to one file
  vault restore --in <file> [--offline]
                                   put them back, if they are the database's; --offline: without asking it
  vault rotate-key-set             make a new seed, for new addresses

They work on the instance in OMS_HOME, or on DATABASE_URL and CHAIN_RPC_URL. Exit code 2: it could not be done.
`;

const OPTIONS = {
  name: { type: 'string' },
  email: { type: 'string' },
  role: { type: 'string' },
  project: { type: 'string' },
  json: { type: 'boolean', default: false },
  out: { type: 'string' },
  in: { type: 'string' },
  offline: { type: 'boolean', default: false },
  account: { type: 'string' },
  at: { type: 'string' },
  limit: { type: 'string' },
  after: { type: 'string' },
  expect: { type: 'string' },
  pair: { type: 'string' },
  rate: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

type Values = ReturnType<typeof parseArgs<{ options: typeof OPTIONS }>>['values'];

async function ledgerCheck(): Promise<number> {
  const config = await instanceConfig(process.env);
  return withContext(config, (context) => withChain(config, (chain) => checkAll(context, chain)));
}

const onLedger =
  (command: (context: Context, options: LedgerOptions) => Promise<number>) =>
  async (values: Values): Promise<number> =>
    withContext(await instanceConfig(process.env), (context) =>
      command(context, { ...values, json: values.json === true }),
    );

async function reconcileAll({ json = false, project }: Values): Promise<number> {
  const config = await instanceConfig(process.env);
  return withContext(config, (context) =>
    withChain(config, (chain) => {
      if (!chain) throw new ConfigError('CHAIN_RPC_URL is not set.');
      return reconcile(context, chain, { json, projectId: project });
    }),
  );
}

async function projectCreate({ name = DEFAULT_NAME }: Values): Promise<number> {
  const config = await instanceConfig(process.env);
  return withContext(config, async (context) => {
    const project = { name, mode: 'sandbox' as const, fromFaucet: config.isLocalChain };
    const { projectId, apiKey, apiSecret } = await context.projects.create(project);
    process.stdout.write(`OMS_PROJECT_ID=${projectId}\nOMS_API_KEY=${apiKey}\nOMS_API_SECRET=${apiSecret}\n`);
    return 0;
  });
}

async function ratesList({ json = false }: Values): Promise<number> {
  return withContext(await instanceConfig(process.env), (context) => showRates(context, json));
}

async function ratesAccept({ pair, rate }: Values): Promise<number> {
  if (pair === undefined || rate === undefined)
    throw new ConfigError('Say which: --pair <pair> --rate <rate>.');
  return withContext(await instanceConfig(process.env), (context) => acceptRate(context, pair, rate));
}

const onUsers =
  (command: (context: Context, options: UserOptions) => Promise<number>) =>
  async (values: Values): Promise<number> =>
    withContext(await instanceConfig(process.env), (context) => command(context, values));

async function vaultBackup({ out }: Values): Promise<number> {
  if (out === undefined) throw new ConfigError('Say where to: --out <file>.');
  const config = await instanceConfig(process.env);
  return backupVault(config, await existingKeyEncryption(config), out);
}

async function vaultRestore({ in: file, offline }: Values): Promise<number> {
  if (file === undefined) throw new ConfigError('Say where from: --in <file>.');
  const config = await instanceConfig(process.env);
  const keyEncryption = await existingKeyEncryption(config);
  if (offline) return restoreVault(config, keyEncryption, file, undefined);
  return withContext(config, async ({ db }) =>
    restoreVault(config, keyEncryption, file, await listKnownAddresses(db)),
  );
}

async function vaultRotateKeySet(): Promise<number> {
  const config = await instanceConfig(process.env);
  const keyEncryption = await existingKeyEncryption(config);
  return withContext(config, (context) => rotateKeySet(config, keyEncryption, context));
}

/** The operator's to mend: shown as one sentence, without a stack. */
const OPERATOR_ERRORS = [
  'ConfigError',
  'WrongKeyEncryptionKey',
  'BackupUnreadable',
  'Pkcs11Error',
  'UserError',
  'VaultExists',
  'VaultUnavailable',
];

const COMMANDS: Readonly<Record<string, (values: Values) => Promise<number>>> = {
  'ledger check': ledgerCheck,
  'ledger verify': onLedger(verifyChains),
  'ledger balance': onLedger(showBalance),
  'ledger history': onLedger(showHistory),
  reconcile: reconcileAll,
  'project create': projectCreate,
  'rates list': ratesList,
  'rates accept': ratesAccept,
  'user create': onUsers(createUser),
  'user reset-password': onUsers(resetPassword),
  'vault backup': vaultBackup,
  'vault restore': vaultRestore,
  'vault rotate-key-set': vaultRotateKeySet,
};

async function main(): Promise<number> {
  const { positionals, values } = parseArgs({ allowPositionals: true, options: OPTIONS });
  if (values.help) process.stdout.write(USAGE);
  if (values.help) return 0;
  const command = COMMANDS[positionals.join(' ')];
  if (command) return command(values);
  process.stderr.write(USAGE);
  return EXIT_USAGE;
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: Error) => {
    process.stderr.write(`${OPERATOR_ERRORS.includes(error.name) ? error.message : error.stack}\n`);
    process.exitCode = EXIT_USAGE;
  },
);
