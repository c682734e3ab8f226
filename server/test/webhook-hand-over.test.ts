import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PLATFORM } from '../src/db/database.ts';
import { SECOND_MS } from '../src/kernel/clock.ts';
import { Dispatcher } from '../src/webhooks/dispatcher.ts';
import { findLeasedEndpoint, leaseDueEndpoints } from '../src/webhooks/queue-store.ts';
import { Recording } from '../src/webhooks/recording.ts';
import { Sender } from '../src/webhooks/sender.ts';
import { createWorld, type World } from './world.ts';

/** Longer than a worker has an endpoint without renewing that. */
const LEASE_MS = 10 * SECOND_MS;

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

describe('events of one commit', () => {
  const EVENTS = ['cst_a', 'cst_b', 'cst_a'].map((resourceId, place) => ({
    type: 'customer.endorsement.updated',
    resourceId,
    data: { id: resourceId, place },
  }));

  it('are delivered, each of them, those of a resource in order', async () => {
    const { db, events } = world.context;
    const receiver = await world.receiver();
    await world.client.webhooks.create({ url: receiver.url });
    await db.tx(world.project.projectId, (tx) => events.record(tx, ...EVENTS));
    await world.drain();
    const told = receiver.requests.map(({ json }) => `${json.data.id} ${json.data.place} ${json.sequence}`);
    expect(told.toSorted()).toEqual(['cst_a 0 1', 'cst_a 2 2', 'cst_b 1 1']);
    expect(told.indexOf('cst_a 0 1')).toBeLessThan(told.indexOf('cst_a 2 2'));
  });

  it('are delivered to nobody when it is rolled back', async () => {
    const { db, events } = world.context;
    const receiver = await world.receiver();
    await world.client.webhooks.create({ url: receiver.url });
    const refused = db.tx(world.project.projectId, async (tx) => {
      await events.record(tx, ...EVENTS);
      throw new Error('changed my mind');
    });
    await expect(refused).rejects.toThrow('changed my mind');
    await world.drain();
    expect(receiver.requests).toEqual([]);
  });
});

it('an endpoint is one worker’s at a time, and another’s when that one has fallen silent', async () => {
  const { db, wallClock } = world.context;
  const project = await world.newProject();
  const { id } = await project.client.webhooks.create({ url: 'http://127.0.0.1:9/' });
  await project.client.webhooks.test(id);
  const [one, another] = [randomUUID(), randomUUID()];
  const leasedBy = async (token: string): Promise<boolean> => {
    const leased = await db.tx(PLATFORM, (tx) => leaseDueEndpoints(tx, token, world.clock.now()));
    return leased.some(({ webhookId }) => webhookId === id);
  };
  const mayDeliver = async (token: string): Promise<boolean> => {
    const find = (tx: Parameters<typeof findLeasedEndpoint>[0]) =>
      findLeasedEndpoint(tx, id, token, world.clock.now(), wallClock.now());
    return (await db.tx(project.projectId, find)) !== undefined;
  };
  expect([await leasedBy(one), await leasedBy(another)]).toEqual([true, false]);
  expect([await mayDeliver(one), await mayDeliver(another)]).toEqual([true, false]);
  expect(await leasedBy(one)).toBe(true);
  world.advance(LEASE_MS);
  expect([await leasedBy(another), await leasedBy(one)]).toEqual([true, false]);
  expect([await mayDeliver(one), await mayDeliver(another)]).toEqual([false, true]);
});

it('a worker that is stopped waits a little for an endpoint that hangs, and leaves its delivery to the next', async () => {
  const { context } = world;
  const project = await world.newProject();
  const receiver = await world.receiver();
  const { id } = await project.client.webhooks.create({ url: receiver.url });
  const hanging = Promise.withResolvers<void>();
  const arrived = Promise.withResolvers<void>();
  receiver.answerWith({
    status: 200,
    before: () => {
      arrived.resolve();
      return hanging.promise;
    },
  });
  await project.client.webhooks.test(id);
  const sender = new Sender({ policy: context.egress });
  const disable = async (): Promise<void> => undefined;
  const dispatcher = new Dispatcher({
    ...context,
    sender,
    recording: new Recording({ ...context, disable }),
    random: () => 0.5,
    requestsAtOnce: 8,
  });
  dispatcher.start();
  await arrived.promise;
  const startedAt = performance.now();
  await dispatcher.stop();
  expect(performance.now() - startedAt).toBeLessThan(12_000);
  hanging.resolve();
  receiver.answerWith({ status: 200 });
  await world.drain();
  const [delivery] = await project.client.webhooks.deliveries(id).take(9);
  expect(delivery).toMatchObject({ status: 'delivered', attempts: 1 });
  expect(receiver.requests.map(({ json }) => json.id)).toEqual([delivery?.id, delivery?.id]);
});
