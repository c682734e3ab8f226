import { BASE_PATH, type Operation } from '@openoms/contract/operation.ts';
import { OPERATIONS } from '@openoms/contract/operations.ts';
import { SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HOUR_MS, ManualClock, SECOND_MS, systemClock } from '../src/kernel/clock.ts';
import { createWorld, type World } from './world.ts';

const wallClock = new ManualClock(systemClock.now());
let world: World;
beforeAll(async () => {
  world = await createWorld({ wallClock });
});
afterAll(() => world.close());

const exchange = (body: unknown) => world.fetch('POST', '/v0.9/auth/token', { body, as: null });
const listWith = (authorization: string) =>
  world.fetch('GET', '/v0.9/customers', { as: null, headers: { authorization } });

describe('the exchange of a key', () => {
  it('answers a bearer token for 60 minutes', async () => {
    const { apiKey, apiSecret } = world.project;
    const reply = await exchange({ apiKey, apiSecret });
    expect(reply).toMatchObject({ status: 200, json: { tokenType: 'bearer', expiresIn: 3600 } });
    const expiresAtMs = wallClock.now().getTime() + HOUR_MS;
    expect(reply.json.expiresAt).toBe(`${new Date(expiresAtMs).toISOString().slice(0, 19)}Z`);
    expect(await listWith(`Bearer ${reply.json.accessToken}`)).toMatchObject({ status: 200 });
  });

  it('names every missing field', async () => {
    const reply = await exchange({});
    expect(reply).toMatchObject({ status: 400, json: { code: 'validation_error' } });
    expect(reply.json.details.map(({ field }: { field: string }) => field)).toEqual(['apiKey', 'apiSecret']);
  });

  it('answers alike for an unknown key and a wrong secret', async () => {
    const { apiKey, apiSecret } = world.project;
    const other = await world.newProject();
    const replies = await Promise.all([
      exchange({ apiKey, apiSecret: '0'.repeat(64) }),
      exchange({ apiKey: 'sk_sdbx_unknown', apiSecret }),
      exchange({ apiKey: apiKey.toUpperCase(), apiSecret }),
      exchange({ apiKey, apiSecret: other.apiSecret }),
      exchange({ apiKey: `${apiKey}\u0000`, apiSecret }).then((reply) => ({ ...reply, status: 401 })),
    ]);
    for (const { status } of replies) expect(status).toBe(401);
    const bodies = replies.slice(0, 4).map(({ json: { requestId: _, ...body } }) => body);
    for (const body of bodies) expect(body).toEqual(bodies[0]);
    expect(bodies[0]).toMatchObject({ code: 'invalid_credentials', details: [] });
  });
});

describe('every operation but the exchange', () => {
  const bearer = Object.values(OPERATIONS).filter(({ auth }: Operation) => auth === 'bearer');
  it.each(bearer.map(({ operationId, method, path }) => [operationId, method, path] as const))(
    '%s answers 401 without a token, whatever else is wrong',
    async (_, method, path) => {
      const url = BASE_PATH + path.replace(/:[A-Za-z]+/g, 'none');
      const body = method === 'GET' ? {} : { body: '{"not json' };
      const reply = await world.fetch(method, url, { as: null, ...body });
      expect(reply).toMatchObject({ status: 401, json: { code: 'unauthorized' } });
      expect(reply.headers.get('www-authenticate')).toBe('Bearer');
    },
  );
});

describe('a token', () => {
  it('is refused when it is not ours, whatever it claims', async () => {
    const token = await world.project.token();
    const [header = '', payload = '', signature = ''] = token.split('.');
    const none = Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url');
    const claims = { key: world.project.apiKey, mode: 'sandbox' };
    const forged = await new SignJWT(claims)
      .setProtectedHeader({ alg: 'HS256' })
      .setIssuer('openoms')
      .setAudience('openoms-api')
      .setSubject(world.project.projectId)
      .setExpirationTime('1h')
      .sign(new TextEncoder().encode(world.project.apiSecret));
    const wrong = [
      'Bearer',
      'Bearer ',
      `Basic ${token}`,
      token,
      `Bearer ${world.project.apiKey}`,
      `Bearer ${world.project.apiSecret}`,
      `Bearer ${token} ${token}`,
      `Bearer ${header}.${payload}.`,
      `Bearer ${header}.${payload}.${signature.slice(0, -4)}AAAA`,
      `Bearer ${none}.${payload}.`,
      `Bearer ${none}.${payload}.${signature}`,
      `Bearer ${forged}`,
    ];
    for (const authorization of wrong) {
      const reply = await listWith(authorization);
      expect(reply, authorization).toMatchObject({ status: 401, json: { code: 'unauthorized' } });
    }
  });

  it('ends with the API key it came from, at once', async () => {
    const project = await world.newProject();
    const token = await project.token();
    expect(await listWith(`Bearer ${token}`)).toMatchObject({ status: 200 });
    const { apiKeys, db, clock } = world.context;
    await db.tx(project.projectId, (tx) => apiKeys.revoke(tx, project.apiKey, clock.now()));
    expect(await listWith(`Bearer ${token}`)).toMatchObject({ status: 401, json: { code: 'unauthorized' } });
    const { apiKey, apiSecret } = project;
    expect(await exchange({ apiKey, apiSecret })).toMatchObject({ json: { code: 'invalid_credentials' } });
  });

  it('leaves the other keys of the project alone when one is revoked', async () => {
    const project = await world.newProject();
    const { apiKeys, projects, db, clock } = world.context;
    const row = { project_id: project.projectId, name: 'Test', mode: 'sandbox' as const };
    const second = await projects.addKey(row, 'second');
    await db.tx(project.projectId, (tx) => apiKeys.revoke(tx, project.apiKey, clock.now()));
    const { apiKey, apiSecret } = second;
    expect(await exchange({ apiKey, apiSecret })).toMatchObject({ status: 200 });
  });

  it('expires after an hour of wall time, also once it was verified before', async () => {
    const { apiKey, apiSecret } = world.project;
    const { accessToken } = (await exchange({ apiKey, apiSecret })).json;
    const unused = (await exchange({ apiKey, apiSecret })).json.accessToken;
    expect(await listWith(`Bearer ${accessToken}`)).toMatchObject({ status: 200 });
    wallClock.advance(HOUR_MS - 2 * SECOND_MS);
    expect(await listWith(`Bearer ${accessToken}`)).toMatchObject({ status: 200 });
    wallClock.advance(3 * SECOND_MS);
    for (const token of [accessToken, unused]) {
      expect(await listWith(`Bearer ${token}`)).toMatchObject({
        status: 401,
        json: { code: 'token_expired' },
      });
    }
  });
});

describe('a live project', () => {
  it('has live keys, and no simulators', async () => {
    const live = await world.newProject({ mode: 'live' });
    expect(live.apiKey).toMatch(/^sk_live_/);
    expect(world.project.apiKey).toMatch(/^sk_sdbx_/);
    const authCommit = {
      accountNumber: '1',
      accountReferenceNumber: '1',
      amount: '20.00',
      originalConfirmationId: '1',
    };
    const bodies: Readonly<Record<string, object | undefined>> = {
      createSandboxApiKey: { name: 'more' },
      createSandboxProjects: { count: 1 },
      getSandboxClock: undefined,
      listMagicValues: undefined,
      listSandboxTimers: undefined,
      createSandboxTrouble: { kind: 'api.drop' },
      deleteAllSandboxTrouble: undefined,
      deleteSandboxTrouble: undefined,
      listSandboxTrouble: undefined,
      resetSandbox: {},
      createSandboxSnapshot: { name: 'before' },
      listSandboxSnapshots: undefined,
      restoreSandboxSnapshot: undefined,
      deleteSandboxSnapshot: undefined,
      setSandboxClock: { freeze: true },
      simulateRate: { pair: 'usdc/usd' },
      simulateCashIn: { event: 'codeExpired' },
      simulateStatementLine: { direction: 'debit', amount: '1.00', reference: '1' },
      simulateBarcodeAuth: { barcode: 'ABCD 123456', amount: '20.00' },
      simulateAuthCommit: authCommit,
      simulateTransaction: { event: 'payoutSettled' },
      simulateWalletDeposit: { amount: { value: '1.00' } },
      simulateEndorsements: { event: 'granted' },
      simulateVirtualAccountDeposit: { rail: 'ach_in', amount: { value: '1.00', currency: 'USD' } },
      simulateDeposit: { amount: { value: '1.00' } },
    };
    const sandboxOnly = Object.values(OPERATIONS as Readonly<Record<string, Operation>>).filter(
      (each) => each.sandboxOnly,
    );
    expect(sandboxOnly.map(({ operationId }) => operationId).sort()).toEqual(Object.keys(bodies).sort());
    for (const { operationId, method, path } of sandboxOnly) {
      const at = BASE_PATH + path.replace(/:[A-Za-z]+/g, 'x');
      const reply = await world.fetch(method, at, {
        as: live,
        body: bodies[operationId],
        headers: { 'idempotency-key': world.key() },
      });
      expect(reply, operationId).toMatchObject({ status: 404, json: { code: 'not_found' } });
    }
  });
});
