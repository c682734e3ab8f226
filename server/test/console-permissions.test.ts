import { CONSOLE_HEADER, CONSOLE_PATH, type PeopleOperation } from '@openoms/contract/console/operation.ts';
import { PEOPLE_OPERATIONS, PROJECT_OPERATIONS } from '@openoms/contract/console/operations.ts';
import { EXAMPLE_CUSTOMER } from '@openoms/contract/customers.ts';
import type { Operation } from '@openoms/contract/operation.ts';
import { OPERATIONS } from '@openoms/contract/operations.ts';
import {
  PERMISSION_NAMES,
  type Permission,
  permissionOf,
  ROLE_RIGHTS,
  ROLES,
  type Role,
} from '@openoms/contract/permissions.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Browser, type Member, newOrganization, signIn } from './console.ts';
import { createWorld, type Project, type RawReply, type World } from './world.ts';

let world: World;
let live: Project;
let stranger: Member;
const members = {} as Record<Role, Member>;

beforeAll(async () => {
  world = await createWorld();
  live = await world.newProject({ mode: 'live' });
  for (const role of ROLES) members[role] = await signIn(world, role);
  stranger = await signIn(world, 'owner', await newOrganization(world));
});
afterAll(() => world.close());

/** Every operation that members may ask in a project; one that is new to the contract is among them. */
const IN_PROJECT: readonly Operation[] = [
  ...Object.values<Operation>(OPERATIONS).filter(({ auth }) => auth === 'bearer'),
  ...Object.values<Operation>(PROJECT_OPERATIONS),
];
const OF_PEOPLE: readonly PeopleOperation[] = Object.values(PEOPLE_OPERATIONS);

/** No idempotency key: what is asked with it gets no further. */
const TOO_LONG = 'x'.repeat(300);

/** Of nothing: what is let in then fails for want of a resource, a body or a key, and changes nothing. */
const filled = (path: string): string => path.replace(/:\w+/g, 'nobodys_00000000000000000000000000');

function ask(member: Browser, prefix: string, { method, path }: Operation): Promise<RawReply> {
  const headers = { 'idempotency-key': TOO_LONG };
  const body = method === 'GET' || method === 'DELETE' ? {} : { body: '"of no use"' };
  return member.fetch(method, (prefix + filled(path)).replace(/\/$/, ''), { headers, ...body });
}

const inProject = ({ projectId }: Project): string => `/projects/${projectId}`;

/** These have neither a body nor a key, and end what is there. */
const isHarmless = ({ method, path, idempotency }: Operation): boolean =>
  method === 'GET' || path.includes(':') || method !== 'DELETE' || idempotency !== 'none';

describe.each(ROLES)('a member who is %s', (role) => {
  it.each(['sandbox', 'live'] as const)('may do in a %s project what the role says', async (mode) => {
    const project = mode === 'sandbox' ? world.project : live;
    const wrong: string[] = [];
    for (const operation of IN_PROJECT.filter(isHarmless)) {
      const reply = await ask(members[role], inProject(project), operation);
      const isPermitted = ROLE_RIGHTS[role][mode].includes(permissionOf(operation));
      const isRefused = reply.status === 403 && reply.json.code === 'forbidden';
      const isRight = isPermitted ? reply.status < 500 && !isRefused : isRefused;
      if (!isRight) wrong.push(`${operation.operationId}: ${reply.text}`);
    }
    expect(wrong).toEqual([]);
  });

  it('may do in the organization what the role says', async () => {
    const wrong: string[] = [];
    const asked = OF_PEOPLE.filter(
      ({ access, operationId }) => access !== 'public' && operationId !== 'signOut',
    );
    for (const operation of asked) {
      const reply = await ask(members[role], '', operation);
      const isPermitted =
        operation.access === 'user' ||
        ROLE_RIGHTS[role].organization.some((permission) => permission === operation.access);
      const isRefused = reply.status === 403 && reply.json.code === 'forbidden';
      if (isPermitted === isRefused) wrong.push(`${operation.operationId}: ${reply.text}`);
    }
    expect(wrong).toEqual([]);
  });
});

describe('a project', () => {
  it('is nobody’s but its organization’s: for all others it is not there, whatever is asked', async () => {
    const nobodys = await ask(stranger, '/projects/prj_00000000000000000000000000', OPERATIONS.listCustomers);
    expect(nobodys.status).toBe(404);
    const { requestId: _, ...unknown } = nobodys.json;
    const seen: string[] = [];
    for (const operation of IN_PROJECT) {
      const { status, json } = await ask(stranger, inProject(world.project), operation);
      const { requestId: __, ...body } = json;
      if (status !== 404 || JSON.stringify(body) !== JSON.stringify(unknown))
        seen.push(operation.operationId);
    }
    expect(seen).toEqual([]);
    expect((await stranger.fetch('GET', '/session')).json.projects).toEqual([]);
  });

  it('is open to nobody without a session', async () => {
    const browser = new Browser(world.baseUrl);
    const open: string[] = [];
    for (const operation of IN_PROJECT) {
      const { status } = await ask(browser, inProject(world.project), operation);
      if (status !== 401) open.push(operation.operationId);
    }
    expect(open).toEqual([]);
    const bearer = await fetch(`${world.baseUrl}${CONSOLE_PATH}${inProject(world.project)}/customers`, {
      headers: { authorization: `Bearer ${await world.project.token()}`, [CONSOLE_HEADER]: '1' },
    });
    expect(bearer.status).toBe(401);
  });

  it('that is live has no sandbox, for owners either', async () => {
    const found: string[] = [];
    for (const operation of IN_PROJECT.filter(({ sandboxOnly, method }) => sandboxOnly && method === 'GET')) {
      const { status } = await ask(members.owner, inProject(live), operation);
      if (status !== 404) found.push(operation.operationId);
    }
    expect(found).toEqual([]);
  });

  it('takes keys of members as it does those of programs, and neither the other’s', async () => {
    const { projectId } = world.project;
    const headers = { 'idempotency-key': world.key() };
    const request = { body: EXAMPLE_CUSTOMER, headers };
    const made = await members.operator.inProject(projectId, 'POST', '/customers', request);
    const again = await members.operator.inProject(projectId, 'POST', '/customers', request);
    expect([made.status, again.headers.get('idempotent-replayed')]).toEqual([201, 'true']);
    expect(again.text).toBe(made.text);
    const other = await world.fetch('POST', '/v0.9/customers', request);
    expect(other.json.code).toBe('idempotency_conflict');
  });

  it('has no trouble for members', async () => {
    const { projectId } = world.project;
    const rule = await members.developer.inProject(projectId, 'POST', '/sandbox/trouble', {
      body: { kind: 'api.status', status: 503 },
      headers: { 'idempotency-key': world.key() },
    });
    expect(rule.status).toBe(201);
    expect((await members.viewer.inProject(projectId, 'GET', '/customers')).status).toBe(200);
    await members.developer.inProject(projectId, 'DELETE', '/sandbox/trouble');
  });
});

describe('an API key', () => {
  const SAMPLES: Record<Permission, readonly [method: string, path: string, body?: object]> = {
    read: ['GET', '/customers'],
    operate: ['POST', '/customers', { type: 'individual', email: 'scopes@example.com' }],
    simulate: ['POST', '/sandbox/trouble', { kind: 'api.latency', milliseconds: 1 }],
    develop: ['POST', '/webhooks', { url: 'https://example.com/' }],
    configure: ['PATCH', '/settings', {}],
  };

  it.each(PERMISSION_NAMES)('with the scope %s may do that and nothing else', async (scope) => {
    const { projectId } = world.project;
    const made = await members.owner.inProject(projectId, 'POST', '/api-keys', {
      body: { name: scope, scopes: [scope] },
    });
    const { key, apiSecret } = made.json;
    const exchanged = await world.fetch('POST', '/v0.9/auth/token', {
      as: null,
      body: { apiKey: key.apiKey, apiSecret },
    });
    const authorization = `Bearer ${exchanged.json.accessToken}`;
    for (const [permission, [method, path, body]] of Object.entries(SAMPLES)) {
      const reply = await world.fetch(method, `/v0.9${path}`, {
        as: null,
        headers: { authorization, 'idempotency-key': world.key() },
        ...(body && { body }),
      });
      if (permission === scope) expect(reply.status, `${permission} ${reply.text}`).toBeLessThan(300);
      else expect([permission, reply.status, reply.json.code]).toEqual([permission, 403, 'forbidden']);
    }
    await world.fetch('DELETE', '/v0.9/sandbox/trouble');
  });
});
