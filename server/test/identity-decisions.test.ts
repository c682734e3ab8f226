import type { Customer } from '@openoms/contract/customers.ts';
import type { BodyOf } from '@openoms/contract/operation.ts';
import type { simulateEndorsements } from '@openoms/contract/simulations.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createWorld, type Project, type World } from './world.ts';

type Decision = BodyOf<typeof simulateEndorsements>;

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

const statuses = ({ endorsements }: Pick<Customer, 'endorsements'>) =>
  endorsements.map(({ status }) => status);
const ALL = { endorsements: ['basic' as const, 'cryptoCustody' as const, 'usd' as const] };
const created = (client = world.client) => client.customers.create(ALL);
const decide = (customer: Pick<Customer, 'id'>, decision: Decision, client = world.client) =>
  client.simulate.endorsements(customer.id, decision);
const raw = (customer: Pick<Customer, 'id'>, body: unknown, headers = {}, as?: Project) =>
  world.fetch('POST', `/v0.9/customers/${customer.id}/endorsements/simulate`, {
    body,
    headers,
    ...(as && { as }),
  });

describe('a decision', () => {
  it('is what the reviewer’s would be, and tells what it caused', async () => {
    const customer = await created();
    const answer = await decide(customer, { event: 'rejected', endorsements: ['usd'] });
    expect(statuses(answer)).toEqual(['PENDING', 'PENDING', 'REJECTED']);
    const { events } = answer;
    expect(events).toMatchObject([{ event: 'customer.endorsement.denied', resourceId: customer.id }]);
    const [event] = await world.client.events.list({ resource: customer.id }).take(1);
    const { object: _, data, ...rest } = event ?? { object: undefined, data: undefined };
    expect(events).toEqual([rest]);
    expect(data).toMatchObject({ id: customer.id, endorsements: [] });
    expect(statuses(await world.client.customers.get(customer.id))).toEqual(statuses(answer));
  });

  it('is not overtaken by the one that the sandbox makes by itself', async () => {
    const customer = await created();
    await decide(customer, { event: 'rejected', endorsements: ['usd'] });
    await world.drain();
    expect(statuses(await world.client.customers.get(customer.id))).toEqual(['ACTIVE', 'ACTIVE', 'REJECTED']);
    expect(await raw(customer, { event: 'revoked', endorsements: ['usd'] })).toMatchObject({
      status: 409,
      json: { code: 'invalid_state', details: [{ field: 'endorsements', issue: 'usd is REJECTED' }] },
    });
    await world.client.customers.update(customer.id, { endorsements: ['usd'] });
    await world.drain();
    expect(statuses(await world.client.customers.get(customer.id))).toEqual(['ACTIVE', 'ACTIVE', 'ACTIVE']);
  });

  it('keeps what needs the endorsement waiting for as long as documents are', async () => {
    const customer = await created();
    const wanted: Decision = { event: 'documentsRequested', missing: ['passport'], issues: ['Blurred.'] };
    const { endorsements } = await decide(customer, wanted);
    expect(endorsements[0]?.requirements).toMatchObject({ missing: ['passport'], issues: ['Blurred.'] });
    const wallet = { asset: 'usdc', chain: 'polygon' } as const;
    const refused = world.client.wallets.create(customer.id, wallet);
    await expect(refused).rejects.toMatchObject({ code: 'endorsement_required' });
    await world.drain();
    await decide(customer, { event: 'granted' });
    const now = await world.client.customers.get(customer.id);
    expect(now.endorsements[0]?.requirements).toMatchObject({ missing: [], issues: [] });
    await world.client.wallets.create(customer.id, wallet);
  });

  it('decides on each endorsement, or on none', async () => {
    const customer = await created();
    await decide(customer, { event: 'granted', endorsements: ['basic'] });
    const body = { event: 'revoked', endorsements: ['basic', 'usd'] };
    expect(await raw(customer, body)).toMatchObject({ status: 409 });
    expect(statuses(await world.client.customers.get(customer.id))).toEqual(['ACTIVE', 'PENDING', 'PENDING']);
    const answer = await decide(customer, { event: 'revoked' });
    expect(statuses(answer)).toEqual(['REVOKED', 'PENDING', 'PENDING']);
    expect(answer.events.map(({ event }) => event)).toEqual(['customer.endorsement.updated']);
  });

  it('is of all there are when the customer asked for none', async () => {
    const customer = await world.client.customers.create({});
    const answer = await decide(customer, { event: 'rejected' });
    expect(statuses(answer)).toEqual(['REJECTED', 'REJECTED', 'REJECTED']);
    expect(answer.endorsements[0]?.rejectionReasons).toHaveLength(1);
  });

  it('changes nothing when it is repeated, nor when its request is', async () => {
    const customer = await created();
    const headers = { 'idempotency-key': world.key() };
    const first = await raw(customer, { event: 'rejected' }, headers);
    const replay = await raw(customer, { event: 'rejected' }, headers);
    expect(replay.text).toBe(first.text);
    expect(replay.headers.get('idempotent-replayed')).toBe('true');
    expect(await raw(customer, { event: 'granted' }, headers)).toMatchObject({
      status: 409,
      json: { code: 'idempotency_conflict' },
    });
    expect((await decide(customer, { event: 'rejected' })).events).toEqual([]);
    expect(await world.client.events.list({ resource: customer.id }).take(9)).toHaveLength(1);
  });

  it('is refused with every field that is wrong', async () => {
    const customer = await created();
    const body = { event: 'granted', rejectionReasons: [{ reason: 'x' }], issues: ['x'] };
    const { json } = await raw(customer, body);
    expect(json).toMatchObject({ code: 'validation_error' });
    expect(json.details.map(({ field }: { field: string }) => field)).toEqual(['rejectionReasons', 'issues']);
    expect((await raw(customer, {})).json.details).toMatchObject([{ field: 'event' }]);
  });

  it('is 404 of another tenant’s customer, as of nobody’s', async () => {
    const stranger = await world.newProject();
    const customer = await created();
    const body = { event: 'granted' };
    const theirs = await raw(customer, body, {}, stranger);
    const nobodys = await raw({ id: 'cst_unknown' }, body, {}, stranger);
    expect(theirs.status).toBe(404);
    expect({ ...theirs.json, requestId: '' }).toEqual({ ...nobodys.json, requestId: '' });
  });

  it('made of many at once at the same customer is one after the other', async () => {
    const customer = await created();
    const decisions: Decision[] = [{ event: 'granted' }, { event: 'rejected' }, { event: 'granted' }];
    await Promise.all([...decisions.map((decision) => decide(customer, decision)), world.drain()]);
    const sequences = (await world.client.events.list({ resource: customer.id }).take(9)).map(
      ({ sequence }) => sequence,
    );
    expect(sequences).toEqual(sequences.map((_, index) => sequences.length - index));
  });
});

describe('with the pace manual', () => {
  it('nothing is decided until it is told', async () => {
    const project = await world.newProject();
    await project.client.settings.update({ pace: 'manual' });
    const customer = await created(project.client);
    await world.drain();
    expect(statuses(await project.client.customers.get(customer.id))).toEqual([
      'PENDING',
      'PENDING',
      'PENDING',
    ]);
    const wallet = project.client.wallets.create(customer.id, { asset: 'usdc', chain: 'polygon' });
    await expect(wallet).rejects.toMatchObject({ code: 'endorsement_required' });
    await decide(customer, { event: 'granted', endorsements: ['cryptoCustody'] }, project.client);
    await project.client.wallets.create(customer.id, { asset: 'usdc', chain: 'polygon' });
    expect(statuses(await project.client.customers.get(customer.id))).toEqual([
      'PENDING',
      'ACTIVE',
      'PENDING',
    ]);
  });
});
