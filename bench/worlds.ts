import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { EXAMPLE_CUSTOMER } from '@openoms/contract/customers.ts';
import { OpenOMS } from '@openoms/sdk';
import pg from 'pg';
import { must } from '../server/src/kernel/assert.ts';
import { type Bench, QUICK } from './bench.ts';
import { startProduct } from './product.ts';
import { formatColumns } from './report.ts';
import { LoadProcess } from './worker-process.ts';

/**
 * `npm run bench:worlds [-- --quick]`: how long a reset, a snapshot and its restore take in a project of so many
 * transactions, half of them payments and half cash-ins, from the request to its answer. A restore is measured where
 * little has happened since the snapshot, and where nothing is left of it. Beside it the time of the processor that the
 * database took for it, which a busy machine changes least.
 */
const { values } = parseArgs({ options: { quick: { type: 'boolean', default: false } } });
const TRANSACTIONS = values.quick ? 1_000 : 10_000;

const CUSTOMERS = 20;
/** A customer may cash in three times a day. */
const CASH_CUSTOMERS = Math.ceil(TRANSACTIONS / 2 / 3);
const CLIENTS = 32;
const USDC = { asset: 'usdc', network: 'polygon' } as const;
const OUTSIDE = '0x00000000000000000000000000000000000a11ce';
const QUIET_TIMEOUT_MS = 1_800_000;
const POLL_MS = 500;
const RESET_AIM_MS = 1_000;
const AIM_MS = 3_000;

const TICK_MS = 10;

/** What all processes of the database have taken of the processor, those that have ended too (Linux). */
async function processorMs(database: pg.Client): Promise<number> {
  const { rows } = await database.query<{ data_directory: string }>('show data_directory');
  const file = await readFile(join(must(rows[0], 'a directory').data_directory, 'postmaster.pid'), 'utf8');
  const postmaster = must(file.split('\n')[0], 'a process');
  const children = await readFile(`/proc/${postmaster}/task/${postmaster}/children`, 'utf8');
  let ticks = 0;
  for (const pid of [postmaster, ...children.trim().split(' ')]) {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
    // After the name, in brackets: state and ten others, then utime, stime, cutime and cstime.
    const [utime, stime, cutime, cstime] = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .slice(11, 15)
      .map(Number);
    ticks += (utime ?? 0) + (stime ?? 0) + (pid === postmaster ? (cutime ?? 0) + (cstime ?? 0) : 0);
  }
  return ticks * TICK_MS;
}

const progress = (what: string): void => void process.stderr.write(`${what}\n`);

async function inParallel(count: number, work: (index: number) => Promise<void>): Promise<void> {
  let next = 0;
  const client = async (): Promise<void> => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
}

type Party = { readonly customerId: string; readonly walletId: string };

async function newParty(client: OpenOMS): Promise<Party> {
  const { id: customerId } = await client.customers.create(EXAMPLE_CUSTOMER);
  const { id: walletId } = await client.wallets.create(customerId, { asset: 'usdc', chain: 'polygon' });
  await client.simulate.walletDeposit(walletId, { amount: { value: '1000' } });
  return { customerId, walletId };
}

async function pay(client: OpenOMS, { customerId, walletId }: Party): Promise<void> {
  const quote = await client.quotes.create({
    customerId,
    source: { walletId, ...USDC, amount: '0.01' },
    destination: { wallet: { blockchainAddress: OUTSIDE }, ...USDC },
  });
  await client.transactions.create({ quoteId: quote.id });
}

async function cashIn(client: OpenOMS, { customerId, walletId }: Party, location: Location): Promise<void> {
  const { depositInstructions } = await client.cashIns.create({
    customerId,
    destination: { wallet: { wallet: walletId }, ...USDC },
    cash: { cashLocationId: location.id, cashLocationReference: location.cashLocationReference },
    source: { asset: 'usd', indicatedAmount: '20.00' },
  });
  const { code } = must(depositInstructions, 'a code');
  const read = await client.simulate.barcodeAuth({ barcode: code, amount: '20.00' });
  await client.simulate.authCommit({
    accountNumber: read.accountNumber,
    accountReferenceNumber: read.accountReferenceNumber,
    amount: '20.00',
    originalConfirmationId: read.confirmationId,
  });
}

type Location = { readonly id: string; readonly cashLocationReference: string };

async function untilQuiet(database: pg.Client): Promise<void> {
  const endMs = performance.now() + QUIET_TIMEOUT_MS;
  for (;;) {
    const { rows } = await database.query<{ busy: boolean }>(
      `select exists (select from sends where status in ('queued', 'relaying'))
         or exists (select from deposits where status = 'detected')
         or exists (select from jobs where dead_at is null and run_at < now()) busy`,
    );
    if (!rows[0]?.busy) return;
    if (performance.now() > endMs) throw new Error('the sandbox does not come to rest');
    await delay(POLL_MS);
  }
}

async function populate(client: OpenOMS, database: pg.Client, transactions: number): Promise<Party> {
  const [location] = await client.cashLocations
    .list({ provider: 'greendot', latitude: 38.495133, longitude: -121.505336, limit: 1 })
    .take(1);
  const parties = await Promise.all(Array.from({ length: CUSTOMERS }, () => newParty(client)));
  const cashParties = await Promise.all(Array.from({ length: CASH_CUSTOMERS }, () => newCashParty(client)));
  for (const { walletId } of parties) {
    while ((await client.wallets.balance(walletId)).availableBalance !== '1000.00') await delay(POLL_MS);
  }
  await inParallel(transactions, async (index) => {
    const party = must(parties[index % CUSTOMERS], 'a party');
    if (index % 2 === 0) await pay(client, party);
    else
      await cashIn(
        client,
        must(cashParties[(index >> 1) % CASH_CUSTOMERS], 'a party'),
        must(location, 'a location'),
      );
    if ((index + 1) % 1_000 === 0) progress(`${index + 1} transactions`);
  });
  await untilQuiet(database);
  return must(parties[0], 'a party');
}

async function newCashParty(client: OpenOMS): Promise<Party> {
  const { id: customerId } = await client.customers.create(EXAMPLE_CUSTOMER);
  const { id: walletId } = await client.wallets.create(customerId, { asset: 'usdc', chain: 'polygon' });
  return { customerId, walletId };
}

async function measure(bench: Bench): Promise<readonly (readonly string[])[]> {
  const product = await startProduct(bench, join(bench.dir, 'home'));
  const database = new pg.Client({ connectionString: product.databaseUrl });
  // It ends with the product.
  database.on('error', () => undefined);
  await database.connect();
  const client = new OpenOMS({
    baseUrl: `http://127.0.0.1:${product.port}`,
    apiKey: product.apiKey,
    apiSecret: product.apiSecret,
  });
  const rows: (readonly string[])[] = [];
  const timed = async (what: string, aimMs: number, work: () => Promise<{ readonly rows: number }>) => {
    const beforeMs = await processorMs(database);
    const startedMs = performance.now();
    const answer = await work();
    const elapsedMs = performance.now() - startedMs;
    const tookMs = (await processorMs(database)) - beforeMs;
    progress(`${what}: ${Math.round(elapsedMs)} ms`);
    rows.push([what, String(answer.rows), elapsedMs.toFixed(0), tookMs.toFixed(0), String(aimMs)]);
  };
  const { sandbox } = client;
  const party = await populate(client, database, TRANSACTIONS);
  await timed('snapshot', AIM_MS, () => sandbox.snapshots.create('full'));
  await inParallel(CLIENTS, () => pay(client, party));
  await untilQuiet(database);
  await timed('restore, after a few payments', AIM_MS, () => sandbox.snapshots.restore('full'));
  await timed('reset', RESET_AIM_MS, () => sandbox.reset());
  await timed('restore, after a reset', AIM_MS, () => sandbox.snapshots.restore('full'));
  await timed('reset, again', RESET_AIM_MS, () => sandbox.reset());
  await timed('reset of nothing', RESET_AIM_MS, () => sandbox.reset());
  await database.end();
  return rows;
}

const dir = await mkdtemp(join(tmpdir(), 'openoms-bench-'));
const load = new LoadProcess();
const bench: Bench = { scale: QUICK, dir, env: process.env, load, stops: [load.stop] };
try {
  console.log(`${TRANSACTIONS} transactions`);
  console.log(formatColumns(['what', 'rows', 'ms', 'of the processor', 'aim'], await measure(bench)));
} finally {
  for (const stop of bench.stops.toReversed()) await stop().catch(() => undefined);
  await rm(dir, { recursive: true, force: true });
}
