import { join } from 'node:path';
import pg from 'pg';
import { startEmbeddedPostgres } from '../server/src/db/embedded/start.ts';
import { planOf } from '../server/src/db/list-plans.testing.ts';
import { fillLists } from '../server/src/db/list-rows.testing.ts';
import { migrate } from '../server/src/db/migrate.ts';
import { assert, must } from '../server/src/kernel/assert.ts';
import { silentLogger } from '../server/src/kernel/log.ts';
import { type Api, fillPool, withApi } from './api.ts';
import type { Bench } from './bench.ts';
import type { LoadRequest } from './load.ts';
import type { RecordedTransaction } from './recording.ts';
import type { Measurement } from './report.ts';
import { tokenRequest } from './requests.ts';
import { BareRoute } from './worker-process.ts';

const PATH = '/v0.9';
const ONE_CONNECTION = 1;
/**
 * Of one request, whatever it filters by. The most are those under way, 2,000 here: they are newer than any completed
 * one, and PostgreSQL prefers passing over them to the index of a status that nearly all rows have.
 */
const MAX_ROWS_READ = 3_000;

/** The key that is checked and the like are in tables of a few rows. */
const LISTED = /\bfrom (transactions|customers|cash_ins)\b/;

interface List {
  readonly name: string;
  readonly path: string;
}

/**
 * Pages of lists in a project of a million transactions: a database and an api of their own. Refuses to measure a list
 * whose statements read what they do not show.
 */
export async function measureLists(bench: Bench): Promise<Measurement[]> {
  const { listed } = bench.scale;
  const postgres = await startEmbeddedPostgres({ dir: join(bench.dir, 'lists'), log: silentLogger });
  bench.stops.push(postgres.stop);
  await migrate(postgres.url);
  return withApi(postgres.url, async (api) => {
    await fillPool(api.context, 1);
    const credentials = await api.context.projects.create({
      name: 'lists',
      mode: 'sandbox',
      fromFaucet: false,
    });
    const client = new pg.Client({ connectionString: postgres.url });
    await client.connect();
    try {
      await fillWithoutIndexes(client, credentials.projectId, listed);
      const lists = await listsOf(client, credentials.projectId);
      return await measureEach(bench, api, client, credentials, lists);
    } finally {
      await client.end();
    }
  }).finally(postgres.stop);
}

/** Indexes are made at the end: a million inserts into a dozen of them take minutes. */
async function fillWithoutIndexes(
  client: pg.Client,
  projectId: string,
  { transactions, customers }: Bench['scale']['listed'],
): Promise<void> {
  const { rows } = await client.query<{ name: string; definition: string }>(
    `select indexrelid::regclass::text as name, pg_get_indexdef(indexrelid) as definition from pg_index
     where indrelid in ('transactions'::regclass, 'cash_ins'::regclass) and not indisprimary`,
  );
  for (const { name } of rows) await client.query(`drop index ${name}`);
  await fillLists(client, { projectId, transactions, customers });
  for (const { definition } of rows) await client.query(definition);
  await client.query('vacuum analyze');
}

async function listsOf(client: pg.Client, projectId: string): Promise<List[]> {
  const sample = async (condition: string) => {
    const { rows } = await client.query<Record<string, string | null>>(
      `select * from transactions where project_id = $1 and ${condition} order by transaction_id
       offset (select count(*) / 2 from transactions where project_id = $1 and ${condition}) limit 1`,
      [projectId],
    );
    return must(rows[0], 'a sample');
  };
  const [middle, quoted, cash, onRamp, offRamp] = [
    await sample('true'),
    await sample('source_wallet_id is not null'),
    await sample('cash_in_id is not null'),
    await sample('virtual_account_id is not null'),
    await sample('deposit_address_id is not null'),
  ];
  const { rows } = await client.query<{ heavy: string }>(
    'select customer_id heavy from wallets where key_index = 1',
  );
  const heavy = must(rows[0], 'a customer').heavy;
  const cursor = Buffer.from(`v1:${middle.transaction_id}`).toString('base64url');
  const window = 'createdAfter=2024-01-20T00:00:00Z&createdBefore=2024-01-20T01:00:00Z';
  const filters = {
    nothing: 'quoteId=qt_00000000000000000000000000',
    'first page': '',
    'deep page': `startingAfter=${cursor}`,
    'back up': `endingBefore=${cursor}`,
    'an hour long ago': window,
    ...Object.fromEntries(
      ['processing', 'cashPickupReady', 'completed', 'failed'].map((each) => [
        `status ${each}`,
        `status=${each}`,
      ]),
    ),
    ...Object.fromEntries(
      ['fiatToCrypto', 'cryptoToFiat', 'cryptoToCrypto'].map((each) => [`type ${each}`, `type=${each}`]),
    ),
    'status and type': 'status=failed&type=cryptoToFiat',
    'status, an hour long ago': `status=failed&${window}`,
    customerId: `customerId=${quoted.sender_customer_id}`,
    'customerId, of a twentieth of all': `customerId=${heavy}`,
    'customerId, of a twentieth, deep': `customerId=${heavy}&startingAfter=${cursor}`,
    senderCustomerId: `senderCustomerId=${quoted.sender_customer_id}`,
    recipientCustomerId: `recipientCustomerId=${cash.sender_customer_id}`,
    walletId: `walletId=${quoted.source_wallet_id}`,
    'customerId and walletId': `customerId=${quoted.sender_customer_id}&walletId=${quoted.source_wallet_id}`,
    quoteId: `quoteId=${quoted.quote_id}`,
    cashInId: `cashInId=${cash.cash_in_id}`,
    virtualAccountId: `virtualAccountId=${onRamp.virtual_account_id}`,
    depositAddressId: `depositAddressId=${offRamp.deposit_address_id}`,
  };
  const list = (name: string, path: string, query: string): List => ({
    name: `${name}: ${query === '' ? 'first page' : query}`,
    path: `${PATH}${path}`,
  });
  return [
    ...Object.entries(filters).map(([name, query]) => list('transactions', `/transactions?${query}`, name)),
    ...['first page', 'deep page', 'status completed', 'an hour long ago'].map((name) =>
      list(
        'of a customer',
        `/customers/${heavy}/transactions?${filters[name as keyof typeof filters]}`,
        name,
      ),
    ),
    list('customers', '/customers?', 'first page'),
    list('customers', '/customers?status=inactive', 'inactive'),
    list('customers', '/customers?email=customer-77%40example.com', 'email'),
    list('cash-ins', '/cash-ins?', 'first page'),
    list('cash-ins', '/cash-ins?status=failed', 'failed'),
    list('cash-ins', `/cash-ins?customerId=${heavy}`, 'customerId'),
    list('cash-ins', `/cash-ins?${window}`, 'an hour long ago'),
  ];
}

async function measureEach(
  bench: Bench,
  api: Api,
  client: pg.Client,
  credentials: { readonly apiKey: string; readonly apiSecret: string },
  lists: readonly List[],
): Promise<Measurement[]> {
  const port = await api.listen();
  const send = async (to: number, requests: readonly LoadRequest[], token: string | undefined, ms?: number) =>
    bench.load.run({
      port: to,
      connections: ONE_CONNECTION,
      token,
      requests,
      keyPrefix: undefined,
      durationMs: ms,
      warmUpMs: ms === undefined ? 0 : ms / 5,
    });
  const { bodies } = await send(port, [tokenRequest(credentials.apiKey, credentials.apiSecret)], undefined);
  const { accessToken } = JSON.parse(must(bodies[0], 'a token')) as { accessToken: string };
  const bare = new BareRoute();
  const rows: Measurement[] = [];
  try {
    for (const { name, path } of lists) {
      api.db.take();
      const [body = ''] = (await send(port, [{ path }], accessToken)).bodies;
      await expectIndexed(client, name, api.db.take());
      const barePort = await bare.serve({ status: 200, body });
      const limit = await send(barePort, [{ path }], accessToken, bench.scale.listMs);
      const result = await send(port, [{ path }], accessToken, bench.scale.listMs);
      rows.push({
        name: `${name} (${(JSON.parse(body) as { data: unknown[] }).data.length})`,
        connections: ONE_CONNECTION,
        value: result.perSecond,
        unit: '/s',
        p50Ms: result.p50Ms,
        p99Ms: result.p99Ms,
        clientCpuShare: result.clientCpuShare,
        limits: [{ name: 'fastify', value: limit.perSecond }],
        shareOfLimit: result.perSecond / limit.perSecond,
      });
    }
    return rows;
  } finally {
    await bare.stop();
  }
}

/** The statements that the product sent for this list, explained. */
async function expectIndexed(
  client: pg.Client,
  name: string,
  transactions: readonly RecordedTransaction[],
): Promise<void> {
  assert(transactions.length > 0, `${name} asked nothing`);
  for (const { scope, statements } of transactions) {
    await client.query(`begin; set local role oms_app; set local oms.project = '${scope}'`);
    for (const { text, values } of statements.filter((each) => LISTED.test(each.text))) {
      const { faults, rowsRead } = await planOf(client, text, values);
      assert(faults.length === 0, `${name}: ${faults.join(', ')} in ${text}`);
      assert(rowsRead < MAX_ROWS_READ, `${name} read ${rowsRead} rows: ${text}`);
    }
    await client.query('rollback');
  }
}
