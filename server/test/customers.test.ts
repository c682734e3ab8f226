import { EXAMPLE_CUSTOMER } from '@openoms/contract/customers.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

const create = (body: unknown) =>
  world.fetch('POST', '/v0.9/customers', { body, headers: { 'idempotency-key': world.key() } });
const update = (customerId: string, body: unknown) =>
  world.fetch('PATCH', `/v0.9/customers/${customerId}`, { body });
const statuses = (endorsements: readonly { type: string; status: string }[]) =>
  Object.fromEntries(endorsements.map(({ type, status }) => [type, status]));

describe('a customer with full identity (get-started.md)', () => {
  it('is created with PENDING endorsements that the sandbox makes ACTIVE', async () => {
    const { status, json } = await create(EXAMPLE_CUSTOMER);
    expect(status).toBe(201);
    expect(json.id).toMatch(/^cst_/);
    expect(json).toMatchObject({ object: 'customer', type: 'individual', status: 'active', wallets: [] });
    expect(statuses(json.endorsements)).toEqual({
      basic: 'PENDING',
      cryptoCustody: 'PENDING',
      usd: 'PENDING',
    });
    await world.drain();
    const customer = await world.client.customers.get(json.id);
    expect(statuses(customer.endorsements)).toEqual({
      basic: 'ACTIVE',
      cryptoCustody: 'ACTIVE',
      usd: 'ACTIVE',
    });
  });

  it('never has its identity returned', async () => {
    const { json } = await create({ ...EXAMPLE_CUSTOMER, ipAddress: '2001:db8::1' });
    const update = await world.client.customers.update(json.id, { ipAddress: '192.0.2.7' });
    const found = await world.client.customers.get(json.id);
    const listed = await world.client.customers.list().take(1);
    for (const shown of [json, update, found, ...listed]) {
      const text = JSON.stringify(shown);
      for (const secret of ['123-45-6789', '1990-05-15', '123 Main St', '2001:db8::1', '192.0.2.7'])
        expect(text).not.toContain(secret);
      for (const field of ['birthDate', 'residentialAddress', 'identifyingInformation', 'ipAddress'])
        expect(shown).not.toHaveProperty(field);
    }
  });
});

describe('a customer of which nothing is known (custodial-wallet-quickstart.md)', () => {
  it('is created without endorsements and gets all of them', async () => {
    const { status, json } = await create({});
    expect(status).toBe(201);
    expect(json.endorsements).toEqual([]);
    expect(json).toMatchObject({ type: 'individual', signedAgreement: false, signedAgreementAt: null });
    await world.drain();
    const { endorsements } = await world.client.customers.get(json.id);
    expect(statuses(endorsements)).toEqual({ basic: 'ACTIVE', cryptoCustody: 'ACTIVE', usd: 'ACTIVE' });
  });

  it('gets all of them too when it asks for none in so many words', async () => {
    const { json } = await create({ endorsements: [] });
    expect(json.endorsements).toEqual([]);
    await world.drain();
    const { endorsements } = await world.client.customers.get(json.id);
    expect(Object.keys(statuses(endorsements))).toEqual(['basic', 'cryptoCustody', 'usd']);
  });

  it('becomes provisioned once identity is added by PATCH, field by field', async () => {
    const customer = await world.client.customers.create({ nationality: 'US' });
    const missing = async (): Promise<string[]> => {
      const reply = await world.fetch('GET', `/v0.9/customers/${customer.id}/balance`);
      if (reply.status === 200) return [];
      expect(reply).toMatchObject({
        status: 422,
        json: {
          code: 'provider_account_not_provisioned',
          message: 'provider account not provisioned for this customer',
        },
      });
      return reply.json.details.map(
        ({ field, issue }: { field: string; issue: string }) => `${field} ${issue}`,
      );
    };
    const all = ['residentialAddress', 'phone', 'birthDate', 'identifyingInformation'];
    expect(await missing()).toEqual(all.map((field) => `${field} required`));
    await world.client.customers.update(customer.id, {
      identifyingInformation: [{ type: 'passport', issuingCountry: 'US', number: 'X1' }],
    });
    expect(await missing()).toContain('identifyingInformation required');
    const { phone, birthDate, residentialAddress, identifyingInformation } = EXAMPLE_CUSTOMER;
    await world.client.customers.update(customer.id, { identifyingInformation: [...identifyingInformation] });
    expect(await missing()).toEqual(all.slice(0, 3).map((field) => `${field} required`));
    await world.client.customers.update(customer.id, { phone, birthDate });
    expect(await missing()).toEqual(['residentialAddress required']);
    await world.client.customers.update(customer.id, { residentialAddress });
    expect(await missing()).toEqual([]);
  });

  it('of another country is provisioned with any government id', async () => {
    const address = { ...EXAMPLE_CUSTOMER.residentialAddress, country: 'DE', state: 'BE' };
    const customer = await world.client.customers.create({
      ...EXAMPLE_CUSTOMER,
      nationality: 'DE',
      residentialAddress: address,
      identifyingInformation: [{ type: 'passport', issuingCountry: 'DE', number: 'C01X00T47' }],
    });
    const { estimatedBalance, wallets } = await world.client.customers.balance(customer.id);
    expect({ estimatedBalance, wallets }).toEqual({ estimatedBalance: '0.00', wallets: [] });
  });
});

describe('an update', () => {
  it('changes what is sent and keeps the rest', async () => {
    const { json } = await create({
      ...EXAMPLE_CUSTOMER,
      externalId: 'usr_1',
      metadata: { plan: 'a', tier: 2 },
    });
    world.advance(1_000);
    const { json: updated } = await update(json.id, {
      lastName: 'Doe',
      middleName: 'Q',
      metadata: { plan: 'b' },
    });
    expect(updated).toMatchObject({
      firstName: 'Jane',
      lastName: 'Doe',
      middleName: 'Q',
      externalId: 'usr_1',
    });
    expect(updated.metadata).toEqual({ plan: 'b' });
    expect(updated.createdAt).toBe(json.createdAt);
    expect(updated.updatedAt > json.updatedAt).toBe(true);
    expect((await update(json.id, { middleName: null })).json.middleName).toBeNull();
  });

  it('remembers when the agreement was signed', async () => {
    const { json } = await create({ signedAgreement: true });
    expect(json).toMatchObject({ signedAgreement: true, signedAgreementAt: json.createdAt });
    world.advance(1_000);
    expect((await update(json.id, { signedAgreement: true })).json.signedAgreementAt).toBe(json.createdAt);
    expect((await update(json.id, { signedAgreement: false })).json.signedAgreementAt).toBeNull();
  });

  it('asks for endorsements by their names, basic included', async () => {
    const { json } = await create({ endorsements: ['cryptoCustody'] });
    expect(statuses(json.endorsements)).toEqual({ basic: 'PENDING', cryptoCustody: 'PENDING' });
    await world.drain();
    const { json: asked } = await update(json.id, { endorsements: ['usd'] });
    expect(statuses(asked.endorsements)).toEqual({
      basic: 'ACTIVE',
      cryptoCustody: 'ACTIVE',
      usd: 'PENDING',
    });
    await world.drain();
    const { endorsements } = await world.client.customers.get(json.id);
    expect(statuses(endorsements).usd).toBe('ACTIVE');
  });

  it('keeps a revoked endorsement revoked, whatever is decided late, until it is asked for anew', async () => {
    const { json } = await create({});
    await world.drain();
    await world.sql(`update endorsements set status = 'REVOKED' where customer_id = $1 and type = 'usd'`, [
      json.id,
    ]);
    await world.context.db.tx(world.project.projectId, (tx) =>
      world.context.customers.applyIdentityDecision(tx, 'sandbox', {
        customerId: json.id,
        outcomes: [{ providerEventId: 'late-decision', endorsement: 'usd', outcome: 'granted' }],
      }),
    );
    const usd = async () => statuses((await world.client.customers.get(json.id)).endorsements).usd;
    expect(await usd()).toBe('REVOKED');
    await update(json.id, { endorsements: ['usd'] });
    await world.drain();
    expect(await usd()).toBe('ACTIVE');
  });

  it('of an unknown customer is 404', async () => {
    expect(await update('cst_unknown', {})).toMatchObject({ status: 404, json: { code: 'not_found' } });
  });
});

describe('what is wrong', () => {
  const ssn = (number: string) => ({
    identifyingInformation: [{ type: 'ssn', issuingCountry: 'US', number }],
  });
  it.each([
    ['type', { type: 'business' }],
    ['endorsements.0', { endorsements: ['gold'] }],
    ['endorsements', { endorsements: ['usd', 'usd'] }],
    ['email', { email: 'jane' }],
    ['phone', { phone: '2125551234' }],
    ['phone', { phone: '+0125551234' }],
    ['nationality', { nationality: 'USA' }],
    ['nationality', { nationality: 'us' }],
    ['birthDate', { birthDate: '1990-02-30' }],
    ['birthDate', { birthDate: '15/05/1990' }],
    ['birthDate', { birthDate: '2999-01-01' }],
    ['birthDate', { birthDate: '1899-12-31' }],
    ['ipAddress', { ipAddress: '999.1.1.1' }],
    ['residentialAddress', { residentialAddress: '123 Main St, New York' }],
    [
      'residentialAddress.zipCode',
      { residentialAddress: { ...EXAMPLE_CUSTOMER.residentialAddress, zipCode: undefined } },
    ],
    [
      'residentialAddress.country',
      { residentialAddress: { ...EXAMPLE_CUSTOMER.residentialAddress, country: 'U' } },
    ],
    ['identifyingInformation.0.number', ssn('12-345-6789')],
    ['identifyingInformation.0.number', ssn('1234567890')],
    ['firstName', { firstName: null }],
    ['firstName', { firstName: '' }],
    ['externalId', { externalId: 7 }],
    ['metadata.a', { metadata: { a: { nested: true } } }],
    ['metadata', { metadata: Object.fromEntries(Array.from({ length: 21 }, (_, i) => [`k${i}`, i])) }],
  ])('is named: %s', async (field, body) => {
    const { id } = await world.client.customers.create({});
    for (const reply of [await create(body), ...(field === 'type' ? [] : [await update(id, body)])]) {
      expect(reply).toMatchObject({ status: 400, json: { code: 'validation_error' } });
      expect(reply.json.details.map((detail: { field: string }) => detail.field)).toEqual([field]);
    }
  });

  it('is named all at once', async () => {
    const reply = await create({ email: 'x', phone: 'y', residentialAddress: {}, endorsements: ['z'] });
    const fields = reply.json.details.map(({ field }: { field: string }) => field);
    expect(new Set(fields)).toEqual(
      new Set([
        'email',
        'phone',
        'residentialAddress.line1',
        'residentialAddress.city',
        'residentialAddress.state',
        'residentialAddress.country',
        'residentialAddress.zipCode',
        'endorsements.0',
      ]),
    );
  });
});

describe('the list', () => {
  it('filters, and pages in both directions', async () => {
    const project = await world.newProject();
    const { client } = project;
    const made = [];
    for (let index = 0; index < 5; index++) {
      world.advance(60_000);
      made.unshift(
        await client.customers.create({ email: `c${index % 2}@example.com`, externalId: `u${index}` }),
      );
    }
    const ids = (customers: readonly { id: string }[]) => customers.map(({ id }) => id);
    const newestFirst = ids(made);
    expect(ids(await client.customers.list({ limit: 2 }).take(100))).toEqual(newestFirst);
    expect(ids(await client.customers.list({ externalId: 'u3' }).take(9))).toEqual([newestFirst[1]]);
    expect(await client.customers.list({ email: 'c1@example.com' }).take(9)).toHaveLength(2);
    expect(await client.customers.list({ email: 'C1@EXAMPLE.COM' }).take(9)).toHaveLength(0);
    const middle = made[2]?.createdAt ?? '';
    expect(ids(await client.customers.list({ createdAfter: middle }).take(9))).toEqual(
      newestFirst.slice(0, 3),
    );
    expect(ids(await client.customers.list({ createdBefore: middle }).take(9))).toEqual(newestFirst.slice(2));
    const get = async (query: string) =>
      (await world.fetch('GET', `/v0.9/customers?${query}`, { as: project })).json;
    const second = await get(`limit=2&cursor=${(await get('limit=2')).cursor}`);
    expect(ids(second.data)).toEqual(newestFirst.slice(2, 4));
    expect(second).toMatchObject({ hasMore: true, cursor: second.nextCursor });
    const back = await get(`limit=2&endingBefore=${second.previousCursor}`);
    expect(ids(back.data)).toEqual(newestFirst.slice(0, 2));
    expect(back.hasMore).toBe(false);
    expect(await get(`endingBefore=${back.previousCursor}`)).toEqual({
      data: [],
      hasMore: false,
      nextCursor: null,
      previousCursor: null,
      cursor: null,
    });
    await world.sql(`update customers set status = 'inactive' where customer_id = $1`, [newestFirst[0]]);
    expect(ids(await client.customers.list({ status: 'inactive' }).take(9))).toEqual([newestFirst[0]]);
    expect(ids(await client.customers.list({ status: 'active' }).take(9))).toEqual(newestFirst.slice(1));
  });
});
