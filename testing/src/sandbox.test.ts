import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { EXAMPLE_CUSTOMER } from '@openoms/contract/customers.ts';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { eventually } from '../../server/test/instance/instance.ts';
import { processesOf } from '../../tools/crash/processes.ts';
import { makeHome, removeHome } from './homes.ts';
import { type Sandbox, SHARED_HOME, startSandbox } from './testing.ts';

/** The first start of a machine makes the template, beside other tests. */
const START_TIMEOUT_MS = 180_000;
const RUN = fileURLToPath(new URL('run.fixture.ts', import.meta.url));

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox();
}, START_TIMEOUT_MS);
const runs: ChildProcess[] = [];
afterAll(async () => {
  for (const run of runs) run.kill('SIGKILL');
  await sandbox?.close();
});

const homesOf = (pid: number | undefined): string[] =>
  readdirSync(tmpdir())
    .filter((name) => name.startsWith(`openoms-sandbox-${pid}-`))
    .map((name) => join(tmpdir(), name));

async function newWallet() {
  const { id } = await sandbox.client.customers.create(EXAMPLE_CUSTOMER);
  return sandbox.client.wallets.create(id, { asset: 'usdc', chain: 'polygon' });
}

const deposit = (walletId: string, value: string) =>
  sandbox.client.simulate.walletDeposit(walletId, { amount: { value } });

test('an expected event is one that came already or comes yet, and each is taken once', async () => {
  const { id } = await newWallet();
  await deposit(id, '5.00');
  const credited = await sandbox.expectEvent('wallet.depositCredited');
  expect(credited.data).toMatchObject({ walletId: id, amount: '5.00' });
  await expect(sandbox.expectEvent('wallet.depositCredited', { within: '1s' })).rejects.toThrow(
    /^No event \{"event":"wallet.depositCredited"\} within 1 s\. What came instead:\n.*wallet\.depositDetected/s,
  );
  await deposit(id, '6.00');
  await deposit(id, '7.00');
  const second = { event: 'wallet.depositCredited', data: { amount: '7.00' } };
  expect((await sandbox.expectEvent(second)).data).toMatchObject({ amount: '7.00' });
  expect((await sandbox.expectEvent('wallet.depositCredited')).data.amount).toBe('6.00');
  const wanted = { event: '*.depositCredited', resourceId: credited.resourceId };
  await expect(sandbox.expectEvent(wanted, { within: '0s' })).rejects.toThrow('within 0 s');
});

test('an event that does not exist is refused at once, as is a time that is none', async () => {
  await expect(sandbox.expectEvent('wallet.depositCreditted')).rejects.toThrow('No event is named');
  expect(() => sandbox.expectEvent('wallet.*', { within: 'soons' as '1s' })).toThrow(TypeError);
});

test('what was skipped meets no expectation', async () => {
  const { id } = await newWallet();
  await deposit(id, '5.00');
  await sandbox.expectEvent({ event: 'wallet.depositCredited', data: { walletId: id } });
  await sandbox.skipEvents();
  await expect(sandbox.expectEvent('*', { within: '1s' })).rejects.toThrow('Nothing else came.');
});

test('advancing answers what fell due on the way', async () => {
  const { client } = sandbox;
  const wallet = await newWallet();
  const place = { provider: 'greendot', latitude: 40.75, longitude: -73.99, limit: 1 } as const;
  const [location] = await client.cashLocations.list(place).take(1);
  await client.cashIns.create({
    customerId: wallet.customerId,
    source: { asset: 'usd', indicatedAmount: '100.00' },
    destination: { wallet: { wallet: wallet.id }, asset: 'usdc', network: 'polygon' },
    cash: {
      cashLocationId: location?.id ?? '',
      cashLocationReference: location?.cashLocationReference ?? '',
    },
  });
  const before = await client.sandbox.clock.set({ freeze: true });
  const { events, now } = await sandbox.advance('2h');
  expect(events.map(({ event }) => event)).toContain('cashIn.expired');
  expect(Date.parse(now) - Date.parse(before.now)).toBe(7_200_000);
  expect(await sandbox.advance({ to: '2040-01-01T00:00:00Z' }).catch(({ code }) => code)).toBe(
    'validation_error',
  );
  await client.sandbox.clock.set({ resume: true });
});

test('a world that was remembered comes back with its events, and an empty one has none', async () => {
  const { id } = await newWallet();
  await deposit(id, '5.00');
  await sandbox.expectEvent({ event: 'wallet.depositCredited', resourceId: id });
  await sandbox.snapshot('with-5');
  await deposit(id, '2.00');
  await sandbox.expectEvent({ event: 'wallet.depositCredited', resourceId: id });
  await sandbox.restore('with-5');
  expect((await sandbox.client.wallets.balance(id)).balance).toBe('5.00');
  await expect(sandbox.expectEvent('*', { within: '1s' })).rejects.toThrow('Nothing else came.');
  await deposit(id, '3.00');
  const { data } = await sandbox.expectEvent('wallet.depositCredited');
  expect(data).toMatchObject({ walletId: id, amount: '3.00' });

  await sandbox.reset();
  await expect(sandbox.client.wallets.get(id)).rejects.toMatchObject({ status: 404 });
  await expect(sandbox.expectEvent('*', { within: '1s' })).rejects.toThrow('Nothing else came.');
  const wallet = await newWallet();
  await deposit(wallet.id, '4.00');
  expect((await sandbox.expectEvent('wallet.depositCredited')).resourceId).toBe(wallet.id);
});

test('sandboxes that share an instance have a project each, and do not see one another', async () => {
  vi.stubEnv(SHARED_HOME, homesOf(process.pid)[0]);
  const startsAt = '2027-03-01T12:00:00Z';
  const [one, other] = await Promise.all([startSandbox({ seed: 'one', startsAt }), startSandbox()]);
  vi.unstubAllEnvs();
  const { id } = await one.client.customers.create(EXAMPLE_CUSTOMER);
  await expect(other.client.customers.get(id)).rejects.toMatchObject({ status: 404 });
  await expect(other.expectEvent('*', { within: '0s' })).rejects.toThrow('Nothing else came.');
  expect(await one.client.sandbox.clock.get()).toMatchObject({ now: startsAt, mode: 'frozen' });
  expect(await other.client.sandbox.clock.get()).toMatchObject({ mode: 'running', offsetSeconds: 0 });
  await expect(one.stop()).rejects.toThrow(TypeError);
  await one.close();
  expect((await other.client.sandbox.clock.get()).mode).toBe('running');
});

test('stopped, it answers nobody; started again, it has all that it had, at the same address', async () => {
  const { id } = await newWallet();
  await sandbox.stop();
  await expect(fetch(sandbox.url)).rejects.toThrow();
  await sandbox.start();
  await sandbox.start();
  expect((await sandbox.client.wallets.get(id)).id).toBe(id);
});

test('when its test run is killed or interrupted, nothing runs on, and a later run clears away what lies about', async () => {
  const killed = await startRun();
  const interrupted = await startRun();
  killed.kill('SIGKILL');
  // As Ctrl-C in a terminal does, to every process of the group.
  process.kill(-(interrupted.pid ?? 0), 'SIGINT');
  for (const { pid } of [killed, interrupted]) {
    for (const home of homesOf(pid)) {
      await eventually(async () => (await processesOf(home)).length === 0, 'nothing of the instance runs');
    }
    await eventually(async () => {
      await removeHome(await makeHome());
      return homesOf(pid).length === 0;
    }, 'its directory is gone');
  }
}, 120_000);

/** Another test run, once its sandbox has started. */
async function startRun(): Promise<ChildProcess> {
  const run = spawn(process.execPath, [RUN], { stdio: ['ignore', 'pipe', 'inherit'], detached: true });
  runs.push(run);
  await once(run.stdout, 'data');
  expect((await processesOf(homesOf(run.pid)[0] ?? '')).length).toBeGreaterThan(3);
  return run;
}
