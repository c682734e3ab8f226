import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newWallet, payIn } from '../../../tools/crash/cash-in.ts';
import { killQuietly, type Part, pidOf, processesOf } from '../../../tools/crash/processes.ts';
import { JsonRpc } from '../../src/chain/rpc.ts';
import { clientOf, eventually, health, Instances, isCompleted, type Supervisor } from './instance.ts';

const instances = new Instances();
afterAll(() => instances.clear());

let home: string;
let supervisor: Supervisor;
let env: Readonly<Record<string, string>>;
beforeAll(async () => {
  home = await instances.newHome();
  supervisor = await instances.start({ home });
  env = await supervisor.ready();
});

/** Kills a part and waits until another process has taken its place. */
async function killAndAwaitSuccessor(part: Part): Promise<void> {
  const before = await pidOf(home, part);
  killQuietly(before, 'SIGKILL');
  await eventually(async () => {
    const now = await pidOf(home, part).catch(() => before);
    return now !== before && (await processesOf(home)).some(({ pid }) => pid === now);
  }, `another ${part} runs: ${supervisor.output()}`);
}

async function chainAnswers(): Promise<boolean> {
  const rpc = new JsonRpc({ url: env.OMS_RPC_URL ?? '', timeoutMs: 5_000 });
  const answer = await rpc.call('eth_blockNumber').catch(() => undefined);
  rpc.close();
  return answer !== undefined;
}

test('each part that is killed comes back in its place, and money goes on moving', async () => {
  const oms = clientOf(env);
  const wallet = await newWallet(oms, 'jane');
  const killed: Part[] = ['api', 'worker', 'signer', 'anvil', 'postgres'];
  const cashIns: string[] = [];
  for (const [index, part] of killed.entries()) {
    if (index < 3) cashIns.push(await payIn(oms, wallet, '20.00', part));
    await killAndAwaitSuccessor(part);
  }
  await eventually(async () => (await health(env, 'ready')) === 200, 'the api is ready again');
  await eventually(chainAnswers, 'the chain answers under its address');
  for (const id of cashIns) await isCompleted(oms, id);
  const { balance } = await oms.wallets.balance(wallet.id);
  expect(balance).toBe('57.60');
});

test('when the supervisor is killed, all else ends by itself, and the next start has everything', async () => {
  const oms = clientOf(env);
  const { id } = await newWallet(oms, 'jane');
  const before = await oms.wallets.balance(id);
  supervisor.kill('SIGKILL');
  await supervisor.exited;
  await eventually(async () => (await processesOf(home)).length === 0, 'nothing of the instance runs');

  supervisor = await instances.start({ home, port: Number(new URL(env.OMS_BASE_URL ?? '').port) });
  expect(await supervisor.ready()).toEqual(env);
  expect(await oms.wallets.balance(id)).toEqual(before);
});

test('when everything is killed at once, the next start has everything', async () => {
  const oms = clientOf(env);
  const { id } = await newWallet(oms, 'jane');
  const before = await oms.wallets.balance(id);
  const [postgres, anvil] = await Promise.all([pidOf(home, 'postgres'), pidOf(home, 'anvil')]);
  supervisor.killGroup('SIGKILL');
  for (const pid of [postgres, anvil]) killQuietly(pid, 'SIGKILL');
  await supervisor.exited;

  supervisor = await instances.start({ home, port: Number(new URL(env.OMS_BASE_URL ?? '').port) });
  expect(await supervisor.ready()).toEqual(env);
  expect(await oms.wallets.balance(id)).toEqual(before);
});

test('without its database the api is alive but not ready; when it stays away, the instance says so and ends', async () => {
  // PostgreSQL cannot start again while its data is elsewhere.
  await rename(join(home, 'postgres', 'data'), join(home, 'postgres', 'away'));
  const postgres = (await processesOf(home)).find(({ commandLine }) => commandLine.includes(' -D '));
  killQuietly(postgres?.pid ?? 0, 'SIGKILL');
  await eventually(async () => (await health(env, 'ready')) === 503, 'the api is not ready');
  expect(await health(env, 'live')).toBe(200);
  expect(await supervisor.exited).toEqual({ code: 1, signal: null });
  expect(supervisor.stderr()).toMatch(
    /^OpenOMS stops: PostgreSQL has ended and cannot be kept running; [^\n]*\n$/,
  );
  expect(await processesOf(home)).toEqual([]);
});
