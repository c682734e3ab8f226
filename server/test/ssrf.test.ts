import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Sender } from '../src/webhooks/sender.ts';
import { type Canary, startCanary } from './egress/canary.ts';
import { closeServer, listen } from './egress/listening.ts';
import { type Answer, type NameServer, startNameServer } from './egress/name-server.ts';
import { PRIVATE_URLS } from './egress/private-urls.ts';
import { createWorld, type World } from './world.ts';

/** Answers by name; a list of lists answers each question with the next, and then the last again. */
const zone = new Map<string, readonly (readonly Answer[])[]>();
let names: NameServer;
let canary: Canary;
let world: World;
let sender: Sender;
beforeAll(async () => {
  canary = await startCanary();
  names = await startNameServer(({ name, type, before }) => {
    const answers = zone.get(name);
    if (name.startsWith('silent.')) return 'silent';
    return answers?.[Math.min(before, answers.length - 1)]?.filter(
      (answer) => answer.type === type || answer.type === 'CNAME',
    );
  });
  const egress = { trustedHosts: [], nameServers: [names.address] };
  sender = new Sender({ policy: egress, timeoutMs: 10_000 });
  world = await createWorld({ egress });
});
afterAll(async () => {
  expect(canary.connections()).toBe(0);
  await sender.close();
  await world.close();
  await names.close();
  await canary.close();
});

const create = (url: string) =>
  world.fetch('POST', '/v0.9/webhooks', { body: { url }, headers: { 'idempotency-key': world.key() } });
const send = (url: string) => sender.send({ url, body: '{}', headers: {} });
const at = (url: string): string => url.replace('{port}', String(canary.port));

const a = (address: string, of?: string): Answer => ({ type: 'A', address, ...(of && { of }) });
const aaaa = (address: string, of?: string): Answer => ({ type: 'AAAA', address, ...(of && { of }) });
const cname = (target: string, of?: string): Answer => ({ type: 'CNAME', target, ...(of && { of }) });

describe('the canary', () => {
  it('notices a connection by either family', async () => {
    const other = await startCanary();
    for (const host of ['127.0.0.1', '::1']) {
      await new Promise((done) => connect(other.port, host).resume().once('close', done));
    }
    expect(other.connections()).toBe(2);
    await other.close();
  });
});

describe.each(Object.entries(PRIVATE_URLS))('a URL of %s', (_, urls) => {
  it.each(urls)('is refused when an endpoint is made, and when it is sent to: %j', async (text) => {
    const url = at(text);
    const reply = await create(url);
    expect(reply).toMatchObject({ status: 400, json: { code: 'validation_error' } });
    expect(reply.json.details).toMatchObject([{ field: 'url' }]);
    expect(await send(url)).toMatchObject({ errorCode: 'refused' });
    expect(canary.connections()).toBe(0);
  });
});

describe('an endpoint that exists', () => {
  it('is not moved to a private address', async () => {
    const { client } = await world.newProject();
    const webhook = await client.webhooks.create({ url: 'https://hooks.example.com/', enabled: false });
    for (const url of [at('https://127.0.0.1:{port}/'), at('https://[::ffff:7f00:1]:{port}/')]) {
      const moved = client.webhooks.update(webhook.id, { url });
      await expect(moved).rejects.toMatchObject({ status: 400, details: [{ field: 'url' }] });
    }
    expect(await client.webhooks.get(webhook.id)).toMatchObject({ url: 'https://hooks.example.com/' });
  });

  it('at an address that is no longer allowed is held against the rules at the attempt', async () => {
    const { client } = await world.newProject();
    const webhook = await client.webhooks.create({ url: 'https://hooks.example.com/' });
    await world.sql('update webhooks set url = $2 where webhook_id = $1', [
      webhook.id,
      at('http://127.0.0.1:{port}/'),
    ]);
    await client.customers.create({});
    await world.drain();
    expect(canary.connections()).toBe(0);
  });

  it('at a name that turns private after it was made is never reached', async () => {
    const name = 'turncoat.example.com';
    zone.set(name, [[a('8.8.8.8'), aaaa('2606:4700:4700::1111')]]);
    const { client } = await world.newProject();
    await client.webhooks.create({ url: at(`https://${name}:{port}/`) });
    zone.set(name, [[a('127.0.0.1'), aaaa('::1')]]);
    await client.customers.create({});
    await world.drain();
    expect(names.questions.some((question) => question.name === name)).toBe(true);
    expect(canary.connections()).toBe(0);
  });
});

/** What creation cannot see. Those that lead to the loopback would meet the canary. */
const NAMES: Readonly<Record<string, readonly (readonly Answer[])[]>> = {
  'the loopback': [[a('127.0.0.1')]],
  'the loopback of IPv6': [[aaaa('::1')]],
  'another address of the loopback': [[a('127.8.9.10')]],
  'this host': [[a('0.0.0.0'), aaaa('::')]],
  'a private network': [[a('10.0.0.1')]],
  'the metadata of a cloud': [[a('169.254.169.254')]],
  'a public address and the loopback': [[a('8.8.8.8'), a('127.0.0.1')]],
  'the loopback and a public address': [[a('127.0.0.1'), a('8.8.8.8')]],
  'a public IPv4 address and the loopback of IPv6': [[a('8.8.8.8'), aaaa('::1')]],
  'a public IPv6 address and the loopback of IPv4': [[aaaa('2606:4700:4700::1111'), a('127.0.0.1')]],
  'many public addresses and one private': [
    [...Array.from({ length: 20 }, (_, last) => a(`8.8.4.${last + 1}`)), a('127.0.0.1')],
  ],
  'the loopback, mapped': [[aaaa('::ffff:127.0.0.1')]],
  'the loopback, compatible': [[aaaa('::127.0.0.1')]],
  'the loopback, translated': [[aaaa('::ffff:0:127.0.0.1')]],
  'the loopback behind NAT64': [[aaaa('64:ff9b::127.0.0.1')]],
  'the loopback behind local NAT64': [[aaaa('64:ff9b:1::127.0.0.1')]],
  'the loopback behind 6to4': [[aaaa('2002:7f00:1::1')]],
  'the loopback behind Teredo': [[aaaa('2001:0:7f00:1::80ff:fffe')]],
  'the loopback behind ISATAP': [[aaaa('2606:4700::5efe:127.0.0.1')]],
  'a unique local address': [[aaaa('fd00::1')]],
  'an alias of the loopback': [[cname('inside.example.com'), a('127.0.0.1', 'inside.example.com')]],
  'a long chain of aliases': [
    [
      cname('a1.example.com'),
      cname('a2.example.net', 'a1.example.com'),
      cname('a3.example.org', 'a2.example.net'),
      cname('localhost', 'a3.example.org'),
      a('127.0.0.1', 'localhost'),
      aaaa('::1', 'localhost'),
    ],
  ],
  'the loopback, when it is asked again within the attempt': [
    [a('8.8.8.8'), a('127.0.0.1')],
    [a('127.0.0.1')],
  ],
};

describe('a name that leads to', () => {
  it.each(Object.entries(NAMES))(
    '%s is taken when an endpoint is made, and not sent to',
    async (_, answers) => {
      const name = `n${zone.size}.example.com`;
      zone.set(name, answers);
      expect(await create(at(`https://${name}:{port}/`))).toMatchObject({ status: 201 });
      const results = [await send(at(`https://${name}:{port}/`)), await send(at(`https://${name}:{port}/`))];
      for (const result of results) {
        expect(result).toMatchObject({
          errorCode: 'refused',
          error: 'the host resolves to a private address',
        });
      }
      expect(canary.connections()).toBe(0);
    },
  );

  it('nothing is told as such', async () => {
    expect(await send(at('https://nobody.example.com:{port}/'))).toMatchObject({
      errorCode: 'dns',
      error: 'the host name does not resolve',
    });
  });

  it('a name server that does not answer has the time of the attempt', async () => {
    const policy = { trustedHosts: [], nameServers: [names.address] };
    const hasty = new Sender({ policy, timeoutMs: 200 });
    const result = await hasty.send({ url: 'https://silent.example.com/', body: '{}', headers: {} });
    expect(result).toMatchObject({ errorCode: 'timeout', error: 'the host name was not resolved in time' });
    await hasty.close();
  });

  it('one address and then another is asked and checked for each connection', async () => {
    zone.set('flip.example.com', [[a('192.0.2.1')], [a('127.0.0.1')]]);
    for (let attempt = 0; attempt < 3; attempt++) {
      expect(await send(at('https://flip.example.com:{port}/'))).toMatchObject({ errorCode: 'refused' });
    }
    const asked = names.questions.filter(({ name, type }) => name === 'flip.example.com' && type === 'A');
    expect(asked).toHaveLength(3);
  });
});

describe('a connection', () => {
  it('goes to the address that was checked, for which the name was asked once', async () => {
    let requests = 0;
    const server = createServer((_, response) => {
      requests++;
      response.writeHead(204, { connection: 'close' }).end();
    });
    const port = await listen(server);
    zone.set('dev.example.com', [[a('127.0.0.1')], [a('10.0.0.1')], [a('169.254.169.254')]]);
    const policy = { trustedHosts: ['dev.example.com', '127.0.0.1'], nameServers: [names.address] };
    const trusting = new Sender({ policy, timeoutMs: 10_000 });
    const result = await trusting.send({ url: `http://dev.example.com:${port}/`, body: '{}', headers: {} });
    expect(result).toMatchObject({ statusCode: 204 });
    const asked = names.questions.filter(({ name }) => name === 'dev.example.com');
    expect(asked.map(({ type }) => type).sort()).toEqual(['A', 'AAAA']);
    expect(requests).toBe(1);
    await trusting.close();
    await closeServer(server);
  });
});

describe('a redirect', () => {
  it.each([300, 301, 302, 303, 305, 307, 308])('%d to the canary is not followed', async (status) => {
    const trusting = new Sender({ policy: { trustedHosts: ['127.0.0.1'] }, timeoutMs: 10_000 });
    for (const location of [at('http://127.0.0.1:{port}/'), at('http://localhost:{port}/')]) {
      const server = createServer((_, response) => response.writeHead(status, { location }).end());
      const port = await listen(server);
      const result = await trusting.send({ url: `http://127.0.0.1:${port}/`, body: '{}', headers: {} });
      expect(result).toMatchObject({ statusCode: status, responseHeaders: { location } });
      await closeServer(server);
    }
    await trusting.close();
    expect(canary.connections()).toBe(0);
  });
});

describe('proxies of the environment', () => {
  const script = fileURLToPath(new URL('egress/send-from-here.ts', import.meta.url));
  const NAMES_OF_PROXIES = [
    'HTTP_PROXY',
    'HTTPS_PROXY',
    'ALL_PROXY',
    'http_proxy',
    'https_proxy',
    'all_proxy',
  ];

  async function run(url: string, way: string, proxyPort: number): Promise<unknown> {
    const proxies = NAMES_OF_PROXIES.map((name) => [name, `http://127.0.0.1:${proxyPort}`]);
    const env = { PATH: '/usr/bin', NODE_USE_ENV_PROXY: '1', NO_PROXY: '', ...Object.fromEntries(proxies) };
    const { stdout } = await promisify(execFile)(process.execPath, [script, url, way], { env });
    return JSON.parse(stdout);
  }

  it('are used by neither webhooks nor the feed of rates, though Node would', async () => {
    const server = createServer((_, response) => response.end('direct'));
    const url = `http://127.0.0.1:${await listen(server)}/`;
    expect(await run(url, 'send', canary.port)).toBe(200);
    expect(await run(url, 'rates', canary.port)).toBe('direct');
    const proxy = await startCanary();
    await run(url, 'fetch', proxy.port).catch(() => undefined);
    expect(proxy.connections()).toBeGreaterThan(0);
    await proxy.close();
    await closeServer(server);
    expect(canary.connections()).toBe(0);
  });
});
