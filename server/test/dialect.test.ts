import type { Customer } from '@openoms/contract/customers.ts';
import type { Wallet } from '@openoms/contract/wallets.ts';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createWorld, type World } from './world.ts';

const OUTSIDE = '0x00000000000000000000000000000000000000dd';
const usdc = { asset: 'usdc', network: 'polygon' } as const;

let world: World;
let customer: Customer;
let wallet: Wallet;

beforeAll(async () => {
  world = await createWorld();
  customer = await world.provisionedCustomer();
  wallet = await world.fundedWallet(customer, '50.00');
});
afterAll(() => world.close());

const post = (path: string, body: unknown) =>
  world.fetch('POST', `/v0.11${path}`, { body, headers: { 'idempotency-key': world.key() } });

const quoteBody = (destination: object) => ({
  customerId: customer.id,
  source: { walletId: wallet.id, ...usdc, amount: '1.00' },
  destination: { ...usdc, ...destination },
});

it('serves what does not differ as v0.9 does', async () => {
  const path = `/customers/${customer.id}`;
  const later = await world.fetch('GET', `/v0.11${path}`);
  expect(later.status).toBe(200);
  expect(later.text).toBe((await world.fetch('GET', `/v0.9${path}`)).text);
  expect((await world.fetch('GET', '/v0.10/customers')).status).toBe(404);
  expect((await world.fetch('PUT', '/v0.11/quotes', { body: {} })).headers.get('allow')).toBe('POST');
});

it('takes and shows the target of a quote in its destination', async () => {
  const made = await post('/quotes', quoteBody({ blockchainAddress: OUTSIDE }));
  expect(made.status).toBe(201);
  expect(made.json.destination).toMatchObject({ blockchainAddress: expect.stringMatching(/dd$/i) });
  expect(made.json.destination.wallet).toBeUndefined();
  expect((await world.fetch('GET', `/v0.11/quotes/${made.json.id}`)).text).toBe(made.text);
  const old = await world.fetch('GET', `/v0.9/quotes/${made.json.id}`);
  expect(old.json.destination.wallet).toEqual({
    blockchainAddress: made.json.destination.blockchainAddress,
  });
  const paid = await post('/transactions', { quoteId: made.json.id });
  expect(paid).toMatchObject({ status: 201, json: { status: 'processing' } });
  await world.drain();
  expect(await world.tokenBalance(OUTSIDE)).toBe(1_000_000n);
});

it('names offending fields as they were sent', async () => {
  const nowhere = await post('/quotes', quoteBody({}));
  expect(nowhere.json.details[0].field).toBe('destination');
  const wrong = await post('/quotes', quoteBody({ blockchainAddress: `0x${'Ab'.repeat(20)}` }));
  expect(wrong.json.details[0].field).toBe('destination.blockchainAddress');
});

it('registers a bank account by its owner, and pays to it over the network usBank', async () => {
  const body = {
    owner: { kind: 'customer', customerId: customer.id },
    type: 'bankUs',
    bankUs: { accountNumber: '000123456789', routingNumber: '021000021', accountType: 'checking' },
  };
  const made = await post('/external-accounts', body);
  expect(made).toMatchObject({
    status: 201,
    json: {
      object: 'externalAccount',
      status: 'verified',
      owner: { kind: 'customer', customerId: customer.id, name: 'Jane Smith' },
      bankUs: { accountNumber: '****6789', routingNumber: '021000021' },
    },
  });
  const { id } = made.json;
  expect(await world.client.externalAccounts.get(id)).toMatchObject({ id, network: 'ach' });
  const quote = await post('/quotes', {
    ...quoteBody({}),
    destination: { externalAccountId: id, asset: 'usd', network: 'usBank' },
  });
  expect(quote.json.destination).toMatchObject({ externalAccountId: id, network: 'ach' });
  await post('/transactions', { quoteId: quote.json.id });
  await world.drain();
  expect(await world.client.transactions.list({ quoteId: quote.json.id }).take(1)).toMatchObject([
    { status: 'completed', type: 'cryptoToFiat' },
  ]);
  const wrong = await post('/external-accounts', {
    ...body,
    bankUs: { accountNumber: '1', routingNumber: '021000022', accountType: 'gold' },
  });
  expect(wrong.json.details.map(({ field }: { field: string }) => field).sort()).toEqual([
    'bankUs.accountNumber',
    'bankUs.accountType',
    'bankUs.routingNumber',
  ]);
  const nobodys = await post('/external-accounts', {
    ...body,
    owner: { kind: 'customer', customerId: 'cst_x' },
  });
  expect(nobodys.status).toBe(404);
});

it('names the owner of an account as the customer is, as far as a name goes', async () => {
  const cases = [
    [{ firstName: '😀'.repeat(60), lastName: 'é'.repeat(60) }, `${'😀'.repeat(60)} ${'é'.repeat(39)}`],
    [{ firstName: 'Jane\t\n', lastName: ' Smith' }, 'Jane Smith'],
    [{ firstName: '\n' }, undefined],
    [{}, undefined],
  ] as const;
  for (const [names, expected] of cases) {
    const { id: customerId } = await world.client.customers.create(names);
    const { status, json } = await post('/external-accounts', {
      owner: { kind: 'customer', customerId },
      type: 'bankUs',
      bankUs: { accountNumber: '000123456789', routingNumber: '021000021', accountType: 'checking' },
    });
    expect({ status, name: json.owner.name }).toEqual({ status: 201, name: expected ?? customerId });
    expect((await world.fetch('GET', `/v0.9/external-accounts/${json.id}`)).status).toBe(200);
  }
});

it('opens a virtual account by its customer in the body', async () => {
  const body = {
    customerId: customer.id,
    source: { asset: 'usd', network: 'usBank' },
    destination: { type: 'walletOms', details: { id: wallet.id } },
    accountHolder: 'customer',
    type: 'bankUs',
  };
  const made = await post('/virtual-accounts', body);
  expect(made).toMatchObject({
    status: 201,
    json: {
      object: 'virtualAccount',
      type: 'bankUs',
      accountHolder: 'customer',
      bankDetails: { ownerName: 'Jane Smith' },
      destination: { type: 'walletOms', details: { id: wallet.id }, asset: 'usdc', network: 'polygon' },
    },
  });
  const before = await world.client.wallets.balance(wallet.id);
  await world.client.virtualAccounts.simulate(made.json.id, {
    rail: 'ach_in',
    amount: { value: '25.00', currency: 'USD' },
  });
  await world.drain();
  const after = await world.client.wallets.balance(wallet.id);
  expect(Number(after.balance) - Number(before.balance)).toBe(25);
  expect((await post('/virtual-accounts', { ...body, customerId: 'cst_nobody' })).status).toBe(404);
  expect((await post('/virtual-accounts', { ...body, type: 'bankEu' })).status).toBe(400);
});
