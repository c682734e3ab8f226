import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { LoggedEvent } from '@openoms/contract/event-log.ts';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { clientOf, eventually, Instances } from '../../server/test/instance/instance.ts';
import { newWallet, payIn } from '../../tools/crash/cash-in.ts';
import { bareEnvironment, killQuietly, pidOf } from '../../tools/crash/processes.ts';
import { startEndpoint, type TestEndpoint } from './endpoint.testing.ts';

/** The command line as processes without a terminal, against a started instance. */

const MAIN = fileURLToPath(new URL('main.ts', import.meta.url));

const instances = new Instances();
let home: string;
let env: Readonly<Record<string, string>>;
let endpoint: TestEndpoint;
const children: ChildProcess[] = [];
beforeAll(async () => {
  home = await instances.newHome();
  env = await (await instances.start({ home })).ready();
  endpoint = await startEndpoint(({ path }) => (path === '/refuses' ? 500 : 204));
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});
afterAll(async () => {
  await endpoint?.close();
  await instances.clear();
});

interface Started {
  readonly child: ChildProcess;
  readonly done: Promise<{ readonly code: number | null; readonly out: string; readonly err: string }>;
  out(): string;
  err(): string;
}

function start(args: readonly string[], { cwd = '/', OMS_HOME = home as string | null } = {}): Started {
  const child = spawn(process.execPath, [MAIN, ...args], {
    cwd,
    env: { ...bareEnvironment(), ...(OMS_HOME !== null && { OMS_HOME }) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  const text = { out: '', err: '' };
  child.stdout?.on('data', (chunk: Buffer) => {
    text.out += chunk.toString();
  });
  child.stderr?.on('data', (chunk: Buffer) => {
    text.err += chunk.toString();
  });
  const done = new Promise<number | null>((resolve) => child.once('close', resolve));
  return {
    child,
    done: done.then((code) => ({ code, ...text })),
    out: () => text.out,
    err: () => text.err,
  };
}

const openoms = (...args: string[]) => start(args).done;

describe('openoms trigger', () => {
  it('makes an event happen, and prints what it made and what came of it', async () => {
    const { code, out, err } = await openoms('trigger', 'cashIn.completed');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(/^made cash-in +ci_\w+$/m);
    const events = [...out.matchAll(/^\S+Z {2}(\S+) +(\w+) #(\d+) {2}evt_/gm)].map(([, ...parts]) => parts);
    expect(events.map(([name, , sequence]) => `${name} #${sequence}`)).toEqual([
      'customer.endorsement.granted #1',
      'cashIn.created #1',
      expect.stringContaining('processing'),
      expect.stringContaining('processing'),
      expect.stringContaining('completed'),
      expect.stringContaining('completed'),
    ]);
  });

  it('says what takes long, and what cannot be triggered', async () => {
    const expiry = await openoms('trigger', 'cashIn.expired', '--json');
    expect(expiry).toMatchObject({ code: 0, err: expect.stringContaining('about 60 minutes') });
    expect(JSON.parse(expiry.out)).toMatchObject({ event: 'cashIn.expired', isReached: false });
    expect(await openoms('trigger', 'deposit_address.crypto_deposit.failed')).toMatchObject({
      code: 2,
      err: expect.stringContaining('cannot be triggered'),
    });
    expect(await openoms('trigger', 'cashin.complete')).toEqual({
      code: 2,
      out: '',
      err: expect.stringMatching(/^There is no event cashin\.complete\. Did you mean cashIn\.completed\b/),
    });
    const list = await openoms('trigger', '--list');
    expect(list).toMatchObject({ code: 0, out: expect.stringContaining('virtualAccount.deposit.returned') });
  });

  it('tells of a review to who names it alone', async () => {
    const name = 'transaction.fiatToCrypto.underReview';
    const { out } = await openoms('trigger', name, '--json');
    const { events } = JSON.parse(out) as { events: LoggedEvent[] };
    const review = events.find(({ event }) => event === name);
    const tail = (...more: string[]) => openoms('events', 'tail', '--since', '10m', '--once', ...more);
    const all = await tail();
    expect(all.out).toContain('transaction.fiatToCrypto.completed');
    expect(all.out).not.toContain(name);
    const named = await tail('--events', `${name},cashIn.*`, '--json');
    const found = named.out
      .trim()
      .split('\n')
      .map((line): LoggedEvent => JSON.parse(line));
    expect(found).toContainEqual(review);
    expect(found.every(({ event }) => event === name || event.startsWith('cashIn.'))).toBe(true);
  });
});

describe('openoms events resend', () => {
  it('sends an event once more, here or by the server', async () => {
    const oms = clientOf(env);
    const { id } = await oms.customers.create({});
    let event: LoggedEvent | undefined;
    await eventually(async () => {
      [event] = await oms.events.list({ resource: id }).take(1);
      return event !== undefined;
    }, 'the customer has an event');
    const eventId = event?.id ?? '';
    const to = `http://127.0.0.1:${endpoint.port}/hook?x=1`;
    const before = endpoint.received.length;
    for (let count = 0; count < 2; count++) {
      expect(await openoms('events', 'resend', eventId, '--to', to)).toMatchObject({
        code: 0,
        out: expect.stringMatching(/→ 204 in/),
      });
    }
    const sent = endpoint.received.slice(before);
    expect(sent.map(({ path, json }) => [path, json.eventId])).toEqual(Array(2).fill(['/hook?x=1', eventId]));
    expect(new Set(sent.map(({ json }) => json.id)).size).toBe(2);
    expect(sent.every(({ json }) => /^whd_[0-9a-z]{26}$/.test(json.id))).toBe(true);
    const refuses = `http://127.0.0.1:${endpoint.port}/refuses`;
    expect(await openoms('events', 'resend', eventId, '--to', refuses)).toMatchObject({ code: 1 });
    expect(await openoms('events', 'resend', 'evt_0', '--to', to)).toMatchObject({
      code: 2,
      err: 'There is no event evt_0.\n',
    });

    const webhook = await oms.webhooks.create({ url: `${to}&by=server`, events: ['webhook.test'] });
    expect(await openoms('events', 'resend', eventId, '--webhook', webhook.id)).toMatchObject({ code: 0 });
    const byServer = () => endpoint.received.filter(({ path }) => path.endsWith('by=server'));
    await eventually(() => byServer().length > 0, 'the server has sent it');
    expect(byServer()[0]?.json).toMatchObject({ eventId });
    await oms.webhooks.delete(webhook.id);
    expect(await openoms('events', 'resend', eventId, '--webhook', webhook.id)).toMatchObject({ code: 2 });
  });
});

describe('openoms listen', () => {
  it('forwards all that happened while the API was dead', async () => {
    const oms = clientOf(env);
    const wallets = await Promise.all([1, 2, 3, 4].map((count) => newWallet(oms, `listener-${count}`)));
    const url = `http://127.0.0.1:${endpoint.port}/listen?key=a%2Fb`;
    const listening = start(['listen', '--forward-to', url, '--events', 'transaction.*,cashIn.*']);
    await eventually(() => listening.err().includes('Signing secret: whsec_'), 'it listens');
    const cashIns: string[] = [];
    for (const wallet of wallets) cashIns.push(await payIn(oms, wallet, '20.00', `listen-${wallet.id}`));
    killQuietly(await pidOf(home, 'api'), 'SIGKILL');

    const received = () =>
      endpoint.received.filter(
        ({ path, json }) => path.startsWith('/listen') && cashIns.includes(json.data.id),
      );
    await eventually(() => received().length >= 3 * cashIns.length, `all came: ${listening.err()}`);
    expect(listening.err()).toMatch(
      /does not answer \(.+\); waiting for it\.\n.* answers again; [0-9]+ events? came/,
    );
    for (const cashInId of cashIns) {
      const own = received().filter(({ json }) => json.data.id === cashInId);
      expect(own.map(({ json }) => [json.event, json.sequence])).toEqual([
        ['cashIn.created', 1],
        ['cashIn.processing', 2],
        ['cashIn.completed', 3],
      ]);
      expect(own.every(({ path }) => path === '/listen?key=a%2Fb')).toBe(true);
    }
    listening.child.kill('SIGINT');
    expect(await listening.done).toMatchObject({ code: 0 });
  });

  it.each(['SIGTERM', 'SIGINT'] as const)('ends in good order on %s, as events tail does', async (signal) => {
    for (const args of [
      ['listen', '--forward-to', '1'],
      ['events', 'tail'],
    ]) {
      const { child, done, err } = start(args);
      await eventually(() => err().includes('Events of'), 'it is ready');
      child.kill(signal);
      expect(await done).toMatchObject({ code: 0, out: '' });
    }
  });
});

describe('openoms', () => {
  it('finds the instance above the working directory', async () => {
    const project = await mkdtemp(join(tmpdir(), 'oms-project-'));
    await mkdir(join(project, 'src', 'hooks'), { recursive: true });
    await symlink(home, join(project, '.openoms'));
    const options = { OMS_HOME: null };
    const tail = ['events', 'tail', '--once'];
    const cwd = join(project, 'src', 'hooks');
    expect(await start(tail, { ...options, cwd }).done).toEqual({ code: 0, out: '', err: '' });
    expect(await start(tail, options).done).toMatchObject({
      code: 2,
      err: expect.stringContaining('No API'),
    });
    expect(await start([...tail, '--api-key', 'x'], { ...options, cwd }).done).toEqual({
      code: 2,
      out: '',
      err: 'Also give --base-url and --api-secret.\n',
    });
    await rm(project, { recursive: true });
  });

  it.each([
    [['--help'], 0],
    [['listen', '--help'], 0],
    [['trigger', '--help'], 0],
    [['events', 'tail', '--help'], 0],
    [['events', 'resend', '--help'], 0],
    [['sandbox', 'clock', '--help'], 0],
    [['sandbox', 'trouble', '--kinds'], 0],
    [['sandbox', 'snapshots', '--help'], 0],
    [[], 2],
    [['no'], 2],
    [['trigger'], 2],
    [['events', 'resend', 'evt_0'], 2],
    [
      [
        'listen',
        '--forward-to',
        '3000',
        '--base-url',
        'http://127.0.0.1:9',
        '--api-key',
        'a',
        '--api-secret',
        'b',
      ],
      2,
    ],
  ] as const)('%j ends with %i, and without a stack', async (args, code) => {
    const ended = await openoms(...args);
    expect(ended.code).toBe(code);
    expect(ended.err).not.toMatch(/^\s+at /m);
    expect(code === 0 || args.length === 0 ? ended.out : ended.err).not.toBe('');
  });
});
