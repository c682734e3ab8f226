import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HOUR_MS, ManualClock, MINUTE_MS, SECOND_MS, systemClock } from '../src/kernel/clock.ts';
import { Browser, codeOf, type Member, PASSWORD, signIn } from './console.ts';
import { createWorld, type World } from './world.ts';

let world: World;
const clock = new ManualClock(systemClock.now());
beforeAll(async () => {
  world = await createWorld({ wallClock: clock });
});
afterAll(() => world.close());

/** What is counted for the network goes by itself. */
const later = (): void => clock.advance(16 * MINUTE_MS);

const told = ({ json: { requestId: _, ...body } }: { json: Record<string, unknown> }) => body;

describe('signing in', () => {
  it('opens a session that knows who, where, and what they may do', async () => {
    const member = await signIn(world, 'developer');
    const { status, json } = await member.fetch('GET', '/session');
    expect(status).toBe(200);
    expect(json).toMatchObject({
      user: { email: member.email, hasTotp: false },
      role: 'developer',
      permissions: ['see'],
      instance: { apiBaseUrl: `${world.baseUrl}/v0.9`, isLocalChain: true, explorerUrl: null },
    });
    expect(json.projects).toContainEqual(
      expect.objectContaining({
        id: world.project.projectId,
        mode: 'sandbox',
        permissions: ['read', 'operate', 'simulate', 'develop'],
      }),
    );
    const customers = await member.inProject(world.project.projectId, 'GET', '/customers');
    expect(customers.json).toMatchObject({ data: [], hasMore: false });
  });

  it('gives a cookie that no script reads and no other page sends, for the console alone', async () => {
    const member = await signIn(world, 'viewer');
    const { headers } = await new Browser(world.baseUrl).signIn(member.email);
    expect(headers.getSetCookie()).toEqual([
      expect.stringMatching(
        /^oms_session=[\w-]{43}; Path=\/console; Max-Age=604800; HttpOnly; SameSite=Strict$/,
      ),
    ]);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('content-security-policy')).toContain("default-src 'none'; script-src 'self'");
    const api = await world.fetch('GET', '/v0.9/customers', {
      as: null,
      headers: { cookie: member.cookie ?? '' },
    });
    expect(api.status).toBe(401);
  });

  it('keeps only a hash of the password and of the token', async () => {
    const member = await signIn(world, 'viewer');
    const token = member.cookie?.split('=')[1] ?? '';
    const [row] = await world.sql<{ text: string }>(
      `select string_agg(u::text || s::text, ' ') as text from users u join sessions s using (user_id)`,
    );
    expect(row?.text).toContain('$argon2id$v=19$m=19456,t=2,p=1$');
    expect(row?.text).not.toContain(PASSWORD);
    expect(row?.text).not.toContain(token);
    expect(row?.text).not.toContain(Buffer.from(token).toString('hex'));
    expect(world.logged.filter((line) => line.includes(token) || line.includes(PASSWORD))).toEqual([]);
  });

  it('tells a wrong address and a wrong password alike', async () => {
    const member = await signIn(world, 'viewer');
    const browser = new Browser(world.baseUrl);
    const wrongPassword = await browser.signIn(member.email, 'wrong');
    const wrongEmail = await browser.signIn('nobody@openoms.test', PASSWORD);
    expect(wrongPassword.status).toBe(401);
    expect(told(wrongPassword)).toEqual(told(wrongEmail));
    expect(wrongEmail.json.code).toBe('invalid_credentials');
    expect(browser.cookie).toBeUndefined();
  });

  it('is no matter of upper and lower case in the address', async () => {
    const member = await signIn(world, 'viewer');
    expect((await new Browser(world.baseUrl).signIn(member.email.toUpperCase())).status).toBe(200);
  });
});

describe('a session', () => {
  it('ends when its member signs out', async () => {
    const member = await signIn(world, 'viewer');
    const { cookie } = member;
    const { status, headers } = await member.fetch('DELETE', '/session');
    expect(status).toBe(204);
    expect(headers.getSetCookie()[0]).toContain('Max-Age=0');
    const again = await member.fetch('GET', '/session', { headers: { cookie: cookie ?? '' } });
    expect(again.json.code).toBe('unauthorized');
  });

  it('ends 12 hours after its last use, and lives on while it is used', async () => {
    const member = await signIn(world, 'viewer');
    for (let hours = 0; hours < 22; hours += 11) {
      clock.advance(11 * HOUR_MS);
      expect((await member.fetch('GET', '/session')).status).toBe(200);
    }
    clock.advance(12 * HOUR_MS + SECOND_MS);
    expect((await member.fetch('GET', '/session')).status).toBe(401);
  });

  it('ends 7 days after it began, however much it is used', async () => {
    const member = await signIn(world, 'viewer');
    for (let hours = 0; hours < 7 * 24 - 8; hours += 8) {
      clock.advance(8 * HOUR_MS);
      expect((await member.fetch('GET', '/session')).status).toBe(200);
    }
    clock.advance(8 * HOUR_MS);
    expect((await member.fetch('GET', '/session')).status).toBe(401);
  });

  it('ends with a new password, but for the one that set it', async () => {
    const member = await signIn(world, 'viewer');
    const elsewhere = new Browser(world.baseUrl);
    await elsewhere.signIn(member.email);
    const password = { current: PASSWORD, new: 'another long password' };
    const wrong = await member.fetch('PATCH', '/user', {
      body: { password: { ...password, current: 'wrong' } },
    });
    expect(wrong.json.code).toBe('invalid_credentials');
    const { status, json } = await member.fetch('PATCH', '/user', { body: { name: 'New name', password } });
    expect([status, json.user.name]).toEqual([200, 'New name']);
    expect((await elsewhere.fetch('GET', '/session')).status).toBe(401);
    expect((await member.fetch('GET', '/session')).status).toBe(200);
    expect((await elsewhere.signIn(member.email)).status).toBe(401);
    expect((await elsewhere.signIn(member.email, 'another long password')).status).toBe(200);
  });

  it('that was begun with the old password does not outlive the change to a new one', async () => {
    later();
    const member = await signIn(world, 'viewer');
    const password = { current: PASSWORD, new: 'another long password' };
    const browsers = [1, 2, 3, 4].map(() => new Browser(world.baseUrl));
    const change = member.fetch('PATCH', '/user', { body: { password } });
    await Promise.all([change, ...browsers.map((browser) => browser.signIn(member.email))]);
    expect((await change).status).toBe(200);
    const after = await Promise.all(browsers.map((browser) => browser.fetch('GET', '/session')));
    expect(after.map(({ status }) => status)).toEqual([401, 401, 401, 401]);
  });

  it.each(['oms_session=', 'oms_session=x', `oms_session=${'a'.repeat(43)}`, 'other=1', ''])(
    'is not opened by the cookie %j',
    async (cookie) => {
      const browser = new Browser(world.baseUrl);
      expect((await browser.fetch('GET', '/session', { headers: { cookie } })).status).toBe(401);
    },
  );
});

describe('a request that another page may have sent', () => {
  it.each([
    ['without the header', { 'x-oms-console': null }],
    ['from another origin', { origin: 'https://evil.example' }],
    ['from a page without an origin', { origin: 'null' }],
  ])('is refused: %s', async (_what, headers) => {
    const member = await signIn(world, 'owner');
    const reply = await member.inProject(world.project.projectId, 'POST', '/customers', {
      body: {},
      headers,
    });
    expect([reply.status, reply.json.code]).toEqual([403, 'forbidden']);
    const people = await member.fetch('POST', '/invitations', { body: {}, headers });
    expect([people.status, people.json.code]).toEqual([403, 'forbidden']);
    expect((await new Browser(world.baseUrl).fetch('POST', '/session', { body: {}, headers })).status).toBe(
      403,
    );
  });

  it('is let in from this origin', async () => {
    const member = await signIn(world, 'owner');
    const headers = { origin: world.baseUrl };
    const reply = await member.inProject(world.project.projectId, 'POST', '/customers', {
      body: {},
      headers,
    });
    expect(reply.status).toBe(400);
  });
});

describe('tries', () => {
  it('are counted for an address, at once for all that come together, and come back with time', async () => {
    later();
    const member = await signIn(world, 'viewer');
    const tries = await Promise.all(
      Array.from({ length: 15 }, () => new Browser(world.baseUrl).signIn(member.email, 'wrong')),
    );
    expect(tries.filter(({ status }) => status === 401)).toHaveLength(10);
    const refused = tries.filter(({ status }) => status === 429);
    expect(refused).toHaveLength(5);
    expect(refused[0]?.json.code).toBe('rate_limited');
    expect(Number(refused[0]?.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await new Browser(world.baseUrl).signIn(member.email)).status).toBe(429);
    later();
    expect((await new Browser(world.baseUrl).signIn(member.email)).status).toBe(200);
  });

  it('are counted for a network, whoever is tried', async () => {
    later();
    await world.sql('update sign_in_attempts set attempts = 100, since = $1', [clock.now()]);
    expect((await new Browser(world.baseUrl).signIn('somebody.else@openoms.test')).status).toBe(429);
    later();
  });

  it('of an unknown address are counted like any other', async () => {
    const browser = new Browser(world.baseUrl);
    for (let count = 0; count < 10; count++) {
      expect((await browser.signIn('unknown@openoms.test')).status).toBe(401);
    }
    expect((await browser.signIn('unknown@openoms.test')).status).toBe(429);
    later();
  });
});

describe('an authenticator', () => {
  async function withAuthenticator(): Promise<{ member: Member; secret: string; codes: string[] }> {
    const member = await signIn(world, 'developer');
    const { json } = await member.fetch('POST', '/user/totp');
    expect(json.uri).toContain(`secret=${json.secret}`);
    const confirmed = await member.fetch('POST', '/user/totp/confirm', {
      body: { code: codeOf(json.secret, clock.now()) },
    });
    expect(confirmed.status).toBe(200);
    clock.advance(2 * MINUTE_MS);
    return { member, secret: json.secret, codes: confirmed.json.codes };
  }

  it('is asked for from its first right code on, and each code is taken once', async () => {
    const { member, secret } = await withAuthenticator();
    const browser = new Browser(world.baseUrl);
    expect((await browser.signIn(member.email)).json.code).toBe('code_required');
    expect((await browser.signIn(member.email, 'wrong')).json.code).toBe('invalid_credentials');
    const wrong = await browser.signIn(member.email, PASSWORD, '000000');
    expect(told(wrong)).toEqual(told(await browser.signIn(member.email, 'wrong', '000000')));
    const code = codeOf(secret, clock.now());
    const [one, other] = await Promise.all(
      [1, 2].map(() => new Browser(world.baseUrl).signIn(member.email, PASSWORD, code)),
    );
    expect([one?.status, other?.status].sort()).toEqual([200, 401]);
    clock.advance(30 * SECOND_MS);
    const next = codeOf(secret, clock.now());
    expect((await browser.signIn(member.email, PASSWORD, next)).status).toBe(200);
    expect((await browser.fetch('GET', '/session')).json.user.hasTotp).toBe(true);
  });

  it('takes no code of long ago, and none of an earlier step than the last', async () => {
    const { member, secret } = await withAuthenticator();
    const browser = new Browser(world.baseUrl);
    const old = codeOf(secret, new Date(clock.now().getTime() - 90 * SECOND_MS));
    expect((await browser.signIn(member.email, PASSWORD, old)).status).toBe(401);
    const early = codeOf(secret, new Date(clock.now().getTime() - 30 * SECOND_MS));
    expect((await browser.signIn(member.email, PASSWORD, codeOf(secret, clock.now()))).status).toBe(200);
    expect((await browser.signIn(member.email, PASSWORD, early)).status).toBe(401);
  });

  it('that is lost is replaced by a recovery code, each of which is good once', async () => {
    const { member, codes } = await withAuthenticator();
    expect(new Set(codes).size).toBe(10);
    const browser = new Browser(world.baseUrl);
    const [code = ''] = codes;
    expect((await browser.signIn(member.email, PASSWORD, code.toUpperCase())).status).toBe(200);
    expect((await browser.signIn(member.email, PASSWORD, code)).status).toBe(401);
    const { json } = await (await signIn(world, 'owner')).fetch('GET', '/audit-entries?action=user.signedIn');
    expect(json.data).toContainEqual(
      expect.objectContaining({ actor: `user:${member.userId}`, details: { by: 'recoveryCode' } }),
    );
  });

  it('is removed with the password, and its recovery codes with it', async () => {
    const { member, codes } = await withAuthenticator();
    expect((await member.fetch('POST', '/user/totp')).json.code).toBe('invalid_state');
    const wrong = await member.fetch('POST', '/user/totp/remove', { body: { password: 'wrong' } });
    expect(wrong.json.code).toBe('invalid_credentials');
    const removed = await member.fetch('POST', '/user/totp/remove', { body: { password: PASSWORD } });
    expect(removed.status).toBe(204);
    expect((await new Browser(world.baseUrl).signIn(member.email)).status).toBe(200);
    expect(await world.sql('select from recovery_codes where user_id = $1', [member.userId])).toEqual([]);
    expect(codes).toHaveLength(10);
  });

  it('is not set up by a wrong code, and its secret is sealed', async () => {
    const member = await signIn(world, 'viewer');
    const body = { code: '000000' };
    expect((await member.fetch('POST', '/user/totp/confirm', { body })).json.code).toBe('invalid_state');
    const { json } = await member.fetch('POST', '/user/totp');
    expect((await member.fetch('POST', '/user/totp/confirm', { body })).json.code).toBe(
      'invalid_credentials',
    );
    const [row] = await world.sql<{ totp_secret: Buffer }>(
      'select totp_secret from users where user_id = $1',
      [member.userId],
    );
    expect(row?.totp_secret.includes(Buffer.from(json.secret))).toBe(false);
    expect((await new Browser(world.baseUrl).signIn(member.email)).status).toBe(200);
  });
});
