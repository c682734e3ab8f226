import { COMPLIANCE_EVENTS, eventsNamedBy } from '@openoms/contract/subscriptions.ts';
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestDatabase, createTestProject, type TestDatabase } from '../../test/postgres.ts';
import * as cashIns from '../cash-ins/store.ts';
import * as customerStore from '../customers/store.ts';
import * as events from '../event-log/store.ts';
import { must } from '../kernel/assert.ts';
import { addMs, DAY_MS } from '../kernel/clock.ts';
import * as ledger from '../ledger-explorer/store.ts';
import * as reconciliation from '../reconciliation/store.ts';
import { RequestLog } from '../request-log/service.ts';
import * as search from '../search/store.ts';
import * as transactions from '../transactions/store.ts';
import * as deposits from '../virtual-accounts/deposit-store.ts';
import * as virtualAccounts from '../virtual-accounts/store.ts';
import * as walletExplorer from '../wallets/explorer-store.ts';
import * as wallets from '../wallets/store.ts';
import { resultTypes, type Tx } from './database.ts';
import type { PageRequest } from './list.ts';
import { plansOf } from './list-plans.testing.ts';
import { fillLists } from './list-rows.testing.ts';

const TRANSACTIONS = 50_000;
const CUSTOMERS = 2_000;
/** Empty here, so that any plan is as good. */
const SMALL_TABLES = ['sends', 'deposits', 'deposit_addresses', 'external_accounts'];
/** A page of each of six branches, and what of them a second filter drops. */
const MAX_ROWS_READ = 450;

let database: TestDatabase;
let client: pg.Client;
let projectId: string;
/** Who has a twentieth of all transactions, who has hundreds, and who has few. */
let customers: readonly { readonly customer_id: string; readonly wallet_id: string }[];

type List = (tx: Tx, page: PageRequest) => Promise<{ rows: readonly object[] }>;

beforeAll(async () => {
  database = await createTestDatabase();
  projectId = await createTestProject(database.db);
  client = new pg.Client({ connectionString: database.url, types: resultTypes });
  await client.connect();
  await fillLists(client, { projectId, transactions: TRANSACTIONS, customers: CUSTOMERS });
  ({ rows: customers } = await client.query(
    'select customer_id, wallet_id from wallets where key_index in (1, 2, 1000) order by key_index',
  ));
}, 120_000);
afterAll(async () => {
  await client.end();
  await database.drop();
});

/** The first page, one in the middle and back up from there. */
async function expectIndexed(list: List, middle: string): Promise<void> {
  const pages: PageRequest[] = [
    { limit: 50, direction: 'older' },
    { limit: 50, direction: 'older', from: middle },
    { limit: 50, direction: 'newer', from: middle },
  ];
  for (const page of pages) {
    for (const plan of await plansOf(client, projectId, (tx) => list(tx, page))) {
      expect(plan.faults, plan.text).toEqual([]);
      expect(plan.rowsRead, plan.text).toBeLessThan(MAX_ROWS_READ);
    }
  }
}

async function middleOf(table: string, idColumn: string): Promise<string> {
  const { rows } = await client.query<{ id: string }>(
    `select ${idColumn} id from ${table} where project_id = $1 order by 1
     offset (select count(*) / 2 from ${table}) limit 1`,
    [projectId],
  );
  return must(rows[0], 'a row in the middle').id;
}

const window = {
  createdAfter: new Date('2024-01-10T00:00:00Z'),
  createdBefore: new Date('2024-01-10T02:00:00Z'),
};

it('lists transactions by any filter without reading what it does not show', async () => {
  const middle = await middleOf('transactions', 'transaction_id');
  for (const { customer_id, wallet_id } of customers) {
    const parties = {
      customerId: customer_id,
      senderCustomerId: customer_id,
      recipientCustomerId: customer_id,
      walletId: wallet_id,
    };
    const single: transactions.TransactionFilter[] = [
      ...Object.entries(parties).map(([name, value]) => ({ [name]: value })),
      ...['processing', 'cashPickupReady', 'completed', 'failed'].map((status) => ({ status })),
      ...['fiatToCrypto', 'cryptoToFiat', 'cryptoToCrypto'].map((type) => ({ type })),
      { quoteId: 'qt_none' },
      { cashInId: 'ci_none' },
      { virtualAccountId: 'va_none' },
      { depositAddressId: 'da_none' },
      { customerId: customer_id, walletId: wallet_id },
      { type: 'fiatToCrypto', status: 'cashPickupReady' },
      // Of whom there is none of that type or status, however much there is of the customer.
      { type: 'cryptoToFiat', walletId: wallet_id },
      { status: 'failed', customerId: customer_id },
    ];
    for (const filter of [{}, ...single]) {
      await expectIndexed((tx, page) => transactions.listTransactions(tx, filter, page), middle);
      await expectIndexed(
        (tx, page) => transactions.listTransactions(tx, { ...filter, ...window }, page),
        middle,
      );
    }
  }
});

it('finds a narrow window by the primary key', async () => {
  const list = (tx: Tx) => transactions.listTransactions(tx, window, { limit: 100, direction: 'older' });
  const [plan] = await plansOf(client, projectId, list);
  // Two hours of one a minute, and a minute more on both sides.
  expect(plan?.rowsRead).toBeLessThan(2 * 60);
  const { rows } = await database.db.tx(projectId, list);
  expect(rows.at(-1)?.created_at.getTime()).toBeLessThan(addMs(window.createdAfter, DAY_MS).getTime());
});

it('lists customers, wallets and cash-ins', async () => {
  const customer = await middleOf('customers', 'customer_id');
  const cashIn = await middleOf('cash_ins', 'cash_in_id');
  for (const filter of [
    {},
    { status: 'active' },
    { status: 'inactive' },
    { email: 'customer-17@example.com' },
    { externalId: 'external-17' },
    window,
  ]) {
    await expectIndexed((tx, page) => customerStore.listCustomers(tx, filter, page), customer);
  }
  const wallet = await middleOf('wallets', 'wallet_id');
  await expectIndexed((tx, page) => wallets.listWallets(tx, customer, page), wallet);
  for (const filter of [
    {},
    { customerId: must(customers[0], 'a customer').customer_id },
    ...(['pending', 'processing', 'completed', 'expired', 'failed'] as const).map((status) => ({ status })),
    window,
  ]) {
    await expectIndexed((tx, page) => cashIns.listCashIns(tx, filter, page), cashIn);
  }
});

it('lists virtual accounts and what came to them', async () => {
  const account = await middleOf('virtual_accounts', 'virtual_account_id');
  const deposit = await middleOf('virtual_account_deposits', 'credit_id');
  for (const { customer_id } of customers) {
    for (const filter of [{}, { status: 'active' }, { status: 'paused' }, window]) {
      await expectIndexed(
        (tx, page) => virtualAccounts.listVirtualAccounts(tx, customer_id, filter, page),
        account,
      );
    }
    const virtualAccountId = customer_id.replace('cst', 'va');
    for (const filter of [{}, { status: 'delivered' }, { status: 'held' }, { status: 'returned' }, window]) {
      await expectIndexed((tx, page) => deposits.listDeposits(tx, virtualAccountId, filter, page), deposit);
    }
  }
});

it('lists events by name, by pattern, by resource and by time', async () => {
  const middle = await middleOf('events', 'event_id');
  const patterns = ['cashIn.created', 'cashIn.failed', 'transaction.*', 'transaction.*.processing'];
  const filters = [
    { exceptTypes: COMPLIANCE_EVENTS },
    ...patterns.map((pattern) => ({ types: eventsNamedBy(pattern) })),
    { resourceId: middle.replace('evt', 'txn') },
    { resourceId: middle.replace('evt', 'txn'), types: eventsNamedBy('transaction.*') },
  ];
  for (const filter of filters) {
    await expectIndexed((tx, page) => events.listEvents(tx, filter, page), middle);
    await expectIndexed((tx, page) => events.listEvents(tx, { ...filter, ...window }, page), middle);
  }
});

it('lists requests by any filter', async () => {
  const middle = await middleOf('request_log', 'request_id');
  const filters = [
    {},
    { method: 'GET' },
    { method: 'DELETE' },
    { status: 'succeeded' as const },
    { status: 'failed' as const },
    { status: '5xx' as const },
    { operation: 'createCashIn' },
    { operation: 'none' },
    { idempotencyKey: 'key-17' },
    { resourceId: must(customers[0], 'a customer').customer_id },
    { resourceId: 'txn_none' },
    { operation: 'listCashIns', status: '4xx' as const },
    { method: 'GET', status: 'failed' as const },
    { method: 'GET', operation: 'createCashIn' },
    { idempotencyKey: 'key-17', resourceId: must(customers[0], 'a customer').customer_id },
    window,
  ];
  for (const filter of filters) {
    await expectIndexed((tx, page) => new RequestLog().list(tx, filter, page), middle);
  }
});

it('lists wallets of all customers, and accounts of the ledger', async () => {
  const wallet = await middleOf('wallets', 'wallet_id');
  const [customer] = customers;
  for (const filter of [
    {},
    { customerId: must(customer, 'a customer').customer_id },
    { address: `0x${'0'.repeat(39)}1` },
    window,
  ]) {
    await expectIndexed((tx, page) => walletExplorer.listAllWallets(tx, filter, page), wallet);
  }
  const account = await middleOf('ledger_accounts', 'account_no');
  for (const filter of [
    {},
    { kind: 'customer_wallet' },
    { kind: 'treasury' },
    { asset: 'usd' },
    { kind: 'customer_wallet', asset: 'usd' },
    { ownerId: must(customer, 'a customer').wallet_id },
  ]) {
    await expectIndexed((tx, page) => ledger.listAccounts(tx, filter, page), account);
  }
});

it('searches without reading what it does not find', async () => {
  const { customer_id } = must(customers[0], 'a customer');
  const look: ((tx: Tx) => Promise<unknown>)[] = [
    (tx) => search.findByIds(tx, 'cst', customer_id, customer_id, 20),
    (tx) =>
      search.findByIds(tx, 'txn', 'txn_00000000000000000000000000', 'txn_zzzzzzzzzzzzzzzzzzzzzzzzzz', 20),
    (tx) =>
      search.findByIds(tx, 'req', 'req_00000000000000000000000000', 'req_zzzzzzzzzzzzzzzzzzzzzzzzzz', 20),
    (tx) => search.findCustomersByEmail(tx, ['customer-17@example.com'], 20),
    (tx) => search.findCustomersByExternalId(tx, 'external-17', 20),
    (tx) => search.findCustomersByName(tx, 'first-17', 20),
    (tx) => search.findByAddress(tx, `0x${'0'.repeat(39)}1`, `0x${'0'.repeat(39)}1`, 20),
    (tx) => search.findByHash(tx, `0x${'0'.repeat(63)}1`, 20),
    (tx) => search.findByCode(tx, ['ABC 12345'], 20),
    (tx) => search.findRequestsByKey(tx, 'key-17', 20),
  ];
  for (const each of look) {
    for (const plan of await plansOf(client, projectId, each)) {
      const faults = plan.faults.filter(
        (fault) => !SMALL_TABLES.some((name) => fault.endsWith(` of ${name}`)),
      );
      expect(faults, plan.text).toEqual([]);
      expect(plan.rowsRead, plan.text).toBeLessThan(MAX_ROWS_READ);
    }
  }
});

it('lists what reconciliation found', async () => {
  const found = await middleOf('reconciliation_breaks', 'break_id');
  for (const status of [undefined, 'open', 'closed'] as const) {
    await expectIndexed((tx, page) => reconciliation.listBreaks(tx, status, page), found);
  }
  const ignored = await middleOf('ignored_transfers', 'ignored_transfer_id');
  for (const filter of [{}, { reason: 'zero_value' as const }, { address: `0x${'0'.repeat(39)}1` }]) {
    await expectIndexed((tx, page) => reconciliation.listIgnoredTransfers(tx, filter, page), ignored);
  }
});
