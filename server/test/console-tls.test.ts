import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createApi } from '../src/api.ts';
import { must } from '../src/kernel/assert.ts';
import { Browser, PASSWORD, signIn } from './console.ts';
import { createWorld, type World } from './world.ts';

let world: World;
let api: Awaited<ReturnType<typeof createApi>>;
let url: string;

/** The same instance, where browsers come over TLS through a proxy on this machine. */
beforeAll(async () => {
  world = await createWorld();
  const publicUrl = 'https://oms.example.com';
  api = await createApi({ ...world.context, publicUrl, trustedProxies: ['127.0.0.1'] });
  await api.listen({ host: '127.0.0.1', port: 0 });
  url = `http://127.0.0.1:${(must(api.server.address(), 'an address') as AddressInfo).port}`;
});
afterAll(async () => {
  await api?.close();
  await world?.close();
});

it('gives the cookie to TLS alone, and says so for two years', async () => {
  const { email } = await signIn(world, 'owner');
  const browser = new Browser(url);
  const { status, headers, json } = await browser.signIn(email);
  expect(status).toBe(200);
  expect(headers.getSetCookie()[0]).toMatch(/^__Secure-oms_session=.*; HttpOnly; SameSite=Strict; Secure$/);
  expect(headers.get('strict-transport-security')).toBe('max-age=63072000');
  expect(json.instance.apiBaseUrl).toBe('https://oms.example.com/v0.9');
  const session = await browser.fetch('GET', '/session');
  expect(session.status).toBe(200);
  const plain = browser.cookie?.replace('__Secure-', '') ?? '';
  expect((await browser.fetch('GET', '/session', { headers: { cookie: plain } })).status).toBe(401);
});

it('takes changes from pages of the public origin alone', async () => {
  const { email } = await signIn(world, 'owner');
  const body = { email, password: PASSWORD };
  const from = (origin: string) => new Browser(url).fetch('POST', '/session', { body, headers: { origin } });
  expect((await from('https://oms.example.com')).status).toBe(200);
  for (const origin of ['http://oms.example.com', 'https://oms.example.com:8443', url, 'https://example.com'])
    expect((await from(origin)).status, origin).toBe(403);
});

it('counts tries for the network that the proxy names, and for no other header', async () => {
  const from = (ip: string, email: string) =>
    new Browser(url).fetch('POST', '/session', {
      body: { email, password: 'wrong' },
      headers: { 'x-forwarded-for': ip },
    });
  await world.sql('truncate sign_in_attempts');
  await from('203.0.113.7', 'one@openoms.test');
  await world.sql('update sign_in_attempts set attempts = 100');
  expect((await from('203.0.113.7', 'two@openoms.test')).status).toBe(429);
  expect((await from('203.0.113.8', 'three@openoms.test')).status).toBe(401);
  await world.sql('truncate sign_in_attempts');
  // Without a proxy that is trusted the header is only text.
  const untrusted = (email: string, ip: string) =>
    new Browser(world.baseUrl).fetch('POST', '/session', {
      body: { email, password: 'wrong' },
      headers: { 'x-forwarded-for': ip },
    });
  await untrusted('four@openoms.test', '203.0.113.9');
  await world.sql('update sign_in_attempts set attempts = 100');
  expect((await untrusted('five@openoms.test', '203.0.113.10')).status).toBe(429);
});
