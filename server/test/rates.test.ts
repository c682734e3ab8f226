import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { PLATFORM } from '../src/db/database.ts';
import { HOUR_MS, ManualClock, MINUTE_MS, SECOND_MS } from '../src/kernel/clock.ts';
import type { ApiError } from '../src/kernel/errors.ts';
import type { LogFields, Logger } from '../src/kernel/log.ts';
import type { Asset } from '../src/kernel/money.ts';
import { type RatesConfig, rateSourceOf } from '../src/providers/registry.ts';
import { Rates } from '../src/rates/service.ts';
import { refreshRates } from '../src/rates/tasks.ts';
import { asSuperuser, createTestDatabase, type TestDatabase } from './postgres.ts';

const MAX_AGE_MS = 5 * MINUTE_MS;
const START = new Date('2026-03-01T12:00:00Z');
const LOOPBACK = { trustedHosts: ['127.0.0.1', '[::1]'] };
const NOBODY = { trustedHosts: [] };

let database: TestDatabase;
let dir: string;
let file: string;
let server: Server;
let url: string;
/** What the server answers next. */
let answer: { status: number; body: string; headers?: Record<string, string>; isSilent?: boolean };
let clock: ManualClock;
let logged: (LogFields & { message: string })[];

beforeAll(async () => {
  database = await createTestDatabase({ maxConnections: 4 });
  dir = await mkdtemp(join(tmpdir(), 'oms-rates-'));
  file = join(dir, 'rates.json');
  server = createServer((_request, response) => {
    if (!answer.isSilent) response.writeHead(answer.status, answer.headers).end(answer.body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/rates`;
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await rm(dir, { recursive: true, force: true });
  await database.drop();
});
beforeEach(async () => {
  clock = new ManualClock(START);
  logged = [];
  await asSuperuser(database.url, (client) => client.query('truncate exchange_rates'));
});

function ratesOf(config: RatesConfig, egress = LOOPBACK): Rates {
  const record = (fields: LogFields, message: string): void => void logged.push({ ...fields, message });
  const log: Logger = { debug: record, info: record, warn: record, error: record };
  return new Rates({ wallClock: clock, log, source: rateSourceOf(config, egress), maxAgeMs: MAX_AGE_MS });
}

const get = (rates: Rates, source: Asset, destination: Asset) =>
  database.db.tx(PLATFORM, (tx) => rates.get(tx, source, destination));
const refresh = (rates: Rates) => refreshRates({ rates, db: database.db });
const feed = (pairs: object, observedAt: Date = clock.now()) =>
  JSON.stringify({ observedAt: observedAt.toISOString(), rates: pairs });
const unavailable = (work: Promise<unknown>) =>
  expect(work).rejects.toMatchObject({ status: 503, code: 'rate_unavailable', retryAfterSeconds: 30 });

describe('fixed rates', () => {
  it('are one to one between dollars, and known without a feed', async () => {
    const rates = ratesOf({ kind: 'fixed' });
    for (const [source, destination] of [
      ['usd', 'usdc'],
      ['usdc', 'usd'],
      ['usdt', 'usdc'],
      ['usdc', 'usdc'],
    ] as const) {
      const pair = `${source}/${destination}`;
      expect(await get(rates, source, destination)).toEqual({ pair, rate: '1.0', observedAt: START });
    }
    await refresh(rates);
    await unavailable(get(rates, 'eth', 'usdc'));
  });
});

describe('rates from a file', () => {
  let rates: Rates;
  beforeEach(() => {
    rates = ratesOf({ kind: 'file', path: file });
  });

  it('are none until they were read, and the file’s from then on', async () => {
    await unavailable(get(rates, 'usdc', 'usd'));
    await writeFile(
      file,
      feed({ 'usdc/usd': '0.99980', 'eth/usdc': '2500.123456789012', 'eur/usd': '1.08' }),
    );
    await refresh(rates);
    expect(await get(rates, 'usdc', 'usd')).toEqual({ pair: 'usdc/usd', rate: '0.9998', observedAt: START });
    expect((await get(rates, 'eth', 'usdc')).rate).toBe('2500.123456789012');
    // The way back is a rate of its own.
    await unavailable(get(rates, 'usd', 'usdc'));
    expect(await get(rates, 'usdc', 'usdc')).toMatchObject({ rate: '1.0' });
    expect(logged).toEqual([]);
  });

  it('are none once they are too old, by the time of their observation', async () => {
    await writeFile(file, feed({ 'usdc/usd': '1.0001' }));
    await refresh(rates);
    clock.advance(MAX_AGE_MS);
    expect((await get(rates, 'usdc', 'usd')).rate).toBe('1.0001');
    clock.advance(1);
    await refresh(rates);
    await unavailable(get(rates, 'usdc', 'usd'));
    await writeFile(file, feed({ 'usdc/usd': '1.0002' }));
    await refresh(rates);
    expect((await get(rates, 'usdc', 'usd')).rate).toBe('1.0002');
  });

  it('never go back to an older observation', async () => {
    await writeFile(file, feed({ 'usdc/usd': '1.0002' }));
    await refresh(rates);
    await writeFile(file, feed({ 'usdc/usd': '1.0001' }, new Date(START.getTime() - SECOND_MS)));
    await refresh(rates);
    expect((await get(rates, 'usdc', 'usd')).rate).toBe('1.0002');
  });

  it.each([
    ['no file at all', undefined],
    ['no JSON', 'rates: 1'],
    ['a list', '[]'],
    ['null', 'null'],
    ['no time', '{"rates":{"usdc/usd":"1.0"}}'],
    ['a time as a number', '{"observedAt":1772366400,"rates":{}}'],
    ['a day that is none', '{"observedAt":"2026-13-01T00:00:00Z","rates":{}}'],
    ['a time ahead of ours', '{"observedAt":"2026-03-01T12:02:00Z","rates":{"usdc/usd":"1.0"}}'],
    ['no rates', '{"observedAt":"2026-03-01T12:00:00Z"}'],
    ['rates in a list', '{"observedAt":"2026-03-01T12:00:00Z","rates":["1.0"]}'],
    ['more than 64 kB', `{"observedAt":"2026-03-01T12:00:00Z","rates":{}}${' '.repeat(65_536)}`],
  ])('are refused as a whole: %s', async (_, text) => {
    if (text === undefined) await rm(file, { force: true });
    else await writeFile(file, text);
    await expect(refresh(rates)).rejects.toThrow();
    expect(await database.db.tx(PLATFORM, (tx) => rates.list(tx))).toEqual([]);
  });

  it.each([
    '0',
    '0.0',
    '-1',
    '+1',
    '1e3',
    '01.0',
    '.5',
    '1.',
    '1.0000000000001',
    'NaN',
    '',
    ' 1',
    1,
    null,
    {},
  ])('are refused one by one and logged: %j', async (rate) => {
    await writeFile(file, feed({ 'eth/usdc': rate, 'usdc/usd': '1.0' }));
    await refresh(rates);
    await unavailable(get(rates, 'eth', 'usdc'));
    expect((await get(rates, 'usdc', 'usd')).rate).toBe('1.0');
    expect(logged).toEqual([{ pair: 'eth/usdc', message: expect.stringContaining('refused') }]);
  });

  it('may move by a fifth within an hour, in however many steps, and further with the operator’s word', async () => {
    const tell = async (rate: string) => {
      clock.advance(SECOND_MS);
      await writeFile(file, feed({ 'usdc/usd': rate, 'eth/usdc': '2500' }));
      await refresh(rates);
      return (await get(rates, 'usdc', 'usd').catch((error: ApiError) => error.code)) as { rate: string };
    };
    // The first is compared with one dollar for another.
    expect(await tell('1.21')).toBe('rate_unavailable');
    expect(await tell('1.2')).toMatchObject({ rate: '1.2' });
    expect(await tell('1.44')).toMatchObject({ rate: '1.44' });
    expect(await tell('1.45')).toMatchObject({ rate: '1.44' });
    expect(await tell('0.95')).toMatchObject({ rate: '1.44' });
    expect(logged.map(({ rate, reference }) => [rate, reference])).toEqual([
      ['1.21', '1.0'],
      ['1.45', '1.2'],
      ['0.95', '1.2'],
    ]);
    expect((await get(rates, 'eth', 'usdc')).rate).toBe('2500.0');
    clock.advance(HOUR_MS);
    expect(await tell('1.44')).toMatchObject({ rate: '1.44' });
    expect(await tell('1.72')).toMatchObject({ rate: '1.72' });
    const accept = (pair: string, rate: string) =>
      database.db.tx(PLATFORM, (tx) => rates.accept(tx, pair, rate));
    expect(await accept('usdc/usd', '0.9')).toBe(true);
    expect((await get(rates, 'usdc', 'usd')).rate).toBe('0.9');
    expect(await tell('0.95')).toMatchObject({ rate: '0.95' });
    expect(await accept('usdc/usd', '0')).toBe(false);
    expect(await accept('usdc/eur', '1')).toBe(false);
  });

  it('are recorded by two workers at once', async () => {
    await writeFile(file, feed({ 'usdc/usd': '1.01', 'usd/usdc': '0.99', 'eth/usd': '2500' }));
    await Promise.all([refresh(rates), refresh(rates), refresh(rates)]);
    expect((await get(rates, 'usd', 'usdc')).rate).toBe('0.99');
  });
});

describe('rates from a URL', () => {
  it('are what it answers', async () => {
    const rates = ratesOf({ kind: 'http', url });
    answer = { status: 200, body: feed({ 'usdc/usd': '0.9999' }) };
    await refresh(rates);
    expect((await get(rates, 'usdc', 'usd')).rate).toBe('0.9999');
  });

  it.each([
    ['an error', { status: 500, body: '{}' }],
    ['a redirect', { status: 302, body: '', headers: { location: 'http://127.0.0.1:9/' } }],
    ['too much', { status: 200, body: ' '.repeat(70_000) }],
    ['no JSON', { status: 200, body: '<html>' }],
  ])('are refused when it answers %s', async (_, next) => {
    answer = next;
    await expect(refresh(ratesOf({ kind: 'http', url }))).rejects.toThrow();
  });

  it('are given up when it does not answer', async () => {
    answer = { status: 200, body: '', isSilent: true };
    await expect(refresh(ratesOf({ kind: 'http', url }))).rejects.toThrow('no answer within 5 s');
  });

  it('come over plain http and from private networks only where the operator trusts the host', async () => {
    answer = { status: 200, body: feed({ 'usdc/usd': '1.0' }) };
    await expect(refresh(ratesOf({ kind: 'http', url }, NOBODY))).rejects.toThrow('must be https');
    const inside = { kind: 'http', url: url.replace('http:', 'https:') } as const;
    await expect(refresh(ratesOf(inside, NOBODY))).rejects.toThrow('inside a private network');
  });

  it('are never asked for inside a transaction', async () => {
    const rates = ratesOf({ kind: 'http', url });
    await expect(database.db.tx(PLATFORM, () => rates.readFeed())).rejects.toThrow(
      'inside a database transaction',
    );
  });
});
