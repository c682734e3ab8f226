import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { SET_TOKEN_BALANCES } from '../src/chain/local/token-balances.ts';
import { claimQueued } from '../src/chain/relayer/sends-store.ts';
import { assert } from '../src/kernel/assert.ts';
import { CUT, type NodeProxy, startNodeProxy } from './drills/node-proxy.ts';
import { asSuperuser } from './postgres.ts';
import { createWorld, KEY_HEX, type Project, type World } from './world.ts';

const FIXTURE = fileURLToPath(new URL('./world-changer.fixture.ts', import.meta.url));
const WAIT_MS = 20_000;
const LOOK_MS = 10;

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

let project: Project;
let walletId: string;
beforeEach(async () => {
  proxy.interfere = undefined;
  project = await world.newProject();
  await world.drain();
  const wallet = await world.fundedWallet(
    await world.provisionedCustomer(project.client),
    '100.00',
    project.client,
  );
  walletId = wallet.id;
});

async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (const endMs = performance.now() + WAIT_MS; !(await isSo()); await delay(LOOK_MS))
    assert(performance.now() < endMs, 'it takes too long');
}

function startChanger() {
  const child = spawn(process.execPath, [FIXTURE, world.databaseUrl, proxy.url, KEY_HEX], {
    stdio: 'inherit',
  });
  const gone = once(child, 'exit');
  return { gone, kill: () => child.kill('SIGKILL') };
}

/** Kills the process that changes a world where it comes to the table, which is locked for it. */
async function killedAtTable(table: string): Promise<void> {
  await asSuperuser(world.databaseUrl, async (client) => {
    await client.query(`begin; lock table ${table} in access exclusive mode`);
    const changer = startChanger();
    try {
      await until(async () => (await sessionsIn(`wait_event_type = 'Lock'`)) > 0);
    } finally {
      changer.kill();
      await changer.gone;
    }
    await client.query('rollback');
    await until(async () => (await sessionsIn(`state <> 'idle'`)) === 0);
  });
}

/** Sessions that change a world, and of which it is so. */
const sessionsIn = async (state: string): Promise<number> => {
  const rows = await world.sql(
    `select from pg_stat_activity where ${state} and query ~ '^select world_' and datname = current_database()`,
  );
  return rows.length;
};

/** Kills it when it sets balances: before the chain has seen it, or after. */
async function killedAtChain(isSeen: boolean): Promise<void> {
  const reached = Promise.withResolvers<void>();
  const changer = startChanger();
  const kill = (): typeof CUT => {
    changer.kill();
    reached.resolve();
    return CUT;
  };
  proxy.interfere = () => ({
    request: (call) => (call.method === SET_TOKEN_BALANCES && !isSeen ? kill() : call),
    reply: (call, reply) => (call.method === SET_TOKEN_BALANCES && isSeen ? kill() : reply),
  });
  await reached.promise;
  await changer.gone;
  proxy.interfere = undefined;
}

const statusOf = async () => {
  const [row] = await world.sql<{ status: string }>(
    'select status from world_changes where project_id = $1 order by requested_at desc, change_id desc limit 1',
    [project.projectId],
  );
  return row?.status;
};

const countOf = async (table: string): Promise<number> => {
  const [row] = await world.sql<{ count: string }>(`select count(*) from ${table} where project_id = $1`, [
    project.projectId,
  ]);
  return Number(row?.count);
};

/** What is there of the world, and of the snapshots. */
const counts = async () => ({
  customers: await countOf('customers'),
  wallets: await countOf('wallets'),
  transfers: await countOf('ledger_transfers'),
  events: await countOf('events'),
  snapshots: await countOf('sandbox_snapshots'),
  copies: (await world.sql(`select from pg_class where relnamespace = 'snapshots'::regnamespace`)).length,
});

const balance = async () => (await project.client.wallets.balance(walletId)).availableBalance;

describe('a worker that is killed', () => {
  it.each(['customers', 'wallets'])(
    'in a reset, at %s, leaves all, and another one resets',
    async (table) => {
      const before = await counts();
      const answer = project.client.sandbox.reset();
      await killedAtTable(table);
      expect(await counts()).toEqual(before);
      expect(await statusOf()).toBe('requested');
      expect(await world.during(answer)).toMatchObject({ change: 'reset' });
      expect(await counts()).toMatchObject({ customers: 0, wallets: 0, events: 0 });
      await world.mineUntilFinal();
      await world.checkInvariants();
    },
  );

  it.each(['customers', 'wallets'])(
    'in a snapshot, at %s, leaves none, and another one takes it',
    async (table) => {
      const before = await counts();
      const answer = project.client.sandbox.snapshots.create('a');
      await killedAtTable(table);
      expect(await counts()).toEqual(before);
      expect(await world.during(answer)).toMatchObject({ name: 'a' });
      expect(await counts()).toMatchObject({ ...before, snapshots: 1, copies: expect.any(Number) });
    },
  );

  it.each(['customers', 'wallets'])(
    'in a restore, at %s, leaves all, and another one restores',
    async (table) => {
      await world.during(project.client.sandbox.snapshots.create('a'));
      const kept = await counts();
      await world.fundedWallet(await world.provisionedCustomer(project.client), '5.00', project.client);
      const before = await counts();
      expect(before).not.toEqual(kept);
      const answer = project.client.sandbox.snapshots.restore('a');
      await killedAtTable(table);
      expect(await counts()).toEqual(before);
      expect(await world.during(answer)).toMatchObject({ change: 'restore' });
      expect(await counts()).toEqual(kept);
      expect(await balance()).toBe('100.00');
      await world.mineUntilFinal();
      await world.checkInvariants();
    },
  );

  it.each([
    ['before', false],
    ['after', true],
  ])('%s the chain has heard of it has another one finish, and payments wait for that', async (_, isSeen) => {
    const { client } = project;
    await world.during(client.sandbox.snapshots.create('rich'));
    const { customerId } = await client.wallets.get(walletId);
    await world.during(client.sandbox.reset());
    const answer = client.sandbox.snapshots.restore('rich');
    await killedAtChain(isSeen);
    expect(await statusOf()).toBe('applied');
    expect(await balance()).toBe('100.00');

    const target = await world.wallet({ id: customerId }, client).catch(() => undefined);
    const other = target ?? (await world.wallet(await world.provisionedCustomer(client), client));
    const usdc = { asset: 'usdc', network: 'polygon' };
    const quote = await client.quotes.create({
      customerId,
      source: { walletId, ...usdc, amount: '60' },
      destination: { wallet: { blockchainAddress: other.address }, ...usdc },
    });
    const { id } = await client.transactions.create({ quoteId: quote.id });
    const nowSeconds = Math.floor(world.clock.now().getTime() / 1_000);
    const claim = { limit: 10, maxRelays: 3, validBefore: nowSeconds + 900, minValidBefore: nowSeconds };
    expect(await claimQueued(world.context.db, 'polygon', claim)).toEqual([]);

    expect(await world.during(answer)).toMatchObject({ change: 'restore' });
    await world.drain();
    expect(await client.transactions.get(id)).toMatchObject({ status: 'completed' });
    await world.mineUntilFinal();
    await world.checkInvariants();
  });
});
