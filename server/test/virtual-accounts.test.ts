import type { Customer } from '@openoms/contract/customers.ts';
import type { VirtualAccount, VirtualAccountChange } from '@openoms/contract/virtual-accounts.ts';
import type { Wallet } from '@openoms/contract/wallets.ts';
import type { OpenOMS } from '@openoms/sdk';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { HOUR_MS, MINUTE_MS } from '../src/kernel/clock.ts';
import {
  accountId,
  bankClearing,
  bankUnplaced,
  developerFees,
  inFlight,
  omsFees,
} from '../src/ledger/chart.ts';
import { createWorld, type Project, type World } from './world.ts';

const OUTSIDE = '0x52908400098527886E0F7030069857D2E4169EE7';
/** Until an authorization to transfer is over. */
const AUTHORIZATION_MS = 30 * MINUTE_MS;
const DECIDED = { timeout: 20_000, interval: 10 };
/** Selector of FiatToken's blacklist(address). */
const BLACKLIST = '0xf9f92be4';

let world: World;
let customer: Customer;
let wallet: Wallet;

beforeAll(async () => {
  world = await createWorld();
  customer = await world.provisionedCustomer();
  wallet = await world.wallet(customer);
});
afterAll(() => world.close({ expectFailures: true }));

const source = { asset: 'usd', network: 'usBank' };
const usdc = { asset: 'usdc', network: 'polygon' };
const to = (target: object) => ({ wallet: target, ...usdc });

const create = (body: object = {}, owner: Pick<Customer, 'id'> = customer, client = world.client) =>
  client.virtualAccounts.create(owner.id, { source, destination: to({ wallet: wallet.id }), ...body });

const pathOf = (id: string) => `/v0.9/virtual-accounts/${id}`;
const post = (path: string, body: unknown, key = world.key()) =>
  world.fetch('POST', path, { body, headers: { 'idempotency-key': key } });

const payIn = (
  account: Pick<VirtualAccount, 'id'>,
  value: string,
  rail: 'ach_in' | 'wire_in' | 'swift_in' = 'ach_in',
  client: OpenOMS = world.client,
) => client.virtualAccounts.simulate(account.id, { rail, amount: { value, currency: 'USD' } });

const depositsOf = (account: Pick<VirtualAccount, 'id'>, client = world.client) =>
  client.virtualAccounts.deposits(account.id).take(100);

async function onlyDeposit(account: Pick<VirtualAccount, 'id'>, client = world.client) {
  const all = await depositsOf(account, client);
  expect(all).toHaveLength(1);
  return all[0] ?? expect.fail('no deposit');
}

const available = async ({ id }: Wallet, client = world.client) =>
  (await client.wallets.balance(id)).availableBalance;

/** In USD cents, credits less debits. */
async function booked(project: Project = world.project, owner: Customer = customer) {
  const accounts = {
    clearing: bankClearing('bank'),
    inFlight: inFlight(owner.id, 'usd'),
    unplaced: bankUnplaced('bank'),
    oms: omsFees('usd'),
    developer: developerFees('usd'),
  };
  const { context } = world;
  const balances = await context.db.tx(project.projectId, (tx) =>
    context.ledger.balances(tx, Object.values(accounts)),
  );
  return Object.fromEntries(
    Object.entries(accounts).map(([name, account]) => [
      name,
      balances.get(accountId(account))?.postedMinor ?? 0n,
    ]),
  );
}

/** As an identity provider may, long after it had granted it. */
const revokeUsd = ({ id }: Customer) =>
  world.sql(`update endorsements set status = 'REVOKED' where customer_id = $1 and type = 'usd'`, [id]);

const eventsOf = async (resourceId: string): Promise<string[]> =>
  (
    await world.sql<{ type: string }>('select type from events where resource_id = $1 order by sequence', [
      resourceId,
    ])
  ).map(({ type }) => type);

/** A project of its own, with a customer and a wallet. */
async function newHome(options: { fromFaucet?: boolean } = {}) {
  const project = await world.newProject(options);
  await world.drain();
  const owner = await world.provisionedCustomer(project.client);
  const purse = await world.wallet(owner, project.client);
  const account = await project.client.virtualAccounts.create(owner.id, {
    source,
    destination: to({ wallet: purse.id }),
  });
  return { project, client: project.client, owner, purse, account };
}

describe('a virtual account', () => {
  it('is made as the documents show it', async () => {
    const made = await create({
      developerFees: [{ type: 'percentage', rate: '0.005', wallet: wallet.id }],
      accountholderName: 'customer',
      label: 'Payroll',
      bankMemo: 'March',
      metadata: { team: 'a' },
    });
    expect(made).toEqual({
      id: expect.stringMatching(/^va_[0-9a-z]{26}$/),
      object: 'virtualAccount',
      customerId: customer.id,
      status: 'active',
      source,
      bankDetails: {
        bankName: 'OpenOMS Sandbox Bank',
        accountNumber: expect.stringMatching(/^[0-9]{12,15}$/),
        routingNumber: expect.stringMatching(/^[0-9]{9}$/),
        accountType: 'checking',
        ownerName: `${customer.firstName} ${customer.lastName}`,
        reference: expect.stringMatching(/^VA-[0-9A-Z]{10}$/),
      },
      destination: { wallet: { id: wallet.id, wallet: wallet.id }, ...usdc },
      developerFees: [{ type: 'percentage', rate: '0.005', wallet: wallet.id }],
      accountholderName: 'customer',
      label: 'Payroll',
      bankMemo: 'March',
      metadata: { team: 'a' },
      createdAt: expect.any(String),
      updatedAt: expect.any(String),
    });
    expect(await world.client.virtualAccounts.get(made.id)).toEqual(made);
    expect(await eventsOf(made.id)).toEqual(['virtualAccount.provisioned']);
  });

  it('carries the name that is asked for', async () => {
    expect((await create()).bankDetails.ownerName).toBe('OpenOMS');
    expect((await create({ accountholderName: 'developer' })).bankDetails.ownerName).toBe('Test');
  });

  it('goes to a wallet under each of its names, an address, or a saved address', async () => {
    for (const name of ['id', 'walletId'])
      expect((await create({ destination: to({ [name]: wallet.id }) })).destination.wallet.id).toBe(
        wallet.id,
      );
    const plain = await create({ destination: to({ blockchainAddress: OUTSIDE.toLowerCase() }) });
    expect(plain.destination.wallet).toEqual({ blockchainAddress: OUTSIDE });
    const saved = await savedAddress();
    const kept = await create({ destination: to({ externalAccount: saved.id }) });
    expect(kept.destination.wallet).toEqual({ externalAccount: saved.id, blockchainAddress: OUTSIDE });
  });

  it('keeps its number to itself: sealed, and masked in events', async () => {
    const { id, bankDetails } = await create();
    const rows = await world.sql<{ text: string }>(
      `select v::text || (select string_agg(e::text, '') from events e where resource_id = $1) as text
       from virtual_accounts v where virtual_account_id = $1`,
      [id],
    );
    expect(rows[0]?.text).toContain(`****${bankDetails.accountNumber.slice(-4)}`);
    expect(rows[0]?.text).not.toContain(bankDetails.accountNumber);
  });

  it('is refused with every field that is wrong', async () => {
    const reply = await post(`/v0.9/customers/${customer.id}/virtual-accounts`, {
      source: { asset: 7 },
      destination: { wallet: {}, asset: 'usdc', network: '' },
      developerFees: [{ type: 'fixed', rate: '1.5' }],
      accountholderName: 'nobody',
    });
    expect(reply).toMatchObject({ status: 400, json: { code: 'validation_error' } });
    expect(reply.json.details.map(({ field }: { field: string }) => field).sort()).toEqual([
      'accountholderName',
      'destination.network',
      'developerFees.0.rate',
      'developerFees.0.type',
      'source.asset',
      'source.network',
    ]);
    const rules = await post(`/v0.9/customers/${customer.id}/virtual-accounts`, {
      source,
      destination: to({ wallet: wallet.id, blockchainAddress: OUTSIDE }),
      developerFees: [
        { type: 'percentage', rate: '0.5' },
        { type: 'percentage', rate: '0.5' },
      ],
    });
    expect(rules).toMatchObject({
      status: 400,
      json: { details: [{ field: 'destination.wallet' }, { field: 'developerFees' }] },
    });
  });

  it('is refused for what is not offered, what is not there, and who may not', async () => {
    const path = `/v0.9/customers/${customer.id}/virtual-accounts`;
    const body = { source, destination: to({ wallet: wallet.id }) };
    const stranger = await world.provisionedCustomer();
    expect(
      await post(path, {
        source: { asset: 'eur', network: 'sepa' },
        destination: { ...body.destination, asset: 'btc' },
      }),
    ).toMatchObject({
      status: 422,
      json: {
        code: 'unsupported_asset_network',
        details: [{ field: 'source.asset' }, { field: 'source.network' }, { field: 'destination.asset' }],
      },
    });
    for (const wrong of [
      post(`/v0.9/customers/${stranger.id}/virtual-accounts`, body),
      post('/v0.9/customers/cst_none/virtual-accounts', body),
      post(path, { ...body, destination: to({ externalAccount: 'cpBcAddr_none' }) }),
      post(path, { ...body, developerFees: [{ type: 'percentage', rate: '0', wallet: 'wlt_none' }] }),
    ]) {
      expect(await wrong).toMatchObject({ status: 404 });
    }
    const empty = await world.client.customers.create({});
    expect(await post(`/v0.9/customers/${empty.id}/virtual-accounts`, body)).toMatchObject({
      status: 422,
      json: { code: 'provider_account_not_provisioned' },
    });
    const lacking = await world.provisionedCustomer();
    await world.drain();
    await revokeUsd(lacking);
    expect(await post(`/v0.9/customers/${lacking.id}/virtual-accounts`, body)).toMatchObject({
      status: 403,
      json: { code: 'endorsement_required' },
    });
    expect(await world.fetch('POST', path, { body, as: null })).toMatchObject({ status: 401 });
    expect(await world.fetch('POST', path, { body })).toMatchObject({
      json: { code: 'idempotency_key_required' },
    });
  });

  it('is made once per key', async () => {
    const path = `/v0.9/customers/${customer.id}/virtual-accounts`;
    const body = { source, destination: to({ wallet: wallet.id }) };
    const key = world.key();
    const first = await post(path, body, key);
    expect((await post(path, body, key)).text).toBe(first.text);
    expect(await post(path, { ...body, label: 'x' }, key)).toMatchObject({
      json: { code: 'idempotency_conflict' },
    });
  });

  it('is listed newest first, by status, without deleted ones', async () => {
    const owner = await world.provisionedCustomer();
    const destination = to({ blockchainAddress: OUTSIDE });
    const [a, b, c] = [
      await create({ destination }, owner),
      await create({ destination }, owner),
      await create({ destination }, owner),
    ];
    await world.client.virtualAccounts.update(a.id, { status: 'paused' });
    await world.client.virtualAccounts.delete(c.id);
    const ids = async (query?: { status?: 'active' | 'paused'; limit?: number }) =>
      (await world.client.virtualAccounts.list(owner.id, query).take(10)).map(({ id }) => id);
    expect(await ids()).toEqual([b.id, a.id]);
    expect(await ids({ limit: 1 })).toEqual([b.id, a.id]);
    expect(await ids({ status: 'paused' })).toEqual([a.id]);
    expect(
      await world.fetch('GET', `/v0.9/customers/${owner.id}/virtual-accounts?status=deleted`),
    ).toMatchObject({
      status: 400,
      json: { details: [{ field: 'status' }] },
    });
  });

  it('changes what is named and leaves the rest', async () => {
    const account = await create({ label: 'a', metadata: { a: 1 }, developerFees: [] });
    const change = (body: VirtualAccountChange) => world.client.virtualAccounts.update(account.id, body);
    expect(await change({ bankMemo: 'm' })).toMatchObject({ label: 'a', bankMemo: 'm', metadata: { a: 1 } });
    const other = await change({
      label: null,
      metadata: {},
      destination: to({ blockchainAddress: OUTSIDE }),
      developerFees: [{ type: 'percentage', rate: '0.01' }],
    });
    expect(other).toMatchObject({
      label: null,
      metadata: {},
      destination: { wallet: { blockchainAddress: OUTSIDE } },
      developerFees: [{ type: 'percentage', rate: '0.01' }],
    });
    expect((await change({ developerFees: null })).developerFees).toBeUndefined();
    expect(await world.client.virtualAccounts.get(account.id)).toMatchObject({
      bankMemo: 'm',
      status: 'active',
    });
    const wrong = await world.fetch('PATCH', pathOf(account.id), {
      body: { status: 'deleted', label: 7, destination: { wallet: {} } },
    });
    expect(wrong.json.details.map(({ field }: { field: string }) => field).sort()).toEqual([
      'destination.asset',
      'destination.network',
      'label',
      'status',
    ]);
  });

  it('is gone once deleted', async () => {
    const account = await create();
    await world.client.virtualAccounts.delete(account.id);
    for (const [method, path, body] of [
      ['GET', '', undefined],
      ['GET', '/deposits', undefined],
      ['PATCH', '', {}],
      ['DELETE', '', undefined],
      ['POST', '/simulate', { rail: 'ach_in', amount: { value: '1.00', currency: 'USD' } }],
    ] as const) {
      const reply = await world.fetch(method, pathOf(account.id) + path, { ...(body && { body }) });
      expect(reply, `${method} ${path}`).toMatchObject({ status: 404, json: { code: 'not_found' } });
    }
    expect(await eventsOf(account.id)).toEqual(['virtualAccount.provisioned', 'virtualAccount.deleted']);
  });
});

const savedAddress = () =>
  world.client.externalAccounts.create(customer.id, {
    type: 'blockchainAddress',
    network: 'polygon',
    owner: { name: 'Jane Smith', type: 'individual' },
    bankDetails: { address: OUTSIDE },
  });

describe('a deposit', () => {
  it.each([
    ['ach_in', 'traceNumber', 'ach'],
    ['wire_in', 'imad', 'wire'],
    ['swift_in', 'uetr', 'swift'],
  ] as const)(
    'by %s is converted and delivered by a transaction of its own',
    async (rail, reference, network) => {
      const { project, client, owner, purse, account } = await newHome();
      await client.settings.update({
        fees: { virtualAccount: { percentage: '0.01', fixed: '0.25' } },
        developerFees: { virtualAccount: { percentage: '0.002' } },
      });
      await client.virtualAccounts.update(account.id, { metadata: { run: 7 } });
      const answer = await client.virtualAccounts.simulate(account.id, {
        rail,
        amount: { value: '100', currency: 'USD' },
        senderName: 'Acme Inc',
        memo: 'invoice 7',
      });
      expect(answer).toEqual({
        virtualAccountId: account.id,
        rail,
        amount: { value: '100.00', currency: 'USD' },
        status: 'submitted',
        submittedAt: expect.any(String),
        events: expect.any(Array),
        [reference]: expect.any(String),
      });
      const started = await onlyDeposit(account, client);
      expect(started).toMatchObject({
        id: expect.stringMatching(/^bcr_/),
        status: 'processing',
        rail,
        amount: '100.00',
        senderName: 'Acme Inc',
        memo: 'invoice 7',
        [reference]: answer[reference],
        transactionId: expect.stringMatching(/^txn_/),
      });
      expect(await booked(project, owner)).toMatchObject({
        clearing: -10_000n,
        inFlight: 0n,
        oms: 125n,
        developer: 20n,
      });
      await world.drain();
      const transaction = await client.transactions.get(started.transactionId ?? '');
      expect(transaction).toMatchObject({
        type: 'fiatToCrypto',
        status: 'completed',
        virtualAccountId: account.id,
        customerId: owner.id,
        source: {
          asset: 'usd',
          network,
          amountGross: '100.00',
          amountNet: '98.55',
          feesDeducted: { total: '1.45', oms: '1.25', developer: '0.20', gas: '0.00' },
        },
        destination: { wallet: { walletId: purse.id }, ...usdc, amountNet: '98.55' },
        developerFees: [{ amount: '0.20', flatFee: '0.00', percentage: '0.002' }],
        metadata: { run: 7 },
      });
      expect(await available(purse, client)).toBe('98.55');
      expect(await world.tokenBalance(purse.address)).toBe(98_550_000n);
      expect(await onlyDeposit(account, client)).toMatchObject({ status: 'delivered' });
      expect(await eventsOf(started.id)).toEqual([
        'virtualAccount.deposit.received',
        'virtualAccount.deposit.settled',
      ]);
      const listed = await client.transactions.list({ virtualAccountId: account.id }).take(10);
      expect(listed.map(({ id }) => id)).toEqual([transaction.id]);
    },
  );

  it('is charged the account’s own developer fees instead of the project’s', async () => {
    const { client, account, purse } = await newHome();
    await client.settings.update({ developerFees: { virtualAccount: { percentage: '0.5' } } });
    await client.virtualAccounts.update(account.id, {
      developerFees: [
        { type: 'percentage', rate: '0.01' },
        { type: 'percentage', rate: '0.005', wallet: purse.id },
      ],
    });
    await payIn(account, '10.00', 'ach_in', client);
    await world.drain();
    const { transactionId } = await onlyDeposit(account, client);
    expect(await client.transactions.get(transactionId ?? '')).toMatchObject({
      source: { feesDeducted: { developer: '0.15' } },
      developerFees: [
        { amount: '0.10', percentage: '0.01' },
        { amount: '0.05', percentage: '0.005', wallet: purse.id },
      ],
    });
    expect(await available(purse, client)).toBe('9.85');
  });

  it('goes to an address outside, and to a saved one', async () => {
    const saved = await savedAddress();
    const before = await world.tokenBalance(OUTSIDE);
    const plain = await create({ destination: to({ blockchainAddress: OUTSIDE }) });
    const kept = await create({ destination: to({ externalAccount: saved.id }) });
    await payIn(plain, '3.00');
    await payIn(kept, '4.00');
    await world.drain();
    expect((await world.tokenBalance(OUTSIDE)) - before).toBe(7_000_000n);
    const { transactionId } = await onlyDeposit(kept);
    expect((await world.client.transactions.get(transactionId ?? '')).destination).toMatchObject({
      externalAccountId: saved.id,
      wallet: { blockchainAddress: OUTSIDE },
    });
  });

  it('is taken once per event of the bank, and all of a batch at once', async () => {
    const account = await create();
    const { context, project } = world;
    const event = (providerEventId: string, amountMinor: bigint) => ({
      provider: 'sandbox-bank',
      providerEventId,
      kind: 'credit' as const,
      rail: 'ach' as const,
      amountMinor,
      reference: `06199999${providerEventId.padStart(7, '0')}`,
      accountNumber: account.bankDetails.accountNumber,
      senderName: 'Acme Inc',
    });
    const batch = Array.from({ length: 30 }, (_, index) => event(`batch-${index}`, 100n + BigInt(index)));
    const before = await available(wallet);
    await Promise.all(
      [1, 2].map(() => context.db.tx(project.projectId, (tx) => context.bank.applyEvents(tx, batch))),
    );
    await context.db.tx(project.projectId, (tx) => context.bank.applyEvents(tx, [...batch, ...batch]));
    await world.drain();
    const all = await depositsOf(account);
    expect(all.map(({ status }) => status)).toEqual(Array.from({ length: 30 }, () => 'delivered'));
    expect(Number(await available(wallet)) - Number(before)).toBeCloseTo(34.35);
  });

  it('leaves nothing when its commit fails, and is taken when the bank tells again', async () => {
    const account = await create();
    const { context, project } = world;
    const tell = (fails: boolean) =>
      context.db.tx(project.projectId, async (tx) => {
        await context.bank.applyEvents(tx, [
          {
            provider: 'sandbox-bank',
            providerEventId: 'told-twice',
            kind: 'credit',
            rail: 'wire',
            amountMinor: 1_200n,
            reference: '20260101SNDBANK1000001',
            accountNumber: account.bankDetails.accountNumber,
            senderName: 'Acme Inc',
          },
        ]);
        if (fails) throw new Error('killed before the commit');
      });
    await expect(tell(true)).rejects.toThrow('killed');
    expect(await depositsOf(account)).toEqual([]);
    await tell(false);
    await tell(false);
    await world.drain();
    expect(await onlyDeposit(account)).toMatchObject({ status: 'delivered', amount: '12.00' });
  });

  it('of an amount that is none is refused', async () => {
    const account = await create();
    const replies = await Promise.all(
      ['0', '0.001', '0.00'].map((value) =>
        post(`${pathOf(account.id)}/simulate`, { rail: 'ach_in', amount: { value, currency: 'USD' } }),
      ),
    );
    for (const reply of replies)
      expect(reply).toMatchObject({ status: 400, json: { details: [{ field: 'amount.value' }] } });
    const wrong = await post(`${pathOf(account.id)}/simulate`, { rail: 'ach', amount: { value: 1 } });
    expect(wrong.json.details.map(({ field }: { field: string }) => field).sort()).toEqual([
      'amount.currency',
      'amount.value',
      'rail',
    ]);
  });

  it('is simulated once per key, and never for a live project', async () => {
    const account = await create();
    const path = `${pathOf(account.id)}/simulate`;
    const body = { rail: 'ach_in', amount: { value: '2.00', currency: 'USD' } };
    const key = world.key();
    const first = await post(path, body, key);
    expect((await post(path, body, key)).text).toBe(first.text);
    await onlyDeposit(account);
    const live = await world.newProject({ mode: 'live' });
    expect(await world.fetch('POST', path, { body, as: live })).toMatchObject({ status: 404 });
  });
});

describe('money is held', () => {
  it('while the account is paused, until it is resumed', async () => {
    const { project, client, owner, purse, account } = await newHome();
    await client.virtualAccounts.update(account.id, { status: 'paused' });
    await payIn(account, '20.00', 'wire_in', client);
    await payIn(account, '30.00', 'ach_in', client);
    await world.drain();
    const held = await depositsOf(account, client);
    expect(held).toMatchObject([
      { status: 'held', reason: 'account_paused', amount: '30.00' },
      { status: 'held', reason: 'account_paused', amount: '20.00' },
    ]);
    expect(held.every((deposit) => deposit.transactionId === undefined)).toBe(true);
    expect(await booked(project, owner)).toMatchObject({ clearing: -5_000n, inFlight: 5_000n });
    await world.checkInvariants();
    await client.virtualAccounts.update(account.id, { status: 'active' });
    await world.drain();
    expect(await available(purse, client)).toBe('50.00');
    expect(await booked(project, owner)).toMatchObject({ clearing: -5_000n, inFlight: 0n });
    const [latest] = await depositsOf(account, client);
    expect(latest).toMatchObject({ status: 'delivered' });
    expect(latest?.reason).toBeUndefined();
    expect(await eventsOf(latest?.id ?? '')).toEqual([
      'virtualAccount.deposit.received',
      'virtualAccount.deposit.held',
      'virtualAccount.deposit.settled',
    ]);
    expect(await client.virtualAccounts.deposits(account.id, { status: 'held' }).take(9)).toEqual([]);
  });

  it('outside the limits and when fees leave nothing, until a change lets it through', async () => {
    const { client, purse, account } = await newHome();
    await client.settings.update({ limits: { virtualAccount: { min: '5.00', max: '50.00' } } });
    for (const value of ['4.99', '50.01']) await payIn(account, value, 'ach_in', client);
    await client.settings.update({ fees: { virtualAccount: { fixed: '6.00' } } });
    await payIn(account, '6.00', 'ach_in', client);
    await world.drain();
    expect((await depositsOf(account, client)).map(({ reason }) => reason)).toEqual([
      'amount_below_minimum',
      'amount_above_maximum',
      'amount_below_minimum',
    ]);
    await client.settings.update({ limits: { virtualAccount: null }, fees: { virtualAccount: null } });
    await client.virtualAccounts.update(account.id, { status: 'active' });
    await world.drain();
    expect(await available(purse, client)).toBe('61.00');
  });

  it('while the treasury is short, and tried again by itself', async () => {
    const { project, client, owner, purse, account } = await newHome({ fromFaucet: false });
    await payIn(account, '80.00', 'wire_in', client);
    const held = await onlyDeposit(account, client);
    expect(held).toMatchObject({ status: 'held', reason: 'treasury_short' });
    expect(await booked(project, owner)).toMatchObject({ inFlight: 8_000n, clearing: -8_000n });
    for (const round of [1, 2]) {
      world.advance(round * MINUTE_MS);
      await world.drain();
      expect(await onlyDeposit(account, client)).toEqual(held);
    }
    // Tried by hand as well, it has one next try and no more.
    await client.virtualAccounts.update(account.id, {});
    world.advance(MINUTE_MS);
    await world.drain();
    const tries = `select from jobs where task = 'virtual-accounts.retry-deposit' and payload->>'creditId' = $1`;
    expect(await world.sql(tries, [held.id])).toHaveLength(1);
    await world.checkInvariants();
    await world.fundTreasury(project, '100.00');
    world.advance(HOUR_MS);
    await world.drain();
    expect(await onlyDeposit(account, client)).toMatchObject({ status: 'delivered' });
    expect(await available(purse, client)).toBe('80.00');
  });

  it('while the customer may not, and tried again by itself', async () => {
    const { client, owner, purse, account } = await newHome();
    await world.drain();
    await revokeUsd(owner);
    await payIn(account, '5.00', 'ach_in', client);
    expect(await onlyDeposit(account, client)).toMatchObject({
      status: 'held',
      reason: 'customer_not_eligible',
    });
    await client.virtualAccounts.update(account.id, { status: 'paused' });
    world.advance(MINUTE_MS);
    await world.drain();
    expect(await onlyDeposit(account, client)).toMatchObject({ reason: 'account_paused' });
    await client.virtualAccounts.update(account.id, { status: 'active' });
    expect(await onlyDeposit(account, client)).toMatchObject({ reason: 'customer_not_eligible' });
    await world.sql(`update endorsements set status = 'PENDING' where customer_id = $1 and type = 'usd'`, [
      owner.id,
    ]);
    await world.sql(`update endorsements set status = 'ACTIVE' where customer_id = $1 and type = 'usd'`, [
      owner.id,
    ]);
    world.advance(HOUR_MS);
    await world.drain();
    expect(await available(purse, client)).toBe('5.00');
  });

  it('when its destination was deleted, until there is another', async () => {
    const saved = await savedAddress();
    const account = await create({ destination: to({ externalAccount: saved.id }) });
    await world.client.externalAccounts.delete(saved.id);
    await payIn(account, '5.00');
    expect(await onlyDeposit(account)).toMatchObject({ status: 'held', reason: 'destination_unavailable' });
    await world.client.virtualAccounts.update(account.id, { destination: to({ wallet: wallet.id }) });
    await world.drain();
    expect(await onlyDeposit(account)).toMatchObject({ status: 'delivered' });
  });
});

describe('money goes back to its sender', () => {
  it('when the account is deleted with money held, and when more comes in', async () => {
    const { project, client, owner, account } = await newHome();
    await client.virtualAccounts.update(account.id, { status: 'paused' });
    await payIn(account, '11.00', 'ach_in', client);
    const held = await onlyDeposit(account, client);
    await client.virtualAccounts.delete(account.id);
    const { context } = world;
    await context.db.tx(project.projectId, (tx) =>
      context.sandboxBank.receive(tx, {
        rail: 'ach',
        amountMinor: 700n,
        accountNumber: account.bankDetails.accountNumber,
      }),
    );
    expect(await booked(project, owner)).toMatchObject({ clearing: -1_800n, inFlight: 1_800n });
    await world.checkInvariants();
    await world.drain();
    expect(await booked(project, owner)).toMatchObject({ clearing: 0n, inFlight: 0n });
    expect(
      await world.sql(
        `select d.status, d.reason, c.return_code from virtual_account_deposits d
         join bank_credits c using (project_id, credit_id) where virtual_account_id = $1 order by credit_id`,
        [account.id],
      ),
    ).toEqual([
      { status: 'returned', reason: 'account_deleted', return_code: 'R02' },
      { status: 'returned', reason: 'account_deleted', return_code: 'R02' },
    ]);
    expect(await eventsOf(held.id)).toEqual([
      'virtualAccount.deposit.received',
      'virtualAccount.deposit.held',
      'virtualAccount.deposit.returned',
    ]);
  });

  it('or arrives, never both, when the account is paused and deleted meanwhile', async () => {
    const { project, client, owner, purse, account } = await newHome();
    const { context } = world;
    const receive = () =>
      context.db.tx(project.projectId, (tx) =>
        context.sandboxBank.receive(tx, {
          rail: 'ach',
          amountMinor: 100n,
          accountNumber: account.bankDetails.accountNumber,
        }),
      );
    await Promise.all([
      ...Array.from({ length: 8 }, receive),
      // It comes too late when the other was faster.
      client.virtualAccounts.update(account.id, { status: 'paused' }).catch(() => undefined),
      ...Array.from({ length: 8 }, receive),
      client.virtualAccounts.delete(account.id),
      ...Array.from({ length: 8 }, receive),
    ]);
    await world.drain();
    const found = await world.sql<{ status: string; count: bigint }>(
      `select status, count(*)::integer count from virtual_account_deposits where virtual_account_id = $1
       group by status`,
      [account.id],
    );
    const count = Object.fromEntries(found.map((row) => [row.status, Number(row.count)]));
    expect((count.delivered ?? 0) + (count.returned ?? 0)).toBe(24);
    expect(await available(purse, client)).toBe(`${count.delivered ?? 0}.00`);
    expect(await booked(project, owner)).toMatchObject({
      inFlight: 0n,
      clearing: BigInt(count.delivered ?? 0) * -100n,
    });
  });

  it('when the account is deleted while it is being held', async () => {
    const { project, client, account } = await newHome();
    await client.virtualAccounts.update(account.id, { status: 'paused' });
    const { context } = world;
    let deletion = Promise.resolve<unknown>(undefined);
    await context.db.tx(project.projectId, async (tx) => {
      await context.sandboxBank.receive(tx, {
        rail: 'ach',
        amountMinor: 300n,
        accountNumber: account.bankDetails.accountNumber,
      });
      let isOver = false;
      deletion = client.virtualAccounts.delete(account.id).finally(() => {
        isOver = true;
      });
      // Until it waits for this commit, or does not.
      await vi.waitFor(async () => {
        const waiting = await world.sql('select from pg_locks where not granted');
        expect(isOver || waiting.length > 0).toBe(true);
      }, DECIDED);
    });
    await deletion;
    await world.checkInvariants();
    await world.drain();
    expect(
      await world.sql('select status from virtual_account_deposits where virtual_account_id = $1', [
        account.id,
      ]),
    ).toEqual([{ status: 'returned' }]);
  });

  it('when no account has the number', async () => {
    const { project, owner } = await newHome();
    const { context } = world;
    await context.db.tx(project.projectId, (tx) =>
      context.sandboxBank.receive(tx, { rail: 'wire', amountMinor: 500n, accountNumber: '1' }),
    );
    expect(await booked(project, owner)).toMatchObject({ clearing: -500n, unplaced: 500n });
    await world.checkInvariants();
    await world.drain();
    expect(await booked(project, owner)).toMatchObject({ clearing: 0n, unplaced: 0n });
    expect(
      await world.sql('select status, return_code from bank_credits where project_id = $1', [
        project.projectId,
      ]),
    ).toEqual([{ status: 'returned', return_code: 'AC01' }]);
  });

  it('when the number is another project’s: what it has is its own', async () => {
    const mine = await newHome();
    const theirs = await newHome();
    const { context } = world;
    await context.db.tx(theirs.project.projectId, (tx) =>
      context.sandboxBank.receive(tx, {
        rail: 'ach',
        amountMinor: 900n,
        accountNumber: mine.account.bankDetails.accountNumber,
      }),
    );
    await world.drain();
    expect(await depositsOf(mine.account, mine.client)).toEqual([]);
    expect(await booked(theirs.project, theirs.owner)).toMatchObject({ clearing: 0n, unplaced: 0n });
  });

  it('when its delivery can never be: fees are undone, and the transaction says so', async () => {
    const { project, client, owner, account } = await newHome();
    await client.settings.update({ fees: { virtualAccount: { percentage: '0.1' } } });
    const refused = `0x${'0'.repeat(38)}cc`;
    await world.callToken(`${BLACKLIST}${refused.slice(2).padStart(64, '0')}`);
    await client.virtualAccounts.update(account.id, { destination: to({ blockchainAddress: refused }) });
    await payIn(account, '40.00', 'swift_in', client);
    const started = await onlyDeposit(account, client);
    await vi.waitFor(async () => {
      await world.drain({ expectFailures: true });
      world.advance(AUTHORIZATION_MS);
      await world.chain.mine();
      expect(await onlyDeposit(account, client)).toMatchObject({
        status: 'returned',
        reason: 'delivery_failed',
      });
    }, DECIDED);
    expect(await client.transactions.get(started.transactionId ?? '')).toMatchObject({
      status: 'failed',
      subStatus: 'returnedToSender',
      error: { code: 'recipient_blacklisted' },
      refund: { amount: '40.00', status: 'completed', txHash: null },
    });
    expect(await booked(project, owner)).toMatchObject({ clearing: 0n, inFlight: 0n, oms: 0n });
    await world.checkInvariants();
  });
});
