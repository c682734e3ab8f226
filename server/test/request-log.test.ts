import { EXAMPLE_CUSTOMER } from '@openoms/contract/customers.ts';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DAY_MS } from '../src/kernel/clock.ts';
import { dropOldRequests, ensureRequestDays } from '../src/request-log/retention.ts';
import { createWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());
beforeEach(() => world.context.requestRecorder.flush());

interface Filter {
  readonly method?: string;
  readonly status?: 'succeeded' | 'failed' | '4xx' | '5xx';
  readonly operation?: string;
  readonly resourceId?: string;
  readonly idempotencyKey?: string;
}

async function logged(filter: Filter = {}, projectId = world.project.projectId) {
  await world.context.requestRecorder.flush();
  const { requestLog, db } = world.context;
  const { rows } = await db.tx(projectId, (tx) =>
    requestLog.list(tx, filter, { limit: 100, direction: 'older' }),
  );
  return rows;
}

const everything = async (): Promise<string> => {
  await world.context.requestRecorder.flush();
  const rows = await world.sql<{ text: string }>('select l::text as text from request_log l');
  return rows.map(({ text }) => text).join('\n');
};

describe('a request of an API key', () => {
  it('is in the log once it is answered, under the id of its answer', async () => {
    const reply = await world.fetch('POST', '/v0.9/customers', {
      body: EXAMPLE_CUSTOMER,
      headers: { 'idempotency-key': 'log-1' },
    });
    const again = await world.fetch('POST', '/v0.9/customers', {
      body: EXAMPLE_CUSTOMER,
      headers: { 'idempotency-key': 'log-1' },
    });
    const [second, first] = await logged({ idempotencyKey: 'log-1' });
    expect(first).toMatchObject({
      request_id: reply.headers.get('x-request-id'),
      method: 'POST',
      path: '/v0.9/customers',
      operation: 'createCustomer',
      status: reply.status,
      actor: `apiKey:${world.project.apiKey}`,
      is_replay: false,
      error_code: null,
    });
    expect(second).toMatchObject({ request_id: again.headers.get('x-request-id'), is_replay: true });
    expect(await logged({ resourceId: reply.json.id })).toHaveLength(2);
  });

  it('is found by what it was and what became of it', async () => {
    await world.fetch('GET', '/v0.9/customers/cst_01h455vb4pex5vsknk084sn02q');
    await world.fetch('GET', '/v0.9/customers?limit=x');
    await world.fetch('GET', '/v0.9/nothing/here/Jane%20Smith');
    const failed = await logged({ status: 'failed' });
    expect(
      failed.map(({ operation, path, status, error_code }) => [operation, path, status, error_code]),
    ).toEqual([
      [null, '/v0.9/nothing/here/•••', 404, 'not_found'],
      ['listCustomers', '/v0.9/customers', 400, 'validation_error'],
      ['getCustomer', '/v0.9/customers/cst_01h455vb4pex5vsknk084sn02q', 404, 'not_found'],
    ]);
    expect(await logged({ status: '5xx' })).toEqual([]);
    expect((await logged({ status: 'succeeded' })).every(({ status }) => status < 300)).toBe(true);
    expect((await logged({ operation: 'getCustomer', method: 'GET' })).length).toBe(1);
    expect(await logged({ operation: 'getCustomer', method: 'POST' })).toEqual([]);
  });

  it('is in no log when nobody knows whose it is', async () => {
    const before = (await logged()).length;
    await world.fetch('GET', '/v0.9/customers', { as: null });
    await world.fetch('GET', '/v0.9/customers', { as: null, headers: { authorization: 'Bearer x' } });
    expect(await logged()).toHaveLength(before);
  });

  it('is in the log of its project alone', async () => {
    const other = await world.newProject();
    await other.client.customers.list().take(1);
    expect((await logged({}, other.projectId)).map(({ operation }) => operation)).toEqual(['listCustomers']);
  });
});

it('keeps nothing of anybody, wherever it was written', async () => {
  const canary = 'Zanaria';
  const person = {
    ...EXAMPLE_CUSTOMER,
    firstName: canary,
    middleName: canary,
    lastName: canary,
    email: `${canary}@example.com`.toLowerCase(),
    phone: '+12125550199',
    birthDate: '1987-06-05',
    externalId: canary,
    ipAddress: '203.0.113.77',
    residentialAddress: {
      ...EXAMPLE_CUSTOMER.residentialAddress,
      line1: canary,
      line2: canary,
      city: canary,
      zipCode: '95899',
    },
    identifyingInformation: [{ type: 'ssn', issuingCountry: 'US', number: '987-65-4399' }],
    metadata: { [canary]: canary, note: canary },
  };
  const made = await world.fetch('POST', '/v0.9/customers', {
    body: person,
    headers: { 'idempotency-key': 'canary' },
  });
  expect(made.status).toBeLessThan(300);
  const customerId: string = made.json.id;
  await world.fetch('GET', `/v0.9/customers/${customerId}`);
  await world.fetch('GET', `/v0.9/customers?email=${canary}@example.com&externalId=${canary}`);
  await world.fetch('GET', `/v0.9/customers/${canary}`);
  await world.fetch('PATCH', `/v0.9/customers/${customerId}`, {
    body: { firstName: `${canary}b`, status: canary, customerId: canary, [canary]: canary },
  });
  await world.fetch('POST', '/v0.9/customers', { body: `{"firstName": "${canary}` });
  await world.fetch('POST', `/v0.9/customers/${customerId}/external-accounts`, {
    headers: { 'idempotency-key': 'canary-2' },
    body: {
      type: 'usBank',
      network: 'ach',
      owner: { type: 'individual', name: canary },
      bankDetails: {
        accountNumber: '9988776655',
        routingNumber: '021000021',
        accountType: 'checking',
        bankName: 'Bank',
      },
    },
  });
  const wallet = await world.fundedWallet({ id: customerId }, '10.00');
  const account = await world.client.virtualAccounts
    .create(customerId, {
      source: { currency: 'usd' },
      destination: { asset: 'usdc', network: 'polygon', wallet: { wallet: wallet.id } },
    } as never)
    .catch(() => undefined);
  if (account) {
    await world.fetch('POST', `/v0.9/virtual-accounts/${account.id}/simulate/deposit`, {
      body: { amount: '20.00', senderName: canary, memo: canary },
    });
  }
  const token = await world.fetch('POST', '/v0.9/auth/token', {
    body: { apiKey: world.project.apiKey, apiSecret: world.project.apiSecret },
  });
  const text = (await everything()).toLowerCase();
  for (const secret of [
    canary,
    '+12125550199',
    '2125550199',
    '1987-06-05',
    '203.0.113.77',
    '95899',
    '987-65-4399',
    '4399',
    '9988776655',
    '021000021',
    world.project.apiSecret,
    token.json.accessToken,
    await world.project.token(),
  ]) {
    expect(text.includes(secret.toLowerCase()), secret).toBe(false);
  }
  expect(text).toContain(customerId);
});

it('drops requests and counts them when the database takes none, and answers them all the same', async () => {
  const { requestRecorder } = world.context;
  await world.sql('alter table request_log rename to request_log_away');
  try {
    const before = requestRecorder.dropped;
    const reply = await world.fetch('GET', '/v0.9/customers');
    expect(reply.status).toBe(200);
    await requestRecorder.flush();
    expect(requestRecorder.dropped).toBe(before + 1);
  } finally {
    await world.sql('alter table request_log_away rename to request_log');
  }
});

it('keeps requests for fourteen days, by the day', async () => {
  const { context } = world;
  await ensureRequestDays(context);
  await world.fetch('GET', '/v0.9/customers');
  const before = (await logged()).length;
  expect(before).toBeGreaterThan(0);
  world.advance(14 * DAY_MS);
  await ensureRequestDays(context);
  expect(await dropOldRequests(context)).toEqual([]);
  expect(await logged()).toHaveLength(before);
  world.advance(DAY_MS);
  expect((await dropOldRequests(context)).length).toBe(1);
  expect(await logged()).toEqual([]);
});
