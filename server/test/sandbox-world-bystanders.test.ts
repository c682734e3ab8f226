import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { IncomingTransfer } from '../src/chain/indexer/effects.ts';
import { Settlement } from '../src/chain/indexer/settle.ts';
import { JsonRpc } from '../src/chain/rpc.ts';
import { USDC_POLYGON } from '../src/chain/token/contracts.ts';
import { must } from '../src/kernel/assert.ts';
import { addMs, HOUR_MS, MINUTE_MS } from '../src/kernel/clock.ts';
import { type NodeProxy, startNodeProxy } from './drills/node-proxy.ts';
import { createWorld, KEY_HEX, type Project, type World } from './world.ts';

const FIXTURE = fileURLToPath(new URL('./world-changer.fixture.ts', import.meta.url));

let world: World;
let proxy: NodeProxy;
beforeAll(async () => {
  world = await createWorld();
  proxy = await startNodeProxy(world.chain.url);
});
afterAll(async () => {
  await proxy.stop();
  await world.close();
});

async function newProject(): Promise<Project> {
  const project = await world.newProject();
  await world.drain();
  return project;
}

/** With a process beside this one that changes worlds, for where the worker of this one is busy. */
async function withChanger<T>(work: () => Promise<T>): Promise<T> {
  const args = [FIXTURE, world.databaseUrl, world.chain.url, KEY_HEX];
  const child = spawn(process.execPath, args, { stdio: 'inherit' });
  const gone = once(child, 'exit');
  try {
    return await work();
  } finally {
    child.kill('SIGKILL');
    await gone;
  }
}

/** What the indexer has read, in the platform's scope, and is about to commit. */
async function transferTo(
  { projectId }: Project,
  walletId: string,
  blockNumber: number,
): Promise<IncomingTransfer> {
  const [row] = await world.sql<{ address: string }>(
    'select address from watched_addresses where project_id = $1 and resource_id = $2',
    [projectId, walletId],
  );
  return {
    projectId,
    purpose: 'wallet',
    resourceId: walletId,
    txHash: `0x${blockNumber.toString(16).padStart(64, '0')}`,
    logIndex: 0,
    blockNumber,
    blockHash: `0x${'b'.repeat(64)}`,
    from: `0x${'a'.repeat(40)}`,
    to: must(row, 'a watched address').address,
    amountMinor: 5n,
  };
}

describe('whoever is at work when a world is changed', () => {
  it('is waited for while it has a job', async () => {
    const { client, projectId } = await newProject();
    await world.cashIn(await world.wallet(await world.provisionedCustomer(client), client), { client });
    await world.drain();
    const lease = (until: Date) =>
      world.sql(`update jobs set lease_token = gen_random_uuid(), run_at = $2 where project_id = $1`, [
        projectId,
        until,
      ]);
    const now = world.clock.now();
    await lease(addMs(now, MINUTE_MS));
    await expect(world.during(client.sandbox.reset())).rejects.toMatchObject({
      status: 409,
      message: expect.stringMatching(/work of the server/),
    });
    const answer = world.during(client.sandbox.reset());
    await lease(addMs(now, -MINUTE_MS));
    await answer;
    expect(await world.sql('select from jobs where project_id = $1', [projectId])).toEqual([]);
  }, 60_000);

  it('reads a transfer to an address that is nobody’s by then, or from before the world', async () => {
    const project = await newProject();
    const { client, projectId } = project;
    const wallet = await world.wallet(await world.provisionedCustomer(client), client);
    await world.drain();
    await world.during(client.sandbox.snapshots.create('kept'));
    const { db, clock, ids, settlement: handlers } = world.context;
    const settlement = new Settlement({ db, clock, ids, network: 'polygon', handlers });
    const [{ since_block: since } = { since_block: '' }] = await (async () => {
      await world.during(client.sandbox.snapshots.restore('kept'));
      return world.sql<{ since_block: string }>(
        'select max(since_block) since_block from world_changes where project_id = $1',
        [projectId],
      );
    })();
    const before = await transferTo(project, wallet.id, Number(since));
    const after = await transferTo(project, wallet.id, Number(since) + 1_000);
    await world.during(client.sandbox.reset());
    await settlement.detect([before, after]);
    await settlement.credit([before, after]);
    await world.during(client.sandbox.snapshots.restore('kept'));
    await settlement.credit([before]);
    expect(
      await world.sql('select from deposits where project_id = $1 and purpose = $2', [projectId, 'wallet']),
    ).toEqual([]);
  });

  it.each([
    ['first', 1, 'its world began after the block'],
    ['a later', 2, 'is gone'],
  ])(
    'compares balances in vain, and finds no break: at %s look at the chain',
    async (_, look, named) => {
      const project = await newProject();
      const wallet = await world.fundedWallet(
        await world.provisionedCustomer(project.client),
        '9',
        project.client,
      );
      const rpc = new JsonRpc({ url: proxy.url, timeoutMs: 10_000 });
      const chain = { rpc, token: USDC_POLYGON };
      let looks = 0;
      proxy.interfere = async () => {
        if (++looks === look) await withChanger(() => project.client.sandbox.reset());
        return {};
      };
      await expect(world.context.reconciliation.run(project.projectId, { chain })).rejects.toThrow(named);
      proxy.interfere = undefined;
      rpc.close();
      expect(await world.tokenBalance(wallet.address)).toBe(0n);
      expect(
        await world.sql('select from reconciliation_breaks where project_id = $1', [project.projectId]),
      ).toEqual([]);
      await world.mineUntilFinal();
      await world.checkInvariants();
    },
    60_000,
  );

  it('has an answer of a receiver that counts for nothing, and delivers again', async () => {
    const { client } = await newProject();
    const receiver = await world.receiver();
    receiver.answerWith({ status: 500 });
    const webhook = await client.webhooks.create({ url: receiver.url, events: ['customer.*'] });
    const { id } = await client.customers.create({});
    await world.drain();
    await world.during(client.sandbox.snapshots.create('due'));
    receiver.forget();
    receiver.answerWith({
      status: 204,
      before: async () => {
        receiver.answerWith({ status: 204 });
        await withChanger(() => client.sandbox.snapshots.restore('due'));
      },
    });
    world.advance(HOUR_MS);
    await world.drain();
    world.advance(HOUR_MS);
    await world.drain();
    const sent = receiver.requests.filter(({ json }) => json.data.id === id);
    expect(sent.length).toBeGreaterThan(1);
    expect(new Set(sent.map(({ json }) => json.eventId)).size).toBeLessThanOrEqual(sent.length / 2);
    await client.webhooks.delete(webhook.id);
    await world.checkInvariants();
  }, 60_000);
});
