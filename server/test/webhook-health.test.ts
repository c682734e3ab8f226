import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../src/kernel/clock.ts';
import { trustTestAuthority } from './egress/certificates.ts';
import { MISBEHAVING_ENDPOINTS } from './misbehaving-endpoints.ts';
import { createWorld, type World } from './world.ts';

trustTestAuthority();

/** Long enough for an honest exchange on a busy machine; each of the slow endpoints takes all of it. */
const TIMEOUT_MS = 3_000;

let world: World;
beforeAll(async () => {
  world = await createWorld({ webhookTimeoutMs: TIMEOUT_MS });
});
afterAll(() => world.close());

async function subscribed(settings: Record<string, unknown> = {}) {
  const { client } = await world.newProject();
  const receiver = await world.receiver();
  const webhook = await client.webhooks.create({ url: receiver.url, events: ['customer.*'], ...settings });
  const happen = async (times = 1) => {
    for (let time = 0; time < times; time++) await client.customers.create({});
  };
  const deliveries = (query = {}) => client.webhooks.deliveries(webhook.id, query).take(100);
  return { client, receiver, webhook, happen, deliveries };
}

describe('beside endpoints that misbehave', () => {
  it('a healthy one gets everything once, and each of the others is told of as it is', async () => {
    const { client, receiver, happen } = await subscribed();
    const others = await Promise.all(
      MISBEHAVING_ENDPOINTS.map(async (kind) => {
        const running = await kind.start();
        const { id } = await client.webhooks.create({ url: running.url, events: ['customer.*'] });
        return { kind, running, id };
      }),
    );
    await happen(3);
    await world.drain();
    expect(receiver.requests).toHaveLength(3);
    for (const { kind, id } of others) {
      const made = await client.webhooks.deliveries(id).take(9);
      expect(made, kind.name).toHaveLength(3);
      const delivery = await client.webhooks.delivery(id, String(made.at(-1)?.id));
      const { statusCode, errorCode = null } = kind.expected;
      const isTaken = statusCode !== undefined && statusCode >= 200 && statusCode < 300 && !errorCode;
      expect(delivery, kind.name).toMatchObject({
        status: isTaken ? 'delivered' : 'pending',
        attemptLog: [
          {
            response: statusCode === undefined ? null : { statusCode },
            // On a busy machine the time of an attempt may be up before its endpoint has done its worst.
            error: errorCode && { code: expect.stringMatching(`^(${errorCode}|timeout)$`) },
          },
        ],
      });
    }
    for (const { running, id } of others) {
      // Another test's receiver may be given its port: nothing must be left to retry.
      await client.webhooks.delete(id);
      await running.close();
    }
  });
});

describe('an endpoint that asks for time', () => {
  it.each([
    ['seconds', 503, () => '90', 90 * SECOND_MS],
    ['a date', 429, () => new Date(Date.now() + HOUR_MS).toUTCString(), HOUR_MS - 2 * SECOND_MS],
  ])('in %s gets nothing before', async (_, status, retryAfter, waitMs) => {
    const { receiver, happen } = await subscribed();
    receiver.answerWith({ status, headers: { 'retry-after': retryAfter() } });
    await happen();
    await world.drain();
    receiver.answerWith({ status: 200 });
    await happen();
    world.advance(waitMs - 2 * SECOND_MS);
    await world.drain();
    expect(receiver.requests).toHaveLength(1);
    world.advance(10 * SECOND_MS);
    await world.drain();
    expect(receiver.requests).toHaveLength(3);
  });

  it('is not tried more often than the ladder says', async () => {
    const { receiver, happen } = await subscribed();
    receiver.answerWith({ status: 503, headers: { 'retry-after': '1' } });
    await happen();
    await world.drain();
    world.advance(9 * SECOND_MS);
    await world.drain();
    expect(receiver.requests).toHaveLength(1);
    world.advance(2 * SECOND_MS);
    await world.drain();
    expect(receiver.requests).toHaveLength(2);
  });
});

describe('an endpoint that fails again and again', () => {
  it('rests, and its backlog uses up no attempts; when it is well again all of it comes', async () => {
    const { receiver, happen, deliveries } = await subscribed();
    receiver.answerWith({ status: 500 });
    await happen(60);
    await world.drain();
    const tried = receiver.requests.length;
    expect(tried).toBeGreaterThanOrEqual(20);
    expect(tried).toBeLessThan(40);
    await world.drain();
    expect(receiver.requests).toHaveLength(tried);
    world.advance(6 * SECOND_MS);
    await world.drain();
    const more = receiver.requests.length - tried;
    expect(more).toBeGreaterThan(10);
    expect(more).toBeLessThan(30);
    receiver.answerWith({ status: 200 });
    world.advance(10 * MINUTE_MS);
    await world.drain();
    const all = await deliveries();
    expect(all.filter(({ status }) => status !== 'delivered')).toEqual([]);
    expect(Math.max(...all.map(({ attempts }) => attempts))).toBeLessThan(5);
  });

  it('for five days is switched off, with an event to the others, and gets all once it is on again', async () => {
    const { client, receiver, webhook, happen, deliveries } = await subscribed();
    const operator = await world.receiver();
    await client.webhooks.create({ url: operator.url, events: ['webhook.*'] });
    receiver.answerWith({ status: 500 });
    for (const waitMs of [DAY_MS, 3 * DAY_MS, 19 * HOUR_MS]) {
      await happen();
      await world.drain();
      world.advance(waitMs);
    }
    expect(await client.webhooks.get(webhook.id)).toMatchObject({ enabled: true });
    world.advance(6 * HOUR_MS);
    await happen();
    await world.drain();
    expect(await client.webhooks.get(webhook.id)).toMatchObject({
      enabled: false,
      status: 'disabled',
      disabledReason: 'failing',
    });
    expect(operator.requests.map(({ json }) => [json.event, json.data.id, json.data.disabledReason])).toEqual(
      [['webhook.disabled', webhook.id, 'failing']],
    );
    const [entry] = await client.auditEntries
      .list({ resource: webhook.id, action: 'webhook.disabled' })
      .take(9);
    expect(entry).toMatchObject({ actor: 'system', action: 'webhook.disabled', resourceId: webhook.id });
    receiver.answerWith({ status: 200 });
    receiver.forget();
    await happen();
    world.advance(HOUR_MS);
    await world.drain();
    expect(receiver.requests).toEqual([]);
    await client.webhooks.update(webhook.id, { enabled: true });
    await world.drain();
    const all = await deliveries();
    expect(all).toHaveLength(5);
    const undelivered = all.filter(({ status }) => status !== 'delivered');
    expect(undelivered.filter(({ status }) => status !== 'failed')).toEqual([]);
    expect(await client.webhooks.get(webhook.id)).toMatchObject({ enabled: true, disabledReason: null });
  });

  it('but took something within five days stays on', async () => {
    const { client, receiver, webhook, happen } = await subscribed();
    for (const status of [500, 200, 500, 200, 500]) {
      receiver.answerWith({ status });
      await happen();
      await world.drain();
      world.advance(3 * DAY_MS);
    }
    expect(await client.webhooks.get(webhook.id)).toMatchObject({ enabled: true });
  });
});

describe('an endpoint that is gone', () => {
  it('is switched off by 410, says so, and what met it waits with the rest', async () => {
    const { client, receiver, webhook, happen } = await subscribed();
    receiver.answerWith({ status: 410 });
    await happen();
    await world.drain();
    await happen();
    world.advance(HOUR_MS);
    await world.drain();
    expect(receiver.requests).toHaveLength(1);
    expect(await client.webhooks.get(webhook.id)).toMatchObject({ enabled: false, disabledReason: 'gone' });
    const [told] = await client.events.list({ resource: webhook.id }).take(9);
    expect(told).toMatchObject({ event: 'webhook.disabled' });
    receiver.answerWith({ status: 200 });
    receiver.forget();
    await client.webhooks.update(webhook.id, { enabled: true });
    await world.drain();
    expect(receiver.requests).toHaveLength(2);
  });
});

describe('an endpoint that comes back', () => {
  it('gets what it missed in order of sequence, what had failed before it went too', async () => {
    const { client, receiver, webhook } = await subscribed({ events: ['cashIn.*', 'transaction.*'] });
    const customer = await world.provisionedCustomer(client);
    const wallet = await world.wallet(customer, client);
    const cashIns = [await world.cashIn(wallet, { client }), await world.cashIn(wallet, { client })];
    receiver.answerWith({ status: 500 });
    await world.drain();
    await client.webhooks.update(webhook.id, { enabled: false });
    for (const cashIn of cashIns) await world.payAtTill(cashIn, '20.00', client);
    await world.drain();
    receiver.answerWith({ status: 200 });
    receiver.forget();
    await client.webhooks.update(webhook.id, { enabled: true });
    await world.drain();
    expect(receiver.requests).toHaveLength(10);
    const byResource = Map.groupBy(receiver.requests, ({ json }) => json.data.id);
    for (const sent of byResource.values()) {
      const sequences = sent.map(({ json }) => json.sequence);
      expect(sequences).toEqual(sequences.toSorted((a, b) => a - b));
    }
  });
});
