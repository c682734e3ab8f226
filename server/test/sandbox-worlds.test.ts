import type { Customer } from '@openoms/contract/customers.ts';
import { EXAMPLE_EXTERNAL_ACCOUNT } from '@openoms/contract/external-accounts.ts';
import { OpenOMS } from '@openoms/sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { must } from '../src/kernel/assert.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../src/kernel/clock.ts';
import { createWorld, type Project, type World } from './world.ts';

const FLOAT_MINOR = 100_000_000_000_000n;

/** Tables of the world: a snapshot has them, and a reset empties them. */
const OF_THE_WORLD = [
  'bank_contradictions',
  'bank_credits',
  'bank_payouts',
  'bank_statement_lines',
  'cash_ins',
  'cash_pickup_contradictions',
  'cash_pickups',
  'customers',
  'day_count_changes',
  'day_counts',
  'deposit_address_deposits',
  'deposit_addresses',
  'deposits',
  'endorsements',
  'event_listeners',
  'event_outbox',
  'event_sequences',
  'events',
  'external_accounts',
  'idempotency_keys',
  'ignored_transfers',
  'jobs',
  'ledger_accounts',
  'ledger_batches',
  'ledger_totals',
  'ledger_transfers',
  'ledger_verifications',
  'project_settings',
  'provider_events',
  'quotes',
  'reconciliation_breaks',
  'reconciliation_runs',
  'sandbox_bank_payments',
  'sandbox_cash_authorizations',
  'sandbox_cash_pickups',
  'sandbox_rates',
  'sandbox_scenarios',
  'sends',
  'transaction_reviews',
  'transactions',
  'treasuries',
  'virtual_account_deposits',
  'virtual_accounts',
  'wallets',
  'watched_addresses',
  'webhook_attempts',
  'webhook_deliveries',
  'webhook_health',
  'webhook_queue',
  'webhooks',
];
const NOT_OF_THE_WORLD = [
  'api_keys',
  'audit_entries',
  'audit_heads',
  'clock_moves',
  'data_keys',
  'project_clocks',
  'projects',
  'request_log',
  'request_resources',
  'sandbox_snapshots',
  'trouble_rules',
  'troubled_projects',
  'world_changes',
];
/** What is new each time a world is put back: who works on what, and the answer of the request that did it. */
const OF_THE_MOMENT = ['jobs', 'idempotency_keys', 'webhook_health', 'webhook_queue'];

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

const reset = (project: Project, body = {}) => world.during(project.client.sandbox.reset(body));
const take = (project: Project, name: string) => world.during(project.client.sandbox.snapshots.create(name));
const restore = (project: Project, name: string) =>
  world.during(project.client.sandbox.snapshots.restore(name));

async function newProject(): Promise<Project> {
  const project = await world.newProject();
  await world.drain();
  return project;
}

type Contents = Readonly<Record<string, readonly unknown[]>>;

/** Every row of the project's world, by table. */
async function contentsOf({ projectId }: Project): Promise<Contents> {
  const contents: Record<string, unknown[]> = {};
  for (const table of OF_THE_WORLD) {
    const rows = await world.sql<{ row: unknown }>(
      `select to_jsonb(t) as row from ${table} t where project_id = $1 order by to_jsonb(t)::text`,
      [projectId],
    );
    if (rows.length > 0) contents[table] = rows.map(({ row }) => row);
  }
  return contents;
}

const lasting = (contents: Contents): Contents =>
  Object.fromEntries(Object.entries(contents).filter(([table]) => !OF_THE_MOMENT.includes(table)));

/** What the jobs of a world are to do, and when. */
const timersOf = ({ jobs = [] }: Contents) =>
  jobs.map((job) => {
    const { task, payload, run_at } = job as Record<string, unknown>;
    return { task, payload, run_at };
  });

/** Something of everything: a customer cashes in, is sent money by a stranger, pays out to a bank, and picks up cash. */
async function live({ client }: Project) {
  const customer = await world.provisionedCustomer(client);
  const wallet = await world.wallet(customer, client);
  await world.drain();
  await world.payAtTill(await world.cashIn(wallet, { client }), '100.00', client);
  await client.simulate.walletDeposit(wallet.id, { amount: { value: '50' } });
  await world.drain();
  await payOut(client, customer, wallet.id);
  await world.cashOut(wallet, { client, dollars: '20.00' });
  await client.depositAddresses.create(customer.id, {
    source: { asset: 'usdc', network: 'polygon' },
    destination: { wallet: { wallet: wallet.id }, asset: 'usdc', network: 'polygon' },
  });
  await client.settings.update({ pace: 'manual' });
  await client.settings.update({ pace: 'auto' });
  await world.drain();
  return { customer, wallet };
}

async function payOut(client: Project['client'], customer: Customer, walletId: string) {
  const account = await client.externalAccounts.create(customer.id, EXAMPLE_EXTERNAL_ACCOUNT);
  const quote = await client.quotes.create({
    customerId: customer.id,
    source: { walletId, asset: 'usdc', network: 'polygon', amount: '20' },
    destination: { wallet: { externalAccount: account.id }, asset: 'usd', network: 'ach' },
  });
  await client.transactions.create({ quoteId: quote.id });
  await world.drain();
}

it('each table of a project is of its world, or said not to be', async () => {
  const tables = await world.sql<{ name: string; is_of_world: boolean }>(
    `select c.relname as name, exists (select from world_tables() t where t.name = c.relname) is_of_world
     from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'project_id' and not a.attisdropped
     where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
     order by c.relname collate "C"`,
  );
  const named = (wanted: boolean) =>
    tables.filter(({ is_of_world }) => is_of_world === wanted).map(({ name }) => name);
  expect(named(true)).toEqual(OF_THE_WORLD);
  expect(named(false)).toEqual(NOT_OF_THE_WORLD);
});

it('references between tables of the world can wait for its end', async () => {
  const rigid = await world.sql(
    `select n.conrelid::regclass::text as "table", n.conname from pg_constraint n
     where n.contype = 'f' and not n.condeferrable and n.conrelid::regclass::text = any ($1)
       and n.confrelid::regclass::text = any ($1)`,
    [OF_THE_WORLD],
  );
  expect(rigid).toEqual([]);
});

it('what is not of the world refers to nothing in it', async () => {
  const referring = await world.sql(
    `select n.conrelid::regclass::text as "table", n.conname from pg_constraint n
     join pg_class c on c.oid = n.conrelid
     where n.contype = 'f' and not c.relispartition and n.conrelid::regclass::text <> all ($1)
       and n.confrelid::regclass::text = any ($1)`,
    [OF_THE_WORLD],
  );
  expect(referring).toEqual([]);
});

describe('a reset', () => {
  it('leaves the project, its keys and its audit log, and a treasury that is full', async () => {
    const [project, other] = [await newProject(), await newProject()];
    const { wallet } = await live(project);
    await live(other);
    const before = await contentsOf(other);
    expect(await world.tokenBalance(wallet.address)).toBeGreaterThan(0n);

    const answer = await reset(project);
    expect(answer).toMatchObject({ object: 'sandboxWorld', change: 'reset', snapshot: null });
    expect(answer.rows).toBeGreaterThan(50);
    expect(Object.keys(await contentsOf(project))).toEqual([
      // The answer of the reset itself.
      'idempotency_keys',
      'ledger_accounts',
      'ledger_batches',
      'ledger_transfers',
      'treasuries',
      'watched_addresses',
    ]);
    expect(await contentsOf(other)).toEqual(before);
    expect(await world.tokenBalance(wallet.address)).toBe(0n);
    expect(await treasuryBalance(project)).toBe(FLOAT_MINOR);
    const [entry] = await project.client.auditEntries.list({}).take(1);
    expect(entry).toMatchObject({ action: 'sandbox.reset', actor: `apiKey:${project.apiKey}` });

    await world.mineUntilFinal();
    await world.checkInvariants();
    await live(project);
    await world.checkInvariants();
  });

  it('puts the clock where it is asked to stand, and else back to real time', async () => {
    const project = await newProject();
    await world.setClock({ advanceSeconds: 1_000_000 }, project.client);
    const startsAt = '2026-01-01T00:00:00Z';
    expect(await reset(project, { startsAt })).toMatchObject({ now: startsAt });
    expect(await project.client.sandbox.clock.get()).toMatchObject({ mode: 'frozen', now: startsAt });
    expect(await project.client.customers.create({})).toMatchObject({ createdAt: startsAt });
    await reset(project);
    expect(await project.client.sandbox.clock.get()).toMatchObject({ mode: 'running', offsetSeconds: 0 });
  });
});

describe('a seeded project', () => {
  /** What a script of requests is told that follows from the seed. */
  async function script({ client }: Project) {
    const customer = await world.provisionedCustomer(client);
    await world.drain();
    const wallet = await world.wallet(customer, client);
    const cashIn = await world.cashIn(wallet, { client });
    await client.settings.update({ pace: 'manual' });
    await client.settings.update({ pace: 'auto' });
    await world.drain();
    const events = await client.events.list().take(20);
    return {
      customer: customer.id,
      wallet: [wallet.id, wallet.address],
      cashIn: [cashIn.id, must(cashIn.depositInstructions, 'a code').code],
      events: events.map(({ id }) => id),
    };
  }

  async function seededProject(seed: string): Promise<Project> {
    const project = await world.newProject();
    await reset(project, { seed });
    return project;
  }

  it('repeats itself after a reset, and after a snapshot is put back', async () => {
    const project = await seededProject('again');
    const { client } = project;
    const first = await script(project);
    await reset(project);
    expect(await client.sandbox.clock.get()).toMatchObject({ mode: 'frozen', now: '2026-01-01T00:00:00Z' });
    expect(await script(project)).toEqual(first);
    await take(project, 'half');
    const second = await script(project);
    expect(second.customer).not.toBe(first.customer);
    await restore(project, 'half');
    expect(await script(project)).toEqual(second);
    await world.mineUntilFinal();
    await world.checkInvariants();

    await reset(project, { seed: null });
    expect(await client.sandbox.clock.get()).toMatchObject({ mode: 'running', offsetSeconds: 0 });
    expect((await script(project)).customer).not.toBe(first.customer);
  });

  it('draws the same API keys again, but for those that were revoked or are of another kind', async () => {
    const project = await seededProject('keys');
    const make = (name: string) => project.client.sandbox.apiKeys.create({ name });
    const first = await make('a');
    await reset(project);
    expect(await make('a')).toEqual(first);
    await reset(project);
    expect((await make('b')).apiKey).not.toBe(first.apiKey);
    const { apiKeys, db, clock } = world.context;
    await reset(project);
    await db.tx(project.projectId, (tx) => apiKeys.revoke(tx, first.apiKey, clock.now()));
    const next = await make('a');
    expect(next.apiKey).not.toBe(first.apiKey);
    const client = new OpenOMS({ baseUrl: world.baseUrl, ...next, maxRetries: 0 });
    expect((await client.customers.list().take(1)).length).toBe(0);
  });

  it('begins after a reset as one that is new', async () => {
    const made = await world.during(
      world.client.sandbox.projects.create({ projects: [{ name: 'New', seed: 'new' }] }),
    );
    await world.drain();
    const { id: projectId, apiKey, apiSecret } = must(made.data[0], 'a project');
    const client = new OpenOMS({ baseUrl: world.baseUrl, apiKey, apiSecret, maxRetries: 0 });
    const project = { projectId, apiKey, apiSecret, client, token: async () => '' };
    const first = await script(project);
    await reset(project);
    expect(await script(project)).toEqual(first);
  });
});

describe('a snapshot', () => {
  it('is put back whatever happened since, on the chain too', async () => {
    const project = await newProject();
    const { client } = project;
    const { customer, wallet } = await live(project);
    const snapshot = await take(project, 'first');
    expect(snapshot).toMatchObject({ object: 'sandboxSnapshot', name: 'first', isRestorable: true });
    const before = await contentsOf(project);
    const held = await world.tokenBalance(wallet.address);
    const timers = timersOf(before);

    await payOut(client, customer, wallet.id);
    const second = await live(project);
    await client.customers.update(customer.id, { lastName: 'Other' });
    expect(await world.tokenBalance(wallet.address)).toBeLessThan(held);
    expect(await restore(project, 'first')).toMatchObject({ change: 'restore', snapshot: 'first' });
    await expectContents(before);
    expect(timersOf(await contentsOf(project))).toEqual(timers);
    expect(await world.tokenBalance(wallet.address)).toBe(held);
    expect(await world.tokenBalance(second.wallet.address)).toBe(0n);
    await world.mineUntilFinal();
    await world.checkInvariants();

    await reset(project);
    await live(project);
    await restore(project, 'first');
    await expectContents(before);
    expect(await world.tokenBalance(wallet.address)).toBe(held);
    await world.mineUntilFinal();
    await world.checkInvariants();
    await payOut(client, customer, wallet.id);
    await live(project);
    await world.checkInvariants();

    async function expectContents(expected: Contents) {
      const found = await contentsOf(project);
      expect(Object.keys(lasting(found))).toEqual(Object.keys(lasting(expected)));
      for (const [table, rows] of Object.entries(lasting(expected)))
        expect(found[table], table).toEqual(rows);
    }
  });

  it('has a name, which is free again when it is deleted', async () => {
    const project = await newProject();
    const { snapshots } = project.client.sandbox;
    await take(project, 'a');
    await expect(take(project, 'a')).rejects.toMatchObject({ status: 409, code: 'invalid_state' });
    await take(project, 'b');
    expect((await snapshots.list()).data.map(({ name }) => name)).toEqual(['b', 'a']);
    await snapshots.delete('a');
    await expect(snapshots.delete('a')).rejects.toMatchObject({ status: 404 });
    await expect(snapshots.restore('a')).rejects.toMatchObject({ status: 404 });
    await take(project, 'a');
    const [left] = await world.sql<{ count: string }>(
      `select count(*) from pg_class c where c.relnamespace = 'snapshots'::regnamespace and c.relkind = 'r'
         and c.relname not like all (select 's' || snapshot_no || '\\_%' from sandbox_snapshots)`,
    );
    expect(Number(left?.count)).toBe(0);
    const actions = await project.client.auditEntries.list({}).take(5);
    expect(actions.map(({ action, resourceId }) => [action, resourceId])).toEqual([
      ['sandbox.snapshotTaken', 'a'],
      ['sandbox.snapshotDeleted', 'a'],
      ['sandbox.snapshotTaken', 'b'],
      ['sandbox.snapshotTaken', 'a'],
      ['apiKey.created', project.apiKey],
    ]);
  });

  it('is another project’s to nobody', async () => {
    const [project, other] = [await newProject(), await newProject()];
    await take(project, 'mine');
    expect((await other.client.sandbox.snapshots.list()).data).toEqual([]);
    await expect(restore(other, 'mine')).rejects.toMatchObject({ status: 404 });
    await expect(other.client.sandbox.snapshots.delete('mine')).rejects.toMatchObject({ status: 404 });
  });

  it('has the clock, and time goes back with it', async () => {
    const project = await newProject();
    const { client } = project;
    await world.setClock({ advanceSeconds: 3_600 }, client);
    const frozen = await world.setClock({ freeze: true }, client);
    const { id: first } = await client.customers.create({});
    await take(project, 'standing');
    await world.setClock({ advanceSeconds: 86_400 }, client);
    await client.customers.create({});
    world.advance(HOUR_MS);
    await restore(project, 'standing');
    expect(await client.sandbox.clock.get()).toMatchObject({ mode: 'frozen', now: frozen.now });
    const { id: second, createdAt } = await client.customers.create({});
    expect(createdAt).toBe(frozen.now);
    expect(second > first).toBe(true);

    await world.setClock({ resume: true }, client);
    await take(project, 'running');
    const { now } = await client.sandbox.clock.get();
    await world.setClock({ advanceSeconds: 86_400 }, client);
    world.advance(DAY_MS);
    await restore(project, 'running');
    expect(await client.sandbox.clock.get()).toMatchObject({ mode: 'running' });
    const later = Date.parse((await client.sandbox.clock.get()).now) - Date.parse(now);
    expect(later).toBeLessThan(MINUTE_MS);
    await world.checkInvariants();
  });

  it('keeps what was to be delivered, which is delivered again', async () => {
    const project = await newProject();
    const { client } = project;
    const receiver = await world.receiver();
    receiver.answerWith({ status: 500 });
    const { id: webhookId } = await client.webhooks.create({ url: receiver.url });
    const { id } = await client.customers.create({});
    await world.drain();
    await take(project, 'undelivered');
    receiver.answerWith({ status: 204 });
    world.advance(HOUR_MS);
    await world.drain();
    const delivered = receiver.requests.filter(({ json }) => json.data.id === id).length;
    expect(delivered).toBeGreaterThan(1);

    receiver.forget();
    await restore(project, 'undelivered');
    world.advance(HOUR_MS);
    await world.drain();
    expect(receiver.requests.some(({ json }) => json.data.id === id)).toBe(true);
    await client.webhooks.delete(webhookId);
    await world.checkInvariants();
  });

  it('keeps transfers of strangers that are yet to be made, which are made again', async () => {
    const project = await newProject();
    const { client } = project;
    const wallet = await world.wallet(await world.provisionedCustomer(client), client);
    await world.drain();
    await world.setClock({ freeze: true }, client);
    await client.simulate.walletDeposit(wallet.id, { amount: { value: '7' } });
    await world.sql(`update jobs set run_at = run_at + interval '1 hour' where project_id = $1`, [
      project.projectId,
    ]);
    await take(project, 'before-transfer');
    for (let time = 0; time < 2; time++) {
      await world.setClock({ advanceSeconds: 7_200 }, client);
      await world.drain();
      expect(await client.wallets.balance(wallet.id)).toMatchObject({ availableBalance: '7.00' });
      expect(await world.tokenBalance(wallet.address)).toBe(7_000_000n);
      await restore(project, 'before-transfer');
      expect(await world.tokenBalance(wallet.address)).toBe(0n);
    }
  });
});

async function treasuryBalance({ projectId }: Project): Promise<bigint> {
  const { db, treasuries } = world.context;
  const { address } = await db.tx(projectId, (tx) => treasuries.get(tx));
  return world.tokenBalance(must(address, 'an address'));
}
