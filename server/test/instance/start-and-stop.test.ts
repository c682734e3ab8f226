import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { newWallet, payIn } from '../../../tools/crash/cash-in.ts';
import { processesOf } from '../../../tools/crash/processes.ts';
import { isPortFree } from '../../src/kernel/process.ts';
import { clientOf, eventually, health, Instances, isCompleted } from './instance.ts';

const instances = new Instances();
afterAll(() => instances.clear());

/** Three starts, two of them of new instances at once. */
const TIMEOUT_MS = 120_000;

const DOCUMENTED = [
  'OMS_BASE_URL',
  'OMS_API_KEY',
  'OMS_API_SECRET',
  'OMS_DOCS_URL',
  'OMS_DASHBOARD_URL',
  'OMS_DASHBOARD_EMAIL',
  'OMS_DASHBOARD_PASSWORD',
  'OMS_RPC_URL',
  'OMS_CHAIN_ID',
  'OMS_USDC_ADDRESS',
  'OMS_DATABASE_URL',
];

test('a first start serves beside another instance, and a second one finds everything as it was', {
  timeout: TIMEOUT_MS,
}, async () => {
  const home = await instances.newHome();
  const first = await instances.start({ home, cwd: '/' });
  const neighbour = await instances.start({ home: await instances.newHome(), port: 0 });
  const [env, other] = await Promise.all([first.ready(), neighbour.ready()]);
  for (const name of ['OMS_BASE_URL', 'OMS_RPC_URL', 'OMS_DATABASE_URL', 'OMS_API_KEY']) {
    expect(env[name]).not.toBe(other[name]);
  }
  expect(await health(other, 'ready')).toBe(200);
  neighbour.killGroup('SIGTERM');
  expect(Object.keys(env)).toEqual(expect.arrayContaining(DOCUMENTED));
  expect(env.OMS_BASE_URL).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/v0\.9$/);
  expect((await stat(join(home, 'sandbox.env'))).mode & 0o777).toBe(0o600);
  for (const name of [
    'BASE_URL',
    'API_KEY',
    'DOCS_URL',
    'DASHBOARD_URL',
    'DASHBOARD_EMAIL',
    'DASHBOARD_PASSWORD',
  ]) {
    const shown = env[`OMS_${name}`];
    expect(first.output()).toContain(shown);
  }
  expect(first.output()).not.toContain(env.OMS_API_SECRET);
  expect(first.stderr()).toBe('');
  expect(await health(env, 'live')).toBe(200);
  expect(await health(env, 'ready')).toBe(200);
  expect((await fetch(env.OMS_DOCS_URL ?? '')).status).toBe(200);

  const oms = clientOf(env);
  const wallet = await newWallet(oms, 'jane');
  await isCompleted(oms, await payIn(oms, wallet, '100.00', 'first'));
  const balance = await oms.wallets.balance(wallet.id);

  // A second start on the same home, and one on the same port, each say one sentence and leave the first alone.
  const again = await instances.start({ home });
  expect(await again.exited).toEqual({ code: 1, signal: null });
  expect(again.stderr()).toMatch(/^Another instance \(process \d+\) runs on this OMS_HOME; [^\n]*\n$/);
  const port = Number(new URL(env.OMS_BASE_URL ?? '').port);
  const elsewhere = await instances.newHome();
  const taken = await instances.start({ home: elsewhere, port });
  expect(await taken.exited).toEqual({ code: 1, signal: null });
  expect(taken.stderr()).toMatch(/^PORT \d+ on 127\.0\.0\.1 is in use by another program; [^\n]*\n$/);
  expect(await processesOf(elsewhere)).toEqual([]);

  expect(await neighbour.exited).toEqual({ code: 0, signal: null });
  first.kill('SIGTERM');
  expect(await first.exited).toEqual({ code: 0, signal: null });
  expect(await processesOf(home)).toEqual([]);

  const second = await instances.start({ home, port });
  expect(await second.ready()).toEqual(env);
  expect(await oms.wallets.get(wallet.id)).toEqual(wallet);
  expect(await oms.wallets.balance(wallet.id)).toEqual(balance);
  second.killGroup('SIGINT');
  expect(await second.exited).toEqual({ code: 0, signal: null });
  expect(await processesOf(home)).toEqual([]);
  expect(await isPortFree(port)).toBe(true);
});

test('signals during a start end it, whatever it is doing, and leave nothing behind', async () => {
  const home = await instances.newHome();
  // From the first moment to the last steps: nothing runs yet, the database is being made, the parts are starting.
  const moments: readonly (() => Promise<boolean>)[] = [
    async () => true,
    async () => (await processesOf(home)).some(({ commandLine }) => /initdb|postgres/.test(commandLine)),
    async () => (await processesOf(home)).some(({ commandLine }) => commandLine.includes('anvil')),
    async () => (await processesOf(home)).some(({ commandLine }) => commandLine.includes(' worker ')),
  ];
  for (const [index, isThere] of moments.entries()) {
    const supervisor = await instances.start({ home });
    await eventually(isThere, `moment ${index} of the start`);
    if (index % 2 === 0) supervisor.kill('SIGTERM');
    else supervisor.killGroup('SIGINT');
    const exit = await supervisor.exited;
    // Before its first line of ours has run, the signal meets node's own default.
    if (index > 0 || exit.signal === null)
      expect(exit, supervisor.output()).toEqual({ code: 0, signal: null });
    expect(await processesOf(home)).toEqual([]);
  }
});

test('bad settings are told in one sentence and start nothing', async () => {
  const cases: readonly (readonly [env: Readonly<Record<string, string>>, says: RegExp])[] = [
    [{ PORT: 'abc' }, /^PORT must be a whole number/],
    [{ PORT: '70000' }, /^PORT must be a whole number/],
    [{ DATABASE_URL: 'foo' }, /^DATABASE_URL must be a URL/],
    [{ CHAIN_RPC_URL: 'foo' }, /^CHAIN_RPC_URL must be a URL/],
    [{ CHAIN_USDC_ADDRESS: '0x1' }, /^CHAIN_USDC_ADDRESS must be an address/],
    [{ OMS_KEY_ENCRYPTION_KEY: 'abc' }, /^OMS_KEY_ENCRYPTION_KEY must be 64/],
    [
      { DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' },
      /^The database none at 127\.0\.0\.1:1 .*ECONNREFUSED/,
    ],
    [{ HOST: '203.0.113.1' }, /^PORT \d+ on 203\.0\.113\.1 cannot be bound \(EADDRNOTAVAIL\)/],
  ];
  for (const [env, says] of cases) {
    const home = await instances.newHome();
    const supervisor = await instances.start({ home, env });
    expect(await supervisor.exited).toEqual({ code: 1, signal: null });
    expect(supervisor.stderr()).toMatch(says);
    expect(supervisor.stderr()).toMatch(/^[^\n]*\n$/);
    expect(await processesOf(home)).toEqual([]);
  }
});
