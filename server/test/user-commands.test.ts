import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCommand } from './command.ts';
import { Browser, codeOf, type Member, signIn } from './console.ts';
import { createWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

const openoms = (...args: string[]) => runCommand(world, 'user', ...args);
const passwordIn = (stdout: string): string => /^OMS_DASHBOARD_PASSWORD=(.+)$/m.exec(stdout)?.[1] ?? '';

describe('openoms user', () => {
  it('create makes somebody who can sign in', async () => {
    const { code, stdout } = await openoms('create', '--email', 'Ops@example.com', '--role', 'operator');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^OMS_DASHBOARD_EMAIL=ops@example\.com$/m);
    const { json } = await new Browser(world.baseUrl).signIn('ops@example.com', passwordIn(stdout));
    expect(json).toMatchObject({ role: 'operator', user: { name: 'ops' } });
    const again = await openoms('create', '--email', 'ops@example.com');
    expect(again).toMatchObject({ code: 2, stderr: 'There is a user ops@example.com already.\n' });
  });

  it('reset-password lets in whoever lost password and authenticator, and ends their sessions', async () => {
    const member: Member = await signIn(world, 'owner');
    const { json } = await member.fetch('POST', '/user/totp');
    const code = codeOf(json.secret, new Date());
    expect((await member.fetch('POST', '/user/totp/confirm', { body: { code } })).status).toBe(200);
    const { code: exit, stdout } = await openoms('reset-password', '--email', member.email);
    expect(exit).toBe(0);
    expect((await member.fetch('GET', '/session')).status).toBe(401);
    const browser = new Browser(world.baseUrl);
    expect((await browser.signIn(member.email)).status).toBe(401);
    expect((await browser.signIn(member.email, passwordIn(stdout))).status).toBe(200);
    const log = await browser.fetch('GET', '/audit-entries?action=user.passwordReset');
    expect(log.json.data).toMatchObject([{ actor: 'system', resourceId: member.userId }]);
  });

  it.each([
    [['create'], 'Say who: --email <address>.\n'],
    [['create', '--email', 'a@b.test', '--role', 'king'], 'A role is one of owner, admin'],
    [['reset-password', '--email', 'nobody@example.com'], 'There is no user nobody@example.com.\n'],
  ])('%j is refused in a sentence', async (args, says) => {
    const { code, stderr } = await openoms(...args);
    expect(code).toBe(2);
    expect(stderr).toContain(says);
  });
});
