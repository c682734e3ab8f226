import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Browser, PASSWORD, signIn } from './console.ts';
import { createWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

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
      expect.objectContaining({ id: world.project.projectId, mode: 'sandbox' }),
    );
    const customers = await member.inProject(world.project.projectId, 'GET', '/customers');
    expect(customers.json).toMatchObject({ data: [], hasMore: false });
    expect((await member.fetch('DELETE', '/session')).status).toBe(204);
    expect((await member.fetch('GET', '/session')).json.code).toBe('unauthorized');
  });

  it('tells a wrong address and a wrong password alike', async () => {
    const member = await signIn(world, 'viewer');
    const browser = new Browser(world.baseUrl);
    const { requestId: _one, ...wrongPassword } = (await browser.signIn(member.email, 'wrong')).json;
    const { requestId: _two, ...wrongEmail } = (await browser.signIn('nobody@openoms.test', PASSWORD)).json;
    expect(wrongPassword).toEqual(wrongEmail);
    expect(wrongEmail.code).toBe('invalid_credentials');
  });
});
