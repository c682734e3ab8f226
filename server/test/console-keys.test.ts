import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ManualClock, MINUTE_MS, systemClock } from '../src/kernel/clock.ts';
import { type Member, newOrganization, signIn } from './console.ts';
import { createWorld, type RawReply, type World } from './world.ts';

let world: World;
let owner: Member;
const clock = new ManualClock(systemClock.now());
beforeAll(async () => {
  world = await createWorld({ wallClock: clock });
  owner = await signIn(world, 'owner');
});
afterAll(() => world.close());

const inFirst = (member: Member, method: string, path: string, body?: object): Promise<RawReply> =>
  member.inProject(world.project.projectId, method, path, { ...(body && { body }) });

async function tokenOf(apiKey: string, apiSecret: string): Promise<string> {
  const { json } = await world.fetch('POST', '/v0.9/auth/token', { as: null, body: { apiKey, apiSecret } });
  return json.accessToken;
}

const asToken = (token: string, method: string, path: string, body?: object): Promise<RawReply> =>
  world.fetch(method, `/v0.9${path}`, {
    as: null,
    headers: { authorization: `Bearer ${token}`, 'idempotency-key': world.key() },
    ...(body && { body }),
  });

describe('an API key of a member', () => {
  it('shows its secret once, and says who made it', async () => {
    world.advance(MINUTE_MS);
    const made = await inFirst(owner, 'POST', '/api-keys', { name: 'Backend' });
    expect(made.status).toBe(201);
    const { key, apiSecret } = made.json;
    expect(key).toMatchObject({
      name: 'Backend',
      scopes: ['read', 'operate', 'simulate', 'develop', 'configure'],
      createdBy: `user:${owner.userId}`,
      lastUsedAt: null,
      revokedAt: null,
    });
    expect(key.apiKey).toMatch(/^sk_sdbx_/);
    const { json, text } = await inFirst(owner, 'GET', '/api-keys');
    expect(json.data[0]).toEqual(key);
    expect(json.data.at(-1)).toMatchObject({ name: 'first key', createdBy: 'system' });
    expect(text).not.toContain(apiSecret);
  });

  it('has no scope that its maker has not', async () => {
    const developer = await signIn(world, 'developer');
    const refused = await inFirst(developer, 'POST', '/api-keys', { name: 'More', scopes: ['configure'] });
    expect([refused.status, refused.json.code]).toEqual([403, 'forbidden']);
    const made = await inFirst(developer, 'POST', '/api-keys', { name: 'Mine' });
    expect(made.json.key.scopes).toEqual(['read', 'operate', 'simulate', 'develop']);
    const token = await tokenOf(made.json.key.apiKey, made.json.apiSecret);
    const further = await asToken(token, 'POST', '/sandbox/api-keys', { name: 'Further' });
    const furtherToken = await tokenOf(further.json.apiKey, further.json.apiSecret);
    expect((await asToken(furtherToken, 'PATCH', '/settings', {})).status).toBe(403);
    expect((await asToken(furtherToken, 'GET', '/customers')).status).toBe(200);
  });

  it('that is revoked is refused at once, with tokens that it has', async () => {
    const { json } = await inFirst(owner, 'POST', '/api-keys', { name: 'Short-lived' });
    const token = await tokenOf(json.key.apiKey, json.apiSecret);
    expect((await asToken(token, 'GET', '/customers')).status).toBe(200);
    const revoked = await inFirst(owner, 'DELETE', `/api-keys/${json.key.apiKey}`);
    expect(revoked.json).toMatchObject({ apiKey: json.key.apiKey, revokedAt: expect.any(String) });
    expect((await asToken(token, 'GET', '/customers')).json.code).toBe('unauthorized');
    const exchange = { as: null, body: { apiKey: json.key.apiKey, apiSecret: json.apiSecret } };
    expect((await world.fetch('POST', '/v0.9/auth/token', exchange)).json.code).toBe('invalid_credentials');
    const again = await inFirst(owner, 'DELETE', `/api-keys/${json.key.apiKey}`);
    expect(again.text).toBe(revoked.text);
    expect((await inFirst(owner, 'DELETE', '/api-keys/sk_sdbx_nobody')).status).toBe(404);
    const log = await inFirst(owner, 'GET', `/audit-entries?resource=${json.key.apiKey}`);
    const actor = `user:${owner.userId}`;
    expect(log.json.data).toMatchObject([
      { action: 'apiKey.revoked', actor },
      { action: 'apiKey.created', actor },
    ]);
  });

  it('is made once, however often it is asked for with one key of idempotency', async () => {
    const request = { body: { name: 'Once' }, headers: { 'idempotency-key': world.key() } };
    const made = await owner.inProject(world.project.projectId, 'POST', '/api-keys', request);
    const again = await owner.inProject(world.project.projectId, 'POST', '/api-keys', request);
    expect([again.status, again.text]).toEqual([201, made.text]);
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    const { json } = await inFirst(owner, 'GET', '/api-keys');
    expect(json.data.filter(({ name }: { name: string }) => name === 'Once')).toHaveLength(1);
  });

  it('tells when it was last used, to the minute', async () => {
    const { json } = await inFirst(owner, 'POST', '/api-keys', { name: 'Used' });
    const token = await tokenOf(json.key.apiKey, json.apiSecret);
    const lastUsed = async (): Promise<string | null> => {
      await world.context.apiKeyUse.flush();
      const { json: list } = await inFirst(owner, 'GET', '/api-keys');
      return list.data.find(({ apiKey }: { apiKey: string }) => apiKey === json.key.apiKey).lastUsedAt;
    };
    expect(await lastUsed()).toBeNull();
    await asToken(token, 'GET', '/customers');
    const minute = (): string => `${clock.now().toISOString().slice(0, 16)}:00Z`;
    expect(await lastUsed()).toBe(minute());
    clock.advance(2 * MINUTE_MS);
    await asToken(token, 'GET', '/customers');
    expect(await lastUsed()).toBe(minute());
  });
});

describe('a project', () => {
  it('is made with a name that is unique in its mode, and knows its counterpart', async () => {
    const body = { name: 'Shop', mode: 'sandbox' };
    const made = await owner.fetch('POST', '/projects', { body });
    expect(made.json).toMatchObject({ object: 'project', ...body, counterpartId: null });
    expect((await owner.fetch('POST', '/projects', { body })).json.code).toBe('invalid_state');
    const live = await owner.fetch('POST', '/projects', { body: { ...body, mode: 'live' } });
    expect(live.json).toMatchObject({ mode: 'live', counterpartId: made.json.id });
    const { json: session } = await owner.fetch('GET', '/session');
    expect(session.projects).toContainEqual({ ...made.json, counterpartId: live.json.id });
    expect((await owner.inProject(live.json.id, 'GET', '/customers')).json.data).toEqual([]);
    expect((await owner.inProject(live.json.id, 'GET', '/api-keys')).json.data).toEqual([]);
    const key = await owner.inProject(live.json.id, 'POST', '/api-keys', { body: { name: 'Live' } });
    expect(key.json.key.apiKey).toMatch(/^sk_live_/);
    const { json: log } = await owner.fetch('GET', '/audit-entries?action=project.created');
    expect(log.data[0]).toMatchObject({ actor: `user:${owner.userId}`, resourceId: live.json.id });
  });

  it('of one name is made once, however many ask', async () => {
    const body = { name: 'Race', mode: 'sandbox' };
    const replies = await Promise.all([1, 2, 3, 4].map(() => owner.fetch('POST', '/projects', { body })));
    expect(replies.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409]);
  });

  it('is renamed with its counterpart', async () => {
    const [sandbox, live] = await Promise.all(
      ['sandbox', 'live'].map((mode) => owner.fetch('POST', '/projects', { body: { name: 'Old', mode } })),
    );
    await owner.fetch('POST', '/projects', { body: { name: 'Taken', mode: 'live' } });
    const rename = (name: string) => owner.inProject(sandbox?.json.id, 'PATCH', '', { body: { name } });
    expect((await rename('Taken')).json.code).toBe('invalid_state');
    expect((await rename('New')).json).toMatchObject({ name: 'New', counterpartId: live?.json.id });
    expect((await rename('New')).status).toBe(200);
    const { projects } = (await owner.fetch('GET', '/session')).json;
    const names = projects.filter(({ id }: { id: string }) => [sandbox?.json.id, live?.json.id].includes(id));
    expect(names.map(({ name }: { name: string }) => name)).toEqual(['New', 'New']);
    const { json: log } = await owner.fetch('GET', '/audit-entries?action=project.renamed');
    expect(log.data).toMatchObject([{ resourceId: sandbox?.json.id, details: { from: 'Old', to: 'New' } }]);
  });

  it('that a program makes for its tests is of the organization of the one that asks', async () => {
    const organization = await newOrganization(world);
    const boss = await signIn(world, 'owner', organization);
    const { json: own } = await boss.fetch('POST', '/projects', { body: { name: 'Own', mode: 'sandbox' } });
    const made = await boss.inProject(own.id, 'POST', '/sandbox/projects', {
      body: { count: 1, namePrefix: 'Test' },
    });
    expect(made.status).toBe(201);
    const { projects } = (await boss.fetch('GET', '/session')).json;
    expect(projects.map(({ name }: { name: string }) => name)).toEqual(['Own', 'Test 1']);
    expect((await owner.inProject(made.json.data[0].id, 'GET', '/customers')).status).toBe(404);
  });
});
