import { EXAMPLE_CUSTOMER } from '@openoms/contract/customers.ts';
import { OpenOMS } from '@openoms/sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createWorld, type Project, type World } from './world.ts';

let world: World;
/** Known to have had rules, so that those of the tests need not wait. */
let project: Project;
beforeAll(async () => {
  world = await createWorld();
  project = await world.newProject({ fromFaucet: false });
});
afterAll(() => world.close());

type Rule = Parameters<OpenOMS['sandbox']['trouble']['create']>[0];

/** The project has these rules, and no other. */
async function troubled(...rules: readonly Rule[]): Promise<Project> {
  await project.client.sandbox.trouble.deleteAll();
  for (const rule of rules) await project.client.sandbox.trouble.create(rule);
  return project;
}

const customers = () => project.client.customers.list().take(100);

const rulesOf = ({ client }: Project) => client.sandbox.trouble.list().take(100);
const bannerOf = ({ headers }: { headers: Headers }) => headers.get('oms-sandbox-trouble');
const getNetworks = (as: Project) => world.fetch('GET', '/v0.9/networks', { as });

/** What a gateway answers in the place of the API is not in the contract. */
async function plainly(as: Project, path: string): Promise<Response> {
  return fetch(world.baseUrl + path, { headers: { authorization: `Bearer ${await as.token()}` } });
}

const createCustomer = (as: Project, key: string) =>
  world.fetch('POST', '/v0.9/customers', {
    as,
    body: EXAMPLE_CUSTOMER,
    headers: { 'idempotency-key': key },
  });

describe('a rule', () => {
  it('is shown with its defaults, until it is deleted', async () => {
    await troubled({ kind: 'api.status', times: 2, seed: 5, durationSeconds: 60 });
    const [rule] = await rulesOf(project);
    expect(rule).toMatchObject({
      object: 'sandboxTrouble',
      id: expect.stringMatching(/^tbl_/),
      kind: 'api.status',
      status: 503,
      when: 'before',
      share: '1',
      times: 2,
      seed: 5,
      isOn: true,
      happened: 0,
    });
    expect(rule).not.toHaveProperty('operationId');
    expect(Date.parse(rule?.endsAt ?? '') - Date.now()).toBeLessThanOrEqual(60_000);
    await project.client.sandbox.trouble.delete(rule?.id ?? '');
    expect(await rulesOf(project)).toEqual([]);
    await expect(project.client.sandbox.trouble.delete(rule?.id ?? '')).rejects.toMatchObject({
      status: 404,
    });
  });

  it('says a seed that was drawn, and another one each time', async () => {
    await troubled({ kind: 'api.drop' }, { kind: 'api.drop' });
    const seeds = (await rulesOf(project)).map(({ seed }) => seed);
    expect(new Set(seeds).size).toBe(2);
  });

  it.each([
    [{ kind: 'api.drop', operationId: 'noSuchOperation' }, 400],
    [{ kind: 'api.drop', operationId: 'createSandboxTrouble' }, 400],
    [{ kind: 'api.drop', operationId: 'createToken' }, 400],
    [{ kind: 'api.drop', seconds: 3 }, 400],
    [{ kind: 'webhook.drop', webhookId: 'whk_1' }, 404],
  ])('that could never hit is refused: %j', async (body, status) => {
    const reply = await world.fetch('POST', '/v0.9/sandbox/trouble', { body });
    expect(reply.status).toBe(status);
    expect(await rulesOf(world.project)).toEqual([]);
  });
});

describe('answers name the trouble that is on', () => {
  it('whatever they are, and no longer than it is', async () => {
    await troubled(
      { kind: 'webhook.duplicate' },
      { kind: 'api.latency', operationId: 'listNetworks', milliseconds: 1 },
    );
    const kinds = 'api.latency, webhook.duplicate';
    expect(bannerOf(await getNetworks(project))).toBe(kinds);
    expect(bannerOf(await world.fetch('GET', '/v0.9/customers/cst_1', { as: project }))).toBe(kinds);
    expect(bannerOf(await world.fetch('POST', '/v0.9/quotes', { as: project, body: {} }))).toBe(kinds);
    expect(bannerOf(await world.fetch('GET', '/v0.9/sandbox/trouble', { as: project }))).toBe(kinds);
    const ended = await world.fetch('DELETE', '/v0.9/sandbox/trouble', { as: project });
    expect({ status: ended.status, banner: bannerOf(ended) }).toEqual({ status: 204, banner: null });
    expect(bannerOf(await getNetworks(project))).toBeNull();
  });

  it('with the last time that it happens, and not after', async () => {
    await troubled({ kind: 'api.status', times: 1 });
    const hit = await getNetworks(project);
    expect({ status: hit.status, banner: bannerOf(hit) }).toEqual({ status: 503, banner: 'api.status' });
    const after = await getNetworks(project);
    expect({ status: after.status, banner: bannerOf(after) }).toEqual({ status: 200, banner: null });
    expect(await rulesOf(project)).toMatchObject([{ isOn: false, happened: 1 }]);
  });

  it('to the project that has it, and to no other', async () => {
    await troubled({ kind: 'api.status' });
    const other = await getNetworks(world.project);
    expect({ status: other.status, banner: bannerOf(other) }).toEqual({ status: 200, banner: null });
  });
});

describe('api.status', () => {
  it.each([
    [429, 'rate_limited', '1'],
    [500, 'internal_error', null],
    [503, 'provider_unavailable', '1'],
  ] as const)('%i is an answer of this API', async (status, code, retryAfter) => {
    const reply = await getNetworks(await troubled({ kind: 'api.status', status }));
    expect(reply).toMatchObject({ status, json: { code, details: [] } });
    expect(reply.headers.get('retry-after')).toBe(retryAfter);
  });

  it.each([502, 504] as const)('%i is one of a gateway before it', async (status) => {
    await troubled({ kind: 'api.status', status });
    const reply = await plainly(project, '/v0.9/networks');
    expect(reply.status).toBe(status);
    expect(reply.headers.get('content-type')).toContain('text/html');
    expect(await reply.text()).toContain(String(status));
    expect(bannerOf(reply)).toBe('api.status');
  });

  it('before: nothing is done, and the key runs the next time', async () => {
    await troubled({ kind: 'api.status', times: 1, operationId: 'createCustomer' });
    const [key, before] = [world.key(), await customers()];
    expect(await createCustomer(project, key)).toMatchObject({ status: 503 });
    expect(await customers()).toEqual(before);
    const done = await createCustomer(project, key);
    expect(done.status).toBe(201);
    expect(done.headers.has('idempotent-replayed')).toBe(false);
  });

  it('after: it is done, the answer is lost, and the key has it', async () => {
    const rule = { kind: 'api.status', status: 500, when: 'after', times: 2 } as const;
    await troubled({ ...rule, operationId: 'createCustomer' });
    const [key, before] = [world.key(), await customers()];
    for (let lost = 0; lost < 2; lost++) {
      const reply = await createCustomer(project, key);
      expect(reply).toMatchObject({ status: 500, json: { code: 'internal_error' } });
      expect(reply.headers.has('idempotent-replayed')).toBe(false);
    }
    const [customer] = await customers();
    const replayed = await createCustomer(project, key);
    expect(replayed).toMatchObject({ status: 201, json: { id: customer?.id } });
    expect(replayed.headers.get('idempotent-replayed')).toBe('true');
    expect(await customers()).toHaveLength(before.length + 1);
  });

  it('after: a refusal is lost as well', async () => {
    await troubled({ kind: 'api.status', when: 'after', operationId: 'getCustomer' });
    expect(await world.fetch('GET', '/v0.9/customers/cst_1', { as: project })).toMatchObject({ status: 503 });
  });

  it('after: an answer without a body gets one', async () => {
    await troubled({ kind: 'api.status', when: 'after', operationId: 'deleteWebhook' });
    const webhook = await project.client.webhooks.create({ url: 'https://example.com/', enabled: false });
    const reply = await world.fetch('DELETE', `/v0.9/webhooks/${webhook.id}`, { as: project });
    expect(reply).toMatchObject({ status: 503, json: { code: 'provider_unavailable' } });
    expect(await project.client.webhooks.list().take(100)).toEqual([]);
  });

  it('does not count what is refused before anything is done', async () => {
    await troubled({ kind: 'api.status' });
    const bodiless = await world.fetch('POST', '/v0.9/cash-ins', { as: project, body: { customerId: 1 } });
    expect(bodiless.status).toBe(400);
    expect(await rulesOf(project)).toMatchObject([{ happened: 0 }]);
  });

  it('never hits what only a sandbox has', async () => {
    await troubled({ kind: 'api.status' }, { kind: 'api.drop' });
    expect((await project.client.sandbox.clock.get()).mode).toBe('running');
    expect(await rulesOf(project)).toHaveLength(2);
    await project.client.sandbox.trouble.deleteAll();
    expect((await getNetworks(project)).status).toBe(200);
  });
});

describe('api.drop', () => {
  it.each(['before', 'after'] as const)('%s: the connection is cut', async (when) => {
    await troubled({ kind: 'api.drop', when, operationId: 'createCustomer' });
    const [key, before] = [world.key(), await customers()];
    await expect(createCustomer(project, key)).rejects.toThrow('fetch failed');
    const done = when === 'after' ? 1 : 0;
    expect(await customers()).toHaveLength(before.length + done);
    expect(await rulesOf(project)).toMatchObject([{ happened: 1 }]);
  });
});

it('api.latency: the answer waits, once for each rule', async () => {
  const wait = { kind: 'api.latency', milliseconds: 150, operationId: 'listNetworks' } as const;
  await troubled(wait, wait);
  const startedAt = performance.now();
  expect((await getNetworks(project)).status).toBe(200);
  expect(performance.now() - startedAt).toBeGreaterThan(295);
});

it('the same seed and the same requests have the same trouble', async () => {
  const rule = { kind: 'api.status', share: '0.5', seed: 42 } as const;
  const statuses = async (as: Project): Promise<number[]> => {
    const seen: number[] = [];
    for (let n = 0; n < 24; n++) seen.push((await getNetworks(as)).status);
    return seen;
  };
  const first = await statuses(await troubled(rule));
  expect(new Set(first)).toEqual(new Set([200, 503]));
  expect(await statuses(await troubled(rule))).toEqual(first);
});

it('a client that repeats with its key pays once, whatever is lost', async () => {
  const payer = await world.newProject();
  const customer = await world.provisionedCustomer(payer.client);
  const from = await world.fundedWallet(customer, '20.00', payer.client);
  const to = await world.wallet(customer, payer.client);
  for (const rule of [
    { kind: 'api.drop', when: 'after', seed: 1 },
    { kind: 'api.status', status: 502, when: 'after', seed: 2 },
    { kind: 'api.status', status: 503, when: 'before', seed: 3 },
    { kind: 'api.drop', when: 'before', seed: 4 },
  ] as const)
    await payer.client.sandbox.trouble.create({ ...rule, share: '0.2' });
  const { apiKey, apiSecret } = payer;
  const stubborn = new OpenOMS({ baseUrl: world.baseUrl, apiKey, apiSecret, maxRetries: 20 });
  const USDC = { asset: 'usdc', network: 'polygon' } as const;
  for (let n = 0; n < 5; n++) {
    const quote = await stubborn.quotes.create({
      customerId: customer.id,
      source: { walletId: from.id, ...USDC, amount: '2.00' },
      destination: { wallet: { id: to.id }, ...USDC },
    });
    await stubborn.transactions.create({ quoteId: quote.id });
  }
  await world.drain();
  const rules = await rulesOf(payer);
  expect(rules.reduce((sum, { happened }) => sum + happened, 0)).toBeGreaterThan(3);
  await payer.client.sandbox.trouble.deleteAll();
  const paid = await payer.client.transactions.list({ walletId: from.id }).take(100);
  expect(paid.map(({ status }) => status)).toEqual(Array(5).fill('completed'));
  await world.checkInvariants();
}, 60_000);

it('without trouble a request of a live project has no banner, and no rules', async () => {
  const live = await world.newProject({ mode: 'live' });
  expect(bannerOf(await getNetworks(live))).toBeNull();
});
