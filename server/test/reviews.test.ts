import type { Transaction } from '@openoms/contract/transactions.ts';
import type { Wallet } from '@openoms/contract/wallets.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { must } from '../src/kernel/assert.ts';
import { createWorld, type World } from './world.ts';

const NAME = 'transaction.cryptoToCrypto.underReview';
const USDC = { asset: 'usdc', network: 'polygon' } as const;
const WILDCARDS = [['*'], ['transaction.*'], ['transaction.*.*'], ['transaction.cryptoToCrypto.*'], []];

let world: World;
let purse: Wallet;
let other: Wallet;
beforeAll(async () => {
  world = await createWorld();
  purse = await world.fundedWallet(await world.provisionedCustomer(), '500.00');
  other = await world.wallet(await world.client.customers.create({}));
  await world.drain();
});
afterAll(() => world.close());

async function pay(): Promise<Transaction> {
  const { id: quoteId } = await world.client.quotes.create({
    customerId: purse.customerId,
    source: { walletId: purse.id, ...USDC, amount: '1.00' },
    destination: { wallet: { id: other.id }, ...USDC },
  });
  return world.client.transactions.create({ quoteId });
}

const review = (id: string, body: object = {}) =>
  world.fetch('POST', `/v0.9/transactions/${id}/simulate`, { body: { event: 'underReview', ...body } });

/** What screening finds by itself. */
const find = (providerEventId: string, transactionId: string, provider = 'screener') =>
  world.context.db.tx(world.project.projectId, (tx) =>
    world.context.transactions.reviewsOpened(tx, provider, [{ providerEventId, transactionId }]),
  );

const reviewsOf = async (transactionId: string) =>
  (await world.client.events.list({ type: NAME }).take(100)).filter(({ data }) => data.id === transactionId);

describe('a review', () => {
  it('is told to those alone who name its event', async () => {
    const compliance = await world.receiver();
    const named = await world.client.webhooks.create({ url: compliance.url, events: [NAME] });
    const mixed = await world.receiver();
    const both = await world.client.webhooks.create({ url: mixed.url, events: ['cashIn.*', NAME] });
    expect([named.complianceOnly, both.complianceOnly]).toEqual([true, false]);
    const others = await Promise.all(
      WILDCARDS.map(async (events) => {
        const receiver = await world.receiver();
        await world.client.webhooks.create({ url: receiver.url, events });
        return receiver;
      }),
    );
    const payment = await pay();
    expect(await review(payment.id)).toMatchObject({
      status: 200,
      json: { transactionId: payment.id, event: 'underReview', status: 'submitted' },
    });
    await world.drain();
    for (const receiver of [compliance, mixed]) {
      expect(receiver.events()).toEqual([NAME]);
      expect(must(receiver.requests[0], 'a delivery').json).toMatchObject({ sequence: 1, data: payment });
    }
    for (const receiver of others) {
      expect(receiver.events().toSorted()).toEqual([
        'transaction.cryptoToCrypto.completed',
        'transaction.cryptoToCrypto.processing',
      ]);
      const sequences = receiver.requests.map(({ json }) => json.sequence);
      expect(sequences.toSorted()).toEqual([1, 2]);
    }
  });

  it('leaves the transaction as it was, and no gap in its history', async () => {
    const payment = await pay();
    await review(payment.id);
    expect(await world.client.transactions.get(payment.id)).toEqual(payment);
    await world.drain();
    await review(payment.id);
    const history = await world.client.events.list({ resource: payment.id }).take(10);
    expect(history.map(({ event, sequence }) => [event, sequence])).toEqual([
      ['transaction.cryptoToCrypto.completed', 2],
      ['transaction.cryptoToCrypto.processing', 1],
    ]);
    expect(await reviewsOf(payment.id)).toHaveLength(2);
  });

  it('is found in the list of events by its name alone', async () => {
    const payment = await pay();
    await review(payment.id);
    const [event] = await reviewsOf(payment.id);
    const { id = '', resourceId = '' } = event ?? {};
    expect(resourceId).toMatch(/^rvw_/);
    expect(event).toMatchObject({ event: NAME, sequence: 1, data: payment });
    expect(await world.client.events.get(id)).toEqual(event);
    for (const query of [{}, { resource: resourceId }, { type: '*' }, { type: 'transaction.*' }]) {
      const listed = await world.client.events.list(query).take(100);
      expect(listed.filter((each) => each.event === NAME)).toEqual([]);
    }
    expect(await world.client.events.list({ resource: resourceId, type: NAME }).take(9)).toEqual([event]);
    for (const type of ['transaction.*.underReview', '*.*.underReview']) {
      const reply = await world.fetch('GET', `/v0.9/events?type=${type}`);
      expect(reply).toMatchObject({ status: 400, json: { details: [{ field: 'type' }] } });
    }
  });

  it('is opened once per finding of a screener', async () => {
    const payment = await pay();
    await find('finding-1', payment.id);
    await find('finding-1', payment.id);
    await find('finding-1', payment.id, 'another screener');
    await find('finding-2', payment.id);
    expect(await reviewsOf(payment.id)).toHaveLength(3);
    await expect(find('finding-3', 'txn_01h455vb4pex5vsknk084sn02q')).rejects.toMatchObject({ status: 404 });
    await find('finding-3', payment.id);
    expect(await reviewsOf(payment.id)).toHaveLength(4);
  });

  it('is not simulated of nothing, of another tenant’s, or with what it does not take', async () => {
    const payment = await pay();
    const stranger = await world.newProject();
    const path = `/v0.9/transactions/${payment.id}/simulate`;
    const body = { event: 'underReview' };
    expect(await world.fetch('POST', path, { body, as: stranger })).toMatchObject({ status: 404 });
    expect(await world.fetch('POST', path, { body, as: null })).toMatchObject({ status: 401 });
    expect(await review('txn_01h455vb4pex5vsknk084sn02q')).toMatchObject({ status: 404 });
    expect(await review(payment.id, { code: 'R01', returnCode: 'R01' })).toMatchObject({
      status: 400,
      json: { details: [{ field: 'returnCode' }, { field: 'code' }] },
    });
    expect(await reviewsOf(payment.id)).toEqual([]);
    const headers = { 'idempotency-key': world.key() };
    const [first, second] = [
      await world.fetch('POST', path, { body, headers }),
      await world.fetch('POST', path, { body, headers }),
    ];
    expect(second.text).toBe(first.text);
    expect(await reviewsOf(payment.id)).toHaveLength(1);
  });

  it('cannot be subscribed to by a pattern', async () => {
    const body = {
      url: 'https://example.com/',
      events: [NAME, 'transaction.*.underReview', '*.*.underReview'],
    };
    const headers = { 'idempotency-key': world.key() };
    expect(await world.fetch('POST', '/v0.9/webhooks', { body, headers })).toMatchObject({
      status: 400,
      json: { details: [{ field: 'events.1' }, { field: 'events.2' }] },
    });
  });
});
