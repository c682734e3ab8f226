import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { EXAMPLE_CUSTOMER } from '@openoms/contract/customers.ts';
import { ERRORS, type ErrorCode } from '@openoms/contract/errors.ts';
import { EXAMPLE_EXTERNAL_ACCOUNT } from '@openoms/contract/external-accounts.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Case, WEBHOOK_FIELDS } from './malformed-webhooks.ts';
import { createWorld, type World } from './world.ts';

let world: World;
let customerId: string;
beforeAll(async () => {
  world = await createWorld();
  customerId = (await world.provisionedCustomer()).id;
});
afterAll(() => world.close());

const CUSTOMERS = '/v0.9/customers';
const WEBHOOKS = '/v0.9/webhooks';
const CASH_INS = '/v0.9/cash-ins';
const ACCOUNTS = '/v0.9/customers/cst_x/external-accounts';
const TILL = '/v0.9/cash-ins/simulate/barcode-auth';
const COMMIT = '/v0.9/cash-ins/simulate/auth-commit';
const DEPOSIT_ADDRESSES = '/v0.9/customers/cst_x/deposit-addresses';
const SETTINGS = '/v0.9/settings';
const SCHEMAS = '/v0.9/external-accounts/schemas';
const SIMULATE = '/v0.9/transactions/txn_x/simulate';
const DECIDE = '/v0.9/customers/cst_x/endorsements/simulate';
const NUL = '\u0000';
const HALF_PAIR = '{"metadata":{"a":"\\ud800"}}';
const CASH_IN = {
  customerId: 'cst_x',
  source: { asset: 'usd' },
  destination: { wallet: { wallet: 'wlt_x' }, asset: 'usdc', network: 'polygon' },
  cash: { cashLocationId: 'loc_x', cashLocationReference: 'x' },
};
const BANK_ACCOUNT = { ...EXAMPLE_EXTERNAL_ACCOUNT, bankDetails: {} };
const OWNER_ALONE = ['type', 'network', 'bankDetails', 'owner.name', 'owner.type'];
const deep = (levels: number) => `{"metadata":${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}}`;
const bigJson = (bytes: number) => JSON.stringify({ metadata: { a: 'x'.repeat(bytes) } });

const JSON_TEXT: readonly Case[] = [
  ['no JSON', 'POST', CUSTOMERS, 'hello', 'invalid_request'],
  ['half of an object', 'POST', CUSTOMERS, '{"firstName":', 'invalid_request'],
  ['two values', 'POST', CUSTOMERS, '{}{}', 'invalid_request'],
  ['a trailing comma', 'POST', CUSTOMERS, '{"a":1,}', 'invalid_request'],
  ['a comment', 'POST', CUSTOMERS, '{/**/}', 'invalid_request'],
  ['single quotes', 'POST', CUSTOMERS, "{'a':1}", 'invalid_request'],
  ['NaN', 'POST', CUSTOMERS, '{"metadata":{"a":NaN}}', 'invalid_request'],
  ['a form', 'POST', CUSTOMERS, 'firstName=Jane', 'invalid_request'],
  ['a bare NUL', 'POST', CUSTOMERS, NUL, 'invalid_request'],
  ['a control character in a string', 'POST', CUSTOMERS, '{"firstName":"a\nb"}', 'invalid_request'],
  ['half of a surrogate pair in a value', 'POST', CUSTOMERS, HALF_PAIR, 'invalid_request'],
  ['half of a surrogate pair in a name', 'POST', CUSTOMERS, '{"metadata":{"\\udc00":1}}', 'invalid_request'],
  ['half of a surrogate pair in a list', 'POST', WEBHOOKS, '{"events":["\\ud800"]}', 'invalid_request'],
  ['too deep an object', 'POST', CUSTOMERS, deep(20), 'invalid_request'],
  ['far too deep an object', 'POST', CUSTOMERS, deep(20_000), 'invalid_request'],
  [
    'far too deep an array',
    'POST',
    CUSTOMERS,
    `${'['.repeat(100_000)}${']'.repeat(100_000)}`,
    'invalid_request',
  ],
  ['an array', 'POST', CUSTOMERS, '[]', ['body']],
  ['null', 'POST', CUSTOMERS, 'null', ['body']],
  ['a string', 'POST', CUSTOMERS, '"{}"', ['body']],
  ['a number', 'POST', CUSTOMERS, '7', ['body']],
  ['true', 'PATCH', '/v0.9/customers/cst_x', 'true', ['body']],
  ['a number beyond doubles', 'POST', CUSTOMERS, '{"metadata":{"a":1e999}}', ['metadata.a']],
  ['256 kB and a little', 'POST', CUSTOMERS, bigJson(256 * 1024), 'payload_too_large'],
  ['a megabyte', 'POST', WEBHOOKS, bigJson(2 ** 20), 'payload_too_large'],
  ['200 kB in one field', 'POST', CUSTOMERS, bigJson(200_000), ['metadata.a']],
];

const CUSTOMER_FIELDS: readonly Case[] = (
  [
    ['NUL in a name', { firstName: `a${NUL}b` }, ['firstName']],
    ['NUL in a metadata key', { metadata: { [`a${NUL}`]: 1 } }, [`metadata.a${NUL}`]],
    ['NUL in a metadata value', { metadata: { a: NUL } }, ['metadata.a']],
    ['NUL in an external id', { externalId: NUL }, ['externalId']],
    [
      'NUL in an address',
      { residentialAddress: { ...EXAMPLE_CUSTOMER.residentialAddress, city: NUL } },
      ['residentialAddress.city'],
    ],
    ['a number for a name', { firstName: 7 }, ['firstName']],
    ['an object for a name', { lastName: {} }, ['lastName']],
    ['a list for a name', { lastName: ['Smith'] }, ['lastName']],
    ['null for a name', { lastName: null }, ['lastName']],
    ['an empty name', { lastName: '' }, ['lastName']],
    ['a name of 101 letters', { lastName: 'x'.repeat(101) }, ['lastName']],
    ['a name of 101 emoji', { lastName: '😀'.repeat(101) }, ['lastName']],
    ['null for an email', { email: null }, ['email']],
    ['an email without a host', { email: 'jane@' }, ['email']],
    ['an email of 300 letters', { email: `${'x'.repeat(300)}@example.com` }, ['email']],
    ['a phone number as a number', { phone: 12125551234 }, ['phone']],
    ['a phone number with spaces', { phone: '+1 212 555 1234' }, ['phone']],
    ['a text for a boolean', { signedAgreement: 'true' }, ['signedAgreement']],
    ['1 for a boolean', { signedAgreement: 1 }, ['signedAgreement']],
    ['null for a type', { type: null }, ['type']],
    ['an object for endorsements', { endorsements: { usd: true } }, ['endorsements']],
    ['a text for endorsements', { endorsements: 'usd' }, ['endorsements']],
    ['a list for metadata', { metadata: [] }, ['metadata']],
    ['a text for metadata', { metadata: '{}' }, ['metadata']],
    ['a list in metadata', { metadata: { a: [] } }, ['metadata.a']],
    ['an empty metadata key', { metadata: { '': 1 } }, ['metadata.']],
    ['a text for an id list', { identifyingInformation: 'ssn' }, ['identifyingInformation']],
    ['null in an id list', { identifyingInformation: [null] }, ['identifyingInformation.0']],
    ['a date with a time', { birthDate: '1990-05-15T00:00:00Z' }, ['birthDate']],
    ['a date of month 13', { birthDate: '1990-13-01' }, ['birthDate']],
    ['a date of the year 0', { birthDate: '0000-01-01' }, ['birthDate']],
    ['an address as text', { residentialAddress: '123 Main St' }, ['residentialAddress']],
    ['an address as a list', { residentialAddress: [] }, ['residentialAddress']],
    ['two wrong fields', { email: 'x', phone: 'y' }, ['email', 'phone']],
    ['an IP address with a port', { ipAddress: '1.2.3.4:80' }, ['ipAddress']],
  ] as const
).map(([what, body, fields]) => [what, 'POST', CUSTOMERS, body, fields]);

const AMOUNTS: readonly Case[] = [
  100,
  '100,00',
  '1e2',
  '+1.00',
  '-1.00',
  '01.00',
  '.50',
  '5.',
  ' 20.00',
  '20.00\n',
  '$20.00',
  '',
  'NaN',
  'Infinity',
  '0x14',
  '١٠٠',
  '1'.repeat(16),
  `1.${'0'.repeat(19)}`,
  '20.001',
  '0.00',
  null,
  true,
  {},
].flatMap((amount): Case[] => [
  [`${JSON.stringify(amount)} for an amount at the till`, 'POST', TILL, { barcode: 'X', amount }, ['amount']],
  [
    `${JSON.stringify(amount)} for an indicated amount`,
    'POST',
    CASH_INS,
    { ...CASH_IN, source: { asset: 'usd', indicatedAmount: amount } },
    ['source.indicatedAmount'],
  ],
]);

const OTHER_BODIES: readonly Case[] = [
  ['nothing at the till', 'POST', TILL, {}, ['barcode', 'amount']],
  [
    'nothing to commit',
    'POST',
    COMMIT,
    {},
    ['accountNumber', 'accountReferenceNumber', 'amount', 'originalConfirmationId'],
  ],
  ['nothing of a cash-in', 'POST', CASH_INS, {}, ['customerId', 'source', 'destination', 'cash']],
  ['no body for a cash-in', 'POST', CASH_INS, undefined, ['customerId', 'source', 'destination', 'cash']],
  ['euros in cash', 'POST', CASH_INS, { ...CASH_IN, source: { asset: 'eur' } }, ['source.asset']],
  [
    'a customer id of 101 letters',
    'POST',
    CASH_INS,
    { ...CASH_IN, customerId: 'x'.repeat(101) },
    ['customerId'],
  ],
  ['nothing of an external account', 'POST', ACCOUNTS, {}, ['type', 'network', 'owner', 'bankDetails']],
  [
    'an external account of no type',
    'POST',
    ACCOUNTS,
    { type: 'bank', network: 'sepa', owner: null, bankDetails: [] },
    ['type', 'network', 'owner', 'bankDetails'],
  ],
  [
    'a rail of another type',
    'POST',
    ACCOUNTS,
    { ...BANK_ACCOUNT, network: 'swift', owner: { name: 'a\tb', type: 'firm' } },
    ['network', 'owner.name', 'owner.type'],
  ],
  [
    'details of the wrong types',
    'POST',
    ACCOUNTS,
    {
      ...BANK_ACCOUNT,
      bankDetails: { accountNumber: 123456789, routingNumber: null, accountType: 'gold', bankName: NUL },
    },
    [
      'bankDetails.accountNumber',
      'bankDetails.routingNumber',
      'bankDetails.accountType',
      'bankDetails.bankName',
    ],
  ],
  ['an owner alone', 'POST', ACCOUNTS, { owner: {} }, OWNER_ALONE],
  ['a country in lower case', 'GET', `${SCHEMAS}?country=us`, undefined, ['country']],
  ['a country of three letters', 'GET', `${SCHEMAS}?country=USA`, undefined, ['country']],
  [
    'a country and a currency that are none',
    'GET',
    `${SCHEMAS}?country=U%00&currency=US$`,
    undefined,
    ['country', 'currency'],
  ],
  [
    'filters of external accounts',
    'GET',
    `${ACCOUNTS}?type=bank&network=sepa&status=deleted&limit=0`,
    undefined,
    ['type', 'network', 'status', 'limit'],
  ],
  ['no webhook URL', 'POST', WEBHOOKS, {}, ['url']],
  ['a webhook URL without a scheme', 'POST', WEBHOOKS, { url: 'example.com' }, ['url']],
  ['an FTP webhook', 'POST', WEBHOOKS, { url: 'ftp://example.com/' }, ['url']],
  ['a webhook URL of 3 kB', 'POST', WEBHOOKS, { url: `https://example.com/${'x'.repeat(3000)}` }, ['url']],
  ['two wrong webhook fields', 'POST', WEBHOOKS, { url: 7, events: [1] }, ['url', 'events.0']],
  [
    'unknown events and a private URL',
    'POST',
    WEBHOOKS,
    { url: 'https://10.0.0.1/', events: ['cashIn.*', 'cashin.*', 'foo'] },
    ['url', 'events.1', 'events.2'],
  ],
  [
    'an event pattern with a regex',
    'POST',
    WEBHOOKS,
    { url: 'https://example.com', events: ['.*'] },
    ['events.0'],
  ],
  ['nothing of a deposit address', 'POST', DEPOSIT_ADDRESSES, {}, ['source', 'destination']],
  [
    'a deposit address to two targets with fees of all',
    'POST',
    DEPOSIT_ADDRESSES,
    {
      source: { asset: 'usdc', network: 'polygon' },
      destination: {
        asset: 'usdc',
        network: 'polygon',
        wallet: { id: 'wlt_x', externalAccount: 'cpUsBank_x' },
      },
      developerFees: [{ rate: '0.5' }, { rate: '0.5' }],
    },
    ['destination.wallet', 'developerFees.0.rate', 'developerFees.1.rate'],
  ],
  [
    'a deposit address with fixed fees and a NUL in its label',
    'PATCH',
    '/v0.9/deposit-addresses/da_x',
    { developerFees: [{ type: 'fixed', rate: '1e-2' }], label: NUL, status: 'deleted' },
    ['developerFees.0.type', 'developerFees.0.rate', 'label', 'status'],
  ],
  ['settings as a list', 'PATCH', SETTINGS, [], ['body']],
  ['an unknown setting', 'PATCH', SETTINGS, { fee: null, fees: { paypal: null } }, ['fee', 'fees.paypal']],
  ['a fee as a number', 'PATCH', SETTINGS, { fees: { ach: { fixed: 1 } } }, ['fees.ach.fixed']],
  ['fees as a text', 'PATCH', SETTINGS, { fees: '0', limits: { cashOut: 1 } }, ['fees', 'limits.cashOut']],
  [
    'a share of all and a limit of nothing',
    'PATCH',
    SETTINGS,
    { fees: { ach: { percentage: '1' } }, limits: { cashOut: { min: '0' } } },
    ['fees.ach.percentage', 'limits.cashOut.min'],
  ],
  ['an event that is none', 'POST', SIMULATE, { event: 'stolen', returnCode: 1 }, ['event', 'returnCode']],
  ['a correction of nothing', 'POST', SIMULATE, { event: 'payoutSettled', corrected: [] }, ['corrected']],
  ['a decision that is none', 'POST', DECIDE, { event: 1, endorsements: {} }, ['event', 'endorsements']],
  [
    'documents that are none',
    'POST',
    DECIDE,
    { event: 'granted', missing: [''], issues: 'x' },
    ['missing.0', 'issues'],
  ],
  ['a deposit of nothing', 'POST', '/v0.9/wallets/wlt_x/simulate', { token: 1 }, ['token', 'amount']],
  ['an order that ends in no way', 'POST', '/v0.9/cash-ins/ci_x/simulate', { event: 'paid' }, ['event']],
  [
    'a line of nothing',
    'POST',
    '/v0.9/sandbox/statement-lines',
    { direction: 'up', amount: 5, reference: '' },
    ['direction', 'amount', 'reference'],
  ],
  ['a rate that is none', 'POST', '/v0.9/sandbox/rates', { pair: 1, rate: '1e3' }, ['pair', 'rate']],
  [
    'trouble that is none',
    'POST',
    '/v0.9/sandbox/trouble',
    { kind: 'api.sulk', share: '0.0', times: 0, seed: -1 },
    ['kind', 'share', 'times', 'seed'],
  ],
  [
    'trouble of another kind',
    'POST',
    '/v0.9/sandbox/trouble',
    { kind: 'api.latency', depth: 1, seconds: 1 },
    ['depth', 'seconds'],
  ],
  ['a token for nothing', 'POST', '/v0.9/auth/token', [], ['body']],
  ['a token with null', 'POST', '/v0.9/auth/token', { apiKey: null, apiSecret: '' }, ['apiKey', 'apiSecret']],
];

const QUERIES: readonly Case[] = (
  [
    ['limit=0', ['limit']],
    ['limit=101', ['limit']],
    ['limit=-1', ['limit']],
    ['limit=1.5', ['limit']],
    ['limit=ten', ['limit']],
    ['limit=', ['limit']],
    ['limit=1&limit=2', ['limit']],
    ['limit=99999999999999999999', ['limit']],
    ['createdAfter=yesterday', ['createdAfter']],
    ['createdAfter=2024-01-15', ['createdAfter']],
    ['createdAfter=2024-02-30T00:00:00Z', ['createdAfter']],
    ['createdBefore=2024-01-15T25:00:00Z', ['createdBefore']],
    ['createdBefore=1705312800', ['createdBefore']],
    ['createdAfter=2024-01-15T10:00:00', ['createdAfter']],
    ['status=gone', ['status']],
    ['startingAfter=x', ['startingAfter']],
    ['startingAfter=%00', ['startingAfter']],
    ['endingBefore=djE6Jw', ['endingBefore']],
    [`startingAfter=${'A'.repeat(501)}`, ['startingAfter']],
    [`startingAfter=${cursorOf("cst_'or'1")}`, ['startingAfter']],
    [`startingAfter=${cursorOf('cst_1')}&endingBefore=${cursorOf('cst_1')}`, ['endingBefore']],
    ['limit=0&status=gone&createdAfter=x', ['limit', 'status', 'createdAfter']],
  ] as const
).flatMap(([query, fields]): Case[] => [
  [`?${query} on customers`, 'GET', `${CUSTOMERS}?${query}`, undefined, fields],
  [`?${query} on cash-ins`, 'GET', `${CASH_INS}?${query}`, undefined, fields],
]);

const EVENT_QUERIES: readonly Case[] = (
  [
    ['type=cashin.*', ['type']],
    ['type=', ['type']],
    ['type=a..b', ['type']],
    ['type=cashIn.created,cashIn.failed', ['type']],
    [`type=${'x'.repeat(101)}`, ['type']],
    ['type=%00&resource=%00', ['type', 'resource']],
    [`resource=${'x'.repeat(101)}&limit=0`, ['resource', 'limit']],
    ['resource=', ['resource']],
    ['createdAfter=x&createdBefore=y&startingAfter=', ['createdAfter', 'createdBefore']],
    ['startingAfter=x', ['startingAfter']],
  ] as const
).map(([query, fields]): Case => [`?${query} on events`, 'GET', `/v0.9/events?${query}`, undefined, fields]);

const PATHS: readonly Case[] = [
  ['an unknown path', 'GET', '/v0.9/estimates', undefined, 'not_found'],
  ['no version', 'GET', '/customers', undefined, 'not_found'],
  ['another version', 'GET', '/v0.8/customers', undefined, 'not_found'],
  ['upper case', 'GET', '/v0.9/Customers', undefined, 'not_found'],
  ['an id with a NUL', 'GET', '/v0.9/customers/cst%00', undefined, ['customerId']],
  ['an id that is no UTF-8', 'GET', '/v0.9/customers/%ff', undefined, 'invalid_request'],
  ['half an escape', 'GET', '/v0.9/customers/%4', undefined, 'invalid_request'],
  ['an id with a slash', 'GET', '/v0.9/customers/a%2Fb', undefined, 'not_found'],
  ['an id with SQL', 'GET', "/v0.9/customers/'%20or%201=1--", undefined, 'not_found'],
  ['an id of 200 letters', 'GET', `/v0.9/customers/${'x'.repeat(200)}`, undefined, 'not_found'],
  ['an id of 5,000 letters', 'GET', `/v0.9/customers/${'x'.repeat(5_000)}`, undefined, 'not_found'],
  ['the id of another kind', 'GET', '/v0.9/customers/wlt_01h455vb4pex5vsknk084sn02q', undefined, 'not_found'],
  ['DELETE of customers', 'DELETE', '/v0.9/customers/cst_x', undefined, 'method_not_allowed'],
  ['PUT', 'PUT', CUSTOMERS, {}, 'method_not_allowed'],
  ['OPTIONS', 'OPTIONS', CUSTOMERS, undefined, 'method_not_allowed'],
  ['GET of a token', 'GET', '/v0.9/auth/token', undefined, 'method_not_allowed'],
  ['POST of a cash-in by id', 'POST', '/v0.9/cash-ins/ci_x', {}, 'method_not_allowed'],
  ['PATCH of a simulator', 'PATCH', TILL, {}, 'method_not_allowed'],
];

function cursorOf(id: string): string {
  return Buffer.from(`v1:${id}`).toString('base64url');
}

describe.each([
  ['JSON', JSON_TEXT],
  ['a customer', CUSTOMER_FIELDS],
  ['an amount', AMOUNTS],
  ['another body', OTHER_BODIES],
  ['a webhook', WEBHOOK_FIELDS],
  ['a query', QUERIES],
  ['a query of events', EVENT_QUERIES],
  ['a path', PATHS],
] as const)('%s', (_, cases) => {
  it.each(cases)('%s is refused', async (_what, method, path, body, expected) => {
    const keyed = method === 'POST' && path !== '/v0.9/auth/token';
    const headers = keyed ? { 'idempotency-key': world.key() } : {};
    const reply = await world.fetch(method, path, { headers, ...(body !== undefined && { body }) });
    const code = typeof expected === 'string' ? expected : 'validation_error';
    expect(reply.json).toMatchObject({ code });
    expect(reply.status).toBe(ERRORS[code].status);
    if (typeof expected !== 'string') {
      const fields = reply.json.details.map(({ field }: { field: string }) => field);
      expect(fields.toSorted()).toEqual([...expected].sort());
    }
  });
});

describe('headers', () => {
  it.each([
    ['text/plain', 415],
    ['application/xml', 415],
    ['multipart/form-data; boundary=x', 415],
    ['application/x-www-form-urlencoded', 415],
    ['application/jsonx', 415],
    ['nonsense', 415],
    ['application/json; charset=utf-8', 201],
  ])('Content-Type: %s answers %i', async (contentType, status) => {
    const headers = { 'content-type': contentType, 'idempotency-key': world.key() };
    expect(await world.fetch('POST', CUSTOMERS, { body: '{}', headers })).toMatchObject({ status });
  });

  it.each([
    ['', 'idempotency_key_required'],
    ['x'.repeat(256), 'invalid_request'],
    ['clé', 'invalid_request'],
    ['a\tb', 'invalid_request'],
  ])('Idempotency-Key: %j is refused', async (key, code) => {
    const reply = await world.fetch('POST', CUSTOMERS, { body: {}, headers: { 'idempotency-key': key } });
    expect(reply).toMatchObject({ status: 400, json: { code, details: [{ field: 'Idempotency-Key' }] } });
  });

  it.each(['application/json', 'text/plain', 'nonsense'])('of type %s do a delete no harm', async (type) => {
    const headers = { 'content-type': type };
    for (const body of [undefined, '{"a":', 'x'.repeat(300_000)]) {
      const reply = await world.fetch('DELETE', '/v0.9/webhooks/whk_x', { headers, ...(body && { body }) });
      expect(reply).toMatchObject({ status: 404, json: { code: 'not_found' } });
    }
  });

  it('with an empty Idempotency-Key are refused also where it may be absent', async () => {
    const headers = { 'idempotency-key': '' };
    const reply = await world.fetch('PATCH', `/v0.9/customers/${customerId}`, { body: {}, headers });
    expect(reply).toMatchObject({ status: 400, json: { code: 'invalid_request' } });
  });

  it('say which methods a path takes', async () => {
    const reply = await world.fetch('PUT', `/v0.9/customers/${customerId}`, { body: {} });
    expect(reply.headers.get('allow')?.split(', ').sort()).toEqual(['GET', 'PATCH']);
  });
});

describe('bytes that are not HTTP', () => {
  it.each([
    ['noise', 'hello\r\n\r\n'],
    ['an unknown method', 'BREW /v0.9/customers HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['a header with NUL', 'GET /v0.9/customers HTTP/1.1\r\nHost: x\r\nA: \u0000\r\n\r\n'],
    [
      'two lengths',
      'POST /v0.9/customers HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n{}',
    ],
    [
      'a length and chunks',
      'POST /v0.9/customers HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
    ['a URL of 64 kB', `GET /v0.9/customers?a=${'a'.repeat(65_536)} HTTP/1.1\r\nHost: x\r\n\r\n`],
    ['headers of 64 kB', `GET /v0.9/customers HTTP/1.1\r\nHost: x\r\nA: ${'a'.repeat(65_536)}\r\n\r\n`],
  ])('are answered with an error body: %s', async (_, bytes) => {
    const socket = connect(Number(new URL(world.baseUrl).port), '127.0.0.1');
    await once(socket, 'connect');
    socket.write(bytes);
    const [head = '', body = ''] = (await text(socket)).split('\r\n\r\n');
    const { code, requestId, details } = JSON.parse(body);
    expect(Object.keys(ERRORS)).toContain(code);
    expect(head).toMatch(new RegExp(`^HTTP/1\\.1 ${ERRORS[code as ErrorCode].status} `));
    expect(details).toEqual([]);
    expect(head.toLowerCase()).toContain(`x-request-id: ${requestId}`);
  });
});

it.each([
  '2016-12-31T23:59:60Z',
  '2017-01-01t05:29:60+05:30',
  '2024-01-15%2010:00:00z',
  '2024-01-15T10:00:00+05',
  '2024-01-15T10:00:00+0530',
  '2024-01-15T10:00:00.123456789Z',
  '0000-01-01T00:00:00Z',
  '9999-12-31T23:59:59-23:59',
])('a time is any of RFC 3339: %s', async (time) => {
  const path = `${CUSTOMERS}?createdAfter=${time.replace('+', '%2B')}`;
  expect(await world.fetch('GET', path)).toMatchObject({ status: 200 });
});

it('none of it was a defect of the server', () => {
  expect(world.logged.filter((line) => line.includes('request failed'))).toEqual([]);
  const malformed = [
    JSON_TEXT,
    CUSTOMER_FIELDS,
    AMOUNTS,
    OTHER_BODIES,
    WEBHOOK_FIELDS,
    QUERIES,
    PATHS,
  ].flat();
  expect(malformed.length).toBeGreaterThanOrEqual(100);
});
