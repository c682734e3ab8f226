import type { LoggedEvent } from '@openoms/contract/event-log.ts';
import { EVENTS } from '@openoms/contract/events.ts';
import { EVIDENCE_KEYWORD } from '@openoms/contract/operation.ts';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { must } from '../src/kernel/assert.ts';
import { MINUTE_MS } from '../src/kernel/clock.ts';
import { createWorld, type Project, type World } from './world.ts';

const PATH = '/v0.9/events';

const ajv = new Ajv2020({ strict: false });
ajv.addKeyword(EVIDENCE_KEYWORD);
addFormats.default(ajv);

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

/** A paid cash-in of a project of its own, minutes after its creation. */
async function paidCashIn(): Promise<{ project: Project; cashInId: string; transactionId: string }> {
  const project = await world.newProject();
  const { client } = project;
  const wallet = await world.wallet(await world.provisionedCustomer(client), client);
  const cashIn = await world.cashIn(wallet, { client });
  await world.drain();
  world.advance(MINUTE_MS);
  await world.payAtTill(cashIn, '20.00', client);
  await world.drain();
  const { transactionId } = await client.cashIns.get(cashIn.id);
  return { project, cashInId: cashIn.id, transactionId: transactionId ?? '' };
}

const namesOf = (events: readonly LoggedEvent[]): string[] => events.map(({ event }) => event);

describe('events', () => {
  it('are the history of a resource, in order and as they were sent', async () => {
    const { project, transactionId } = await paidCashIn();
    const { client } = project;
    const history = await client.events.list({ resource: transactionId }).take(10);
    expect(
      history.map(({ event, sequence, data }) => [event, sequence, 'status' in data && data.status]),
    ).toEqual([
      ['transaction.fiatToCrypto.completed', 2, 'completed'],
      ['transaction.fiatToCrypto.processing', 1, 'processing'],
    ]);
    const [latest] = history;
    expect(latest).toMatchObject({ object: 'event', resourceId: transactionId });
    expect(latest?.data).toEqual(await client.transactions.get(transactionId));
    expect(await client.events.get(latest?.id ?? '')).toEqual(latest);
  });

  it('are what a webhook is sent', async () => {
    const { client } = await world.newProject();
    const receiver = await world.receiver();
    await client.webhooks.create({ url: receiver.url });
    await client.customers.create({});
    await world.drain();
    const sent = must(receiver.requests[0], 'a delivery').json;
    const { eventId, id: _, ...rest } = sent;
    const { resourceId, object, ...event } = await client.events.get(eventId);
    expect(event).toEqual({ id: eventId, ...rest });
    expect([resourceId, object]).toEqual([sent.data.id, 'event']);
  });

  it('can be had by name, by pattern, by time and by all of them', async () => {
    const { project, cashInId, transactionId } = await paidCashIn();
    const { events } = project.client;
    const all = await events.list().take(100);
    const named = async (query: Parameters<typeof events.list>[0]) =>
      namesOf(await events.list(query).take(100));
    const ofCashIn = ['cashIn.completed', 'cashIn.processing', 'cashIn.created'];
    const ofTransaction = ['transaction.fiatToCrypto.completed', 'transaction.fiatToCrypto.processing'];
    expect(await named({ type: 'cashIn.*' })).toEqual(ofCashIn);
    expect(await named({ type: 'cashIn.created' })).toEqual(['cashIn.created']);
    expect(await named({ type: 'transaction.*' })).toEqual(ofTransaction);
    expect((await named({ type: '*.completed' })).toSorted()).toEqual(['cashIn.completed']);
    expect((await named({ type: 'transaction.*.completed' })).toSorted()).toEqual([ofTransaction[0]]);
    expect(await named({ type: '*' })).toEqual(namesOf(all));
    expect(await named({ type: 'wallet.*' })).toEqual([]);
    expect(await named({ type: 'cashIn.*', resource: transactionId })).toEqual([]);
    expect(await named({ type: '*.completed', resource: cashInId })).toEqual(['cashIn.completed']);
    const createdAt = all.find(({ event }) => event === 'cashIn.created')?.createdAt ?? '';
    expect(await named({ type: 'cashIn.*', createdBefore: createdAt })).toEqual(['cashIn.created']);
    expect(await named({ type: 'cashIn.*', createdAfter: createdAt })).toEqual(ofCashIn);
    const paidAt = all.find(({ event }) => event === 'cashIn.processing')?.createdAt ?? '';
    expect(await named({ resource: cashInId, createdAfter: paidAt })).toEqual(ofCashIn.slice(0, 2));
    expect(all.map(({ id }) => id)).toEqual(
      all
        .map(({ id }) => id)
        .toSorted()
        .reverse(),
    );
  });

  it('page down and up without gaps, while new ones come', async () => {
    const { client } = await world.newProject();
    const wallet = await world.wallet(await world.provisionedCustomer(client), client);
    for (let n = 0; n < 5; n++) await world.cashIn(wallet, { client });
    await world.drain();
    const idsOf = (events: readonly LoggedEvent[]): string[] => events.map(({ id }) => id);
    const all = idsOf(await client.events.list().take(100));
    for (const limit of [1, 2, 3, all.length, all.length + 1]) {
      expect(idsOf(await client.events.list({ limit }).take(100)), `${limit} a page`).toEqual(all);
    }
    const typed = idsOf(await client.events.list({ type: 'cashIn.*', limit: 2 }).take(100));
    expect(typed).toHaveLength(5);
    const last = await client.events.list({ limit: 1 }).firstPage();
    for (let n = 0; n < 5; n++) await world.cashIn(wallet, { client });
    const caughtUp: string[] = [];
    const newer = client.events.list({ limit: 2, endingBefore: last.previousCursor ?? '' });
    for await (const page of newer.pages()) caughtUp.push(...idsOf(page.data).reverse());
    expect(caughtUp).toEqual(idsOf(await client.events.list({ limit: 5 }).take(5)).reverse());
    expect(await newer.firstPage()).toMatchObject({ hasMore: true });
    const pages = newer.pages();
    let end = '';
    for await (const page of pages) end = page.previousCursor ?? end;
    expect(await client.events.list({ endingBefore: end }).firstPage()).toMatchObject({
      data: [],
      hasMore: false,
      previousCursor: null,
    });
  });

  it('have types, each with its schema and an example that the schema accepts', async () => {
    const { types } = world.client.events;
    expect(await types().firstPage()).toMatchObject({ hasMore: false, nextCursor: null });
    const all = await types().take(200);
    expect(all.map(({ name }) => name)).toEqual(Object.keys(EVENTS));
    for (const { name, schema, example } of all)
      expect(ajv.validate(schema, example), `${name}: ${ajv.errorsText()}`).toBe(true);
    const created = all.find(({ name }) => name === 'cashIn.created');
    expect(created).toMatchObject({ object: 'eventType', audience: 'all', resource: ['ci'] });
    expect(created?.example).toMatchObject({ event: 'cashIn.created', data: { object: 'cashIn' } });
    expect(await world.fetch('GET', '/v0.9/event-types', { as: null })).toMatchObject({ status: 401 });
  });

  it('are nobody else’s', async () => {
    const { project, transactionId } = await paidCashIn();
    const [event] = await project.client.events.list({ resource: transactionId }).take(1);
    const stranger = await world.newProject();
    const reply = await world.fetch('GET', `${PATH}/${event?.id}`, { as: stranger });
    expect(reply).toMatchObject({ status: 404, json: { code: 'not_found', details: [] } });
    expect(await stranger.client.events.list({ resource: transactionId }).take(1)).toEqual([]);
    expect(await stranger.client.events.list().take(1)).toEqual([]);
    expect(await world.fetch('GET', PATH, { as: null })).toMatchObject({ status: 401 });
    expect(await world.fetch('GET', `${PATH}/${event?.id}`, { as: null })).toMatchObject({ status: 401 });
  });

  it('of no known name are refused, and so is each bad field', async () => {
    for (const type of ['cashin.*', 'foo', 'cashIn.created.*', '*.*.*.*']) {
      const reply = await world.fetch('GET', `${PATH}?type=${type}`);
      expect(reply).toMatchObject({
        status: 400,
        json: { code: 'validation_error', details: [{ field: 'type' }] },
      });
    }
    const reply = await world.fetch('GET', `${PATH}?type=a-b&limit=0&createdAfter=x&resource=`);
    expect(reply.json.details.map(({ field }: { field: string }) => field).toSorted()).toEqual([
      'createdAfter',
      'limit',
      'resource',
      'type',
    ]);
  });
});
