import type pg from 'pg';
import { must } from '../server/src/kernel/assert.ts';
import { FAILING_WEBHOOK, WEBHOOK } from './console-fill.ts';

/** What is asked of the project, below `/console/projects/prj_…`. */
export interface Question {
  readonly list: string;
  readonly name: string;
  readonly path: string;
}

type Values = Readonly<Record<string, string>>;

/** A value of a filter, by what it is called in the table. */
interface Choice {
  readonly name: string;
  readonly query: Values;
}

interface List {
  readonly name: string;
  readonly path: string;
  /** Of the row in the middle, as a position of the list; undefined: its pages have no places to jump to. */
  readonly middle?: string | undefined;
  /** Each is a filter of the page, with what may be chosen in it: of any two filters, each pair of choices is asked. */
  readonly filters: readonly (readonly Choice[])[];
}

const cursorOf = (position: string): string => Buffer.from(`v1:${position}`).toString('base64url');
const choices = (name: string, values: readonly string[]): Choice[] =>
  values.map((value) => ({ name: `${name} ${value}`, query: { [name]: value } }));
const choice = (name: string, query: Values): Choice => ({ name, query });
const NOTHING = '00000000000000000000000000';

/** Every list with every filter that its page offers: the filters one by one and in pairs, from the first page on. */
export async function listQuestions(client: pg.Client, projectId: string): Promise<Question[]> {
  return (await listsOf(client, projectId)).flatMap(questionsOf);
}

function questionsOf({ name, path, middle, filters }: List): Question[] {
  const ask = (label: string, query: Values): Question => ({
    list: name,
    name: label,
    path: `${path}?${new URLSearchParams(query)}`,
  });
  const jumps = middle === undefined ? [] : [cursorOf(middle)];
  const places = (label: string, query: Values): Question[] => [
    ask(label, query),
    ...jumps.flatMap((startingAfter) => [
      ask(`${label}, in the middle`, { ...query, startingAfter }),
      ask(`${label}, back up`, { ...query, endingBefore: startingAfter }),
    ]),
  ];
  const single = filters.flat();
  const pairs = filters.flatMap((some, index) =>
    filters
      .slice(index + 1)
      .flat()
      .flatMap((other) => some.map((one) => [one, other] as const)),
  );
  return [
    ...places('all', {}),
    ...single.flatMap((each) => places(each.name, each.query)),
    ...pairs.map(([one, other]) => ask(`${one.name} & ${other.name}`, { ...one.query, ...other.query })),
  ];
}

/** Rows of a kind, to ask for by their columns. */
class Samples {
  readonly #client: pg.Client;
  readonly #projectId: string;

  constructor(client: pg.Client, projectId: string) {
    this.#client = client;
    this.#projectId = projectId;
  }

  async middle(table: string, idColumn: string): Promise<string> {
    return must(
      (
        await this.row(`${table} where project_id = $1 order by ${idColumn} offset
      (select count(*) / 2 from ${table} where project_id = $1)`)
      )[idColumn],
      'a row in the middle',
    );
  }

  async row(from: string): Promise<Record<string, string>> {
    const { rows } = await this.#client.query<Record<string, string>>(`select * from ${from} limit 1`, [
      this.#projectId,
    ]);
    return must(rows[0], `a row of ${from}`);
  }
}

async function listsOf(client: pg.Client, projectId: string): Promise<List[]> {
  const samples = new Samples(client, projectId);
  const wallets = 'wallets where project_id = $1 and key_index';
  const heavy = await samples.row(`${wallets} = 1`);
  const usual = await samples.row(
    `${wallets} = (select max(key_index) / 2 from wallets where project_id = $1)`,
  );
  const days = await daysOf(client, projectId);
  const customers = (heavyName: string): Choice[] => [
    choice(heavyName, { customerId: must(heavy.customer_id, 'a customer') }),
    choice('a customer with few', { customerId: must(usual.customer_id, 'a customer') }),
    choice('no customer', { customerId: `cst_${NOTHING}` }),
  ];
  return [
    await transactionsList(samples, heavy, usual, days, customers('a customer with a twentieth of all')),
    {
      name: 'cash-ins',
      path: '/cash-ins',
      middle: await samples.middle('cash_ins', 'cash_in_id'),
      filters: [
        choices('status', ['pending', 'processing', 'completed', 'expired', 'failed']),
        customers('a customer with many'),
        days,
      ],
    },
    {
      name: 'customers',
      path: '/customers',
      middle: await samples.middle('customers', 'customer_id'),
      filters: [
        choices('status', ['active', 'inactive']),
        choices('email', ['customer-17@example.com', 'nobody@example.com']),
        choices('externalId', ['external-17', 'none']),
        days,
      ],
    },
    {
      name: 'wallets',
      path: '/wallets',
      middle: await samples.middle('wallets', 'wallet_id'),
      filters: [
        customers('a customer'),
        choices('address', [`0x${'0'.repeat(39)}1`, `0x${'f'.repeat(40)}`]),
        days,
      ],
    },
    await eventsList(samples, days),
    await requestsList(samples, must(heavy.customer_id, 'a customer'), days),
    ...(await ledgerLists(samples, must(heavy.wallet_id, 'a wallet'), days)),
    await auditList(samples, projectId, days),
    await deliveriesList(samples, 'deliveries', WEBHOOK, days),
    await deliveriesList(samples, 'deliveries, nearly all failed', FAILING_WEBHOOK, days),
    ...(await reconciliationLists(samples)),
    ...(await ofCustomer(samples, must(heavy.customer_id, 'a customer'))),
  ];
}

/** The last day, one in the middle, and one before there was anything. */
async function daysOf(client: pg.Client, projectId: string): Promise<Choice[]> {
  const { rows } = await client.query<{ last: string; middle: string }>(
    `select max(created_at)::date::text last,
       (min(created_at) + (max(created_at) - min(created_at)) / 2)::date::text middle
     from transactions where project_id = $1`,
    [projectId],
  );
  const { last, middle } = must(rows[0], 'days');
  const within = (name: string, from: string, until: string): Choice =>
    choice(name, { createdAfter: `${from}T00:00:00.000Z`, createdBefore: `${until}T23:59:59.999Z` });
  return [
    within('the last day', last, last),
    within('a day in the middle', middle, middle),
    within('a day before all', '2020-01-01', '2020-01-01'),
    choice('until the middle', { createdBefore: `${middle}T23:59:59.999Z` }),
  ];
}

type Sample = Readonly<Record<string, string>>;

async function transactionsList(
  samples: Samples,
  heavy: Sample,
  usual: Sample,
  days: readonly Choice[],
  customers: readonly Choice[],
): Promise<List> {
  const one = async (column: string): Promise<Choice[]> => {
    const row = await samples.row(`transactions where project_id = $1 and ${column} is not null`);
    const name = column.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
    const value = must(row[column], column);
    return [
      choice(name, { [name]: value }),
      choice(`no ${name}`, { [name]: value.replace(/_.*/, `_${NOTHING}`) }),
    ];
  };
  const wallet = (name: string, walletId: string | undefined): Choice =>
    choice(name, { walletId: must(walletId, 'a wallet') });
  return {
    name: 'transactions',
    path: '/transactions',
    middle: await samples.middle('transactions', 'transaction_id'),
    filters: [
      choices('status', ['processing', 'cashPickupReady', 'completed', 'failed']),
      choices('type', ['fiatToCrypto', 'cryptoToFiat', 'cryptoToCrypto']),
      customers,
      [
        wallet('a wallet with a twentieth of all', heavy.wallet_id),
        wallet('a wallet with few', usual.wallet_id),
        wallet('no wallet', `wlt_${NOTHING}`),
      ],
      days,
      await one('cash_in_id'),
      await one('quote_id'),
      await one('virtual_account_id'),
      await one('deposit_address_id'),
    ],
  };
}

const eventsList = async (samples: Samples, days: readonly Choice[]): Promise<List> => {
  const middle = await samples.middle('events', 'event_id');
  return {
    name: 'events',
    path: '/events',
    middle,
    filters: [
      choices('type', [
        'transaction.fiatToCrypto.processing',
        'transaction.cryptoToFiat.processing',
        'cashIn.created',
        'cashIn.failed',
        'transaction.*',
        'cashIn.*',
        'customer.*',
        'virtualAccount.*',
      ]),
      [
        choice('of a transaction', { resource: middle.replace('evt', 'txn') }),
        choice('of nothing', { resource: `txn_${NOTHING}` }),
      ],
      days,
    ],
  };
};

const requestsList = async (samples: Samples, customerId: string, days: readonly Choice[]): Promise<List> => {
  const middle = await samples.middle('request_log', 'request_id');
  const { idempotency_key: key = '' } = await samples.row(
    'request_log where project_id = $1 and idempotency_key is not null',
  );
  return {
    name: 'requests',
    path: '/requests',
    middle,
    filters: [
      choices('status', ['succeeded', 'failed', '4xx', '5xx']),
      choices('method', ['GET', 'POST', 'PATCH', 'DELETE']),
      choices('operation', ['listCashIns', 'createCashIn', 'deleteWebhook', 'createQuote', 'nothing']),
      [
        choice('about a customer with a twentieth of all', { resource: customerId }),
        choice('about a transaction', { resource: middle.replace('req', 'txn') }),
        choice('about nothing', { resource: `txn_${NOTHING}` }),
      ],
      choices('idempotencyKey', [key, 'none']),
      days,
    ],
  };
};

async function ledgerLists(samples: Samples, walletId: string, days: readonly Choice[]): Promise<List[]> {
  const middle = await samples.middle('ledger_accounts', 'account_no');
  const entry = await samples.row(`(select seq, floor(extract(epoch from created_at) * 1000000)::text us
    from ledger_transfers where project_id = $1 order by created_at offset
    (select count(*) / 2 from ledger_transfers where project_id = $1)) entries`);
  const entries = (name: string, account: string): List => ({
    name: `ledger entries, ${name}`,
    path: `/ledger/accounts/${encodeURIComponent(account)}/entries`,
    middle: `ent_${entry.us}z${entry.seq}`,
    filters: [days],
  });
  return [
    {
      name: 'ledger accounts',
      path: '/ledger/accounts',
      middle: `lac_${middle}`,
      filters: [
        choices('kind', ['customer_wallet', 'customer_in_flight', 'treasury', 'fees_oms', 'deposit_address']),
        choices('asset', ['usd', 'usdc']),
        [choice('of a wallet', { ownerId: walletId }), choice('of nobody', { ownerId: `wlt_${NOTHING}` })],
      ],
    },
    entries('of all transactions', 'treasury:polygon:usdc'),
    entries('of a wallet', `customer_wallet:${walletId}:usdc`),
  ];
}

const auditList = async (samples: Samples, projectId: string, days: readonly Choice[]): Promise<List> => ({
  name: 'audit log',
  path: '/audit-entries',
  middle: await samples.middle('audit_entries', 'audit_entry_id'),
  filters: [
    choices('action', ['settings.updated', 'webhook.created', 'webhook.deleted']),
    [choice('of the project', { resource: projectId }), choice('of nothing', { resource: `whk_${NOTHING}` })],
    days,
  ],
});

const deliveriesList = async (
  samples: Samples,
  name: string,
  webhookId: string,
  days: readonly Choice[],
): Promise<List> => {
  const { delivery_id: middle = '', event_id: eventId = '' } = await samples.row(
    `webhook_deliveries where project_id = $1 and webhook_id = '${webhookId}' order by delivery_id offset
       (select count(*) / 2 from webhook_deliveries where project_id = $1 and webhook_id = '${webhookId}')`,
  );
  return {
    name,
    path: `/webhooks/${webhookId}/deliveries`,
    middle,
    filters: [
      choices('status', ['pending', 'delivered', 'failed']),
      [choice('of an event', { eventId }), choice('of no event', { eventId: `evt_${NOTHING}` })],
      days,
    ],
  };
};

const reconciliationLists = async (samples: Samples): Promise<List[]> => [
  {
    name: 'reconciliation breaks',
    path: '/reconciliation/breaks',
    middle: await samples.middle('reconciliation_breaks', 'break_id'),
    filters: [choices('status', ['open', 'closed'])],
  },
  {
    name: 'ignored transfers',
    path: '/reconciliation/ignored-transfers',
    middle: await samples.middle('ignored_transfers', 'ignored_transfer_id'),
    filters: [
      choices('reason', ['wrong_token', 'zero_value']),
      choices('address', [`0x${'0'.repeat(39)}1`, `0x${'f'.repeat(40)}`]),
    ],
  },
  { name: 'reconciliation runs', path: '/reconciliation/runs', filters: [] },
  { name: 'statement lines', path: '/reconciliation/statement-lines', filters: [] },
];

const ofCustomer = async (samples: Samples, customerId: string): Promise<List[]> => {
  const below = (name: string): List => ({
    name: `a customer’s ${name.replace('-', ' ')}`,
    path: `/customers/${customerId}/${name}`,
    filters: [],
  });
  return [
    { ...below('transactions'), middle: await samples.middle('transactions', 'transaction_id') },
    below('wallets'),
    below('deposit-addresses'),
    below('external-accounts'),
  ];
};

/** Pages of one thing, figures, and whatever may be searched by. */
export async function otherQuestions(client: pg.Client, projectId: string): Promise<Question[]> {
  const samples = new Samples(client, projectId);
  const middle = await samples.middle('transactions', 'transaction_id');
  const cashIn = await samples.middle('cash_ins', 'cash_in_id');
  const paid = await samples.row('sends where project_id = $1');
  const heavy = await samples.row('wallets where project_id = $1 and key_index = 1');
  const wallet = encodeURIComponent(`customer_wallet:${heavy.wallet_id}:usdc`);
  const ask =
    (list: string) =>
    (name: string, path: string): Question => ({ list, name, path });
  const page = ask('pages');
  const search = (name: string, q: string): Question =>
    ask('search')(name, `/search?${new URLSearchParams({ q })}`);
  return [
    ...[7, 30, 90].map((days) => page(`home, ${days} days`, `/overview?days=${days}`)),
    page('trial balance', '/ledger/totals'),
    page('balance over time, of all transactions', '/ledger/accounts/treasury:polygon:usdc/history'),
    page('balance over time, of a wallet', `/ledger/accounts/${wallet}/history`),
    page('transaction', `/transactions/${middle}`),
    page('timeline of a transaction', `/transactions/${middle}/timeline`),
    page('timeline of a cash-in', `/cash-ins/${cashIn}/timeline`),
    page('event', `/events/${middle.replace('txn', 'evt')}`),
    page('request', `/requests/${middle.replace('txn', 'req')}`),
    page('customer', `/customers/${heavy.customer_id}`),
    page('wallet with a twentieth of all', `/wallets/${heavy.wallet_id}`),
    page('its transfers on chain', `/wallets/${heavy.wallet_id}/transfers`),
    page('endpoint', `/webhooks/${WEBHOOK}`),
    page('delivery', `/webhooks/${WEBHOOK}/deliveries/${middle.replace('txn', 'whd')}`),
    page('endpoints', '/webhooks'),
    page('API keys', '/api-keys'),
    page('clock', '/sandbox/clock'),
    search('id', middle),
    search('beginning of most ids', 'txn_0'),
    search('beginning of most requests', 'req_0'),
    search('id of nothing', `txn_${NOTHING}`),
    search('account', `customer_wallet:${heavy.wallet_id}:usdc`),
    search('address of a wallet', must(heavy.address, 'an address')),
    search('address of nobody', `0x${'f'.repeat(40)}`),
    search('hash', must(paid.tx_hash, 'a hash')),
    search('hash of nothing', `0x${'f'.repeat(64)}`),
    search('mail address', 'customer-17@example.com'),
    search('external id', 'external-17'),
    search('code', cashIn.replace('ci', 'txn')),
    search('code of nothing', 'ABC 12345'),
    search('idempotency key', 'key-17'),
    search('beginning of each name', 'first-'),
    search('beginning of some names', 'last-b'),
    search('name of nobody', 'nobody'),
  ];
}
