import type { DetailField } from '@openoms/contract/external-account-rails.ts';
import {
  EXAMPLE_EXTERNAL_ACCOUNT as ALICE,
  type ExternalAccountSchemas,
} from '@openoms/contract/external-accounts.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MINUTE_MS } from '../src/kernel/clock.ts';
import { createWorld, type RawReply, type World } from './world.ts';

type Schema = ExternalAccountSchemas['data'][number];

let world: World;
let customerId: string;
beforeAll(async () => {
  world = await createWorld();
  customerId = (await world.client.customers.create({})).id;
});
afterAll(() => world.close());

const ADDRESS = '0x52908400098527886E0F7030069857D2E4169EE7';
const OWNER = { name: 'Alice Martin', type: 'individual' as const };
const SAVED_ADDRESS = {
  type: 'blockchainAddress' as const,
  network: 'polygon' as const,
  owner: OWNER,
  bankDetails: { address: ADDRESS.toLowerCase() },
};
const CARD = {
  type: 'debitCard' as const,
  network: 'card' as const,
  owner: OWNER,
  bankDetails: { cardNumber: '4242424242424242', expiryMonth: '12', expiryYear: '2090', cvc: '123' },
};
const IBAN_ACCOUNT = {
  type: 'intlBank' as const,
  network: 'swift' as const,
  owner: { name: 'Müller & Söhne GmbH', type: 'business' as const },
  bankDetails: { iban: 'DE89370400440532013000', swiftCode: 'COBADEFFXXX', bankName: 'Commerzbank' },
};
const INDIAN_ACCOUNT = {
  ...IBAN_ACCOUNT,
  bankDetails: { country: 'IN', accountNumber: '00012345678', swiftCode: 'HDFCINBB' },
};

const pathOf = (customer = customerId) => `/v0.9/customers/${customer}/external-accounts`;
const create = (body: unknown, customer = customerId) => world.fetch('POST', pathOf(customer), { body });
const fieldsOf = (reply: RawReply): string[] =>
  reply.json.details.map(({ field }: { field: string }) => field);
const withDetails = (changes: Partial<Record<DetailField['name'], unknown>>) => ({
  ...ALICE,
  bankDetails: { ...ALICE.bankDetails, ...changes },
});

/** In one transaction of the first project, as another slice would. */
async function inProject<T>(
  work: (...args: [...Parameters<Parameters<World['context']['db']['tx']>[1]>, sealer: Sealer]) => Promise<T>,
): Promise<T> {
  const { context, project } = world;
  const sealer = await context.sealers.for(project.projectId);
  return context.db.tx(project.projectId, (tx) => work(tx, sealer)) as Promise<T>;
}
type Sealer = Awaited<ReturnType<World['context']['sealers']['for']>>;

describe('the documents: a bank account', () => {
  it('is registered and answered as they show it', async () => {
    const { status, json } = await create(ALICE);
    expect(status).toBe(201);
    expect(json).toEqual({
      id: expect.stringMatching(/^cpUsBank_[0-9a-z]{26}$/),
      object: 'counterparty.usBank',
      customerId,
      type: 'usBank',
      network: 'ach',
      status: 'verified',
      owner: { name: 'Alice Martin', type: 'individual' },
      bankDetails: {
        accountNumber: '****6789',
        routingNumber: '021000021',
        accountType: 'checking',
        bankName: 'Chase',
      },
      createdAt: expect.any(String),
    });
    for (const path of [`/v0.9/external-accounts/${json.id}`, `${pathOf()}/${json.id}`])
      expect((await world.fetch('GET', path)).json, path).toEqual(json);
  });

  it('has its fields listed by the schemas', async () => {
    const { status, json } = await world.fetch(
      'GET',
      '/v0.9/external-accounts/schemas?country=US&currency=usd',
    );
    expect(status).toBe(200);
    expect(json.data.map(({ type, network }: Schema) => [type, network])).toEqual([
      ['usBank', 'ach'],
      ['usBank', 'wire'],
      ['debitCard', 'card'],
    ]);
    expect(json.data[0]).toMatchObject({ country: 'US', currency: 'usd' });
    expect(json.data[0].fields[1]).toEqual({
      name: 'routingNumber',
      path: 'bankDetails.routingNumber',
      label: 'Routing number',
      type: 'string',
      required: true,
      pattern: expect.any(String),
      check: 'routing-number',
      storage: 'plain',
      example: '021000021',
    });
  });
});

describe('each kind', () => {
  it.each([
    ['intlBank', 'cpIntlBank_', IBAN_ACCOUNT, { ...IBAN_ACCOUNT.bankDetails, iban: '****3000' }],
    ['intlBank', 'cpIntlBank_', INDIAN_ACCOUNT, { ...INDIAN_ACCOUNT.bankDetails, accountNumber: '****5678' }],
    ['blockchainAddress', 'cpBcAddr_', SAVED_ADDRESS, { address: ADDRESS }],
    ['debitCard', 'pmCard_', CARD, { brand: 'visa', last4: '4242', expiryMonth: '12', expiryYear: '2090' }],
  ])('%s has ids with %s and shows no number', async (type, prefix, body, bankDetails) => {
    const { status, json } = await create(body);
    expect(status).toBe(201);
    expect(json.id.startsWith(prefix)).toBe(true);
    const { type: _, network, owner } = body;
    expect(json).toMatchObject({ object: `counterparty.${type}`, type, network, owner, status: 'verified' });
    expect(json.bankDetails).toEqual(bankDetails);
  });

  it('keeps no detail that its schema does not know', async () => {
    const body = withDetails({ iban: 'DE89370400440532013000', address: 7 });
    const { json } = await create({ ...body, bankDetails: { ...body.bankDetails, pin: 'sesame-4711' } });
    expect(Object.keys(json.bankDetails)).toEqual(Object.keys(ALICE.bankDetails));
    const rows = await world.sql<{ row: string }>('select t::text as row from external_accounts t');
    expect(rows.map(({ row }) => row).join()).not.toMatch(/sesame|DE8937/);
  });

  it.each([
    ['visa', '4000056655665556'],
    ['mastercard', '5555555555554444'],
    ['mastercard', '2223003122003222'],
    ['discover', '6011111111111117'],
    ['other', '378282246310005'],
  ])('of a card shows the brand: %s', async (brand, cardNumber) => {
    const { json } = await create({ ...CARD, bankDetails: { ...CARD.bankDetails, cardNumber } });
    expect(json.bankDetails).toMatchObject({ brand, last4: cardNumber.slice(-4) });
  });

  it('keeps of a card no number, and refuses one that has expired', async () => {
    const { json } = await create(CARD);
    const [row] = await world.sql<{ numbers_sealed: Buffer | null }>(
      'select numbers_sealed from external_accounts where external_account_id = $1',
      [json.id],
    );
    expect(row?.numbers_sealed).toBeNull();
    const now = world.clock.now().toISOString();
    const expiring = (month: string, year: string) =>
      create({ ...CARD, bankDetails: { ...CARD.bankDetails, expiryMonth: month, expiryYear: year } });
    expect(await expiring(now.slice(5, 7), now.slice(0, 4))).toMatchObject({ status: 201 });
    const expired = await expiring('12', String(Number(now.slice(0, 4)) - 1));
    expect(expired).toMatchObject({ status: 400, json: { code: 'validation_error' } });
    expect(fieldsOf(expired)).toEqual(['bankDetails.expiryYear']);
  });
});

describe('a wrong body', () => {
  it.each([
    ['a check digit', ALICE, { routingNumber: '021000022' }, ['routingNumber']],
    [
      'both forms',
      ALICE,
      { accountNumber: '1234', routingNumber: '0210' },
      ['accountNumber', 'routingNumber'],
    ],
    ['letters in a number', ALICE, { accountNumber: '12345678A' }, ['accountNumber']],
    ['18 digits', ALICE, { accountNumber: '1'.repeat(18) }, ['accountNumber']],
    ['no Federal Reserve district', ALICE, { routingNumber: '990000007' }, ['routingNumber']],
    ['zeros', ALICE, { routingNumber: '000000000' }, ['routingNumber']],
    ['an IBAN one digit off', IBAN_ACCOUNT, { iban: 'DE89370400440532013001' }, ['iban']],
    ['an IBAN of the wrong length', IBAN_ACCOUNT, { iban: 'DE8937040044053201300' }, ['iban']],
    ['an IBAN of no country', IBAN_ACCOUNT, { iban: 'ZZ89370400440532013000' }, ['iban']],
    [
      'a short BIC and no IBAN',
      IBAN_ACCOUNT,
      { iban: undefined, swiftCode: 'COBADEF' },
      ['iban', 'swiftCode'],
    ],
    ['no number in India', INDIAN_ACCOUNT, { accountNumber: undefined }, ['accountNumber']],
    ['a wrong checksum', SAVED_ADDRESS, { address: ADDRESS.replace('E0F', 'e0F') }, ['address']],
    ['the zero address', SAVED_ADDRESS, { address: `0x${'0'.repeat(40)}` }, ['address']],
    ['a card number one digit off', CARD, { cardNumber: '4242424242424241' }, ['cardNumber']],
    ['month 13', CARD, { expiryMonth: '13', expiryYear: '26' }, ['expiryMonth', 'expiryYear']],
  ])('is refused by its fields: %s', async (_, body, changes, fields) => {
    const reply = await create({ ...body, bankDetails: { ...body.bankDetails, ...changes } });
    expect(reply).toMatchObject({ status: 400, json: { code: 'validation_error' } });
    expect(fieldsOf(reply).toSorted()).toEqual(fields.map((name) => `bankDetails.${name}`));
  });

  it('names everything at once', async () => {
    const reply = await create({ type: 'usBank', network: 'wire', owner: { type: 'x' }, bankDetails: {} });
    expect(fieldsOf(reply).toSorted()).toEqual([
      'bankDetails.accountNumber',
      'bankDetails.bankName',
      'bankDetails.routingNumber',
      'owner.name',
      'owner.type',
    ]);
  });

  it('leaves nothing', async () => {
    const customer = (await world.client.customers.create({})).id;
    await create(withDetails({ routingNumber: '021000022' }), customer);
    expect(await world.client.externalAccounts.list(customer).take(1)).toEqual([]);
  });
});

it('needs a token for everything', async () => {
  for (const [method, path] of [
    ['GET', '/v0.9/external-accounts/schemas'],
    ['POST', pathOf()],
    ['GET', pathOf()],
    ['GET', '/v0.9/external-accounts/cpUsBank_x'],
    ['DELETE', '/v0.9/external-accounts/cpUsBank_x'],
    ['DELETE', `${pathOf()}/cpUsBank_x`],
  ] as const) {
    expect(await world.fetch(method, path, { as: null }), path).toMatchObject({ status: 401 });
  }
});

describe('a registration', () => {
  it('needs a customer, an active one, and no endorsement or identity', async () => {
    expect(await create(ALICE, 'cst_unknown')).toMatchObject({ status: 404, json: { code: 'not_found' } });
    expect(await world.fetch('GET', pathOf('cst_unknown'))).toMatchObject({ status: 404 });
    const { id } = await world.client.customers.create({});
    await world.sql(`update customers set status = 'inactive' where customer_id = $1`, [id]);
    expect(await create(ALICE, id)).toMatchObject({ status: 403, json: { code: 'customer_inactive' } });
    expect(await world.client.externalAccounts.list(id).take(1)).toEqual([]);
  });

  it('under one key is one account, under another body a conflict, without a key another account', async () => {
    const { id } = await world.client.customers.create({});
    const headers = { 'idempotency-key': world.key() };
    const first = await world.fetch('POST', pathOf(id), { body: ALICE, headers });
    const again = await world.fetch('POST', pathOf(id), { body: ALICE, headers });
    expect(again.text).toBe(first.text);
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    const other = withDetails({ accountNumber: '000123456780' });
    expect(await world.fetch('POST', pathOf(id), { body: other, headers })).toMatchObject({
      status: 409,
      json: { code: 'idempotency_conflict' },
    });
    expect(await create(ALICE, id)).toMatchObject({ status: 201 });
    expect(await world.client.externalAccounts.list(id).take(9)).toHaveLength(2);
  });

  it('is told by events with the account as it is shown', async () => {
    const receiver = await world.receiver();
    const webhook = await world.client.webhooks.create({ url: receiver.url, events: ['externalAccount.*'] });
    const { json } = await create(ALICE);
    await world.client.externalAccounts.delete(json.id);
    await world.drain();
    // They may arrive in any order: their sequence tells.
    const bodies = receiver.requests
      .map((request) => request.json)
      .toSorted((a, b) => a.sequence - b.sequence);
    expect(bodies.map(({ event, sequence, data }) => [event, sequence, data])).toEqual([
      ['externalAccount.created', 1, { ...json, status: 'pending' }],
      ['externalAccount.verified', 2, json],
      ['externalAccount.deleted', 3, { ...json, status: 'deleted' }],
    ]);
    await world.client.webhooks.delete(webhook.id);
  });
});

it('lists accounts by type, network, status and time, newest first', async () => {
  const { id } = await world.client.customers.create({});
  const bank = await world.client.externalAccounts.create(id, ALICE);
  world.advance(MINUTE_MS);
  const wire = await world.client.externalAccounts.create(id, { ...ALICE, network: 'wire' });
  const card = await world.client.externalAccounts.create(id, CARD);
  const list = async (query: object) =>
    (await world.client.externalAccounts.list(id, query).take(9)).map((account) => account.id);
  expect(await list({ limit: 1 })).toEqual([card.id, wire.id, bank.id]);
  expect(await list({ type: 'usBank' })).toEqual([wire.id, bank.id]);
  expect(await list({ network: 'ach' })).toEqual([bank.id]);
  expect(await list({ status: 'verified', type: 'debitCard' })).toEqual([card.id]);
  expect(await list({ status: 'pending' })).toEqual([]);
  expect(await list({ createdBefore: bank.createdAt })).toEqual([bank.id]);
  expect(await list({ createdAfter: wire.createdAt })).toEqual([card.id, wire.id]);
});

describe('a deleted account', () => {
  it.each([
    ['', (id: string) => `/v0.9/external-accounts/${id}`],
    [' of its customer', (id: string) => `${pathOf()}/${id}`],
  ])('is gone everywhere, once it is deleted%s', async (_, path) => {
    const { json } = await create(SAVED_ADDRESS);
    const headers = { 'idempotency-key': world.key() };
    expect(await world.fetch('DELETE', path(json.id), { headers })).toMatchObject({ status: 204, text: '' });
    expect(await world.fetch('DELETE', path(json.id), { headers })).toMatchObject({ status: 204 });
    for (const [method, url] of [
      ['GET', `/v0.9/external-accounts/${json.id}`],
      ['GET', `${pathOf()}/${json.id}`],
      ['DELETE', `/v0.9/external-accounts/${json.id}`],
      ['DELETE', `${pathOf()}/${json.id}`],
    ] as const) {
      expect(await world.fetch(method, url), url).toMatchObject({ status: 404, json: { code: 'not_found' } });
    }
    const listed = await world.client.externalAccounts.list(customerId).take(1_000);
    expect(listed.map(({ id }) => id)).not.toContain(json.id);
    await expect(
      inProject((tx) => world.context.externalAccounts.getOf(tx, customerId, json.id)),
    ).rejects.toMatchObject({ status: 404 });
  });

  it('is not another customer’s to see or to delete', async () => {
    const { json } = await create(ALICE);
    const other = await world.client.customers.create({});
    for (const method of ['GET', 'DELETE'])
      expect(await world.fetch(method, `${pathOf(other.id)}/${json.id}`)).toMatchObject({ status: 404 });
    expect(await world.fetch('GET', `${pathOf()}/${json.id}`)).toMatchObject({ status: 200 });
  });

  it('is deleted once, however many ask at the same moment', async () => {
    const { json } = await create(ALICE);
    const replies = await Promise.all(
      [1, 2, 3, 4].map(() => world.fetch('DELETE', `/v0.9/external-accounts/${json.id}`)),
    );
    expect(replies.map(({ status }) => status).toSorted()).toEqual([204, 404, 404, 404]);
  });
});

describe('for other slices', () => {
  it('opens the numbers for the bank, also after the account was deleted', async () => {
    const { json } = await create(ALICE);
    await world.client.externalAccounts.delete(json.id);
    const details = await inProject((tx, sealer) =>
      world.context.externalAccounts.payoutDetails(tx, sealer, json.id),
    );
    expect(details).toEqual({
      externalAccountId: json.id,
      type: 'usBank',
      network: 'ach',
      ownerName: 'Alice Martin',
      ownerType: 'individual',
      country: 'US',
      currency: 'usd',
      details: ALICE.bankDetails,
    });
  });

  it('finds many at once, with what became of them', async () => {
    const { json: one } = await create(ALICE);
    const { json: other } = await create(IBAN_ACCOUNT);
    await world.client.externalAccounts.delete(one.id);
    const rows = await inProject((tx) =>
      world.context.externalAccounts.findAll(tx, [other.id, 'cpUsBank_x', one.id]),
    );
    expect(rows).toMatchObject([
      { external_account_id: other.id, status: 'verified', country: 'DE', currency: 'usd', address: null },
      { external_account_id: one.id, status: 'deleted', country: 'US' },
    ]);
  });

  it('takes a bank’s correction once, with an event, in the form of the rail', async () => {
    const { json } = await create(ALICE);
    const correct = (changes: object) =>
      inProject((tx, sealer) => world.context.externalAccounts.updateDetails(tx, sealer, json.id, changes));
    const changes = { accountNumber: '9988776655', routingNumber: '011401533', accountType: 'savings' };
    for (let time = 0; time < 2; time++)
      expect(await correct(changes)).toMatchObject({
        display: { ...changes, accountNumber: '****6655', bankName: 'Chase' },
      });
    await expect(correct({ routingNumber: '011401534' })).rejects.toMatchObject({
      status: 400,
      details: [{ field: 'bankDetails.routingNumber' }],
    });
    const { details } = await inProject((tx, sealer) =>
      world.context.externalAccounts.payoutDetails(tx, sealer, json.id),
    );
    expect(details).toEqual({ ...changes, bankName: 'Chase' });
    const events = await world.sql<{ type: string }>(
      'select type from events where resource_id = $1 order by sequence',
      [json.id],
    );
    expect(events.map(({ type }) => type)).toEqual([
      'externalAccount.created',
      'externalAccount.verified',
      'externalAccount.updated',
    ]);
  });

  it('is not deleted under a payment that is being decided', async () => {
    const { json } = await create(ALICE);
    const order: string[] = [];
    let deletion: Promise<unknown> | undefined;
    await inProject(async (tx) => {
      await world.context.externalAccounts.getPayable(tx, customerId, json.id);
      deletion = world.client.externalAccounts.delete(json.id).then(() => order.push('deleted'));
      await expect
        .poll(() => world.sql('select 1 from pg_locks where not granted'), { timeout: 10_000 })
        .not.toEqual([]);
      order.push('decided');
    });
    await deletion;
    expect(order).toEqual(['decided', 'deleted']);
  });

  it('is payable only when it is verified', async () => {
    const { json } = await create(ALICE);
    await world.force(`update external_accounts set status = 'declined' where external_account_id = $1`, [
      json.id,
    ]);
    await expect(
      inProject((tx) => world.context.externalAccounts.getPayable(tx, customerId, json.id)),
    ).rejects.toMatchObject({ status: 409, code: 'invalid_state' });
    await world.force(`update external_accounts set status = 'verified' where external_account_id = $1`, [
      json.id,
    ]);
  });
});

describe('the invariants', () => {
  it.each([
    ['a change of an external account is one event', `status = 'declined'`, `status = 'verified'`],
    [
      'an external account shows its numbers by their end only',
      `display = jsonb_set(display, '{accountNumber}', '"000123456789"')`,
      `display = jsonb_set(display, '{accountNumber}', '"****6789"')`,
    ],
  ])('notice when it is not so: %s', async (rule, broken, whole) => {
    const { json } = await create(ALICE);
    const change = (to: string) =>
      world.force(`update external_accounts set ${to} where external_account_id = $1`, [json.id]);
    await change(broken);
    await expect(world.checkInvariants()).rejects.toThrow(rule);
    await change(whole);
    await world.checkInvariants();
  });

  it('notice a cash-in that goes elsewhere than to its saved address', async () => {
    const wallet = await world.wallet(await world.provisionedCustomer());
    const account = await world.client.externalAccounts.create(wallet.customerId, SAVED_ADDRESS);
    const body = await world.cashInBody(wallet);
    const destination = { ...body.destination, wallet: { externalAccount: account.id } };
    const { id } = await world.client.cashIns.create({ ...body, destination });
    const change = (address: string) =>
      world.force('update cash_ins set destination_address = $2 where cash_in_id = $1', [id, address]);
    await change(wallet.address);
    await expect(world.checkInvariants()).rejects.toThrow('a cash-in to a saved address goes to it');
    await change(ADDRESS);
  });
});

describe('a cash-in to a saved address', () => {
  async function setUp() {
    const wallet = await world.wallet(await world.provisionedCustomer());
    const account = await world.client.externalAccounts.create(wallet.customerId, SAVED_ADDRESS);
    const body = await world.cashInBody(wallet, '50.00');
    const to = (externalAccount: string) => ({
      ...body,
      destination: { ...body.destination, wallet: { externalAccount } },
    });
    return { wallet, account, to };
  }
  const createCashIn = (body: unknown) =>
    world.fetch('POST', '/v0.9/cash-ins', { body, headers: { 'idempotency-key': world.key() } });

  it('is delivered there', async () => {
    const { account, to } = await setUp();
    const before = await world.tokenBalance(ADDRESS);
    const { status, json } = await createCashIn(to(account.id));
    expect({ status, wallet: json.destination.wallet }).toEqual({
      status: 201,
      wallet: { externalAccount: account.id },
    });
    await world.payAtTill(json, '50.00');
    await world.drain();
    expect((await world.tokenBalance(ADDRESS)) - before).toBe(48_750_000n);
    expect(await world.client.cashIns.get(json.id)).toMatchObject({
      status: 'completed',
      destination: { wallet: { externalAccount: account.id } },
    });
  });

  it('is refused for a bank account, another customer’s address and a deleted one', async () => {
    const { wallet, account, to } = await setUp();
    const bank = await world.client.externalAccounts.create(wallet.customerId, ALICE);
    const refused = await createCashIn(to(bank.id));
    expect(refused).toMatchObject({ status: 400, json: { code: 'validation_error' } });
    expect(fieldsOf(refused)).toEqual(['destination.wallet.externalAccount']);
    const others = await setUp();
    expect(await createCashIn(to(others.account.id))).toMatchObject({ status: 404 });
    await world.client.externalAccounts.delete(account.id);
    expect(await createCashIn(to(account.id))).toMatchObject({ status: 404, json: { code: 'not_found' } });
  });

  it('gets no new code once the address is deleted; the cash of the old one still arrives', async () => {
    const { account, to } = await setUp();
    const { json } = await createCashIn(to(account.id));
    await world.client.externalAccounts.delete(account.id);
    const headers = { 'idempotency-key': world.key() };
    expect(await world.fetch('POST', `/v0.9/cash-ins/${json.id}/refresh`, { headers })).toMatchObject({
      status: 404,
    });
    await world.payAtTill(json, '50.00');
    await world.drain();
    expect(await world.client.cashIns.get(json.id)).toMatchObject({ status: 'completed' });
  });
});
