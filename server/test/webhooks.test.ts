import { webhooks } from '@openoms/sdk';
import { Webhook as StandardWebhook } from 'standardwebhooks';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HOUR_MS, SECOND_MS } from '../src/kernel/clock.ts';
import { LADDER_MS } from './ladder.ts';
import type { Receiver } from './receiver.ts';
import { createWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

/** A project with an endpoint of its own, so that no test hears of another's events. */
async function subscribed(events: string[] = [], enabled = true) {
  const { client } = await world.newProject();
  const receiver = await world.receiver();
  const webhook = await client.webhooks.create({ url: receiver.url, events, enabled });
  const happen = async () => client.customers.create({});
  return { client, receiver, webhook, happen };
}

const create = (body: unknown) =>
  world.fetch('POST', '/v0.9/webhooks', { body, headers: { 'idempotency-key': world.key() } });

describe('an endpoint', () => {
  it('shows its secret once, and is listed, changed and deleted', async () => {
    const { client, webhook } = await subscribed(['cashIn.*'], false);
    const { secret, ...shown } = webhook;
    expect(secret).toMatch(/^whsec_[0-9a-f]{64}$/);
    expect(shown).toMatchObject({
      object: 'webhook',
      enabled: false,
      status: 'disabled',
      complianceOnly: false,
    });
    expect(await client.webhooks.get(webhook.id)).toEqual(shown);
    expect(await client.webhooks.list().take(9)).toEqual([shown]);
    const url = 'https://example.com/hooks';
    const changed = await client.webhooks.update(webhook.id, { url, events: [] });
    expect(changed).toMatchObject({ url, events: [], enabled: false });
    expect(changed).not.toHaveProperty('secret');
    await client.webhooks.delete(webhook.id);
    expect(await client.webhooks.list().take(9)).toEqual([]);
    await expect(client.webhooks.get(webhook.id)).rejects.toMatchObject({ status: 404 });
    await expect(client.webhooks.update(webhook.id, {})).rejects.toMatchObject({ status: 404 });
    await expect(client.webhooks.delete(webhook.id)).rejects.toMatchObject({ status: 404 });
  });

  it('is told what it subscribes to, and nothing else', async () => {
    const { client } = await world.newProject();
    const patterns = {
      all: [],
      exact: ['cashIn.completed'],
      oneResource: ['cashIn.*'],
      deep: ['transaction.*'],
      middle: ['transaction.*.completed'],
      failures: ['transaction.*.failed'],
    };
    const receivers: Record<string, Receiver> = {};
    for (const [name, events] of Object.entries(patterns)) {
      const receiver = await world.receiver();
      receivers[name] = receiver;
      await client.webhooks.create({ url: receiver.url, events });
    }
    await world.drain();
    const customer = await world.provisionedCustomer(client);
    const cashIn = await world.cashIn(await world.wallet(customer, client), { client });
    await world.payAtTill(cashIn, '20.00', client);
    await world.drain();
    const heard = Object.fromEntries(
      Object.entries(receivers).map(([name, receiver]) => [name, receiver.events().toSorted()]),
    );
    const cashIns = ['cashIn.completed', 'cashIn.created', 'cashIn.processing'];
    const transactions = ['transaction.fiatToCrypto.completed', 'transaction.fiatToCrypto.processing'];
    expect(heard).toEqual({
      all: [...cashIns, 'customer.endorsement.granted', ...transactions],
      exact: ['cashIn.completed'],
      oneResource: cashIns,
      deep: transactions,
      middle: ['transaction.fiatToCrypto.completed'],
      failures: [],
    });
    const states = receivers.oneResource?.requests.map(({ json }) => [json.sequence, json.data.status]);
    expect(states?.toSorted()).toEqual([
      [1, 'pending'],
      [2, 'processing'],
      [3, 'completed'],
    ]);
  });

  it.each([
    'http://example.com/',
    'https://localhost.localdomain@10.0.0.1/',
    'https://user:pass@example.com/',
    'https://10.0.0.1/',
    'https://172.16.0.1/',
    'https://192.168.1.1/',
    'https://169.254.169.254/latest/meta-data',
    'https://100.64.0.1/',
    'https://0.0.0.0/',
    'https://0/',
    'https://127.0.0.2/',
    'https://2130706434/',
    'https://0x7f000002/',
    'https://0177.0.0.2/',
    'https://10.1/',
    'https://0xa9fea9fe/',
    'https://[::]/',
    'https://[::ffff:10.0.0.1]/',
    'https://[::ffff:a00:1]/',
    'https://[64:ff9b::a00:1]/',
    'https://[fd00::1]/',
    'https://[fe80::1]/',
    'https://[2002:a00:1::]/',
    'https://１０.0.0.1/',
    'https://10。0。0。1/',
    'https://intranet/',
    'https://255.255.255.255/',
    'https://224.0.0.1/',
  ])('is refused inside a private network: %s', async (url) => {
    for (const reply of [await create({ url })]) {
      expect(reply).toMatchObject({ status: 400, json: { code: 'validation_error' } });
      expect(reply.json.details).toMatchObject([{ field: 'url' }]);
    }
  });

  it('may be plain http and private on a trusted host only', async () => {
    expect(await create({ url: 'http://localhost:1/x', enabled: false })).toMatchObject({ status: 201 });
    expect(await create({ url: 'http://[::1]:1/x', enabled: false })).toMatchObject({ status: 201 });
    expect(await create({ url: 'ftp://localhost/x' })).toMatchObject({ status: 400 });
    expect(await create({ url: 'http://localhost.example.com/' })).toMatchObject({ status: 400 });
  });
});

describe('a delivery', () => {
  it('verifies with our SDK and with the standardwebhooks package', async () => {
    const { receiver, webhook, happen } = await subscribed();
    const customer = await happen();
    await world.drain();
    const [request] = receiver.requests;
    if (!request) throw new Error('nothing was delivered');
    const header = String(request.headers['webhook-signature']);
    const { secret } = webhook;
    const event = await webhooks.verify({ payload: request.body, header, secret });
    expect(event).toMatchObject({ event: 'customer.endorsement.granted', data: { id: customer.id } });
    const headers = {
      'webhook-id': String(request.headers['webhook-id']),
      'webhook-timestamp': String(request.headers['webhook-timestamp']),
      'webhook-signature': header,
    };
    expect(new StandardWebhook(secret).verify(request.body, headers)).toEqual(request.json);
    expect(headers['webhook-id']).toBe(request.json.id);
    const changed = request.body.replace('granted', 'Granted');
    await expect(webhooks.verify({ payload: changed, header, secret })).rejects.toThrow();
    expect(() => new StandardWebhook(secret).verify(changed, headers)).toThrow();
    expect(request.json.data.endorsements).toEqual(['basic', 'cryptoCustody', 'usd']);
  });

  it('is tried ten times over three days, with one id, and then given up', async () => {
    const { client, receiver, happen } = await subscribed();
    receiver.answerWith({ status: 500, body: 'broken' });
    await happen();
    await world.drain();
    expect(receiver.requests).toHaveLength(1);
    for (const [index, waitMs] of LADDER_MS.entries()) {
      world.advance(waitMs - 1);
      await world.drain();
      expect(receiver.requests, `before attempt ${index + 2}`).toHaveLength(index + 1);
      world.advance(1);
      await world.drain();
      expect(receiver.requests).toHaveLength(index + 2);
    }
    receiver.answerWith({ status: 200 });
    world.advance(100 * HOUR_MS);
    await world.drain();
    expect(receiver.requests).toHaveLength(10);
    expect(new Set(receiver.requests.map(({ json }) => json.id)).size).toBe(1);
    expect(receiver.requests.map(({ headers }) => headers['webhook-attempt'])).toEqual(
      Array.from({ length: 10 }, (_, index) => String(index + 1)),
    );
    const [webhook] = await client.webhooks.list().take(1);
    const deliveries = await world.sql(
      'select status, attempts from webhook_deliveries where webhook_id = $1',
      [webhook?.id],
    );
    expect(deliveries).toEqual([{ status: 'failed', attempts: 10 }]);
  });

  it.each([
    ['a redirect', { status: 302, headers: { location: 'https://example.com/' } }],
    ['a refusal', { status: 400 }],
    ['too many requests', { status: 429 }],
  ])('is not done by %s, and succeeds when the endpoint is well again', async (_, answer) => {
    const { receiver, happen } = await subscribed();
    receiver.answerWith(answer);
    await happen();
    await world.drain();
    receiver.answerWith({ status: 204 });
    world.advance(10 * SECOND_MS);
    await world.drain();
    world.advance(100 * HOUR_MS);
    await world.drain();
    expect(receiver.requests).toHaveLength(2);
  });

  it('that meets 410 Gone switches the endpoint off', async () => {
    const { client, receiver, webhook, happen } = await subscribed();
    receiver.answerWith({ status: 410 });
    await happen();
    await world.drain();
    expect(await client.webhooks.get(webhook.id)).toMatchObject({ enabled: false, status: 'disabled' });
    await happen();
    world.advance(HOUR_MS);
    await world.drain();
    expect(receiver.requests).toHaveLength(1);
  });

  it('waits while the endpoint is off, and comes when it is on again', async () => {
    const { client, receiver, webhook, happen } = await subscribed();
    await client.webhooks.update(webhook.id, { enabled: false });
    const missed = [await happen(), await happen(), await happen()];
    await world.drain();
    expect(receiver.requests).toEqual([]);
    await client.webhooks.update(webhook.id, { enabled: true });
    await world.drain();
    const told = receiver.requests.map(({ json }) => json.data.id);
    expect(told.toSorted()).toEqual(missed.map(({ id }) => id).sort());
  });

  it('never comes once the endpoint is deleted', async () => {
    const { client, receiver, webhook, happen } = await subscribed();
    receiver.answerWith({ status: 500 });
    await happen();
    await world.drain();
    await client.webhooks.delete(webhook.id);
    await happen();
    world.advance(HOUR_MS);
    await world.drain();
    expect(receiver.requests).toHaveLength(1);
  });
});
