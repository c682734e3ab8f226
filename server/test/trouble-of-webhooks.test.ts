import { type OpenOMS, webhooks } from '@openoms/sdk';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../src/kernel/clock.ts';
import type { ReceivedRequest, Receiver } from './receiver.ts';
import { createWorld, type World } from './world.ts';

type Rule = Parameters<OpenOMS['sandbox']['trouble']['create']>[0];

let world: World;
let client: OpenOMS;
let receiver: Receiver;
beforeAll(async () => {
  world = await createWorld();
  ({ client } = await world.newProject());
  receiver = await world.receiver();
});
afterEach(async () => {
  for (const { id } of await client.webhooks.list().take(9)) await client.webhooks.delete(id);
  await client.sandbox.trouble.deleteAll();
  receiver.forget();
  receiver.answerWith({ status: 204 });
});
afterAll(() => world.close());

async function subscribed(rules: readonly Rule[], settings: Record<string, unknown> = {}) {
  const webhook = await client.webhooks.create({ url: receiver.url, events: ['cashIn.*'], ...settings });
  for (const rule of rules) await client.sandbox.trouble.create(rule);
  return webhook;
}

/** One event. Of a new customer, whose limits are as yet far. */
async function happen() {
  const wallet = await world.wallet(await world.provisionedCustomer(client), client);
  const cashIn = await world.cashIn(wallet, { client, dollars: '20.00' });
  await world.drain();
  return cashIn;
}

/** More events of the same resource. */
async function goOn(cashIn: Awaited<ReturnType<typeof happen>>): Promise<void> {
  await world.payAtTill(cashIn, '20.00', client);
  await world.drain();
}

const sequences = () => receiver.requests.map(({ json }) => json.sequence);
const deliveriesOf = ({ id }: { id: string }) => client.webhooks.deliveries(id).take(100);
const happened = async () => (await client.sandbox.trouble.list().take(9)).map((rule) => rule.happened);
const verify = ({ headers, body }: ReceivedRequest, secret: string) =>
  webhooks.verify({ payload: body, header: String(headers['webhook-signature']), secret });

describe('webhook.duplicate', () => {
  it('delivers an event once more, under the same ids, and no more', async () => {
    const webhook = await subscribed([{ kind: 'webhook.duplicate' }]);
    await happen();
    const [first, second, ...more] = receiver.requests;
    expect(more).toEqual([]);
    expect(second?.body).toBe(first?.body);
    expect(second?.headers['webhook-id']).toBe(first?.headers['webhook-id']);
    expect(await deliveriesOf(webhook)).toMatchObject([{ status: 'delivered', attempts: 2 }]);
    expect(await happened()).toEqual([1]);
  });

  it('is a delivery like any other: refused, it climbs the ladder', async () => {
    const webhook = await subscribed([{ kind: 'webhook.duplicate', times: 1 }]);
    const [failing] = [{ status: 500 }];
    receiver.answerWith({ status: 204, before: async () => receiver.answerWith(failing) });
    await happen();
    expect(await deliveriesOf(webhook)).toMatchObject([{ status: 'pending', attempts: 2 }]);
    receiver.answerWith({ status: 204 });
    world.advance(MINUTE_MS);
    await world.drain();
    expect(await deliveriesOf(webhook)).toMatchObject([{ status: 'delivered', attempts: 3 }]);
  });
});

describe('webhook.reorder', () => {
  it('holds an event back until the next of its resource has arrived', async () => {
    await subscribed([{ kind: 'webhook.reorder', times: 1, seconds: 600 }]);
    const cashIn = await happen();
    expect(sequences()).toEqual([]);
    await goOn(cashIn);
    expect(sequences()[0]).toBe(2);
    expect(sequences().toSorted()).toEqual([1, 2, 3]);
  });

  it('holds it no longer than it says', async () => {
    await subscribed([{ kind: 'webhook.reorder', times: 1, seconds: 600 }]);
    await happen();
    world.advance(599 * SECOND_MS);
    await world.drain();
    expect(sequences()).toEqual([]);
    world.advance(SECOND_MS);
    await world.drain();
    expect(sequences()).toEqual([1]);
  });

  it('leaves an endpoint alone that wants its events in order', async () => {
    await subscribed([{ kind: 'webhook.reorder' }], { inOrder: true });
    await goOn(await happen());
    expect(sequences()).toEqual([1, 2, 3]);
    expect(await happened()).toEqual([0]);
  });
});

it('webhook.delay makes the first attempt later, by the clock of the project', async () => {
  const { client: own } = await world.newProject();
  await world.setClock({ freeze: true }, own);
  const { id } = await own.webhooks.create({ url: receiver.url });
  await own.sandbox.trouble.create({ kind: 'webhook.delay', seconds: 7_200, times: 1 });
  await own.customers.create({});
  await own.customers.create({});
  await world.drain();
  expect(receiver.requests).toHaveLength(1);
  const due = await own.sandbox.clock.get();
  expect(due.timers).toMatchObject([{ name: 'webhook.isDelivered', resourceId: id }]);
  await world.setClock({ toNextTimer: true }, own);
  expect(receiver.requests).toHaveLength(2);
  const [late] = (await own.sandbox.clock.get()).timers;
  expect(late).toBeUndefined();
  await own.webhooks.delete(id);
});

describe('what is wrong with an attempt', () => {
  it('webhook.drop: it never comes, and counts as failed', async () => {
    const webhook = await subscribed([{ kind: 'webhook.drop', times: 1 }]);
    await happen();
    expect(receiver.requests).toEqual([]);
    const [delivery] = await deliveriesOf(webhook);
    expect(delivery).toMatchObject({ status: 'pending', attempts: 1 });
    world.advance(MINUTE_MS);
    await world.drain();
    const done = await client.webhooks.delivery(webhook.id, delivery?.id ?? '');
    expect(receiver.requests).toHaveLength(1);
    expect(done).toMatchObject({ status: 'delivered', attempts: 2 });
    expect(JSON.stringify(done)).toContain('webhook.drop of the sandbox: it was not sent');
  });

  it('webhook.badSignature: nobody can verify it, and the retry is right', async () => {
    const { secret } = await subscribed([{ kind: 'webhook.badSignature', times: 1 }]);
    receiver.answerWith({ status: 400, before: async () => receiver.answerWith({ status: 204 }) });
    await happen();
    world.advance(MINUTE_MS);
    await world.drain();
    const [bad, good] = receiver.requests;
    await expect(verify(bad as ReceivedRequest, secret)).rejects.toThrow(/signature/i);
    expect(await verify(good as ReceivedRequest, secret)).toMatchObject({ event: 'cashIn.created' });
  });

  it('webhook.staleSignature: true, and an hour old', async () => {
    const { secret } = await subscribed([{ kind: 'webhook.staleSignature', times: 1 }]);
    await happen();
    const [stale] = receiver.requests;
    const { headers } = stale as ReceivedRequest;
    const signedAtMs = Number(headers['webhook-timestamp']) * SECOND_MS;
    expect(Math.abs(Date.now() - HOUR_MS - signedAtMs)).toBeLessThan(MINUTE_MS);
    await expect(verify(stale as ReceivedRequest, secret)).rejects.toThrow();
    const header = String(headers['webhook-signature']);
    const then = new Date(signedAtMs);
    const payload = (stale as ReceivedRequest).body;
    expect(await webhooks.verify({ payload, header, secret, now: then })).toMatchObject({ sequence: 1 });
  });
});

it('is of one endpoint when the rule says so', async () => {
  const other = await world.receiver();
  const troubled = await subscribed([]);
  const spared = await client.webhooks.create({ url: other.url, events: ['cashIn.*'] });
  await client.sandbox.trouble.create({ kind: 'webhook.duplicate', webhookId: troubled.id });
  await happen();
  expect([receiver.requests.length, other.requests.length]).toEqual([2, 1]);
  await client.webhooks.delete(spared.id);
});

it('is the same for the same seeds and the same events', async () => {
  const rules: readonly Rule[] = [
    { kind: 'webhook.duplicate', share: '0.5', seed: 1 },
    { kind: 'webhook.delay', share: '0.25', seed: 2, seconds: 1 },
    { kind: 'webhook.drop', share: '0.25', seed: 3 },
  ];
  const run = async () => {
    const { client: own } = await world.newProject({ fromFaucet: false });
    const { id } = await own.webhooks.create({ url: receiver.url });
    for (const rule of rules) await own.sandbox.trouble.create(rule);
    const seen: string[][] = [];
    for (let n = 0; n < 12; n++) {
      receiver.forget();
      await own.customers.create({});
      await world.drain();
      world.advance(MINUTE_MS);
      await world.drain();
      seen.push(receiver.requests.map(({ headers }) => String(headers['webhook-attempt'])));
    }
    await own.webhooks.delete(id);
    const happened = (await own.sandbox.trouble.list().take(9)).map((rule) => rule.happened);
    return { seen, happened };
  };
  const first = await run();
  expect(Math.min(...first.happened)).toBeGreaterThan(0);
  expect(await run()).toEqual(first);
});

it('with all of it on, each event arrives at last, as it was', async () => {
  const webhook = await subscribed([
    { kind: 'webhook.duplicate', share: '0.4', seed: 1 },
    { kind: 'webhook.reorder', share: '0.4', seed: 2 },
    { kind: 'webhook.delay', share: '0.3', seed: 3 },
    { kind: 'webhook.drop', share: '0.3', seed: 4 },
    { kind: 'webhook.badSignature', share: '0.2', seed: 5 },
  ]);
  for (let n = 0; n < 6; n++) await goOn(await happen());
  for (let n = 0; n < 12; n++) {
    world.advance(HOUR_MS);
    await world.drain();
  }
  const deliveries = await deliveriesOf(webhook);
  // And the codes of the tests before have expired meanwhile.
  expect(deliveries.length).toBeGreaterThanOrEqual(18);
  expect(deliveries.filter(({ status }) => status !== 'delivered')).toEqual([]);
  const received = new Map(receiver.requests.map(({ json }) => [json.eventId, json.data]));
  for (const { eventId } of deliveries)
    expect(received.get(eventId)).toEqual((await client.events.get(eventId)).data);
  expect((await happened()).every((count) => count > 0)).toBe(true);
});
