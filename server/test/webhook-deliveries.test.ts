import { createHmac } from 'node:crypto';
import type { WebhookDelivery } from '@openoms/contract/webhook-deliveries.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HOUR_MS, SECOND_MS } from '../src/kernel/clock.ts';
import { climbLadder } from './ladder.ts';
import { createWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

/** A project with an endpoint of its own; a new customer is one event. */
async function subscribed(settings: Record<string, unknown> = {}) {
  const { client } = await world.newProject();
  const receiver = await world.receiver();
  const webhook = await client.webhooks.create({ url: receiver.url, ...settings });
  const happen = async (times = 1) => {
    for (let time = 0; time < times; time++) await client.customers.create({});
  };
  const deliveries = (query = {}) => client.webhooks.deliveries(webhook.id, query).take(200);
  const only = async (): Promise<WebhookDelivery> => {
    const found = await deliveries();
    expect(found).toHaveLength(1);
    return found[0] as WebhookDelivery;
  };
  return { client, receiver, webhook, happen, deliveries, only };
}

describe('the log of deliveries', () => {
  it('tells of each attempt what was sent and what came back', async () => {
    const { client, receiver, webhook, happen, only } = await subscribed();
    receiver.answerWith({ status: 500, headers: { 'content-type': 'text/plain' }, body: 'out of paper' });
    await happen();
    await world.drain();
    const pending = await only();
    expect(pending).toMatchObject({
      object: 'webhookDelivery',
      webhookId: webhook.id,
      event: 'customer.endorsement.granted',
      status: 'pending',
      attempts: 1,
    });
    expect(Date.parse(String(pending.nextAttemptAt)) - world.clock.now().getTime()).toBeGreaterThan(8_000);
    receiver.answerWith({ status: 200, body: 'thanks' });
    world.advance(11 * SECOND_MS);
    await world.drain();
    const done = await client.webhooks.delivery(webhook.id, pending.id);
    expect(done).toMatchObject({ id: pending.id, status: 'delivered', attempts: 2, nextAttemptAt: null });
    expect(done.attemptLog.map(({ attempt, response }) => [attempt, response?.statusCode])).toEqual([
      [1, 500],
      [2, 200],
    ]);
    expect(done.attemptLog[0]?.response).toMatchObject({
      body: 'out of paper',
      headers: { 'content-type': 'text/plain' },
    });
    for (const [index, { request, error }] of done.attemptLog.entries()) {
      const sent = receiver.requests[index];
      expect(error).toBeNull();
      expect(request.url).toBe(webhook.url);
      expect(request.body).toBe(sent?.body);
      for (const name of ['webhook-id', 'webhook-timestamp', 'webhook-signature', 'webhook-attempt'])
        expect(request.headers[name]).toBe(sent?.headers[name]);
    }
  });

  it('keeps a kilobyte of an answer, and why there was none', async () => {
    const { client, receiver, webhook, happen, deliveries } = await subscribed();
    receiver.answerWith({ status: 400, body: 'é'.repeat(5_000) });
    await happen();
    await world.drain();
    const [long] = await deliveries();
    const { attemptLog } = await client.webhooks.delivery(webhook.id, String(long?.id));
    const kept = Buffer.byteLength(attemptLog[0]?.response?.body ?? '');
    expect(kept).toBeGreaterThan(1_000);
    expect(kept).toBeLessThanOrEqual(1_026);
    await receiver.close();
    world.advance(11 * SECOND_MS);
    await world.drain();
    const after = await client.webhooks.delivery(webhook.id, String(long?.id));
    expect(after.attemptLog[1]).toMatchObject({ response: null, error: { code: expect.any(String) } });
    // Another test's receiver may be given its port: nothing must be left to retry.
    await client.webhooks.delete(webhook.id);
  });

  it('is filtered by status, event and time, page by page', async () => {
    const { client, receiver, webhook, happen, deliveries } = await subscribed();
    await happen(3);
    await world.drain();
    receiver.answerWith({ status: 500 });
    world.advance(HOUR_MS);
    const later = world.clock.now().toISOString();
    await happen(2);
    await world.drain();
    expect((await deliveries()).map(({ status }) => status)).toEqual([
      'pending',
      'pending',
      'delivered',
      'delivered',
      'delivered',
    ]);
    expect(await deliveries({ status: 'delivered' })).toHaveLength(3);
    expect(await deliveries({ status: 'pending' })).toHaveLength(2);
    expect(await deliveries({ createdAfter: later })).toHaveLength(2);
    const all = await deliveries();
    expect(await deliveries({ eventId: all[1]?.eventId })).toEqual([all[1]]);
    expect(await client.webhooks.deliveries(webhook.id, { limit: 2 }).take(9)).toEqual(all);
    await climbLadder(world);
    expect((await deliveries({ status: 'failed' })).map(({ attempts }) => attempts)).toEqual([10, 10]);
    expect(await deliveries({ status: 'pending' })).toEqual([]);
  });
});

describe('a retry', () => {
  it.each([
    ['delivered', 200],
    ['failed', 500],
    ['pending', 500],
  ] as const)('sends what is %s once more, at once, under the same id', async (status, answer) => {
    const { client, receiver, webhook, happen, only } = await subscribed();
    receiver.answerWith({ status: answer });
    await happen();
    await (status === 'failed' ? climbLadder(world) : world.drain());
    const before = await only();
    expect(before.status).toBe(status);
    receiver.answerWith({ status: 204 });
    receiver.forget();
    const asked = await client.webhooks.retry(webhook.id, before.id);
    expect(asked).toMatchObject({ id: before.id, status: 'pending', attempts: before.attempts });
    await world.drain();
    expect(receiver.requests.map(({ json, headers }) => [json.id, headers['webhook-attempt']])).toEqual([
      [before.id, String(before.attempts + 1)],
    ]);
    expect(await only()).toMatchObject({ status: 'delivered', attempts: before.attempts + 1 });
  });

  it('begins the ladder anew when it fails', async () => {
    const { client, receiver, webhook, happen, only } = await subscribed();
    await happen();
    await world.drain();
    receiver.answerWith({ status: 500 });
    await client.webhooks.retry(webhook.id, (await only()).id);
    await climbLadder(world);
    expect(await only()).toMatchObject({ status: 'failed', attempts: 11 });
  });

  it('that comes while the delivery is under way is done after it', async () => {
    const { client, receiver, webhook, happen, only } = await subscribed();
    await happen();
    let delivery: WebhookDelivery | undefined;
    receiver.answerWith({
      status: 200,
      before: async () => {
        if (delivery) return;
        delivery = await only();
        await client.webhooks.retry(webhook.id, delivery.id);
      },
    });
    await world.drain();
    expect(receiver.requests.map(({ json }) => json.id)).toEqual([delivery?.id, delivery?.id]);
    expect(await only()).toMatchObject({ status: 'delivered', attempts: 2 });
  });

  it('is refused while the endpoint is off, and of what is not there', async () => {
    const { client, webhook, happen, only } = await subscribed();
    await happen();
    await world.drain();
    const { id } = await only();
    await expect(client.webhooks.retry(webhook.id, 'whd_none')).rejects.toMatchObject({ status: 404 });
    await client.webhooks.update(webhook.id, { enabled: false });
    for (const refused of [
      () => client.webhooks.retry(webhook.id, id),
      () => client.webhooks.test(webhook.id),
      () => client.webhooks.replay(webhook.id, { sinceLastSuccess: true }),
    ])
      await expect(refused()).rejects.toMatchObject({ status: 409, code: 'invalid_state' });
  });
});

describe('a replay', () => {
  it('sends named events, whatever the endpoint subscribes to', async () => {
    const { client, receiver, webhook, happen } = await subscribed({ events: ['cashIn.*'] });
    await happen(2);
    await world.drain();
    expect(receiver.requests).toEqual([]);
    const events = await client.events.list().take(9);
    const eventIds = events.map(({ id }) => id);
    expect(await client.webhooks.replay(webhook.id, { eventIds })).toMatchObject({
      deliveries: 2,
      hasMore: false,
    });
    await world.drain();
    expect(receiver.requests.map(({ json }) => json.eventId)).toEqual(eventIds.toReversed());
    await expect(client.webhooks.replay(webhook.id, { eventIds: ['evt_none'] })).rejects.toMatchObject({
      status: 404,
    });
  });

  it('sends the events of a resource, of a window, and those it missed since its last success', async () => {
    const { client, receiver, webhook, happen } = await subscribed();
    const customer = await client.customers.create({});
    await world.drain();
    world.advance(HOUR_MS);
    const createdAfter = world.clock.now().toISOString();
    await happen(2);
    await world.drain();
    world.advance(HOUR_MS);
    receiver.answerWith({ status: 500 });
    await happen(3);
    await climbLadder(world);
    receiver.answerWith({ status: 200 });
    const replayed = async (order: Parameters<typeof client.webhooks.replay>[1]) => {
      receiver.forget();
      const { deliveries } = await client.webhooks.replay(webhook.id, order);
      await world.drain();
      expect(receiver.requests).toHaveLength(deliveries);
      return deliveries;
    };
    expect(await replayed({ resource: customer.id })).toBe(1);
    expect(receiver.requests[0]?.json.data.id).toBe(customer.id);
    expect(await replayed({ resource: 'cst_nobody' })).toBe(0);
    expect(await replayed({ createdAfter, onlyUndelivered: true })).toBe(3);
    expect(await replayed({ createdAfter, onlyUndelivered: true })).toBe(0);
    expect(await replayed({ createdAfter })).toBe(5);
    expect(await replayed({ createdAfter, createdBefore: createdAfter })).toBe(2);
    expect(await replayed({ sinceLastSuccess: true })).toBe(0);
  });

  it('since the last success takes all that came after it', async () => {
    const { client, receiver, webhook, happen } = await subscribed();
    await happen(2);
    await world.drain();
    receiver.answerWith({ status: 500 });
    await happen(3);
    await world.drain();
    receiver.answerWith({ status: 200 });
    receiver.forget();
    expect(await client.webhooks.replay(webhook.id, { sinceLastSuccess: true })).toMatchObject({
      deliveries: 3,
    });
    await world.drain();
    expect(receiver.requests).toHaveLength(3);
  });

  it.each([
    [{}, ['eventIds']],
    [{ resource: 'txn_1', eventIds: ['evt_1'] }, ['resource']],
    [{ createdBefore: '2024-01-15T10:00:00Z' }, ['eventIds', 'createdBefore']],
    [{ sinceLastSuccess: true, createdAfter: '2024-01-15T10:00:00Z' }, ['sinceLastSuccess']],
    [{ eventIds: ['evt_1'], afterEventId: 'evt_0' }, ['afterEventId']],
    [{ eventIds: [] }, ['eventIds']],
    [{ sinceLastSuccess: false }, ['sinceLastSuccess']],
  ])('needs one way to say what: %j', async (body, fields) => {
    const { id } = await world.client.webhooks.create({ url: 'https://example.com/hooks' });
    const reply = await world.fetch('POST', `/v0.9/webhooks/${id}/replay`, { body });
    expect(reply).toMatchObject({ status: 400, json: { code: 'validation_error' } });
    expect(reply.json.details.map(({ field }: { field: string }) => field)).toEqual(fields);
    await world.client.webhooks.delete(id);
  });
});

describe('a test', () => {
  it('goes to the one endpoint, whatever it subscribes to', async () => {
    const { client, receiver, webhook } = await subscribed({ events: ['cashIn.completed'] });
    const other = await world.receiver();
    await client.webhooks.create({ url: other.url });
    const delivery = await client.webhooks.test(webhook.id);
    expect(delivery).toMatchObject({ event: 'webhook.test', status: 'pending', attempts: 0 });
    await world.drain();
    expect(receiver.requests.map(({ json }) => [json.id, json.event, json.data.id])).toEqual([
      [delivery.id, 'webhook.test', webhook.id],
    ]);
    expect(other.requests).toEqual([]);
    expect(await client.webhooks.delivery(webhook.id, delivery.id)).toMatchObject({ status: 'delivered' });
  });
});

describe('a rotated secret', () => {
  const accepts = (secret: string, header: string, body: string): boolean => {
    const parts = header.split(',').map((part) => part.trim());
    const time = parts.find((part) => part.startsWith('t='))?.slice(2);
    const wanted = createHmac('sha256', secret).update(`${time}.${body}`).digest('hex');
    return parts.includes(`v1=${wanted}`);
  };

  it('signs beside the one before until the overlap ends', async () => {
    const { client, receiver, webhook, happen } = await subscribed();
    const rotated = await client.webhooks.rotateSecret(webhook.id, { overlapSeconds: 60 });
    expect(rotated.secret).toMatch(/^whsec_[0-9a-f]{64}$/);
    expect(rotated.secret).not.toBe(webhook.secret);
    expect(rotated.previousSecretValidUntil).not.toBeNull();
    expect(await client.webhooks.get(webhook.id)).not.toHaveProperty('secret');
    await happen();
    await world.drain();
    const [both] = receiver.requests;
    const header = String(both?.headers['webhook-signature']);
    for (const secret of [rotated.secret, webhook.secret])
      expect(accepts(secret, header, both?.body ?? '')).toBe(true);
    const again = await client.webhooks.rotateSecret(webhook.id, { overlapSeconds: 0 });
    expect(again.previousSecretValidUntil).toBeNull();
    await happen();
    await world.drain();
    const last = receiver.requests.at(-1);
    const lastHeader = String(last?.headers['webhook-signature']);
    expect(accepts(again.secret, lastHeader, last?.body ?? '')).toBe(true);
    for (const secret of [rotated.secret, webhook.secret])
      expect(accepts(secret, lastHeader, last?.body ?? '')).toBe(false);
  });
});

describe('settings of an endpoint', () => {
  it('are kept, shown and changed', async () => {
    const { client, webhook } = await subscribed({
      description: 'Ledger',
      metadata: { team: 'payments', tier: 1 },
      rateLimit: 50,
      inOrder: true,
    });
    expect(webhook).toMatchObject({
      description: 'Ledger',
      metadata: { team: 'payments', tier: 1 },
      rateLimit: 50,
      inOrder: true,
      disabledReason: null,
    });
    const changed = await client.webhooks.update(webhook.id, { rateLimit: null, inOrder: false });
    expect(changed).toMatchObject({ rateLimit: null, inOrder: false, description: 'Ledger' });
  });

  it.each([
    [{ rateLimit: 0 }, 'rateLimit'],
    [{ rateLimit: 1_001 }, 'rateLimit'],
    [{ rateLimit: 1.5 }, 'rateLimit'],
    [{ inOrder: 'yes' }, 'inOrder'],
    [{ description: 'x'.repeat(501) }, 'description'],
    [{ metadata: { a: {} } }, 'metadata.a'],
    [{ events: ['cashIn.completd'] }, 'events.0'],
  ])('are refused: %j', async (body, field) => {
    const reply = await world.fetch('POST', '/v0.9/webhooks', {
      body: { url: 'https://example.com/', ...body },
      headers: { 'idempotency-key': world.key() },
    });
    expect(reply).toMatchObject({ status: 400, json: { details: [{ field }] } });
  });

  it('keep to a rate, evenly', async () => {
    const { receiver, happen } = await subscribed({ rateLimit: 20 });
    await happen(12);
    const times: number[] = [];
    receiver.answerWith({ status: 204, before: async () => void times.push(performance.now()) });
    await world.drain();
    expect(times).toHaveLength(12);
    // Eleven gaps of 50 ms; timers may be early by a millisecond each.
    expect((times.at(-1) ?? 0) - (times[0] ?? 0)).toBeGreaterThan(11 * 48);
  });

  it('keep the events of a resource in order: the next waits until the one before was taken', async () => {
    const { client, receiver } = await subscribed({ inOrder: true });
    const customer = await world.provisionedCustomer(client);
    await world.drain();
    receiver.forget();
    receiver.answerWith({ status: 500 });
    const cashIn = await world.cashIn(await world.wallet(customer, client), { client });
    await world.payAtTill(cashIn, '20.00', client);
    await world.drain();
    expect(receiver.events().filter((name) => name.startsWith('cashIn'))).toEqual(['cashIn.created']);
    receiver.answerWith({ status: 200 });
    receiver.forget();
    world.advance(11 * SECOND_MS);
    await world.drain();
    expect(receiver.events().filter((name) => name.startsWith('cashIn'))).toEqual([
      'cashIn.created',
      'cashIn.processing',
      'cashIn.completed',
    ]);
  });

  it('give up an event after its last attempt, and go on with the next', async () => {
    const { client, receiver, webhook } = await subscribed({ inOrder: true, events: ['cashIn.*'] });
    const customer = await world.provisionedCustomer(client);
    const cashIn = await world.cashIn(await world.wallet(customer, client), { client });
    receiver.answerWith({ status: 500 });
    await world.drain();
    await world.payAtTill(cashIn, '20.00', client);
    await climbLadder(world);
    const sequences = receiver.requests.map(({ json }) => json.sequence);
    expect(sequences).toEqual([...Array.from({ length: 10 }, () => 1), 2]);
    const [dead] = await client.webhooks.deliveries(webhook.id, { status: 'failed' }).take(9);
    expect(dead).toMatchObject({ event: 'cashIn.created', attempts: 10 });
  });
});
