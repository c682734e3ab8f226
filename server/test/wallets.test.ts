import { getAddress } from 'viem/utils';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

const createFor = (customerId: string, body: unknown) =>
  world.fetch('POST', `/v0.9/customers/${customerId}/wallets`, {
    body,
    headers: { 'idempotency-key': world.key() },
  });
const POLYGON = { asset: 'usdc', chain: 'polygon' };

describe('a wallet', () => {
  it('of a customer of which nothing is known is active at once, with an address of its own', async () => {
    const customer = await world.client.customers.create({});
    const { status, json } = await createFor(customer.id, POLYGON);
    expect(status).toBe(201);
    expect(json).toMatchObject({
      object: 'wallet',
      customerId: customer.id,
      asset: 'usdc',
      chain: 'polygon',
      status: 'active',
      type: 'internal',
    });
    expect(json.id).toMatch(/^wlt_/);
    expect(getAddress(json.address)).toBe(json.address);
    const another = await createFor(customer.id, POLYGON);
    expect(another.json.address).not.toBe(json.address);
    expect(await world.client.wallets.get(json.id)).toEqual(json);
    const listed = await world.client.wallets.list(customer.id, { limit: 1 }).take(9);
    expect(listed).toEqual([another.json, json]);
  });

  it('shows in its customer', async () => {
    const customer = await world.provisionedCustomer();
    const wallet = await world.wallet(customer);
    const { wallets } = await world.client.customers.get(customer.id);
    expect(wallets).toEqual([
      {
        id: wallet.id,
        type: 'custodial',
        address: wallet.address,
        network: 'polygon',
        asset: 'usdc',
        balance: '0.00',
        estimatedValueUsd: '0.00',
        createdAt: wallet.createdAt,
      },
    ]);
  });

  it.each([
    ['asset', { asset: 'btc', chain: 'polygon' }],
    ['chain', { asset: 'usdc', chain: 'ethereum' }],
    ['asset', { asset: 'USDC', chain: 'polygon' }],
  ])('of what is not offered is refused: %s %o', async (field, body) => {
    const customer = await world.client.customers.create({});
    expect(await createFor(customer.id, body)).toMatchObject({
      status: 422,
      json: { code: 'unsupported_asset_network', details: [{ field }] },
    });
  });

  it('needs its fields, an endorsed customer and an active one', async () => {
    const customer = await world.client.customers.create({});
    const empty = await createFor(customer.id, {});
    expect(empty).toMatchObject({ status: 400, json: { code: 'validation_error' } });
    expect(empty.json.details.map(({ field }: { field: string }) => field)).toEqual(['asset', 'chain']);
    expect(await createFor('cst_unknown', POLYGON)).toMatchObject({ status: 404 });
    const usdOnly = await world.client.customers.create({ endorsements: ['usd'] });
    expect(await createFor(usdOnly.id, POLYGON)).toMatchObject({
      status: 403,
      json: { code: 'endorsement_required', details: [{ issue: 'cryptoCustody is not ACTIVE' }] },
    });
    await world.sql(`update customers set status = 'inactive' where customer_id = $1`, [customer.id]);
    expect(await createFor(customer.id, POLYGON)).toMatchObject({
      status: 403,
      json: { code: 'customer_inactive' },
    });
    expect((await world.client.wallets.list(customer.id).firstPage()).data).toEqual([]);
  });

  it('waits with 503 and Retry-After while no address is ready', async () => {
    const customer = await world.client.customers.create({});
    const headers = { 'idempotency-key': world.key() };
    const path = `/v0.9/customers/${customer.id}/wallets`;
    await world.sql('create table taken as select key_index from address_pool where taken_at is null');
    await world.sql('update address_pool set taken_at = now() where taken_at is null');
    const dry = await world.fetch('POST', path, { body: POLYGON, headers });
    expect(dry).toMatchObject({ status: 503, json: { code: 'provider_unavailable' } });
    expect(dry.headers.get('retry-after')).toBe('1');
    expect(await world.fetch('GET', '/health/ready', { as: null })).toMatchObject({ status: 503 });
    await world.sql(
      'update address_pool set taken_at = null where key_index in (select key_index from taken)',
    );
    expect(await world.fetch('POST', path, { body: POLYGON, headers })).toMatchObject({ status: 201 });
    expect(await world.fetch('GET', '/health/ready', { as: null })).toMatchObject({ status: 200 });
  });
});

describe('a balance', () => {
  it('of a new wallet is zero, of an unknown one 404, in a currency that is not offered 400', async () => {
    const wallet = await world.wallet(await world.client.customers.create({}));
    expect(await world.client.wallets.balance(wallet.id)).toEqual({
      object: 'balance',
      walletId: wallet.id,
      asset: 'usdc',
      chain: 'polygon',
      balance: '0.00',
      displayBalance: '0.00',
      availableBalance: '0.00',
      pendingBalance: '0.00',
      estimatedBalance: '0.00',
      estimatedBalanceCurrencyCode: 'USD',
    });
    expect(await world.fetch('GET', '/v0.9/wallets/wlt_x/balance')).toMatchObject({ status: 404 });
    expect(
      await world.fetch('GET', `/v0.9/wallets/${wallet.id}/balance?estimatedBalanceCurrencyCode=EUR`),
    ).toMatchObject({ status: 400, json: { details: [{ field: 'estimatedBalanceCurrencyCode' }] } });
  });

  it('grows by what others send to the address, once it is final', async () => {
    const receiver = await world.receiver();
    await world.client.webhooks.create({ url: receiver.url, events: ['wallet.*'] });
    const customer = await world.provisionedCustomer();
    const wallet = await world.wallet(customer);
    await world.chain.mintUsdc(wallet.address, 1_234_567n);
    await world.drain();
    const { balance, estimatedBalance } = await world.client.wallets.balance(wallet.id);
    expect({ balance, estimatedBalance }).toEqual({ balance: '1.234567', estimatedBalance: '1.23' });
    expect((await world.client.customers.balance(customer.id)).estimatedBalance).toBe('1.23');
    const mine = receiver.requests.filter(({ json }) => json.data.walletId === wallet.id);
    expect(mine.map(({ json }) => [json.event, json.sequence])).toEqual([
      ['wallet.depositDetected', 1],
      ['wallet.depositCredited', 2],
    ]);
    expect(mine[1]?.json.data).toMatchObject({
      amount: '1.234567',
      address: wallet.address,
      status: 'credited',
    });
  });
});
