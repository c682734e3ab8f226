import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Bench, FULL, QUICK } from './bench.ts';
import { measureCashIns } from './cash-in-flow.ts';
import { measureLists } from './lists.ts';
import { CUSTOMERS, measureOperation } from './operations.ts';
import { measurePayments } from './payments.ts';
import { formatTable, type Measurement } from './report.ts';
import { Sandbox } from './sandbox.ts';
import { type Operation, SqlLimits } from './sql-limits.ts';
import { measureStartUp } from './start-up.ts';
import { LoadProcess } from './worker-process.ts';

const OPERATIONS: readonly Operation[] = ['token', 'customer', 'wallet', 'cash-in', 'quotes'];
const PARTS: readonly string[] = ['start-up', ...OPERATIONS, 'deposit', 'payments', 'lists'];
const USAGE = `npm run bench -- [--quick] [--only ${PARTS.join('|')}] [--json FILE]`;

function readArguments() {
  const { values } = parseArgs({
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string', multiple: true, default: [] },
      json: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  const only = values.only.flatMap((names) => names.split(','));
  const unknown = only.find((name) => !PARTS.includes(name));
  if (unknown !== undefined) throw new Error(`There is no part ${unknown}. ${USAGE}`);
  return { ...values, only };
}

async function measureRunning(bench: Bench, wants: (part: string) => boolean): Promise<Measurement[]> {
  const operations = OPERATIONS.filter(wants);
  if (operations.length === 0 && !wants('deposit') && !wants('payments')) return [];
  const sandbox = await Sandbox.start(bench);
  try {
    await sandbox.quiet();
    const withDeposits = wants('deposit');
    const sql = await SqlLimits.prepare(sandbox.product.databaseUrl, {
      customers: withDeposits ? Math.max(bench.scale.replayed, CUSTOMERS) : CUSTOMERS,
      withDeposits,
    });
    const rows: Measurement[] = [];
    for (const operation of operations) {
      progress(operation);
      rows.push(...(await measureOperation(bench, sandbox, sql, operation)));
    }
    if (withDeposits) {
      progress('deposit');
      rows.push(await measureCashIns(bench, sandbox, sql));
    }
    if (wants('payments')) {
      progress('payments');
      rows.push(...(await measurePayments(bench, sandbox, sql)));
    }
    await sql.drop();
    return rows;
  } finally {
    await sandbox.stop();
  }
}

const progress = (what: string): void => void process.stderr.write(`measuring ${what}\n`);

/** Rejects when the run is told to end or something failed unseen, so that what it started is ended with it. */
function interrupted(): Promise<never> {
  return new Promise((_, reject) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, () => reject(new Error(`interrupted by ${signal}`)));
    }
    process.on('uncaughtException', reject);
    process.on('unhandledRejection', reject);
  });
}

async function measureAll(bench: Bench, only: readonly string[]): Promise<Measurement[]> {
  const wants = (part: string): boolean => only.length === 0 || only.includes(part);
  const rows: Measurement[] = [];
  if (wants('start-up')) {
    progress('start-up');
    rows.push(...(await measureStartUp(bench)));
  }
  rows.push(...(await measureRunning(bench, wants)));
  if (wants('lists')) {
    progress('lists');
    rows.push(...(await measureLists(bench)));
  }
  return rows;
}

async function main(): Promise<void> {
  const { quick, only, json, help } = readArguments();
  if (help) {
    console.log(USAGE);
    return;
  }
  const dir = await mkdtemp(join(tmpdir(), 'openoms-bench-'));
  const load = new LoadProcess();
  const bench: Bench = { scale: quick ? QUICK : FULL, dir, env: process.env, load, stops: [load.stop] };
  try {
    const rows = await Promise.race([measureAll(bench, only), interrupted()]);
    console.log(formatTable(rows));
    if (json !== undefined) await writeFile(json, `${JSON.stringify(rows, undefined, 2)}\n`);
  } finally {
    for (const stop of bench.stops.toReversed()) await stop().catch(() => undefined);
    await rm(dir, { recursive: true, force: true });
  }
}

main().then(
  () => process.exit(0),
  (error: Error) => {
    console.error(error.stack);
    process.exit(1);
  },
);
