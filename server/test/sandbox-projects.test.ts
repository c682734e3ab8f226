import type { SandboxProject } from '@openoms/contract/sandbox-projects.ts';
import { OpenOMS } from '@openoms/sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { must } from '../src/kernel/assert.ts';
import { createWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

const clientOf = ({ apiKey, apiSecret }: SandboxProject): OpenOMS =>
  new OpenOMS({ baseUrl: world.baseUrl, apiKey, apiSecret, maxRetries: 0 });

describe('projects of one call', () => {
  it('are many, each with a key, a treasury and nothing of the others', async () => {
    const { data } = await world.client.sandbox.projects.create({ count: 3, namePrefix: 'Job' });
    expect(data.map(({ name }) => name)).toEqual(['Job 1', 'Job 2', 'Job 3']);
    expect(new Set(data.flatMap(({ id, apiKey, apiSecret }) => [id, apiKey, apiSecret])).size).toBe(9);
    await world.drain();
    for (const project of data) {
      const client = clientOf(project);
      await world.provisionedCustomer(client);
      expect(await client.customers.list().take(10)).toHaveLength(1);
      expect(project).toMatchObject({ seed: null, startsAt: null });
    }
    const { db, treasuries } = world.context;
    const floats = data.map(({ id }) => db.tx(id, (tx) => treasuries.availableMinor(tx)));
    expect(await Promise.all(floats)).toEqual(data.map(() => 100_000_000_000_000n));
  });

  it('have their clock standing from the start, and are of use at once', async () => {
    const { data } = await world.client.sandbox.projects.create({
      projects: [
        { name: 'Seeded', seed: 'at-once' },
        { name: 'Dated', startsAt: '2030-05-06T07:08:09Z' },
      ],
    });
    const times = await Promise.all(data.map((each) => clientOf(each).sandbox.clock.get()));
    expect(times.map(({ now, mode }) => [now, mode])).toEqual([
      ['2026-01-01T00:00:00Z', 'frozen'],
      ['2030-05-06T07:08:09Z', 'frozen'],
    ]);
    const [seeded] = data;
    const customer = await world.provisionedCustomer(clientOf(seeded as SandboxProject));
    expect(customer.createdAt).toBe('2026-01-01T00:00:00Z');
  });

  it('are made once for a key, though the answer was lost', async () => {
    const body = { projects: [{ name: 'Once', seed: 'once' }, { name: 'Random' }] };
    const key = world.key();
    const { data } = await world.client.sandbox.projects.create(body, { idempotencyKey: key });
    await world.force('delete from idempotency_keys where key = $1', [key]);
    const again = await world.client.sandbox.projects.create(body, { idempotencyKey: key });
    expect(again.data).toEqual(data);
    const other = await world.client.sandbox.projects.create(body);
    expect(other.data.map(({ id }) => id)).not.toEqual(expect.arrayContaining(data.map(({ id }) => id)));
  });

  it('are one project however many ask for it under one key at a time', async () => {
    const body = { projects: [{ name: 'Race', seed: 'race' }] };
    const key = world.key();
    const calls = await Promise.allSettled(
      Array.from({ length: 8 }, () => world.client.sandbox.projects.create(body, { idempotencyKey: key })),
    );
    const ids = calls.flatMap((call) =>
      call.status === 'fulfilled' ? call.value.data.map(({ id }) => id) : [],
    );
    expect(new Set(ids).size).toBe(1);
    expect(await world.sql(`select from projects where name = 'Race'`)).toHaveLength(1);
  });

  it.each([
    [{}, 'must have either projects or count'],
    [{ count: 1, projects: [{ name: 'a' }] }, 'must have either projects or count'],
    [{ projects: [{ name: 'a' }], seed: 'b' }, 'goes with count'],
    [{ projects: [{ name: 'a', startsAt: '1999-12-31T23:59:59Z' }] }, 'must be between 2000 and 2100'],
  ])('refuse %j', async (body, issue) => {
    const reply = await world.fetch('POST', '/v0.9/sandbox/projects', { body });
    expect(reply.status).toBe(400);
    expect(reply.json.details.map((each: { issue: string }) => each.issue)).toContain(issue);
  });
});

describe('a further key', () => {
  it('opens the project of the one that asked for it, and no other', async () => {
    const { client } = world.project;
    const key = await client.sandbox.apiKeys.create({ name: 'further' });
    const other = new OpenOMS({ baseUrl: world.baseUrl, ...key, maxRetries: 0 });
    const customer = await world.provisionedCustomer(other);
    expect(await client.customers.get(customer.id)).toMatchObject({ id: customer.id });
    const [entry] = await client.auditEntries.list({ resource: key.apiKey }).take(1);
    expect(entry).toMatchObject({ action: 'apiKey.created', actor: `apiKey:${world.project.apiKey}` });
    expect(JSON.stringify(entry)).not.toContain(key.apiSecret);
  });
});

describe('projects of one seed', () => {
  it('have nothing in common on one instance', async () => {
    const body = {
      projects: [
        { name: 'A', seed: 'shared' },
        { name: 'B', seed: 'shared' },
      ],
    };
    const { data } = await world.client.sandbox.projects.create(body);
    expect(new Set(data.flatMap(({ id, apiKey, apiSecret }) => [id, apiKey, apiSecret])).size).toBe(6);
    const customers = await Promise.all(data.map((each) => world.provisionedCustomer(clientOf(each))));
    await world.drain();
    const wallets = await Promise.all(
      data.map((project, index) => world.wallet(must(customers[index], 'one each'), clientOf(project))),
    );
    expect(new Set(wallets.flatMap(({ id, address }) => [id, address])).size).toBe(4);
  });

  it('leave the keys of the signer to the others', async () => {
    await world.client.sandbox.projects.create({ projects: [{ name: 'Public', seed: 'public' }] });
    expect(await world.fillAddressPool(600)).toBeGreaterThan(0);
    const [ends] = await world.sql<{ own: bigint; shared: bigint }>(
      'select max(key_index) filter (where key_set = 0) own, min(key_index) filter (where key_set = -1) shared from address_pool',
    );
    expect(Number(ends?.own)).toBeLessThan(10_000);
    expect(Number(ends?.shared)).toBeGreaterThanOrEqual(2 ** 31);
    const customer = await world.provisionedCustomer();
    const { address } = await world.wallet(customer);
    expect(
      await world.sql('select from address_pool where address = $1 and key_set = 0', [address.toLowerCase()]),
    ).toHaveLength(1);
  });
});

describe('the secret of a seeded project', () => {
  it('does not follow from its seed, and its key alone opens nothing', async () => {
    const { data } = await world.client.sandbox.projects.create({ projects: [{ name: 'A', seed: 'known' }] });
    const [project] = data as [SandboxProject];
    const reply = await world.fetch('POST', '/v0.9/auth/token', {
      as: null,
      body: { apiKey: project.apiKey, apiSecret: project.apiKey.slice(9) },
    });
    expect(reply.status).toBe(401);
    expect(project.apiSecret).toMatch(/^[0-9a-f]{64}$/);
  });
});
