import { EXAMPLE_CUSTOMER } from '@openoms/contract/customers.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../src/kernel/clock.ts';
import { createWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

const create = (body: unknown) =>
  world.fetch('POST', '/v0.9/cash-ins', { body, headers: { 'idempotency-key': world.key() } });
const refresh = (cashInId: string) =>
  world.fetch('POST', `/v0.9/cash-ins/${cashInId}/refresh`, { headers: { 'idempotency-key': world.key() } });
const authorize = (barcode: string | undefined, amount: string) =>
  world.fetch('POST', '/v0.9/cash-ins/simulate/barcode-auth', { body: { barcode, amount } });
const commit = (body: unknown) => world.fetch('POST', '/v0.9/cash-ins/simulate/auth-commit', { body });
const fieldsOf = (reply: { json: { details: { field: string }[] } }) =>
  reply.json.details.map(({ field }) => field);

async function newWallet() {
  return world.wallet(await world.provisionedCustomer());
}

describe('the documents: $100 in cash', () => {
  it('becomes 98 USDC in the wallet, on chain and in the books', async () => {
    const wallet = await newWallet();
    const { status, json: cashIn } = await create(await world.cashInBody(wallet));
    expect(status).toBe(201);
    expect(cashIn).toMatchObject({
      object: 'cashIn',
      type: 'fiatToCrypto',
      status: 'pending',
      subStatus: 'order_reserved',
      source: { asset: 'usd', network: 'cash', indicatedAmount: '100.00', amountNet: '98.00' },
      destination: { wallet: { id: wallet.id }, amountNet: '98.00' },
      omsFeeSchedule: {
        feeCurrency: 'usd',
        entries: [
          { type: 'percentage', rate: '0.015' },
          { type: 'fixed', amount: '0.50' },
        ],
      },
      transactionId: null,
      completedAt: null,
    });
    expect(cashIn.source).not.toHaveProperty('amount');
    const hour = Date.parse(cashIn.depositInstructions.expiresAt) - Date.parse(cashIn.createdAt);
    expect(hour).toBe(HOUR_MS);

    await world.payAtTill(cashIn, '100.00');
    const processing = await world.client.cashIns.get(cashIn.id);
    expect(processing).toMatchObject({ status: 'processing', source: { amount: '100.00' } });
    expect(await world.client.wallets.balance(wallet.id)).toMatchObject({
      balance: '0.00',
      pendingBalance: '98.00',
    });

    await world.drain();
    expect(await world.tokenBalance(wallet.address)).toBe(98_000_000n);
    expect(await world.client.wallets.balance(wallet.id)).toMatchObject({
      balance: '98.00',
      availableBalance: '98.00',
      pendingBalance: '0.00',
      estimatedBalance: '98.00',
    });
    const completed = await world.client.cashIns.get(cashIn.id);
    expect(completed).toMatchObject({ status: 'completed', subStatus: 'settled' });
    expect(completed.transaction).toBe(completed.transactionId);
    const transaction = await world.client.transactions.get(completed.transactionId ?? '');
    expect(transaction).toMatchObject({
      type: 'fiatToCrypto',
      status: 'completed',
      cashInId: cashIn.id,
      senderCustomerId: wallet.customerId,
      recipientCustomerId: wallet.customerId,
      source: { amountGross: '100.00', amountNet: '98.00', feesDeducted: { total: '2.00', oms: '2.00' } },
      destination: { wallet: { walletId: wallet.id }, amountNet: '98.00' },
      rates: { exchangeRate: '1.0', effectiveRate: '0.98' },
    });
    expect(transaction.destination.txHash).toMatch(/^0x[0-9a-f]{64}$/);
  });

  it('is what the till took, not what was indicated', async () => {
    const wallet = await newWallet();
    const cashIn = await world.cashIn(wallet);
    await world.payAtTill(cashIn, '20.01');
    await world.drain();
    // 1.5 % of 20.01 is 0.30015: the fee is 0.80.
    expect(await world.tokenBalance(wallet.address)).toBe(19_210_000n);
    expect(await world.client.cashIns.get(cashIn.id)).toMatchObject({
      source: { indicatedAmount: '100.00', amount: '20.01', amountGross: '20.01', amountNet: '19.21' },
    });
  });

  it('can go to an address outside', async () => {
    const wallet = await newWallet();
    const address = '0x52908400098527886E0F7030069857D2E4169EE7';
    const body = await world.cashInBody(wallet);
    const destination = { ...body.destination, wallet: { blockchainAddress: address.toLowerCase() } };
    const { json } = await create({ ...body, destination });
    expect(json.destination.wallet).toEqual({ blockchainAddress: address });
    await world.payAtTill(json, '50.00');
    await world.drain();
    expect(await world.tokenBalance(address)).toBe(48_750_000n);
    const { transactionId } = await world.client.cashIns.get(json.id);
    const transaction = await world.client.transactions.get(transactionId ?? '');
    expect(transaction).toMatchObject({
      status: 'completed',
      destination: { wallet: { blockchainAddress: address } },
    });
    expect(transaction).not.toHaveProperty('recipientCustomerId');
  });

  it('is credited to the wallet that turns out to have the address', async () => {
    const payer = await newWallet();
    const receiver = await newWallet();
    const other = await world.newProject();
    const stranger = await world.wallet(await other.client.customers.create({}), other.client);
    for (const { address } of [payer, receiver, stranger]) {
      const body = await world.cashInBody(payer, '20.00');
      const destination = { ...body.destination, wallet: { blockchainAddress: address } };
      await world.payAtTill((await create({ ...body, destination })).json, '20.00');
    }
    await world.drain();
    for (const { id } of [payer, receiver])
      expect(await world.client.wallets.balance(id)).toMatchObject({ balance: '19.20' });
    expect(await other.client.wallets.balance(stranger.id)).toMatchObject({ balance: '19.20' });
  });

  it('names a wallet by any of its three names, and an estimate of $100 when none is given', async () => {
    const wallet = await newWallet();
    const body = await world.cashInBody(wallet);
    for (const name of ['wallet', 'id', 'walletId']) {
      const destination = { ...body.destination, wallet: { [name]: wallet.id } };
      const { status, json } = await create({ ...body, destination, source: { asset: 'usd' } });
      expect({ status, wallet: json.destination.wallet }).toEqual({ status: 201, wallet: { id: wallet.id } });
      expect(json.source.indicatedAmount).toBe('100.00');
    }
  });
});

describe('a deposit code', () => {
  it('expires after an hour, with an event, and is refused at the till', async () => {
    const receiver = await world.receiver();
    const webhook = await world.client.webhooks.create({ url: receiver.url, events: ['cashIn.*'] });
    const cashIn = await world.cashIn(await newWallet());
    world.advance(HOUR_MS - 1_000);
    await world.drain();
    expect(await world.client.cashIns.get(cashIn.id)).toMatchObject({ status: 'pending' });
    world.advance(1_000);
    // Even before the worker noticed.
    const code = cashIn.depositInstructions?.code;
    expect(await authorize(code, '20.00')).toMatchObject({ status: 422, json: { code: 'code_expired' } });
    await world.drain();
    expect(await world.client.cashIns.get(cashIn.id)).toMatchObject({
      status: 'expired',
      subStatus: 'cash_deposit_expired',
    });
    const events = receiver.requests.filter(({ json }) => json.data.id === cashIn.id);
    expect(events.map(({ json }) => json.event)).toEqual(['cashIn.created', 'cashIn.expired']);
    expect(await authorize(code, '20.00')).toMatchObject({ status: 422, json: { code: 'code_expired' } });
    await world.client.webhooks.delete(webhook.id);
  });

  it('is void once it is refreshed; the new one works for another hour', async () => {
    const cashIn = await world.cashIn(await newWallet());
    world.advance(2 * HOUR_MS);
    await world.drain();
    const { status, json: fresh } = await refresh(cashIn.id);
    expect({ status, state: fresh.status, sub: fresh.subStatus }).toEqual({
      status: 200,
      state: 'pending',
      sub: 'order_reserved',
    });
    expect(fresh.depositInstructions.code).not.toBe(cashIn.depositInstructions?.code);
    expect(await authorize(cashIn.depositInstructions?.code, '20.00')).toMatchObject({ status: 404 });
    world.advance(59 * MINUTE_MS);
    await world.payAtTill(fresh, '20.00');
    world.advance(2 * MINUTE_MS);
    await world.drain();
    expect(await world.client.cashIns.get(cashIn.id)).toMatchObject({ status: 'completed' });
    expect(await refresh(cashIn.id)).toMatchObject({ status: 409, json: { code: 'invalid_state' } });
    expect(await refresh('ci_unknown')).toMatchObject({ status: 404 });
  });

  it('is read in any spelling, for its own customer only', async () => {
    const cashIn = await world.cashIn(await newWallet());
    const code = cashIn.depositInstructions?.code ?? '';
    expect(await authorize(` ${code.toLowerCase().replace(' ', '-')} `, '20.00')).toMatchObject({
      status: 200,
    });
    const other = await world.provisionedCustomer();
    const reply = await world.fetch('POST', '/v0.9/cash-ins/simulate/barcode-auth', {
      body: { barcode: code, amount: '20.00', customerId: other.id },
    });
    expect(reply).toMatchObject({ status: 404 });
    expect(await authorize('ZZZZ 000000', '20.00')).toMatchObject({ status: 404 });
  });
});

describe('the till', () => {
  it('takes cash once for a cash-in, however often it commits', async () => {
    const wallet = await newWallet();
    const cashIn = await world.cashIn(wallet);
    const first = await world.authorizeAtTill(cashIn, '40.00');
    const second = await world.authorizeAtTill(cashIn, '60.00');
    const done = await commit(first);
    expect(done).toMatchObject({ status: 200, json: { authorizedAmount: '40.00', responseCode: '00' } });
    expect((await commit(first)).json.confirmationId).toBe(done.json.confirmationId);
    expect(await commit({ ...first, amount: '30.00' })).toMatchObject({ status: 409 });
    expect(await commit(second)).toMatchObject({ status: 409, json: { code: 'invalid_state' } });
    expect(await authorize(cashIn.depositInstructions?.code, '20.00')).toMatchObject({ status: 409 });
    await world.drain();
    expect(await world.tokenBalance(wallet.address)).toBe(38_900_000n);
  });

  it('takes cash once when two tills commit at the same moment', async () => {
    const wallet = await newWallet();
    const cashIn = await world.cashIn(wallet);
    const authorizations = await Promise.all([1, 2, 3, 4].map(() => world.authorizeAtTill(cashIn, '40.00')));
    const replies = await Promise.all(authorizations.map(commit));
    expect(replies.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409]);
    await world.drain();
    expect(await world.tokenBalance(wallet.address)).toBe(38_900_000n);
  });

  it('may commit after the expiry what it authorized before: the cash is real', async () => {
    const wallet = await newWallet();
    const cashIn = await world.cashIn(wallet);
    world.advance(59 * MINUTE_MS);
    const authorization = await world.authorizeAtTill(cashIn, '100.00');
    world.advance(2 * MINUTE_MS);
    await world.drain();
    expect(await world.client.cashIns.get(cashIn.id)).toMatchObject({ status: 'expired' });
    expect(await commit(authorization)).toMatchObject({ status: 200 });
    await world.drain();
    expect(await world.client.cashIns.get(cashIn.id)).toMatchObject({ status: 'completed' });
    expect(await world.tokenBalance(wallet.address)).toBe(98_000_000n);
  });

  it('commits no more than was authorized, and nothing that was not', async () => {
    const cashIn = await world.cashIn(await newWallet());
    const authorization = await world.authorizeAtTill(cashIn, '40.00');
    expect(await commit({ ...authorization, amount: '40.01' })).toMatchObject({
      status: 422,
      json: { code: 'amount_out_of_range', details: [{ field: 'amount' }] },
    });
    for (const wrong of [
      { accountNumber: '0' },
      { accountReferenceNumber: '0' },
      { originalConfirmationId: 'cauth_unknown' },
      { customerId: 'cst_unknown' },
    ]) {
      expect(await commit({ ...authorization, ...wrong })).toMatchObject({ status: 404 });
    }
    expect(await commit({ ...authorization, amount: '25.00' })).toMatchObject({ status: 200 });
  });
});

describe('limits', () => {
  it('of one deposit depend on the place: $20 to $500, at Walmart $1,000', async () => {
    const wallet = await newWallet();
    for (const dollars of ['19.99', '500.01']) {
      expect(await create(await world.cashInBody(wallet, dollars)), dollars).toMatchObject({
        status: 422,
        json: { code: 'amount_out_of_range', details: [{ field: 'source.indicatedAmount' }] },
      });
    }
    for (const dollars of ['20.00', '500.00'])
      expect(await create(await world.cashInBody(wallet, dollars))).toMatchObject({ status: 201 });
    expect(await create(await world.cashInBody(wallet, '1000.00', 1000))).toMatchObject({ status: 201 });
    expect(await create(await world.cashInBody(wallet, '1000.01', 1000))).toMatchObject({ status: 422 });
    const cashIn = await world.cashIn(wallet);
    for (const dollars of ['19.99', '500.01']) {
      expect(await authorize(cashIn.depositInstructions?.code, dollars)).toMatchObject({
        status: 422,
        json: { code: 'amount_out_of_range', details: [{ field: 'amount' }] },
      });
    }
  });

  it('of a day, a week and a month are rolling windows over what was deposited', async () => {
    const wallet = await newWallet();
    const deposit = async (dollars: string) => {
      const { json } = await create(await world.cashInBody(wallet, dollars, 1000));
      await world.payAtTill(json, dollars);
    };
    const exceeded = async (dollars: string): Promise<string[]> => {
      const { status, json } = await create(await world.cashInBody(wallet, dollars, 1000));
      if (status === 201) return [];
      expect({ status, code: json.code }).toEqual({ status: 422, code: 'limit_exceeded' });
      return json.details.map(({ issue }: { issue: string }) => issue.split(' ').at(-1));
    };
    await deposit('1000.00');
    expect(await exceeded('500.01')).toEqual(['day']);
    await deposit('500.00');
    expect(await exceeded('20.00')).toEqual(['day']);
    world.advance(DAY_MS);
    await deposit('1000.00');
    await deposit('500.00');
    world.advance(DAY_MS);
    expect(await exceeded('500.01')).toEqual(['week']);
    await deposit('500.00');
    expect(await exceeded('20.00')).toEqual(['week']);
    world.advance(7 * DAY_MS);
    await deposit('1000.00');
    expect(await exceeded('500.01')).toEqual(['day', 'month']);
    await deposit('500.00');
    world.advance(DAY_MS);
    expect(await exceeded('20.00')).toEqual(['month']);
    world.advance(30 * DAY_MS);
    expect(await exceeded('1000.00')).toEqual([]);
  });

  it('count deposits too: three a day, checked again when the till commits', async () => {
    const wallet = await newWallet();
    const cashIns = [];
    for (let index = 0; index < 4; index++) cashIns.push(await world.cashIn(wallet, { dollars: '20.00' }));
    const authorizations = await Promise.all(cashIns.map((each) => world.authorizeAtTill(each, '20.00')));
    const replies = await Promise.all(authorizations.map(commit));
    expect(replies.map(({ status }) => status).sort()).toEqual([200, 200, 200, 422]);
    const refused = replies.find(({ status }) => status === 422);
    expect(refused?.json).toMatchObject({ code: 'limit_exceeded', details: [{ field: 'amount' }] });
  });
});

describe('a cash-in is refused', () => {
  it('with the exact provisioning message and every missing field', async () => {
    const { residentialAddress: _, phone: __, ...rest } = EXAMPLE_CUSTOMER;
    const customer = await world.client.customers.create(rest);
    const wallet = await world.wallet(customer);
    const reply = await create(await world.cashInBody(wallet));
    expect(reply.status).toBe(422);
    expect(reply.json).toMatchObject({
      code: 'provider_account_not_provisioned',
      message: 'provider account not provisioned for this customer',
      details: [
        { field: 'residentialAddress', issue: 'required' },
        { field: 'phone', issue: 'required' },
      ],
    });
  });

  it('for a customer without the usd endorsement, or an inactive one', async () => {
    const customer = await world.client.customers.create({
      ...EXAMPLE_CUSTOMER,
      endorsements: ['cryptoCustody'],
    });
    const wallet = await world.wallet(customer);
    expect(await create(await world.cashInBody(wallet))).toMatchObject({
      status: 403,
      json: {
        code: 'endorsement_required',
        details: [{ field: 'endorsements', issue: 'usd is not ACTIVE' }],
      },
    });
    const active = await newWallet();
    const cashIn = await world.cashIn(active);
    await world.sql(`update customers set status = 'inactive' where customer_id = $1`, [active.customerId]);
    for (const reply of [
      await create(await world.cashInBody(active)),
      await refresh(cashIn.id),
      await authorize(cashIn.depositInstructions?.code, '20.00'),
    ]) {
      expect(reply).toMatchObject({ status: 403, json: { code: 'customer_inactive' } });
    }
  });

  it('when location, wallet or customer are not what they should be', async () => {
    const wallet = await newWallet();
    const other = await newWallet();
    const body = await world.cashInBody(wallet);
    const with_ = (part: object) => ({ ...body, ...part });
    const to = (target: object) => with_({ destination: { ...body.destination, wallet: target } });
    const at = (cash: object) => with_({ cash: { ...body.cash, ...cash } });
    const [, elsewhere] = await world.client.cashLocations
      .list({ provider: 'greendot', latitude: 40.7, longitude: -74 })
      .take(2);
    const cases: readonly (readonly [number, string, object])[] = [
      [404, 'not_found', with_({ customerId: 'cst_unknown' })],
      [404, 'not_found', to({ wallet: 'wlt_unknown' })],
      [404, 'not_found', to({ wallet: other.id })],
      [404, 'not_found', to({ externalAccount: 'cpBcAddr_unknown' })],
      [404, 'not_found', at({ cashLocationId: 'loc_unknown' })],
      [422, 'unsupported_asset_network', with_({ destination: { ...body.destination, asset: 'btc' } })],
      [422, 'unsupported_asset_network', with_({ destination: { ...body.destination, network: 'solana' } })],
      [400, 'cash.cashLocationReference', at({ cashLocationReference: elsewhere?.cashLocationReference })],
      [400, 'cash.locationId', at({ locationId: elsewhere?.id })],
      [400, 'cash.cashLocationId', with_({ cash: { cashLocationReference: 'x' } })],
      [400, 'destination.wallet', to({})],
      [400, 'destination.wallet', to({ wallet: wallet.id, blockchainAddress: `0x${'1'.repeat(40)}` })],
      [400, 'destination.wallet.blockchainAddress', to({ blockchainAddress: `0x${'0'.repeat(40)}` })],
      [400, 'destination.wallet.blockchainAddress', to({ blockchainAddress: '0x12' })],
      [
        400,
        'destination.wallet.blockchainAddress',
        to({ blockchainAddress: '0x52908400098527886e0F7030069857D2E4169EE7' }),
      ],
      [400, 'source.indicatedAmount', with_({ source: { asset: 'usd', indicatedAmount: '20.001' } })],
      [400, 'source.indicatedAmount', with_({ source: { asset: 'usd', indicatedAmount: '0.00' } })],
    ];
    for (const [status, expected, wrong] of cases) {
      const reply = await create(wrong);
      expect(reply, JSON.stringify(wrong)).toMatchObject({ status });
      if (status === 400) expect(fieldsOf(reply)).toEqual([expected]);
      else expect(reply.json.code).toBe(expected);
    }
    expect((await world.client.cashIns.list({ customerId: wallet.customerId }).firstPage()).data).toEqual([]);
  });
});

it('lists cash-ins by customer, status and time, newest first', async () => {
  const wallet = await newWallet();
  const { customerId } = wallet;
  const first = await world.cashIn(wallet);
  world.advance(MINUTE_MS);
  const second = await world.cashIn(wallet);
  await world.payAtTill(second, '20.00');
  const list = async (query: object) =>
    (await world.client.cashIns.list({ customerId, ...query }).take(9)).map(({ id }) => id);
  expect(await list({ limit: 1 })).toEqual([second.id, first.id]);
  expect(await list({ status: 'pending' })).toEqual([first.id]);
  expect(await list({ createdAfter: second.createdAt })).toEqual([second.id]);
  expect(await list({ createdBefore: first.createdAt })).toEqual([first.id]);
  expect(await list({ customerId: 'cst_unknown' })).toEqual([]);
});

it('lists cash locations nearest first', async () => {
  const here = { provider: 'greendot', latitude: 38.495133, longitude: -121.505336 } as const;
  const locations = await world.client.cashLocations.list({ ...here, limit: 5 }).take(5);
  expect(locations[0]).toMatchObject({ distance: '0.0', distanceUnit: 'mi', cashInAllowed: true });
  const distances = locations.map(({ distance }) => Number(distance));
  expect(distances).toEqual(distances.toSorted((a, b) => a - b));
  const reply = await world.fetch('GET', '/v0.9/cash-locations?latitude=91&flow=up');
  expect(new Set(fieldsOf(reply))).toEqual(new Set(['provider', 'latitude', 'longitude', 'flow']));
});
