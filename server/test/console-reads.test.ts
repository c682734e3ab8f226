import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { foldDayCounts } from '../src/db/day-counts.ts';
import { DAY_MS } from '../src/kernel/clock.ts';
import { type Member, signIn } from './console.ts';
import { createWorld, type World } from './world.ts';

let world: World;
let viewer: Member;
let customer: Awaited<ReturnType<World['provisionedCustomer']>>;
let wallet: Awaited<ReturnType<World['wallet']>>;
let cashIn: Awaited<ReturnType<World['cashIn']>>;

beforeAll(async () => {
  world = await createWorld();
  viewer = await signIn(world, 'viewer');
  customer = await world.provisionedCustomer();
  wallet = await world.wallet(customer);
  cashIn = await world.cashIn(wallet);
  await world.payAtTill(cashIn, '100.00');
  await world.drain();
  await world.chainLedger();
});
afterAll(() => world.close());
beforeEach(() => world.context.requestRecorder.flush());

const get = async (path: string) => {
  const reply = await viewer.inProject(world.project.projectId, 'GET', path);
  return reply;
};
const accountId = () => `customer_wallet:${wallet.id}:usdc`;
const accountPath = () => `/ledger/accounts/${encodeURIComponent(accountId())}`;

describe('the ledger', () => {
  it('lists accounts by kind, owner and asset, page by page', async () => {
    const all: string[] = [];
    for (let next: string | null | undefined = ''; next !== null && next !== undefined; ) {
      const { json } = await get(`/ledger/accounts?limit=3${next && `&startingAfter=${next}`}`);
      all.push(...json.data.map(({ id }: { id: string }) => id));
      next = json.hasMore ? json.nextCursor : null;
    }
    expect(new Set(all).size).toBe(all.length);
    expect(all).toContain(accountId());
    const own = (await get(`/ledger/accounts?ownerId=${wallet.id}`)).json.data;
    expect(own).toMatchObject([
      {
        id: accountId(),
        name: 'Wallet of Jane Smith · usdc',
        ownerId: wallet.id,
        normalSide: 'credit',
        balance: '98.00',
        pending: '0.00',
        creditsPosted: '98.00',
      },
    ]);
    expect((await get('/ledger/accounts?kind=treasury')).json.data).toMatchObject([
      { kind: 'treasury', network: 'polygon', normalSide: 'debit', ownerId: null },
    ]);
    for (const { asset } of (await get('/ledger/accounts?asset=usd')).json.data) expect(asset).toBe('usd');
    expect((await get('/ledger/accounts?startingAfter=djE6eF8x')).status).toBe(400);
  });

  it('shows entries with the balances they led to, and the balance over time', async () => {
    const entries = (await get(`${accountPath()}/entries`)).json.data;
    expect(entries[0]).toMatchObject({
      groupId: `${cashIn.id}.delivered`,
      resourceId: cashIn.id,
      state: 'posted',
      side: 'credit',
      counterpart: { name: 'In flight for Jane Smith · usdc' },
      amount: '98.00',
      balanceAfter: '98.00',
    });
    expect(entries[1]).toMatchObject({ state: 'pending', balanceAfter: '0.00' });
    const first = (await get(`${accountPath()}/entries?limit=1`)).json;
    const second = (await get(`${accountPath()}/entries?limit=1&startingAfter=${first.nextCursor}`)).json;
    expect([...first.data, ...second.data]).toEqual(entries.slice(0, 2));
    expect(
      (await get(`${accountPath()}/entries?limit=1&endingBefore=${second.nextCursor}`)).json.data,
    ).toEqual(first.data);
    const history = (await get(`${accountPath()}/history?points=5`)).json;
    expect(history.points).toHaveLength(5);
    expect(history.points.at(-1).balance).toBe('98.00');
    expect((await get('/ledger/accounts/nothing')).status).toBe(404);
    expect((await get('/ledger/accounts/nothing/entries')).status).toBe(404);
    expect((await get('/ledger/accounts/nothing/history')).status).toBe(404);
  });

  it('balances: debits and credits of each asset are equal', async () => {
    const totals = (await get('/ledger/totals')).json;
    const sums = new Map<string, number>();
    for (const { asset, normalSide, balance } of totals.kinds) {
      const amount = Math.round(Number(balance) * 1e6) * (normalSide === 'debit' ? 1 : -1);
      sums.set(asset, (sums.get(asset) ?? 0) + amount);
    }
    expect([...sums.values()]).toEqual([...sums.values()].map(() => 0));
    expect(totals.head).toMatchObject({
      batches: expect.any(Number),
      hash: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
  });

  it('is verified in the background, one at a time', async () => {
    const { projectId } = world.project;
    const begun = await viewer.inProject(projectId, 'POST', '/ledger/verifications');
    expect(begun).toMatchObject({ status: 201, json: { status: 'running', endedAt: null } });
    const again = await viewer.inProject(projectId, 'POST', '/ledger/verifications');
    expect(again.json.id).toBe(begun.json.id);
    await world.drain();
    const done = (await get(`/ledger/verifications/${begun.json.id}`)).json;
    expect(done).toMatchObject({
      status: 'holds',
      findings: [],
      hash: (await get('/ledger/totals')).json.head.hash,
    });
    expect(done.checked).toBe(done.total);
    expect(done.total).toBeGreaterThan(0);
    expect((await get('/ledger/verifications/latest')).json).toEqual(done);
    expect((await get('/ledger/verifications/lvf_none')).status).toBe(404);
  });

  it('is verified by another worker when the one that did was killed', async () => {
    const { projectId } = world.project;
    const begun = await viewer.inProject(projectId, 'POST', '/ledger/verifications');
    // As a worker leaves it that claims the verification and its job, and is killed.
    await world.sql(
      `update ledger_verifications set lease_token = gen_random_uuid(), leased_until = $2 where verification_id = $1`,
      [begun.json.id, new Date(world.clock.now().getTime() + 15_000)],
    );
    await world.sql(
      `update jobs set attempts = 1, lease_token = gen_random_uuid(), run_at = $1 where task = 'ledger.verify'`,
      [new Date(world.clock.now().getTime() + 20_000)],
    );
    await world.drain();
    expect((await get('/ledger/verifications/latest')).json).toMatchObject({ status: 'running' });
    world.advance(21_000);
    await world.drain();
    expect((await get('/ledger/verifications/latest')).json).toMatchObject({
      id: begun.json.id,
      status: 'holds',
    });
  });

  it('says what does not hold', async () => {
    await world.force(
      `update ledger_accounts set credits_posted = credits_posted + 1 where account_id = $1`,
      [accountId()],
    );
    try {
      await viewer.inProject(world.project.projectId, 'POST', '/ledger/verifications');
      await world.drain();
      const { status, findings } = (await get('/ledger/verifications/latest')).json;
      expect(status).toBe('broken');
      expect(findings.join()).toContain(accountId());
    } finally {
      await world.force(
        `update ledger_accounts set credits_posted = credits_posted - 1 where account_id = $1`,
        [accountId()],
      );
    }
  });
});

describe('the overview', () => {
  it('counts what ended, by the day of the project, folded or not', async () => {
    const before = (await get('/overview?days=2')).json;
    expect(before.days).toHaveLength(2);
    expect(before.days.at(-1)).toMatchObject({ cashIn: '100.00', completed: 1, failed: 0 });
    expect(before.totals).toMatchObject({
      volume: '100.00',
      previousVolume: '0.00',
      completed: 1,
      successRate: '1.0000',
    });
    expect(before.counts).toMatchObject({ customers: 1, wallets: 1, transactions: 1 });
    expect(before.balances).toEqual(
      expect.arrayContaining([
        { kind: 'custody', label: 'Held for customers', asset: 'usdc', amount: '98.00' },
      ]),
    );
    await foldDayCounts(world.context.db);
    expect(await world.sql('select from day_count_changes')).toHaveLength(0);
    expect((await get('/overview?days=2')).json).toEqual(before);
    world.advance(DAY_MS);
    const next = (await get('/overview?days=1')).json;
    expect(next.totals).toMatchObject({ volume: '0.00', previousVolume: '100.00', successRate: null });
  });

  it('agrees with what there is, counted anew', async () => {
    const other = await world.cashIn(wallet);
    await world.payAtTill(other, '50.00');
    await world.drain();
    const [counted] = await world.sql<{ done: bigint; volume: bigint }>(
      `select count(*) done, sum(source_gross) * 10000 volume from transactions where status = 'completed'`,
    );
    const rows = await world.sql<{ name: string; total: bigint }>(
      `select name, sum(total) total from (select name, total from day_counts union all
         select name, amount from day_count_changes) c group by 1`,
    );
    const of = (name: string) => BigInt(rows.find((row) => row.name === name)?.total ?? 0n);
    expect(of('payments.completed')).toBe(BigInt(counted?.done ?? 0n));
    expect(of('volume.cashIn')).toBe(BigInt(counted?.volume ?? 0n));
  });
});

describe('wallets', () => {
  it('are listed with names and balances, of all customers', async () => {
    const { data } = (await get('/wallets')).json;
    expect(data).toMatchObject([
      { id: wallet.id, customerName: 'Jane Smith', balance: expect.stringMatching(/^[0-9.]+$/) },
    ]);
    expect((await get(`/wallets?address=${wallet.address.toLowerCase()}`)).json.data).toHaveLength(1);
    expect((await get('/wallets?customerId=cst_none')).json.data).toEqual([]);
  });

  it('hold the same by the ledger and on chain', async () => {
    const holdings = (await get(`/wallets/${wallet.id}/holdings`)).json;
    expect(holdings).toMatchObject({
      ledger: { accountId: accountId(), held: '0.00' },
      chain: { isFinal: true, blockNumber: expect.stringMatching(/^[0-9]+$/) },
      difference: '0.00',
    });
    expect(holdings.chain.balance).toBe(holdings.ledger.posted);
    expect((await get('/wallets/wlt_none/holdings')).status).toBe(404);
  });

  it('show what came and went on chain', async () => {
    const { data } = (await get(`/wallets/${wallet.id}/transfers`)).json;
    expect(data.at(-1)).toMatchObject({
      direction: 'in',
      amount: '98.00',
      status: 'paid',
      resourceId: cashIn.id,
    });
    const funded = await world.fundedWallet(customer, '5.00').catch(() => undefined);
    if (funded) {
      const transfers = (await get(`/wallets/${funded.id}/transfers`)).json.data;
      expect(transfers).toMatchObject([
        { direction: 'in', amount: '5.00', status: 'credited', resourceId: null },
      ]);
    }
    expect((await get('/wallets/wlt_none/transfers')).status).toBe(404);
  });
});

describe('search', () => {
  const search = async (q: string) => (await get(`/search?q=${encodeURIComponent(q)}`)).json.data;

  it.each([
    ['an id', () => customer.id, 'customer', 'id'],
    ['the beginning of an id', () => customer.id.slice(0, 16), 'customer', 'id'],
    ['a mail address', () => 'Jane@Example.com', 'customer', 'email'],
    ['the beginning of a name', () => 'jane sm', 'customer', 'name'],
    ['a last name', () => 'SMITH', 'customer', 'name'],
    ['an address', () => wallet.address.toLowerCase(), 'wallet', 'address'],
    ['a code', () => cashIn.depositInstructions?.code.replace(' ', '').toLowerCase() ?? '', 'cashIn', 'code'],
    ['an API key', () => world.project.apiKey, 'apiKey', 'id'],
    ['an account of the ledger', accountId, 'ledgerAccount', 'id'],
  ])('finds by %s', async (_what, q, type, matched) => {
    expect((await search(q()))[0]).toMatchObject({ type, matched });
  });

  it('finds by the hash of a transaction, and by an idempotency key', async () => {
    const transaction = await world.client.transactions.list({}).take(10);
    const hash = transaction.map(({ destination }) => destination.txHash).find((each) => each) ?? '';
    expect(await search(hash)).toMatchObject([
      { type: 'cashIn', matched: 'txHash' },
      { type: 'chainTransaction', id: hash },
    ]);
    const reply = await world.fetch('PATCH', `/v0.9/customers/${customer.id}`, {
      body: { metadata: {} },
      headers: { 'idempotency-key': 'search me' },
    });
    await world.context.requestRecorder.flush();
    expect(await search('search me')).toMatchObject([{ type: 'request', matched: 'idempotencyKey' }]);
    const requestId = reply.headers.get('x-request-id') ?? '';
    expect(await search(requestId)).toMatchObject([{ type: 'request', id: requestId }]);
  });

  it('finds nothing of another project, and nothing in nonsense', async () => {
    const other = await world.newProject();
    const found = await viewer.inProject(other.projectId, 'GET', `/search?q=${customer.id}`);
    expect(found.json.data).toEqual([]);
    for (const q of ['%', '\\', '_', "'", 'cst_', 'x'.repeat(200)])
      expect(Array.isArray(await search(q))).toBe(true);
    expect((await get('/search')).status).toBe(400);
  });
});
