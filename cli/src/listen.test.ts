import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { connect as connectTo, createServer, type Server, type Socket } from 'node:net';
import { webhooks } from '@openoms/sdk';
import { Webhook } from 'standardwebhooks';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { createWorld, type Project, type World } from '../../server/test/world.ts';
import { UsageError } from './command.ts';
import { type Run, start } from './command-io.testing.ts';
import { startEndpoint, type TestEndpoint } from './endpoint.testing.ts';
import { eventsTail } from './events-tail.ts';
import { listen } from './listen.ts';

const SOON = { timeout: 20_000, interval: 20 };

let world: World;
const runs: Run[] = [];
const endpoints: TestEndpoint[] = [];
beforeAll(async () => {
  world = await createWorld();
});
afterEach(async () => {
  for (const run of runs.splice(0)) await run.stop().catch(() => undefined);
  for (const endpoint of endpoints.splice(0)) await endpoint.close();
});
afterAll(() => world.close());

async function newProject(): Promise<Project> {
  const project = await world.newProject();
  await world.drain();
  return project;
}

async function newEndpoint(...args: Parameters<typeof startEndpoint>): Promise<TestEndpoint> {
  const endpoint = await startEndpoint(...args);
  endpoints.push(endpoint);
  return endpoint;
}

const credentials = ({ apiKey, apiSecret }: Project, baseUrl = world.baseUrl) => ({
  OMS_BASE_URL: baseUrl,
  OMS_API_KEY: apiKey,
  OMS_API_SECRET: apiSecret,
});

/** Resolves once it listens. */
async function startListening(project: Project, args: readonly string[], baseUrl?: string): Promise<Run> {
  const run = start(listen, args, { env: credentials(project, baseUrl) });
  runs.push(run);
  await vi.waitFor(() => expect(run.err.join('\n')).toContain('Signing secret: whsec_'), SOON);
  return run;
}

const secretOf = (run: Run): string => /whsec_[0-9a-f]{64}/.exec(run.err.join('\n'))?.[0] ?? '';

/** Three events of a customer: granted, asked for one more, granted that. Answers whose they are. */
async function threeEvents({ client }: Project): Promise<string> {
  const { id } = await client.customers.create({ endorsements: ['basic'] });
  await world.drain();
  await client.customers.update(id, { endorsements: ['usd'] });
  await world.drain();
  return id;
}

const places = ({ received }: TestEndpoint) => received.map(({ json }) => [json.data.id, json.sequence]);

describe('openoms listen', () => {
  it('sends what a webhook is sent, to the URL as it is given', async () => {
    const project = await newProject();
    const [mine, theirs] = [await newEndpoint(), await newEndpoint()];
    await project.client.webhooks.create({ url: `http://127.0.0.1:${theirs.port}/` });
    const url = `http://127.0.0.1:${mine.port}/hooks?from=oms&to=a%20b&empty=`;
    const run = await startListening(project, ['--forward-to', url]);
    await project.client.customers.create({});
    await world.drain();
    await vi.waitFor(() => expect(mine.received).toHaveLength(1), SOON);
    const [sent, expected] = [mine.received[0], theirs.received[0]];
    expect(sent?.path).toBe('/hooks?from=oms&to=a%20b&empty=');
    expect(sent?.json).toEqual({ ...expected?.json, id: sent?.headers['webhook-id'] });
    expect(Object.keys(sent?.json)).toEqual(Object.keys(expected?.json));
    const ours = (headers = {}) => Object.keys(headers).filter((name) => name.startsWith('webhook-'));
    expect(ours(sent?.headers).sort()).toEqual(ours(expected?.headers).sort());
    await vi.waitFor(() => expect(run.out).toHaveLength(1), SOON);
    expect(run.out[0]).toMatch(/customer\.endorsement\.granted +cst_\w+ #1 +evt_\w+ → 204 in [0-9]+ ms$/);
    expect(await run.stop()).toBe(0);
  });

  it('signs for both kinds of verifier, with one secret for good', async () => {
    const project = await newProject();
    const endpoint = await newEndpoint();
    const run = await startListening(project, ['--forward-to', `${endpoint.port}`]);
    await project.client.customers.create({});
    await world.drain();
    await vi.waitFor(() => expect(endpoint.received).toHaveLength(1), SOON);
    const { headers = {}, body = '' } = endpoint.received[0] ?? {};
    const secret = secretOf(run);
    const header = String(headers['webhook-signature']);
    expect(new Webhook(secret).verify(body, headers as Record<string, string>)).toEqual(JSON.parse(body));
    expect(await webhooks.verify({ payload: body, header, secret })).toEqual(JSON.parse(body));

    const parts = header.split(',').map((part) => part.split('='));
    const t = parts.find(([name]) => name === 't')?.[1];
    const v1 = parts.find(([name]) => name === 'v1')?.[1];
    expect(createHmac('sha256', secret).update(`${t}.${body}`).digest('hex')).toBe(v1);

    const again = start(listen, ['--print-secret'], { env: credentials(project) });
    expect(await again.code).toBe(0);
    expect(again.out).toEqual([secret]);
    const other = start(listen, ['--print-secret'], { env: credentials(await newProject()) });
    await other.code;
    expect(other.out).not.toEqual([secret]);
  });

  it('tries again under one id, and keeps a resource in order meanwhile', async () => {
    const project = await newProject();
    let failures = 2;
    const endpoint = await newEndpoint(({ json }) => (json.sequence === 1 && failures-- > 0 ? 503 : 200));
    const run = await startListening(project, ['--forward-to', `${endpoint.port}/`]);
    const customerId = await threeEvents(project);
    await vi.waitFor(() => expect(run.out).toHaveLength(3), SOON);
    expect(places(endpoint)).toEqual([1, 1, 1, 2, 3].map((sequence) => [customerId, sequence]));
    const attempts = endpoint.received.slice(0, 3);
    expect(attempts.map(({ headers }) => headers['webhook-attempt'])).toEqual(['1', '2', '3']);
    expect(new Set(attempts.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    expect(run.err.join('\n')).toMatch(/customer\.endorsement\.granted: 503; trying again/);
    expect(run.out[0]).toMatch(/→ 200 at attempt 3 in/);
  });

  it('passes over what is refused for good, says so, and goes on', async () => {
    const project = await newProject();
    const endpoint = await newEndpoint(({ json }) => (json.sequence === 1 ? 500 : 200));
    await threeEvents(project);
    const args = ['--forward-to', `${endpoint.port}/`, '--since', '1h', '--once'];
    const run = start(listen, args, { env: credentials(project) });
    expect(await run.code).toBe(1);
    expect(run.out[0]).toMatch(/#1 .* → 500 at attempt 4, passed over$/);
    expect(run.out[1]).toMatch(/#2 .* → 200 in/);
    await endpoint.close();
    const nobody = start(listen, [...args, '--events', '*.*.updated'], { env: credentials(project) });
    expect(await nobody.code).toBe(1);
    expect(nobody.out).toHaveLength(1);
    expect(nobody.out[0]).toMatch(/#2 .* → connect ECONNREFUSED .*, passed over$/);
  });

  it('forwards what its patterns select, from where it is told', async () => {
    const project = await newProject();
    const endpoint = await newEndpoint();
    const customerId = await threeEvents(project);
    const [latest, , first] = await project.client.events.list().take(3);
    const url = `http://localhost:${endpoint.port}`;
    const forward = async (...args: string[]): Promise<number> => {
      const before = endpoint.received.length;
      const run = start(listen, ['--forward-to', url, '--once', ...args], { env: credentials(project) });
      expect(await run.code).toBe(0);
      return endpoint.received.length - before;
    };
    expect(await forward('--since', first?.id ?? '')).toBe(2);
    expect(places(endpoint)).toEqual([
      [customerId, 2],
      [customerId, 3],
    ]);
    expect(await forward('--since', latest?.id ?? '')).toBe(0);
    expect(await forward('--since', '2020-01-01T00:00:00Z')).toBe(3);
    expect(await forward('--since', '10m', '--events', 'customer.*.granted,cashIn.*')).toBe(2);
    expect(await forward()).toBe(0);
  });

  it('prints bodies for machines', async () => {
    const project = await newProject();
    const endpoint = await newEndpoint();
    await threeEvents(project);
    const args = ['--forward-to', `${endpoint.port}`, '--since', '10m', '--once', '--print-json'];
    const run = start(listen, args, { env: credentials(project) });
    expect(await run.code).toBe(0);
    expect(run.out).toEqual(endpoint.received.map(({ body }) => body));
  });

  it('goes through an outage of the API, says what it missed, and forwards all of it', async () => {
    const project = await newProject();
    const endpoint = await newEndpoint();
    const gate = await openGate(new URL(world.baseUrl).port);
    try {
      const run = await startListening(project, ['--forward-to', `${endpoint.port}`], gate.url);
      const customers = [await threeEvents(project)];
      await vi.waitFor(() => expect(endpoint.received).toHaveLength(3), SOON);
      await gate.close();
      await vi.waitFor(() => expect(run.err.join('\n')).toContain('does not answer'), SOON);
      for (let count = 0; count < 3; count++) customers.push(await threeEvents(project));
      await gate.open();
      await vi.waitFor(() => expect(endpoint.received).toHaveLength(12), SOON);
      expect(run.err.filter((line) => line.includes('does not answer'))).toHaveLength(1);
      expect(run.err.at(-1)).toContain('answers again; 9 events came meanwhile');
      for (const customerId of customers) {
        const own = places(endpoint).filter(([id]) => id === customerId);
        expect(own.map(([, sequence]) => sequence)).toEqual([1, 2, 3]);
      }
    } finally {
      await gate.close();
    }
  });

  it('is what events tail prints, as lines or as the API answers them', async () => {
    const project = await newProject();
    const tails = [[], ['--json']].map((args) => start(eventsTail, args, { env: credentials(project) }));
    runs.push(...tails);
    const [lines, json] = tails;
    await vi.waitFor(() => expect(tails.every(({ err }) => err.length === 1)).toBe(true), SOON);
    const customerId = await threeEvents(project);
    await vi.waitFor(() => expect(tails.every(({ out }) => out.length === 3)).toBe(true), SOON);
    const latest = await project.client.events.list({ resource: customerId }).take(3);
    expect(json?.out.map((line) => JSON.parse(line))).toEqual(latest.toReversed());
    expect(lines?.out.map((line) => line.split(/ +/)[4])).toEqual(latest.map(({ id }) => id).toReversed());
    for (const tail of tails) expect(await tail.stop()).toBe(0);
  });

  it.each([
    [[], 'Say where to'],
    [['--forward-to', 'ftp://x'], 'ftp://x is no address'],
    [['--forward-to', '3000', '--events', 'cashin.*'], 'No event is named cashin.*'],
    [['--forward-to', '3000', '--since', 'noon'], '--since takes'],
    [['--forward-to', '3000', '--since', 'evt_1'], 'There is no event evt_1'],
    [['--forward-to', '3000', '--secret', 'hunter2'], '--secret takes'],
    [['--forward-to', '3000', 'x'], 'listen takes no x'],
    [['--forward'], "Unknown option '--forward'"],
  ])('refuses %j in a sentence', async (args, sentence) => {
    const refusal = await start(listen, args, { env: credentials(world.project) }).code.catch(
      (error) => error,
    );
    expect(refusal).toBeInstanceOf(UsageError);
    expect(refusal.message).toContain(sentence);
  });

  it('says that nobody answers, or that the key is refused', async () => {
    const args = ['--forward-to', '3000', '--api-key', 'sk_sdbx_x', '--api-secret', 'y', '--base-url'];
    await expect(start(listen, [...args, 'http://127.0.0.1:9']).code).rejects.toThrow(/^Nobody answers at/);
    await expect(start(listen, [...args, world.baseUrl]).code).rejects.toThrow(/refuses the API key/);
  });
});

interface Gate {
  readonly url: string;
  open(): Promise<void>;
  close(): Promise<void>;
}

/** A port of its own before the API; closed, it is as if the API were gone. */
async function openGate(port: string): Promise<Gate> {
  const sockets = new Set<Socket>();
  let server: Server | undefined;
  let own = 0;
  const open = async (): Promise<void> => {
    server = createServer((inward) => {
      const outward = connectTo(Number(port), '127.0.0.1');
      for (const socket of [inward, outward]) {
        sockets.add(socket);
        socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
      }
      inward.pipe(outward).pipe(inward);
    });
    server.listen(own, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    own = typeof address === 'object' && address ? address.port : 0;
  };
  await open();
  return {
    url: `http://127.0.0.1:${own}`,
    open,
    close: async () => {
      const closing = server;
      server = undefined;
      const closed = closing && new Promise((resolve) => closing.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
