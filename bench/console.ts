import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import pg from 'pg';
import * as cashIns from '../server/src/cash-ins/store.ts';
import * as customers from '../server/src/customers/store.ts';
import { Database, resultTypes, type Tx } from '../server/src/db/database.ts';
import { startEmbeddedPostgres } from '../server/src/db/embedded/start.ts';
import { fillLists } from '../server/src/db/list-rows.testing.ts';
import { migrate } from '../server/src/db/migrate.ts';
import * as events from '../server/src/event-log/store.ts';
import { systemClock } from '../server/src/kernel/clock.ts';
import { silentLogger } from '../server/src/kernel/log.ts';
import * as ledger from '../server/src/ledger-explorer/store.ts';
import { Overviews } from '../server/src/overview/service.ts';
import * as requests from '../server/src/request-log/store.ts';
import * as search from '../server/src/search/store.ts';
import * as transactions from '../server/src/transactions/store.ts';
import * as wallets from '../server/src/wallets/explorer-store.ts';

/**
 * What the console asks of a project with a million transactions: `npm run bench:console`. Each question runs `RUNS` times
 * on a database that nobody else uses; what is printed is the slowest but one in twenty, and its share of the limit.
 */
const TRANSACTIONS = Number(process.argv[2] ?? 1_000_000);
const CUSTOMERS = Math.max(100, TRANSACTIONS / 10);
const RUNS = 40;
const LIST_LIMIT_MS = 50;
const OVERVIEW_LIMIT_MS = 150;
const PERCENTILE = 0.95;
const PAGE = { limit: 50, direction: 'older' } as const;

type Question = readonly [name: string, limitMs: number, ask: (tx: Tx) => Promise<unknown>];

const PROJECT = 'prj_bench';

const dir = await mkdtemp(join(tmpdir(), 'oms-console-'));
const postgres = await startEmbeddedPostgres({ dir, log: silentLogger });
const db = new Database(postgres.url, { maxConnections: 2, clock: systemClock, log: silentLogger });
try {
  await migrate(postgres.url);
  const client = new pg.Client({ connectionString: postgres.url, types: resultTypes });
  await client.connect();
  await client.query(
    'insert into projects (project_id, organization_id, name, mode, created_at) select $1, first_organization(), $1, $2, now()',
    [PROJECT, 'sandbox'],
  );
  console.log(`filling ${TRANSACTIONS} transactions of ${CUSTOMERS} customers`);
  await fillLists(client, { projectId: PROJECT, transactions: TRANSACTIONS, customers: CUSTOMERS });
  const { rows } = await client.query<{ customer_id: string; wallet_id: string }>(
    'select customer_id, wallet_id from wallets where key_index = 1',
  );
  await client.end();
  const customerId = rows[0]?.customer_id ?? '';
  const walletId = rows[0]?.wallet_id ?? '';
  let slow = 0;
  for (const [name, limitMs, ask] of questions(customerId, walletId)) {
    const times: number[] = [];
    for (let run = 0; run < RUNS; run++) {
      const startMs = performance.now();
      await db.tx(PROJECT, ask);
      times.push(performance.now() - startMs);
    }
    times.sort((a, b) => a - b);
    const p95 = times[Math.floor(RUNS * PERCENTILE)] ?? 0;
    if (p95 > limitMs) slow += 1;
    console.log(
      `${name.padEnd(46)} ${p95.toFixed(1).padStart(7)} ms  ${(p95 / limitMs).toFixed(2)} of ${limitMs} ms`,
    );
  }
  console.log(slow === 0 ? 'All within their limits.' : `${slow} above their limits.`);
  process.exitCode = slow === 0 ? 0 : 1;
} finally {
  await db.close();
  await postgres.stop();
  await rm(dir, { recursive: true, force: true });
}

function questions(customerId: string, walletId: string): readonly Question[] {
  const list = (name: string, ask: (tx: Tx) => Promise<unknown>): Question => [name, LIST_LIMIT_MS, ask];
  return [
    ['overview of 30 days', OVERVIEW_LIMIT_MS, (tx) => new Overviews().get(tx, 30)],
    ['trial balance', OVERVIEW_LIMIT_MS, (tx) => ledger.listTotals(tx)],
    list('transactions', (tx) => transactions.listTransactions(tx, {}, PAGE)),
    ...['processing', 'completed', 'failed', 'cashPickupReady'].map((status) =>
      list(`transactions, ${status}`, (tx) => transactions.listTransactions(tx, { status }, PAGE)),
    ),
    list('transactions, of a customer', (tx) => transactions.listTransactions(tx, { customerId }, PAGE)),
    list('transactions, of a wallet', (tx) => transactions.listTransactions(tx, { walletId }, PAGE)),
    list('cash-ins', (tx) => cashIns.listCashIns(tx, {}, PAGE)),
    list('cash-ins, failed', (tx) => cashIns.listCashIns(tx, { status: 'failed' }, PAGE)),
    list('customers', (tx) => customers.listCustomers(tx, {}, PAGE)),
    list('customers, inactive', (tx) => customers.listCustomers(tx, { status: 'inactive' }, PAGE)),
    list('wallets', (tx) => wallets.listAllWallets(tx, {}, PAGE)),
    list('wallets, of a customer', (tx) => wallets.listAllWallets(tx, { customerId }, PAGE)),
    list('requests', (tx) => requests.listRequests(tx, {}, PAGE)),
    ...(['succeeded', 'failed', '5xx'] as const).map((status) =>
      list(`requests, ${status}`, (tx) => requests.listRequests(tx, { status }, PAGE)),
    ),
    list('requests, DELETE', (tx) => requests.listRequests(tx, { method: 'DELETE' }, PAGE)),
    list('requests, about a customer', (tx) => requests.listRequests(tx, { resourceId: customerId }, PAGE)),
    list('events', (tx) => events.listEvents(tx, {}, PAGE)),
    list('events, of a type', (tx) => events.listEvents(tx, { types: ['cashIn.created'] }, PAGE)),
    list('ledger accounts', (tx) => ledger.listAccounts(tx, {}, PAGE)),
    list('ledger accounts, of a kind', (tx) => ledger.listAccounts(tx, { kind: 'treasury' }, PAGE)),
    list('search, beginning of a name', (tx) => search.findCustomersByName(tx, 'first-17', 20)),
    list('search, mail address', (tx) => search.findCustomersByEmail(tx, ['customer-17@example.com'], 20)),
    list('search, idempotency key', (tx) => search.findRequestsByKey(tx, 'key-17', 20)),
  ];
}
