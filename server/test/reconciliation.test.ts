import type { Wallet } from '@openoms/contract/wallets.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { JsonRpc } from '../src/chain/rpc.ts';
import { USDC_POLYGON } from '../src/chain/token/contracts.ts';
import { HOUR_MS } from '../src/kernel/clock.ts';
import type { ChainToCompare } from '../src/reconciliation/service.ts';
import { createWorld, type Project, type World } from './world.ts';

let world: World;
let node: JsonRpc;
let chain: ChainToCompare;
let wallet: Wallet;

beforeAll(async () => {
  world = await createWorld();
  node = new JsonRpc({ url: world.chain.url, timeoutMs: 10_000 });
  chain = { rpc: node, token: USDC_POLYGON };
  wallet = await world.wallet(await world.provisionedCustomer());
  await world.payAtTill(await world.cashIn(wallet), '100.00');
  await world.drain();
});
afterAll(async () => {
  node.close();
  await world.close();
});

const run = (project = world.project, options = {}) =>
  world.context.reconciliation.run(project.projectId, { chain, ...options });

const runs = async (as: Project = world.project) =>
  (await world.fetch('GET', '/v0.9/reconciliation/runs', { as })).json.data;
const breaks = async (query = '', as: Project = world.project) =>
  (await world.fetch('GET', `/v0.9/reconciliation/breaks${query}`, { as })).json.data;

/** Makes the ledger and the chain differ by taking tokens from, or giving them to, the books alone. */
const setLedger = (minor: bigint) =>
  world.sql(
    `update ledger_accounts set credits_posted = debits_posted + $1 where account_id = $2 returning account_id`,
    [minor.toString(), `customer_wallet:${wallet.id}:usdc`],
  );

describe('a reconciliation', () => {
  it('finds every address of the project equal on both sides', async () => {
    expect(await run()).toMatchObject({ status: 'completed', addresses: 2, open_breaks: 0 });
    const [latest] = await runs();
    expect(latest).toMatchObject({
      object: 'reconciliationRun',
      status: 'completed',
      addresses: 2,
      ledgerTotal: '100000000.00',
      chainTotal: '100000000.00',
      openBreaks: 0,
      error: null,
    });
    expect(await breaks()).toEqual([]);
  });

  it('takes out of the books what came after its block, so that settlement can go on meanwhile', async () => {
    const [cursor] = await world.sql<{ finalized_number: string; finalized_hash: string }>(
      'select finalized_number, finalized_hash from indexer_cursors',
    );
    await world.payAtTill(await world.cashIn(wallet), '50.00');
    await world.chain.mintUsdc(wallet.address, 7_000_000n);
    await world.drain();
    const [later] = await world.sql('select finalized_number, finalized_hash from indexer_cursors');
    // As a run sees it that began before those blocks were settled.
    const setCursor = (row: object) =>
      world.sql(
        'update indexer_cursors set (finalized_number, finalized_hash) = ($1, $2)',
        Object.values(row),
      );
    await setCursor(cursor ?? {});
    const before = await run();
    await setCursor(later ?? {});
    expect(before).toMatchObject({ open_breaks: 0, adjusted_items: 3, ledger_minor: 100_000_000_000_000n });
    expect(await run()).toMatchObject({
      open_breaks: 0,
      adjusted_items: 0,
      ledger_minor: 100_000_007_000_000n,
    });
  });

  it('keeps a break open with its age until both sides are equal again, and heals nothing', async () => {
    const held = await world.tokenBalance(wallet.address);
    await setLedger(held - 5_000_000n);
    expect(await run()).toMatchObject({ opened_breaks: 1, open_breaks: 1 });
    const [found] = await breaks('?status=open');
    expect(found).toMatchObject({
      subject: { type: 'wallet', id: wallet.id },
      address: wallet.address,
      difference: '5.00',
      cause: 'unbooked_transfer',
      ageSeconds: 0,
      closedAt: null,
    });

    world.advance(HOUR_MS);
    await setLedger(held + 2_500_000n);
    expect(await run()).toMatchObject({ opened_breaks: 0, open_breaks: 1 });
    expect(await breaks('?status=open')).toMatchObject([
      { id: found.id, difference: '-2.50', cause: 'missing_on_chain', ageSeconds: 3_600 },
    ]);

    await setLedger(held);
    expect(await run()).toMatchObject({ closed_breaks: 1, open_breaks: 0 });
    world.advance(HOUR_MS);
    expect(await breaks('?status=open')).toEqual([]);
    expect(await breaks('?status=closed')).toMatchObject([
      { id: found.id, status: 'closed', ageSeconds: 3_600, closedAt: expect.any(String) },
    ]);
    // The same address again is another break.
    await setLedger(held + 1n);
    await run();
    expect(await breaks()).toMatchObject([{ status: 'open', difference: '-0.000001' }, { id: found.id }]);
    await setLedger(held);
    await run();
  });

  it('says in_flight when open items are the difference, and unknown when they are not', async () => {
    const held = await world.tokenBalance(wallet.address);
    await world.sql(
      `insert into deposits (project_id, deposit_id, network, asset, tx_hash, log_index, block_number, block_hash,
         from_address, to_address, amount, purpose, resource_id, status, created_at)
       values ($1, 'dep_1', 'polygon', 'usdc', '0x1', 0, 1, '0x1', $2, $2, 3000000, 'wallet', $3, 'detected', now())`,
      [world.project.projectId, wallet.address.toLowerCase(), wallet.id],
    );
    for (const [missing, cause] of [
      [3_000_000n, 'in_flight'],
      [4_000_000n, 'unknown'],
    ] as const) {
      await setLedger(held - missing);
      await run();
      expect(await breaks('?status=open')).toMatchObject([{ cause }]);
    }
    await world.force(`delete from deposits where deposit_id = 'dep_1'`);
    await setLedger(held);
    await run();
  });

  it('compares more wallets than fit one page, and finds the broken one among them', async () => {
    const project = await world.newProject();
    await world.drain();
    const customer = await world.provisionedCustomer(project.client);
    await world.sql(
      `insert into wallets (project_id, wallet_id, customer_id, asset, chain, address, key_index, status, created_at,
         updated_at)
       select $1, 'wlt_' || lpad(n::text, 26, '0'), $2, 'usdc', 'polygon', '0x' || lpad(to_hex(n), 40, '0'), n,
         'active', now(), now() from generate_series(1, 2100) n`,
      [project.projectId, customer.id],
    );
    await world.chain.mintUsdc(`0x${(2_050).toString(16).padStart(40, '0')}`, 1n);
    await world.drain();
    expect(await run(project)).toMatchObject({ addresses: 2_101, open_breaks: 1 });
    expect(await breaks('', project)).toMatchObject([
      { subject: { id: `wlt_${'2050'.padStart(26, '0')}` }, difference: '0.000001' },
    ]);
    await world.force('delete from reconciliation_breaks where project_id = $1', [project.projectId]);
    await world.force('delete from wallets where project_id = $1', [project.projectId]);
  });

  it('is marked as failed when the node does not answer, or has another chain', async () => {
    const away = new JsonRpc({ url: 'http://127.0.0.1:1', timeoutMs: 1_000 });
    await expect(run(world.project, { chain: { ...chain, rpc: away } })).rejects.toThrow(/no answer/);
    await expect(
      run(world.project, { chain: { ...chain, token: `0x${'11'.repeat(20)}` } }),
    ).rejects.toThrow();
    expect((await runs())[0]).toMatchObject({ status: 'failed', error: expect.any(String) });
    await world.sql(`update indexer_cursors set finalized_hash = '0x' || finalized_hash`);
    await expect(run()).rejects.toThrow(/does not have the block/);
    await world.sql('update indexer_cursors set finalized_hash = substr(finalized_hash, 3)');
  });

  it('ends a run whose process died, and an aborted one, as failed', async () => {
    const aborted = run(world.project, { signal: AbortSignal.abort(new Error('the worker stops')) });
    await expect(aborted).rejects.toThrow('the worker stops');
    expect((await runs())[0]).toMatchObject({ status: 'failed', error: 'the worker stops' });
    await world.force(
      `update reconciliation_runs set status = 'running', error = null, completed_at = null where run_id = $1`,
      [(await runs())[0].id],
    );
    await run();
    const [completed, ended] = await runs();
    expect(completed).toMatchObject({ status: 'completed' });
    expect(ended).toMatchObject({ status: 'failed', error: 'its process ended' });
  });

  it('happens once an interval for each project, however many workers ask', async () => {
    const project = await world.newProject();
    await world.drain();
    const ask = () => world.context.reconciliation.runDue(HOUR_MS, { chain });
    await Promise.all([ask(), ask()]);
    await ask();
    expect(await runs(project)).toHaveLength(1);
    world.advance(HOUR_MS);
    await ask();
    expect(await runs(project)).toHaveLength(2);
  });

  it('is its own project’s alone', async () => {
    const stranger = await world.newProject({ mode: 'live' });
    expect((await runs()).length).toBeGreaterThan(0);
    expect((await breaks()).length).toBeGreaterThan(0);
    expect(await runs(stranger)).toEqual([]);
    expect(await breaks('', stranger)).toEqual([]);
    expect(await world.fetch('GET', '/v0.9/reconciliation/runs', { as: null })).toMatchObject({
      status: 401,
    });
    const refused = await world.fetch('GET', '/v0.9/reconciliation/breaks?status=healed');
    expect(refused).toMatchObject({ status: 400, json: { details: [{ field: 'status' }] } });
  });

  it('is paged', async () => {
    const all = await runs();
    const first = await world.fetch('GET', '/v0.9/reconciliation/runs?limit=1');
    const { nextCursor } = first.json;
    const second = await world.fetch('GET', `/v0.9/reconciliation/runs?limit=1&startingAfter=${nextCursor}`);
    expect([...first.json.data, ...second.json.data]).toEqual(all.slice(0, 2));
  });
});
