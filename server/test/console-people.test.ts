import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DAY_MS, ManualClock, MINUTE_MS, systemClock } from '../src/kernel/clock.ts';
import { Browser, firstOrganization, type Member, newOrganization, PASSWORD, signIn } from './console.ts';
import { createWorld, type World } from './world.ts';

let world: World;
let owner: Member;
const clock = new ManualClock(systemClock.now());
beforeAll(async () => {
  world = await createWorld({ wallClock: clock });
  owner = await signIn(world, 'owner');
});
afterAll(() => world.close());

let guests = 0;
const newAddress = (): string => `guest-${++guests}@example.com`;

async function invite(role: string, { by = owner, email = newAddress() } = {}) {
  const { status, json } = await by.fetch('POST', '/invitations', { body: { email, role } });
  const token: string = json.url?.split('#')[1] ?? '';
  return { status, json, email, token, id: json.invitation?.id as string };
}

const accept = (token: string, password = PASSWORD, browser = new Browser(world.baseUrl)) =>
  browser.fetch('POST', '/invitations/accept', { body: { token, password, name: 'Guest' } });

describe('an invitation', () => {
  it('is a link by which somebody becomes a member, once', async () => {
    const { email, token, json, id } = await invite('operator');
    expect(json.url).toBe(`${world.baseUrl}/dashboard/invitation#${token}`);
    const { json: open } = await owner.fetch('GET', '/invitations');
    expect(open.data).toContainEqual(expect.objectContaining({ id, email, invitedBy: owner.email }));
    const anybody = new Browser(world.baseUrl);
    const offer = await anybody.fetch('POST', '/invitations/read', { body: { token } });
    expect(offer.json).toEqual({
      email,
      role: 'operator',
      organizationName: 'My organization',
      hasAccount: false,
    });
    const { status, json: session } = await accept(token, PASSWORD, anybody);
    expect([status, session.role, session.user.email]).toEqual([201, 'operator', email]);
    expect((await anybody.fetch('GET', '/session')).json.user.name).toBe('Guest');
    expect((await accept(token)).status).toBe(404);
    expect((await anybody.fetch('POST', '/invitations/read', { body: { token } })).status).toBe(404);
    expect((await new Browser(world.baseUrl).signIn(email)).status).toBe(200);
  });

  it('that two accept at once makes one member', async () => {
    const { token, email } = await invite('viewer');
    const replies = await Promise.all([1, 2, 3].map((each) => accept(token, `${PASSWORD} ${each}`)));
    expect(replies.map(({ status }) => status).sort()).toEqual([201, 404, 404]);
    expect(await world.sql('select from users where email = $1', [email])).toHaveLength(1);
  });

  it('is of no use when it was withdrawn, replaced, or is too old', async () => {
    const withdrawn = await invite('viewer');
    expect((await owner.fetch('DELETE', `/invitations/${withdrawn.id}`)).status).toBe(204);
    expect((await owner.fetch('DELETE', `/invitations/${withdrawn.id}`)).status).toBe(404);
    expect((await accept(withdrawn.token)).status).toBe(404);
    const replaced = await invite('viewer');
    const second = await invite('developer', { email: replaced.email.toUpperCase() });
    expect((await accept(replaced.token)).status).toBe(404);
    expect((await accept(second.token)).json.role).toBe('developer');
    const old = await invite('viewer');
    clock.advance(7 * DAY_MS);
    expect((await accept(old.token)).status).toBe(404);
    owner = await signIn(world, 'owner');
    expect((await owner.fetch('GET', '/invitations')).json.data).toEqual([]);
  });

  it('lets a user of another organization in with the password that they have', async () => {
    const elsewhere = await signIn(world, 'owner', await newOrganization(world));
    const { token } = await invite('viewer', { email: elsewhere.email });
    const offer = await elsewhere.fetch('POST', '/invitations/read', { body: { token } });
    expect(offer.json.hasAccount).toBe(true);
    expect((await accept(token, 'not their password')).json.code).toBe('invalid_credentials');
    const { status, json } = await accept(token);
    expect([status, json.role, json.organization.id]).toEqual([
      201,
      'viewer',
      await firstOrganization(world),
    ]);
    expect((await elsewhere.fetch('GET', '/session')).json.role).toBe('owner');
  });

  it('of an owner is an owner’s to make, and nobody is invited twice', async () => {
    const admin = await signIn(world, 'admin');
    expect((await invite('owner', { by: admin })).status).toBe(403);
    expect((await invite('owner')).status).toBe(201);
    expect((await invite('viewer', { email: admin.email })).json.code).toBe('invalid_state');
  });

  it('keeps its token out of the database and the log', async () => {
    const { token } = await invite('viewer');
    const [row] = await world.sql<{ text: string }>(
      `select string_agg(i::text, ' ') as text from invitations i`,
    );
    expect(row?.text).not.toContain(token);
    expect(row?.text).not.toContain(Buffer.from(token).toString('hex'));
    expect(world.logged.filter((line) => line.includes(token))).toEqual([]);
  });
});

describe('a member', () => {
  it('who is removed is refused at once, and their invitations with them', async () => {
    const admin = await signIn(world, 'admin');
    const { token } = await invite('admin', { by: admin });
    const path = '/customers';
    expect((await admin.inProject(world.project.projectId, 'GET', path)).status).toBe(200);
    expect((await owner.fetch('DELETE', `/members/${admin.userId}`)).status).toBe(204);
    expect((await admin.inProject(world.project.projectId, 'GET', path)).status).toBe(401);
    expect((await admin.fetch('GET', '/session')).status).toBe(401);
    expect((await new Browser(world.baseUrl).signIn(admin.email)).json.code).toBe('invalid_credentials');
    expect((await accept(token)).status).toBe(404);
    expect((await owner.fetch('DELETE', `/members/${admin.userId}`)).status).toBe(404);
  });

  it('with another role may do what that role may, from the next request on', async () => {
    const member = await signIn(world, 'viewer');
    const { projectId } = world.project;
    const create = () => member.inProject(projectId, 'POST', '/api-keys', { body: { name: 'one' } });
    expect((await create()).status).toBe(403);
    const changed = await owner.fetch('PATCH', `/members/${member.userId}`, { body: { role: 'developer' } });
    expect(changed.json).toMatchObject({ id: member.userId, role: 'developer' });
    expect((await create()).status).toBe(201);
    await owner.fetch('PATCH', `/members/${member.userId}`, { body: { role: 'viewer' } });
    expect((await create()).status).toBe(403);
  });

  it('who is an owner is an owner’s to change, and the last one stays', async () => {
    const organization = await newOrganization(world);
    const [one, two] = [
      await signIn(world, 'owner', organization),
      await signIn(world, 'owner', organization),
    ];
    const admin = await signIn(world, 'admin', organization);
    const member = await signIn(world, 'viewer', organization);
    expect((await admin.fetch('DELETE', `/members/${one.userId}`)).status).toBe(403);
    const body = { role: 'owner' };
    expect((await admin.fetch('PATCH', `/members/${member.userId}`, { body })).status).toBe(403);
    const demote = (by: Member, whom: Member) =>
      by.fetch('PATCH', `/members/${whom.userId}`, { body: { role: 'viewer' } });
    // Each the other, at once: one is left.
    const replies = await Promise.all([demote(one, two), demote(two, one)]);
    expect(replies.filter(({ status }) => status === 200)).toHaveLength(1);
    const [left, gone] = replies[0]?.status === 200 ? [one, two] : [two, one];
    expect((await gone.fetch('GET', '/session')).json.role).toBe('viewer');
    expect((await demote(left, left)).json.code).toBe('invalid_state');
    expect((await left.fetch('DELETE', `/members/${left.userId}`)).json.code).toBe('invalid_state');
  });

  it('sees members of their organization and no other', async () => {
    const stranger = await signIn(world, 'owner', await newOrganization(world));
    const { json } = await stranger.fetch('GET', '/members');
    expect(json.data).toMatchObject([{ id: stranger.userId, role: 'owner', hasTotp: false }]);
    const body = { role: 'viewer' };
    expect((await stranger.fetch('PATCH', `/members/${owner.userId}`, { body })).status).toBe(404);
    expect((await stranger.fetch('DELETE', `/members/${owner.userId}`)).status).toBe(404);
  });
});

describe('the audit log of the organization', () => {
  it('tells who came in, who failed to, and who changed whom', async () => {
    clock.advance(16 * MINUTE_MS);
    const organization = await newOrganization(world);
    const boss = await signIn(world, 'owner', organization);
    await new Browser(world.baseUrl).signIn(boss.email, 'wrong');
    const { token, email } = await invite('viewer', { by: boss });
    const joined = await accept(token);
    const userId = joined.json.user.id as string;
    await boss.fetch('PATCH', `/members/${userId}`, { body: { role: 'operator' } });
    await boss.fetch('DELETE', `/members/${userId}`);
    const { json } = await boss.fetch('GET', '/audit-entries');
    expect(json.data.map(({ action }: { action: string }) => action)).toEqual([
      'member.removed',
      'member.roleChanged',
      'user.signedIn',
      'member.joined',
      'invitation.created',
      'user.signInFailed',
      'user.signedIn',
      'member.joined',
      'user.created',
    ]);
    expect(json.data[1]).toMatchObject({
      actor: `user:${boss.userId}`,
      resourceId: userId,
      details: { from: 'viewer', to: 'operator' },
      requestId: expect.stringMatching(/^req_/),
    });
    expect(json.data[4].details).toEqual({ email, role: 'viewer' });
    expect(json.data.map(({ position }: { position: number }) => position)).toEqual([
      9, 8, 7, 6, 5, 4, 3, 2, 1,
    ]);
    const filtered = await boss.fetch('GET', '/audit-entries?action=member.joined&limit=1');
    expect(filtered.json).toMatchObject({ data: [{ resourceId: userId }], hasMore: true });
  });

  it('tells of tries with an address that nobody has, without the address', async () => {
    const address = 'stranger@example.com';
    expect((await new Browser(world.baseUrl).signIn(address)).status).toBe(401);
    const { json } = await owner.fetch('GET', '/audit-entries?action=user.signInFailed&limit=1');
    expect(json.data).toMatchObject([{ actor: 'system', resourceId: 'nobody', details: { wrong: 'email' } }]);
    const [row] = await world.sql<{ text: string }>(
      `select string_agg(a::text, '') as text from audit_entries a`,
    );
    expect(row?.text).not.toContain(address);
  });

  it('is a chain that nobody edits', async () => {
    await expect(world.sql(`delete from audit_entries where action = 'member.joined'`)).rejects.toThrow();
  });
});
