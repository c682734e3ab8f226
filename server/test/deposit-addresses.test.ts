import type { Customer } from '@openoms/contract/customers.ts';
import type { AddressDeposit, DepositAddress } from '@openoms/contract/deposit-addresses.ts';
import type { Wallet } from '@openoms/contract/wallets.ts';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { LocalFaucet } from '../src/chain/local/faucet.ts';
import { JsonRpc } from '../src/chain/rpc.ts';
import { USDC_POLYGON } from '../src/chain/token/contracts.ts';
import { must } from '../src/kernel/assert.ts';
import { parseMinor } from '../src/kernel/money.ts';
import { createWorld, type Project, type World } from './world.ts';

const OUTSIDE = '0x00000000000000000000000000000000000000AA';
const AUTHORIZATION_MS = 30 * 60_000;
const DECIDED = { timeout: 20_000, interval: 10 };
/** Selectors of FiatToken's blacklist(address) and unBlacklist(address). */
const BLACKLIST = '0xf9f92be4';
const UNBLACKLIST = '0x1a895266';
const MANY = 30;

let world: World;
let node: JsonRpc;
let alice: Customer;
let bob: Customer;
let purse: Wallet;
let transfers = 0;

beforeAll(async () => {
  world = await createWorld();
  node = new JsonRpc({ url: world.chain.url, timeoutMs: 10_000 });
  alice = await world.provisionedCustomer();
  bob = await world.provisionedCustomer();
  purse = await world.wallet(alice);
});
afterAll(async () => {
  node?.close();
  await world?.close();
});

const usdc = { asset: 'usdc', network: 'polygon' } as const;

const bodyOf = (wallet: object, more: object = {}) => ({
  source: usdc,
  destination: { ...usdc, wallet },
  ...more,
});

const open = (wallet: object = { wallet: purse.id }, more: object = {}): Promise<DepositAddress> =>
  world.client.depositAddresses.create(alice.id, bodyOf(wallet, more));

const addressOf = ({ source }: DepositAddress): string => source.depositInstructions.address;

/** As a stranger does it, on chain; it is final after `world.drain`. */
async function send(to: DepositAddress | string, dollars: string, reference = `test_${++transfers}`) {
  const address = typeof to === 'string' ? to : addressOf(to);
  const minor = must(parseMinor(dollars, 'usdc'), 'an amount');
  await new LocalFaucet(node, world.chain.chainId).transferOnce(address, minor, reference, 'stranger');
}

async function deposit(to: DepositAddress, ...dollars: readonly string[]): Promise<AddressDeposit[]> {
  for (const each of dollars) await send(to, each);
  await world.drain();
  return depositsOf(to);
}

/** Newest first. */
const depositsOf = ({ id }: DepositAddress, client = world.client) =>
  client.depositAddresses.deposits(id).take(100);

const transactionsOf = ({ id }: DepositAddress, client = world.client) =>
  client.transactions.list({ depositAddressId: id }).take(100);

const eventsOf = async (id: string): Promise<string[]> =>
  (
    await world.sql<{ type: string }>('select type from events where resource_id = $1 order by sequence', [
      id,
    ])
  ).map(({ type }) => type.replace(/^.*\./, ''));

const balance = async ({ id }: Pick<Wallet, 'id'>, client = world.client) =>
  (await client.wallets.balance(id)).availableBalance;

const call = (method: string, path: string, body?: unknown, key = world.key(), as?: Project | null) =>
  world.fetch(method, `/v0.9${path}`, {
    headers: { 'idempotency-key': key },
    ...(body !== undefined && { body }),
    ...(as !== undefined && { as }),
  });

const create = (body: unknown, key?: string) =>
  call('POST', `/customers/${alice.id}/deposit-addresses`, body, key);

const fieldsOf = (reply: { json: { details: { field: string }[] } }) =>
  reply.json.details.map(({ field }) => field);

describe('a deposit address', () => {
  it('is made, read, listed and told of', async () => {
    const made = await open(
      { wallet: purse.id },
      { label: 'Invoices', metadata: { a: 1 }, developerFees: [{ type: 'percentage', rate: '0.015' }] },
    );
    expect(made).toMatchObject({
      id: expect.stringMatching(/^da_/),
      object: 'depositAddress',
      customerId: alice.id,
      status: 'active',
      transactionType: 'cryptoToCrypto',
      source: { ...usdc, depositInstructions: { ...usdc, address: expect.stringMatching(/^0x/) } },
      destination: { ...usdc, wallet: { wallet: purse.id } },
      developerFees: [{ type: 'percentage', rate: '0.015' }],
      label: 'Invoices',
      metadata: { a: 1 },
    });
    expect(await world.client.depositAddresses.get(made.id)).toEqual(made);
    expect((await world.client.depositAddresses.list(alice.id).take(1))[0]).toEqual(made);
    expect(await world.client.depositAddresses.list(alice.id, { status: 'paused' }).take(9)).toEqual([]);
    expect(await world.client.depositAddresses.list(bob.id).take(9)).toEqual([]);
    expect(await eventsOf(made.id)).toEqual(['active']);
  });

  it('takes a target under each of its names', async () => {
    for (const name of ['wallet', 'id', 'walletId']) {
      expect((await open({ [name]: purse.id })).destination.wallet).toEqual({ wallet: purse.id });
    }
    const made = await open({ blockchainAddress: OUTSIDE.toLowerCase() });
    expect(made.destination.wallet).toEqual({ blockchainAddress: OUTSIDE });
  });

  it('names every field that is wrong at once', async () => {
    const none = await create({});
    expect(fieldsOf(none)).toEqual(['source', 'destination']);
    const wrong = await create({
      ...bodyOf({ wallet: purse.id, blockchainAddress: OUTSIDE }),
      developerFees: [{ rate: '0.6' }, { rate: '0.4', wallet: purse.id }],
      metadata: {},
    });
    expect(wrong).toMatchObject({ status: 400, json: { code: 'validation_error' } });
    expect(fieldsOf(wrong)).toEqual(['destination.wallet', 'developerFees.0.rate', 'developerFees.1.rate']);
    const shapes = await create({
      ...bodyOf({ blockchainAddress: 'x' }),
      developerFees: [{ rate: '1' }, { type: 'fixed', rate: '0' }],
      label: 7,
    });
    expect(fieldsOf(shapes).toSorted()).toEqual([
      'destination.wallet.blockchainAddress',
      'developerFees.0.rate',
      'developerFees.1.type',
      'label',
    ]);
    const metadata = Object.fromEntries(Array.from({ length: 21 }, (_, i) => [`k${i}`, i]));
    expect(fieldsOf(await create(bodyOf({ wallet: purse.id }, { metadata })))).toEqual(['metadata']);
  });

  it.each([
    ['usdt', { source: { asset: 'usdt', network: 'polygon' } }, ['source.asset']],
    ['ethereum', { source: { asset: 'usdc', network: 'ethereum' } }, ['source.network']],
    ['dollars in a wallet', { asset: 'usd', network: 'ach' }, ['destination.network']],
    ['euros', { asset: 'eur', network: 'sepa' }, ['destination.asset']],
  ])(
    'does not offer %s',
    async (_, { source = usdc, ...destination }: object & { source?: object }, fields) => {
      const wallet = { wallet: purse.id };
      const reply = await create({ source, destination: { ...usdc, ...destination, wallet } });
      expect(reply).toMatchObject({ status: 422, json: { code: 'unsupported_asset_network' } });
      expect(fieldsOf(reply)).toEqual(fields);
    },
  );

  it('is not made for what is not there, and not without a token', async () => {
    expect(await create(bodyOf({ wallet: 'wlt_nobody' }))).toMatchObject({ status: 404 });
    expect(await create(bodyOf({ externalAccount: 'cpUsBank_nobody' }))).toMatchObject({ status: 404 });
    const fees = [{ rate: '0.1', wallet: 'wlt_nobody' }];
    expect(await create(bodyOf({ wallet: purse.id }, { developerFees: fees }))).toMatchObject({
      status: 404,
    });
    const path = '/customers/cst_nobody/deposit-addresses';
    expect(await call('POST', path, bodyOf({ wallet: purse.id }))).toMatchObject({ status: 404 });
    expect(await call('GET', path)).toMatchObject({ status: 404 });
    for (const [method, of] of [
      ['POST', `/customers/${alice.id}/deposit-addresses`],
      ['GET', `/customers/${alice.id}/deposit-addresses`],
      ['GET', '/deposit-address-deposits'],
    ] as const) {
      expect(await call(method, of, undefined, world.key(), null), of).toMatchObject({ status: 401 });
    }
  });

  it('pays to no deposit address, so that nothing goes round', async () => {
    const first = await open();
    const reply = await create(bodyOf({ blockchainAddress: addressOf(first).toLowerCase() }));
    expect(reply.json.details).toEqual([
      { field: 'destination.wallet.blockchainAddress', issue: 'is a deposit address' },
    ]);
    const itself = { destination: { ...usdc, wallet: { blockchainAddress: addressOf(first) } } };
    expect(await call('PATCH', `/deposit-addresses/${first.id}`, itself)).toMatchObject({ status: 400 });
  });

  it('is made once per key', async () => {
    const key = world.key();
    const first = await create(bodyOf({ wallet: purse.id }), key);
    const again = await create(bodyOf({ wallet: purse.id }), key);
    expect(again.text).toBe(first.text);
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect(await create(bodyOf({ blockchainAddress: OUTSIDE }), key)).toMatchObject({
      status: 409,
      json: { code: 'idempotency_conflict' },
    });
  });

  it('is changed field by field', async () => {
    const { id } = await open({ wallet: purse.id }, { label: 'a', developerFees: [{ rate: '0.1' }] });
    const { depositAddresses } = world.client;
    const changed = await depositAddresses.update(id, {
      label: null,
      metadata: { b: 2 },
      destination: { ...usdc, wallet: { blockchainAddress: OUTSIDE } },
      developerFees: null,
    });
    expect(changed).toMatchObject({
      label: null,
      metadata: { b: 2 },
      destination: { wallet: { blockchainAddress: OUTSIDE } },
    });
    expect(changed.developerFees).toBeUndefined();
    expect(await depositAddresses.update(id, { status: 'paused', label: 'b' })).toMatchObject({
      status: 'paused',
      label: 'b',
    });
    expect(await depositAddresses.update(id, {})).toMatchObject({ status: 'paused', label: 'b' });
    expect(await eventsOf(id)).toEqual(['active', 'updated', 'updated', 'paused']);
    const wrong = await call('PATCH', `/deposit-addresses/${id}`, { status: 'deleted', label: 7 });
    expect(fieldsOf(wrong).toSorted()).toEqual(['label', 'status']);
  });
});

describe('a deposit', () => {
  it('is sent on in the commit that credits it, and delivered when that is final', async () => {
    const made = await open({ wallet: purse.id }, { metadata: { invoice: 7 } });
    const before = Number(await balance(purse));
    const [kept] = await deposit(made, '25.50');
    const { transactionId = '' } = must(kept, 'a deposit');
    expect(kept).toMatchObject({
      object: 'depositAddressDeposit',
      depositAddressId: made.id,
      customerId: alice.id,
      status: 'delivered',
      amount: '25.50',
      ...usdc,
      address: addressOf(made),
      txHash: expect.stringMatching(/^0x/),
    });
    expect(await eventsOf(kept?.id ?? '')).toEqual(['pending', 'settled', 'processing', 'delivered']);
    expect(await world.client.transactions.get(transactionId)).toMatchObject({
      type: 'cryptoToCrypto',
      status: 'completed',
      depositAddressId: made.id,
      customerId: alice.id,
      recipientCustomerId: alice.id,
      source: { ...usdc, amountGross: '25.50', amountNet: '25.50' },
      destination: { wallet: { walletId: purse.id }, amountNet: '25.50' },
      sponsorGas: true,
      metadata: { invoice: 7 },
    });
    expect(Number(await balance(purse)) - before).toBe(25.5);
    expect(await world.tokenBalance(addressOf(made))).toBe(0n);
  });

  it("goes to another customer's wallet, or to an outside address", async () => {
    const pocket = await world.wallet(bob);
    const [toBob] = await deposit(await open({ wallet: pocket.id }), '3.00');
    expect(await balance(pocket)).toBe('3.00');
    expect(await world.client.transactions.get(toBob?.transactionId ?? '')).toMatchObject({
      recipientCustomerId: bob.id,
    });
    await deposit(await open({ blockchainAddress: OUTSIDE }), '4.000001');
    expect(await world.tokenBalance(OUTSIDE)).toBe(4_000_001n);
  });

  it('pays the fees of the project and its own, to the treasury, once it is delivered', async () => {
    const project = await world.newProject();
    const { client } = project;
    const customer = await world.provisionedCustomer(client);
    const wallet = await world.wallet(customer, client);
    await client.settings.update({
      fees: { depositAddress: { percentage: '0.01', fixed: '0.10' } },
      developerFees: { depositAddress: { fixed: '1.00' } },
    });
    const own = { developerFees: [{ rate: '0.015', wallet: wallet.id }] };
    const withOwn = await client.depositAddresses.create(customer.id, bodyOf({ wallet: wallet.id }, own));
    const without = await client.depositAddresses.create(customer.id, bodyOf({ wallet: wallet.id }));
    await send(withOwn, '100.00');
    await send(without, '100.00');
    await world.drain();
    expect(await transactionsOf(withOwn, client)).toMatchObject([
      {
        source: { amountNet: '97.40', feesDeducted: { total: '2.60', oms: '1.10', developer: '1.50' } },
        developerFees: [{ amount: '1.50', percentage: '0.015', flatFee: '0.00', wallet: wallet.id }],
      },
    ]);
    expect(await transactionsOf(without, client)).toMatchObject([
      { source: { feesDeducted: { total: '2.10', oms: '1.10', developer: '1.00' } } },
    ]);
    expect(await balance(wallet, client)).toBe('195.30');
    for (const each of [withOwn, without]) expect(await world.tokenBalance(addressOf(each))).toBe(0n);
  });

  it('that fees would eat up is held', async () => {
    const project = await world.newProject();
    const { client } = project;
    const customer = await world.provisionedCustomer(client);
    const wallet = await world.wallet(customer, client);
    await client.settings.update({ fees: { depositAddress: { fixed: '2.00' } } });
    const made = await client.depositAddresses.create(customer.id, bodyOf({ wallet: wallet.id }));
    await send(made, '2.00');
    await world.drain();
    expect(await depositsOf(made, client)).toMatchObject([
      { status: 'held', holdReason: 'fees_exceed_amount', amountHeld: '2.00' },
    ]);
  });

  it('is one of many, each a transaction of its own', async () => {
    const made = await open();
    const all = await deposit(made, ...Array.from({ length: MANY }, () => '1.00'));
    expect(all.filter(({ status }) => status === 'delivered')).toHaveLength(MANY);
    expect(new Set(all.map(({ transactionId }) => transactionId)).size).toBe(MANY);
    expect(await transactionsOf(made)).toHaveLength(MANY);
    expect(await world.tokenBalance(addressOf(made))).toBe(0n);
    const { depositAddresses } = world.client;
    expect(await depositAddresses.deposits(made.id, { limit: 7 }).take(99)).toEqual(all);
    expect(await depositAddresses.deposits(made.id, { status: 'held' }).take(9)).toEqual([]);
  });

  it('that a reorganisation moves to another block is sent on once', async () => {
    const made = await open();
    const reference = `test_${++transfers}`;
    await send(made, '5.00', reference);
    await world.chain.mine();
    await world.drain();
    await node.call('anvil_reorg', [1, []]);
    await world.drain();
    await send(made, '5.00', reference);
    await world.drain();
    expect(await depositsOf(made)).toMatchObject([{ amount: '5.00', status: 'delivered' }]);
    expect(await transactionsOf(made)).toHaveLength(1);
    const seen = await world.sql(`select status from deposits where resource_id = $1 order by status`, [
      made.id,
    ]);
    expect(seen).toEqual([{ status: 'credited' }, { status: 'orphaned' }]);
  });
});

describe('what is small', () => {
  it('waits, and goes together with what comes, once they reach the minimum', async () => {
    const made = await open();
    const [first] = await deposit(made, '0.40');
    expect(first).toMatchObject({ status: 'held', holdReason: 'below_minimum', amountHeld: '0.40' });
    await deposit(made, '0.000001');
    expect(await transactionsOf(made)).toEqual([]);
    const all = await deposit(made, '0.70');
    expect(all.map(({ status }) => status)).toEqual(['delivered', 'delivered', 'delivered']);
    expect(await transactionsOf(made)).toMatchObject([{ source: { amountGross: '1.100001' } }]);
    expect(new Set(all.map(({ transactionId }) => transactionId)).size).toBe(1);
    expect(await eventsOf(first?.id ?? '')).toEqual([
      'pending',
      'settled',
      'held',
      'processing',
      'delivered',
    ]);
    expect(await world.tokenBalance(addressOf(made))).toBe(0n);
  });

  it('does not go with what is large enough by itself', async () => {
    const made = await open();
    await deposit(made, '0.30', '2.00');
    expect(await transactionsOf(made)).toMatchObject([{ source: { amountGross: '2.00' } }]);
    expect(await world.tokenBalance(addressOf(made))).toBe(300_000n);
  });
});

describe('what is held', () => {
  it('while the address is paused goes on when it is resumed', async () => {
    const made = await open();
    const { depositAddresses } = world.client;
    await depositAddresses.update(made.id, { status: 'paused' });
    expect(await deposit(made, '2.00', '3.00')).toMatchObject([
      { status: 'held', holdReason: 'address_paused' },
      { status: 'held', holdReason: 'address_paused' },
    ]);
    expect(await call('POST', `/deposit-addresses/${made.id}/release`)).toMatchObject({
      status: 409,
      json: { code: 'invalid_state' },
    });
    await depositAddresses.update(made.id, { status: 'active' });
    await world.drain();
    expect((await depositsOf(made)).map(({ status }) => status)).toEqual(['delivered', 'delivered']);
    expect(await eventsOf(made.id)).toEqual(['active', 'paused', 'active']);
  });

  it('above the maximum goes on after a change of the limit and a release', async () => {
    const made = await open();
    await world.client.settings.update({ limits: { depositAddress: { max: '10.00' } } });
    expect(await deposit(made, '10.01')).toMatchObject([{ status: 'held', holdReason: 'above_maximum' }]);
    const key = world.key();
    const path = `/deposit-addresses/${made.id}/release`;
    expect(await call('POST', path, undefined, key)).toMatchObject({ status: 200, json: { id: made.id } });
    await world.drain();
    expect(await depositsOf(made)).toMatchObject([{ holdReason: 'above_maximum' }]);
    await world.client.settings.update({ limits: { depositAddress: null } });
    expect((await call('POST', path, undefined, key)).headers.get('idempotent-replayed')).toBe('true');
    await world.client.depositAddresses.release(made.id);
    await world.drain();
    const [kept] = await depositsOf(made);
    expect(kept).toMatchObject({ status: 'delivered' });
    // Waiting on for the same reason was no news.
    expect(await eventsOf(kept?.id ?? '')).toEqual(['pending', 'settled', 'held', 'processing', 'delivered']);
  });

  it('goes on once, however many release it at the same time', async () => {
    const made = await open();
    await world.client.depositAddresses.update(made.id, { status: 'paused' });
    await deposit(made, '2.00');
    await world.client.depositAddresses.update(made.id, { status: 'active' });
    await Promise.all(Array.from({ length: 8 }, () => world.client.depositAddresses.release(made.id)));
    const payload = { depositAddressId: made.id };
    const { context, project } = world;
    await Promise.all(
      Array.from({ length: 8 }, () =>
        context.db.tx(project.projectId, (tx) => context.depositAddresses.releaseHeld(tx, payload)),
      ),
    );
    await world.drain();
    expect(await transactionsOf(made)).toHaveLength(1);
    expect(await depositsOf(made)).toMatchObject([{ status: 'delivered' }]);
  });

  it('of an inactive customer goes on once the customer is active again', async () => {
    const customer = await world.provisionedCustomer();
    const wallet = await world.wallet(customer);
    const made = await world.client.depositAddresses.create(customer.id, bodyOf({ wallet: wallet.id }));
    const setStatus = (status: string) =>
      world.sql('update customers set status = $1 where customer_id = $2', [status, customer.id]);
    await setStatus('inactive');
    expect(await deposit(made, '2.00')).toMatchObject([{ holdReason: 'customer_inactive' }]);
    await setStatus('active');
    await world.client.depositAddresses.release(made.id);
    await world.drain();
    expect(await balance(wallet)).toBe('2.00');
  });

  it('after a failed transaction goes on when it is released, to where the address then says', async () => {
    const refused = `0x${'0'.repeat(38)}cc`;
    const word = refused.slice(2).padStart(64, '0');
    await world.callToken(BLACKLIST + word);
    const made = await open({ blockchainAddress: refused });
    await send(made, '6.00');
    await vi.waitFor(async () => {
      await world.drain({ expectFailures: true });
      world.advance(AUTHORIZATION_MS);
      await world.chain.mine();
      expect(await depositsOf(made)).toMatchObject([
        { status: 'held', holdReason: 'transaction_failed', amountHeld: '6.00' },
      ]);
    }, DECIDED);
    await world.callToken(UNBLACKLIST + word);
    expect(await world.tokenBalance(addressOf(made))).toBe(6_000_000n);
    const before = Number(await balance(purse));
    const destination = { ...usdc, wallet: { wallet: purse.id } };
    await world.client.depositAddresses.update(made.id, { destination });
    await world.client.depositAddresses.release(made.id);
    await world.drain();
    expect(Number(await balance(purse)) - before).toBe(6);
    const [done, failed] = await transactionsOf(made);
    expect([done?.status, failed?.status]).toEqual(['completed', 'failed']);
    expect(await depositsOf(made)).toMatchObject([{ status: 'delivered', transactionId: done?.id }]);
  });
});

describe('a deleted address', () => {
  it('is gone; what arrives is booked, held, told of, and can be released', async () => {
    const made = await open();
    await deposit(made, '0.50');
    const path = `/deposit-addresses/${made.id}`;
    expect(await call('DELETE', path)).toMatchObject({ status: 204, text: '' });
    for (const [method, of, body] of [
      ['GET', path],
      ['DELETE', path],
      ['PATCH', path, { label: 'x' }],
      ['GET', `${path}/deposits`],
      ['POST', `${path}/simulate`, { amount: { value: '1.00' } }],
    ] as const) {
      expect(await call(method, of, body), `${method} ${of}`).toMatchObject({ status: 404 });
    }
    const listed = await world.client.depositAddresses.list(alice.id).take(100);
    expect(listed.map(({ id }) => id)).not.toContain(made.id);
    expect(await eventsOf(made.id)).toEqual(['active', 'deleted']);

    await send(made, '7.00');
    await world.drain();
    const held = () =>
      world.client.depositAddresses.allDeposits({ depositAddressId: made.id, status: 'held' }).take(9);
    expect(await held()).toMatchObject([
      { amount: '7.00', holdReason: 'address_deleted' },
      { amount: '0.50', holdReason: 'below_minimum' },
    ]);
    const chain = { rpc: node, token: USDC_POLYGON };
    const run = await world.context.reconciliation.run(world.project.projectId, { chain });
    expect(run).toMatchObject({ open_breaks: 0 });

    const before = Number(await balance(purse));
    expect(await world.client.depositAddresses.release(made.id)).toMatchObject({ status: 'deleted' });
    await world.drain();
    expect(Number(await balance(purse)) - before).toBe(7);
    expect(await held()).toMatchObject([{ amount: '0.50' }]);
  });
});

describe('a simulated deposit', () => {
  it('is a real transfer on the local chain, made once', async () => {
    const made = await open({ blockchainAddress: `0x${'0'.repeat(38)}dd` });
    const path = `/deposit-addresses/${made.id}/simulate`;
    const key = world.key();
    const reply = await call('POST', path, { amount: { value: '12.5' } }, key);
    expect(reply).toMatchObject({
      status: 200,
      json: {
        amount: { value: '12.50', currency: 'USDC' },
        depositAddressId: made.id,
        network: 'POLYGON',
        status: 'submitted',
        transactionHash: expect.stringMatching(/^0x[0-9a-f]{64}$/),
      },
    });
    expect((await call('POST', path, { amount: { value: '12.5' } }, key)).text).toBe(reply.text);
    const second = await world.client.depositAddresses.simulate(made.id, { amount: { value: '2.00' } });
    expect(second.transactionHash).not.toBe(reply.json.transactionHash);
    await world.drain();
    expect((await depositsOf(made)).map(({ amount, status }) => `${amount} ${status}`).toSorted()).toEqual([
      '12.50 delivered',
      '2.00 delivered',
    ]);
  });

  it('has an amount', async () => {
    const { id } = await open();
    const path = `/deposit-addresses/${id}/simulate`;
    expect(fieldsOf(await call('POST', path, {}))).toEqual(['amount']);
    for (const value of ['0', '0.0000001', '-1', 1]) {
      expect(fieldsOf(await call('POST', path, { amount: { value } })), String(value)).toEqual([
        'amount.value',
      ]);
    }
    expect(await call('POST', path, { amount: { value: '100000000.01' } })).toMatchObject({
      status: 422,
      json: { code: 'amount_out_of_range' },
    });
  });

  it('is nothing for a live project', async () => {
    const live = await world.newProject({ mode: 'live' });
    const { id } = await open();
    const reply = await call(
      'POST',
      `/deposit-addresses/${id}/simulate`,
      { amount: { value: '1.00' } },
      world.key(),
      live,
    );
    expect(reply.status).toBe(404);
  });
});

describe('lists of deposits', () => {
  it('are filtered, and refuse what makes no sense', async () => {
    const { depositAddresses } = world.client;
    const held = await depositAddresses.allDeposits({ status: 'held' }).take(100);
    expect(held.length).toBeGreaterThan(0);
    expect(held.every(({ status }) => status === 'held')).toBe(true);
    expect(await depositAddresses.allDeposits({ customerId: bob.id }).take(9)).toEqual([]);
    const small = await depositAddresses.allDeposits({ holdReason: 'below_minimum' }).take(100);
    expect(small.every(({ holdReason }) => holdReason === 'below_minimum')).toBe(true);
    const none = await depositAddresses.allDeposits({ createdBefore: '2020-01-01T00:00:00Z' }).take(9);
    expect(none).toEqual([]);
    for (const query of ['status=lost', 'holdReason=dust', 'limit=0', 'startingAfter=x', 'createdAfter=x']) {
      expect(await call('GET', `/deposit-address-deposits?${query}`), query).toMatchObject({ status: 400 });
    }
  });

  it('are each project’s own', async () => {
    const other = await world.newProject();
    expect(await other.client.depositAddresses.allDeposits().take(9)).toEqual([]);
  });
});
