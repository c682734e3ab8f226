import type { Customer } from '@openoms/contract/customers.ts';
import type { Quote } from '@openoms/contract/quotes.ts';
import type { Transaction } from '@openoms/contract/transactions.ts';
import type { Wallet } from '@openoms/contract/wallets.ts';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createWorld, type World } from './world.ts';

const OUTSIDE = '0x00000000000000000000000000000000000000aa';
const OPEN_MS = 5 * 60_000;
/** Until an authorization to transfer is over. */
const AUTHORIZATION_MS = 30 * 60_000;
const DECIDED = { timeout: 20_000, interval: 10 };
/** Selector of FiatToken's blacklist(address). */
const BLACKLIST = '0xf9f92be4';

let world: World;
let alice: Customer;
let bob: Customer;
let purse: Wallet;
let pocket: Wallet;

beforeAll(async () => {
  world = await createWorld();
  alice = await world.provisionedCustomer();
  bob = await world.provisionedCustomer();
  purse = await world.fundedWallet(alice, '300.00');
  pocket = await world.wallet(bob);
});
afterAll(() => world.close());

const usdc = { asset: 'usdc', network: 'polygon' } as const;

const quoteBody = (to: object, amount = '10.00') => ({
  customerId: alice.id,
  source: { walletId: purse.id, ...usdc, amount },
  destination: { wallet: to, ...usdc },
});

const quote = (to: object, amount?: string): Promise<Quote> =>
  world.client.quotes.create(quoteBody(to, amount));

async function pay(to: object, amount?: string): Promise<Transaction> {
  const { id } = await quote(to, amount);
  return world.client.transactions.create({ quoteId: id });
}

const post = (path: string, body: unknown, key = world.key()) =>
  world.fetch('POST', `/v0.9${path}`, { body, headers: { 'idempotency-key': key } });

const available = async ({ id }: Wallet) => (await world.client.wallets.balance(id)).availableBalance;

describe('a quote', () => {
  it('prices a payment and locks it for five minutes', async () => {
    const made = await quote({ blockchainAddress: OUTSIDE }, '10.50');
    expect(made).toMatchObject({
      object: 'quote',
      type: 'cryptoToCrypto',
      status: 'open',
      customerId: alice.id,
      source: {
        walletId: purse.id,
        ...usdc,
        amountGross: '10.50',
        amountNet: '10.50',
        feesDeducted: { total: '0.00', developer: '0.00', oms: '0.00', gas: '0.00' },
      },
      destination: { ...usdc, amountGross: '10.50', amountNet: '10.50' },
      rates: { pair: 'usdc/usdc', exchangeRate: '1.0', effectiveRate: '1.0' },
      fixedAmountSide: 'source',
      sponsorGas: true,
      sponsorGasCost: '0.00',
    });
    expect(Date.parse(made.expiresAt) - Date.parse(made.createdAt)).toBe(OPEN_MS);
    expect(await world.client.quotes.get(made.id)).toEqual(made);
    expect(await available(purse)).toBe('300.00');
  });

  it('takes an OMS wallet under each of its names', async () => {
    for (const name of ['id', 'wallet', 'walletId']) {
      expect((await quote({ [name]: pocket.id })).destination.wallet).toEqual({ id: pocket.id });
    }
  });

  it('fixes what arrives, and charges the fees of the project and its developer on top', async () => {
    const project = await world.newProject();
    await world.drain();
    await project.client.settings.update({
      fees: { cryptoToCrypto: { percentage: '0.0035' } },
      developerFees: { cryptoToCrypto: { percentage: '0.002' } },
      gasFee: '0.03',
    });
    const customer = await world.provisionedCustomer(project.client);
    const wallet = await world.wallet(customer, project.client);
    const body = {
      customerId: customer.id,
      source: { walletId: wallet.id, ...usdc },
      destination: { wallet: { blockchainAddress: OUTSIDE }, ...usdc, amount: '99.42' },
      sponsorGas: false,
    };
    const made = await project.client.quotes.create(body);
    expect(made).toMatchObject({
      fixedAmountSide: 'destination',
      source: {
        amountGross: '100.00',
        amountNet: '99.42',
        feesDeducted: { total: '0.58', developer: '0.20', oms: '0.35', gas: '0.03' },
      },
      destination: { amountGross: '99.42' },
      developerFees: [{ amount: '0.20', flatFee: '0.00', percentage: '0.002' }],
      rates: { effectiveRate: '0.9942' },
      sponsorGasCost: '0.00',
    });
    const sponsored = await project.client.quotes.create({ ...body, sponsorGas: true });
    expect(sponsored).toMatchObject({ source: { feesDeducted: { gas: '0.00' } }, sponsorGasCost: '0.03' });
    const own = await project.client.quotes.create({ ...body, developerFees: [{ flatFee: '1' }] });
    expect(own.source.feesDeducted.developer).toBe('1.00');
  });

  it('names every field that is wrong at once', async () => {
    const reply = await post('/quotes', {
      customerId: alice.id,
      source: { ...usdc, amount: '1.00' },
      destination: { wallet: { id: pocket.id, blockchainAddress: OUTSIDE }, ...usdc, amount: '1.00' },
      developerFees: [{}, { percentage: '1.5' }],
    });
    expect(reply.status).toBe(400);
    expect(reply.json.details.map(({ field }: { field: string }) => field)).toEqual([
      'source.walletId',
      'destination.wallet',
      'developerFees.0',
      'developerFees.1.percentage',
      'source.amount',
      'destination.amount',
    ]);
  });

  it.each([
    ['neither amount', { amount: undefined }, 400, 'validation_error'],
    ['seven decimals', { amount: '1.0000001' }, 400, 'validation_error'],
    ['nothing', { amount: '0' }, 400, 'validation_error'],
    ['less than the least', { amount: '0.001' }, 422, 'amount_out_of_range'],
    ['more than the most', { amount: '1000000.01' }, 422, 'amount_out_of_range'],
    ['another asset', { asset: 'btc', amount: '1.00' }, 422, 'unsupported_asset_network'],
    ['another network', { network: 'ethereum', amount: '1.00' }, 422, 'unsupported_asset_network'],
  ])('refuses %s', async (_, source, status, code) => {
    const body = quoteBody({ id: pocket.id });
    const reply = await post('/quotes', { ...body, source: { ...body.source, ...source } });
    expect(reply).toMatchObject({ status, json: { code } });
    expect(reply.json.details).not.toEqual([]);
  });

  it('refuses the wallet that pays, a wrong checksum, and what belongs to somebody else', async () => {
    expect((await post('/quotes', quoteBody({ id: purse.id }))).json.details).toEqual([
      { field: 'destination.wallet', issue: 'is the wallet that pays' },
    ]);
    const wrong = `0x${'Ab'.repeat(20)}`;
    expect((await post('/quotes', quoteBody({ blockchainAddress: wrong }))).status).toBe(400);
    const theirs = {
      ...quoteBody({ id: purse.id }),
      source: { walletId: pocket.id, ...usdc, amount: '1.00' },
    };
    expect((await post('/quotes', theirs)).status).toBe(404);
    expect(
      (await post('/quotes', { ...quoteBody({ id: pocket.id }), customerId: 'cst_nobody' })).status,
    ).toBe(404);
    expect((await post('/quotes', quoteBody({ externalAccount: 'cpUsBank_nobody' }))).status).toBe(404);
  });

  it('is made once per key', async () => {
    const key = world.key();
    const first = await post('/quotes', quoteBody({ id: pocket.id }), key);
    const again = await post('/quotes', quoteBody({ id: pocket.id }), key);
    expect(again.text).toBe(first.text);
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect(await post('/quotes', quoteBody({ id: pocket.id }, '11.00'), key)).toMatchObject({
      status: 409,
      json: { code: 'idempotency_conflict' },
    });
  });
});

describe('a payment', () => {
  it('to an outside address holds the funds, and completes when it is final on chain', async () => {
    const before = await available(purse);
    const started = await pay({ blockchainAddress: OUTSIDE }, '12.345678');
    expect(started).toMatchObject({
      object: 'transaction',
      type: 'cryptoToCrypto',
      status: 'processing',
      senderCustomerId: alice.id,
      source: { walletId: purse.id, amountGross: '12.345678', rail: 'crypto' },
      destination: { wallet: { blockchainAddress: expect.stringMatching(/aa$/i) }, txHash: null },
    });
    expect(started.recipientCustomerId).toBeUndefined();
    expect(Number(await available(purse))).toBeCloseTo(Number(before) - 12.345678, 6);
    await world.drain();
    const done = await world.client.transactions.get(started.id);
    expect(done).toMatchObject({
      status: 'completed',
      destination: { txHash: expect.stringMatching(/^0x/) },
    });
    expect(done.completedAt).toBeDefined();
    expect(await world.tokenBalance(OUTSIDE)).toBe(12_345_678n);
    expect(await world.client.quotes.get(started.quoteId ?? '')).toMatchObject({
      status: 'accepted',
      transactionId: started.id,
    });
  });

  it("to another customer's wallet is theirs in the same moment", async () => {
    const started = await pay({ id: pocket.id }, '20.00');
    expect(started).toMatchObject({
      recipientCustomerId: bob.id,
      destination: { wallet: { walletId: pocket.id } },
    });
    await world.drain();
    expect(await available(pocket)).toBe('20.00');
    expect(await world.tokenBalance(pocket.address)).toBe(20_000_000n);
    const ofBob = await world.client.customers.transactions(bob.id).take(10);
    expect(ofBob[0]).toMatchObject({ id: started.id, role: 'recipient' });
    const [ofAlice] = await world.client.customers.transactions(alice.id).take(10);
    expect(ofAlice).toMatchObject({ id: started.id, role: 'sender' });
    const perspective = { senderCustomerId: alice.id, recipientCustomerId: bob.id };
    expect(await world.client.transactions.get(started.id, perspective)).toMatchObject({ role: 'both' });
    for (const filter of [
      { walletId: purse.id },
      { walletId: pocket.id },
      { quoteId: started.quoteId ?? '' },
    ]) {
      const found = await world.client.transactions.list(filter).take(100);
      expect(found.map(({ id }) => id)).toContain(started.id);
    }
  });

  it('with fees delivers the net amount, and takes the fees to the treasury once it is delivered', async () => {
    const project = await world.newProject();
    await world.drain();
    const customer = await world.provisionedCustomer(project.client);
    const wallet = await world.fundedWallet(customer, '100.00', project.client);
    await project.client.settings.update({
      fees: { cryptoToCrypto: { percentage: '0.01', fixed: '0.10' } },
      developerFees: { cryptoToCrypto: { fixed: '0.05' } },
      gasFee: '0.02',
    });
    const { id } = await project.client.quotes.create({
      customerId: customer.id,
      source: { walletId: wallet.id, ...usdc, amount: '50.00' },
      destination: { wallet: { blockchainAddress: `0x${'0'.repeat(38)}bb` }, ...usdc },
      sponsorGas: false,
      developerFees: [{ flatFee: '0.05' }],
    });
    const started = await project.client.transactions.create({ quoteId: id });
    expect((await project.client.wallets.balance(wallet.id)).availableBalance).toBe('50.00');
    await world.drain();
    expect(await project.client.transactions.get(started.id)).toMatchObject({
      status: 'completed',
      source: {
        amountNet: '49.33',
        feesDeducted: { total: '0.67', oms: '0.60', developer: '0.05', gas: '0.02' },
      },
    });
    expect(await world.tokenBalance(wallet.address)).toBe(50_000_000n);
    expect(await world.tokenBalance(`0x${'0'.repeat(38)}bb`)).toBe(49_330_000n);
  });

  it('executes a quote once, whoever asks at the same time', async () => {
    const { id } = await quote({ id: pocket.id }, '1.00');
    const replies = await Promise.all(
      Array.from({ length: 10 }, () => post('/transactions', { quoteId: id })),
    );
    expect(replies.filter(({ status }) => status === 201)).toHaveLength(1);
    const others = replies.filter(({ status }) => status !== 201);
    expect(others.every(({ json }) => json.code === 'quote_already_accepted')).toBe(true);
    await world.drain();
  });

  it('is refused when the quote has expired', async () => {
    const { id } = await quote({ id: pocket.id }, '1.00');
    world.advance(OPEN_MS);
    expect(await post('/transactions', { quoteId: id })).toMatchObject({
      status: 422,
      json: { code: 'quote_expired' },
    });
    expect(await world.client.quotes.get(id)).toMatchObject({ status: 'expired' });
  });

  it('is refused without funds; the quote stays open and works once they are there', async () => {
    const wallet = await world.wallet(alice);
    const { id } = await world.client.quotes.create({
      ...quoteBody({ id: pocket.id }),
      source: { walletId: wallet.id, ...usdc, amount: '5.00' },
    });
    expect(await post('/transactions', { quoteId: id })).toMatchObject({
      status: 422,
      json: { code: 'insufficient_funds' },
    });
    expect(await world.client.quotes.get(id)).toMatchObject({ status: 'open' });
    await pay({ id: wallet.id }, '5.00');
    await world.drain();
    expect(await world.client.transactions.create({ quoteId: id })).toMatchObject({ status: 'processing' });
    await world.drain();
    expect(await available(wallet)).toBe('0.00');
  });

  it('cannot spend more than there is, however many quotes are executed at once', async () => {
    const wallet = await world.wallet(alice);
    await pay({ id: wallet.id }, '5.00');
    await world.drain();
    const quotes = await Promise.all(
      Array.from({ length: 12 }, () =>
        world.client.quotes.create({
          ...quoteBody({ id: pocket.id }),
          source: { walletId: wallet.id, ...usdc, amount: '1.00' },
        }),
      ),
    );
    const replies = await Promise.all(quotes.map(({ id }) => post('/transactions', { quoteId: id })));
    expect(replies.filter(({ status }) => status === 201)).toHaveLength(5);
    await world.drain();
    expect(await available(wallet)).toBe('0.00');
  });

  it('keeps the metadata of quote and request, and checks the source address it names', async () => {
    const { id } = await world.client.quotes.create({
      ...quoteBody({ id: pocket.id }, '1.00'),
      metadata: { a: 1 },
    });
    const other = await post('/transactions', { quoteId: id, sourceWalletAddress: pocket.address });
    expect(other).toMatchObject({ status: 400 });
    const made = await post('/transactions', {
      quoteId: id,
      sourceWalletAddress: purse.address,
      metadata: { b: 'two' },
      tags: 'x',
      partnerTransactionId: 7,
    });
    expect(made).toMatchObject({ status: 201, json: { metadata: { a: 1, b: 'two' } } });
    await world.drain();
  });

  it('that the token refuses fails before any debit, and frees the funds', async () => {
    const before = await available(purse);
    const refused = `0x${'0'.repeat(38)}cc`;
    await world.callToken(`${BLACKLIST}${refused.slice(2).padStart(64, '0')}`);
    const started = await pay({ blockchainAddress: refused }, '3.00');
    await vi.waitFor(async () => {
      await world.drain({ expectFailures: true });
      world.advance(AUTHORIZATION_MS);
      await world.chain.mine();
      const failed = await world.client.transactions.get(started.id);
      expect(failed).toMatchObject({
        status: 'failed',
        error: { code: 'recipient_blacklisted', recoverable: false },
      });
      expect(failed.refund).toBeUndefined();
    }, DECIDED);
    expect(await available(purse)).toBe(before);
  });
});
