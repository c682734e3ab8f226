import type { Customer } from '@openoms/contract/customers.ts';
import type { Transaction } from '@openoms/contract/transactions.ts';
import type { Wallet } from '@openoms/contract/wallets.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { must } from '../src/kernel/assert.ts';
import { createWorld, type World } from './world.ts';

let world: World;
let customer: Customer;
let wallet: Wallet;
/** By rail. */
const accounts = { ach: '', wire: '', swift: '' };
type Rail = keyof typeof accounts;

beforeAll(async () => {
  world = await createWorld();
  customer = await world.provisionedCustomer();
  wallet = await world.fundedWallet(customer, '5000.00');
  const owner = { name: 'Jane Smith', type: 'individual' as const };
  for (const network of ['ach', 'wire'] as const) {
    const account = await world.client.externalAccounts.create(customer.id, {
      type: 'usBank',
      network,
      owner,
      bankDetails: {
        accountNumber: '000123456789',
        routingNumber: '021000021',
        accountType: 'checking',
        bankName: 'Chase',
      },
    });
    accounts[network] = account.id;
  }
  const abroad = await world.client.externalAccounts.create(customer.id, {
    type: 'intlBank',
    network: 'swift',
    owner,
    bankDetails: { iban: 'DE89370400440532013000', swiftCode: 'COBADEFFXXX', bankName: 'Commerzbank' },
  });
  accounts.swift = abroad.id;
});
afterAll(() => world.close());

/** The request of get-started.md, tab "Bank transfer". */
const quoteBody = (rail: Rail, amount = '100.00') => ({
  customerId: customer.id,
  source: { walletId: wallet.id, asset: 'usdc', network: 'polygon', amount },
  destination: { wallet: { externalAccount: accounts[rail] }, asset: 'usd', network: rail },
});

async function payOut(rail: Rail, amount?: string): Promise<Transaction> {
  const quote = await world.client.quotes.create(quoteBody(rail, amount));
  return world.client.transactions.create({ quoteId: quote.id });
}

const get = ({ id }: Transaction) => world.client.transactions.get(id);
const balance = async () => (await world.client.wallets.balance(wallet.id)).availableBalance;

/** What the bank calls the payout of a transaction. */
async function payoutOf({ id }: Transaction): Promise<string> {
  const { context, project } = world;
  const row = await context.db.tx(project.projectId, (tx) =>
    context.bank.findPayoutOf(tx, 'transaction', id),
  );
  return must(row, 'a payout').payout_id;
}

const atTheBank = async (
  work: (tx: Parameters<typeof world.context.sandboxBank.settle>[0]) => Promise<unknown>,
) => {
  await world.context.sealers.for(world.project.projectId);
  await world.context.db.tx(world.project.projectId, work);
};

const eventsOf = async ({ id }: Transaction): Promise<string[]> => {
  const rows = await world.sql<{ type: string }>(
    'select type from events where resource_id = $1 order by sequence',
    [id],
  );
  return rows.map(({ type }) => type.replace('transaction.cryptoToFiat.', ''));
};

describe('a payout', () => {
  it('by ACH lands in the account: the documents’ own requests', async () => {
    const before = Number(await balance());
    const quote = await world.client.quotes.create(quoteBody('ach'));
    expect(quote).toMatchObject({
      type: 'cryptoToFiat',
      source: { amountGross: '100.00', amountNet: '100.00' },
      destination: { wallet: { externalAccount: accounts.ach }, network: 'ach', amountNet: '100.00' },
      rates: { pair: 'usdc/usd', exchangeRate: '1.0' },
    });
    const started = await world.client.transactions.create({ quoteId: quote.id });
    expect(started).toMatchObject({
      type: 'cryptoToFiat',
      status: 'processing',
      recipientCustomerId: customer.id,
      destination: {
        externalAccountId: accounts.ach,
        bankDetails: { accountNumber: '****6789', bankName: 'Chase' },
        owner: { name: 'Jane Smith' },
        rail: 'ach',
      },
    });
    expect(Number(await balance())).toBe(before - 100);
    await world.drain();
    const done = await get(started);
    expect(done).toMatchObject({
      status: 'completed',
      subStatus: 'settled',
      source: { txHash: expect.stringMatching(/^0x/) },
    });
    expect(await eventsOf(started)).toEqual(['processing', 'completed']);
    expect(await world.tokenBalance(wallet.address)).toBe(BigInt((before - 100) * 1_000_000));
    expect(JSON.stringify(done)).not.toContain('000123456789');
  });

  it.each(['wire', 'swift'] as const)('by %s', async (rail) => {
    const started = await payOut(rail, '50.00');
    await world.drain();
    expect(await get(started)).toMatchObject({
      status: 'completed',
      destination: { rail: rail === 'swift' ? 'international_wire' : 'wire', amountNet: '50.00' },
    });
  });

  it('pays whole cents; the rest is rounding', async () => {
    const started = await payOut('ach', '10.123456');
    expect(started.destination.amountNet).toBe('10.12');
    await world.drain();
    expect(await get(started)).toMatchObject({ status: 'completed' });
  });

  it('is refused over a rail the account is not registered for, and to a deleted account', async () => {
    const { wallet: target } = quoteBody('wire').destination;
    const body = { ...quoteBody('ach'), destination: { wallet: target, asset: 'usd', network: 'ach' } };
    const headers = () => ({ 'idempotency-key': world.key() });
    const reply = await world.fetch('POST', '/v0.9/quotes', { body, headers: headers() });
    expect(reply).toMatchObject({ status: 422, json: { code: 'unsupported_asset_network' } });
    const { id } = await world.client.externalAccounts.create(customer.id, {
      type: 'usBank',
      network: 'ach',
      owner: { name: 'Jane Smith', type: 'individual' },
      bankDetails: {
        accountNumber: '11112222',
        routingNumber: '021000021',
        accountType: 'savings',
        bankName: 'X',
      },
    });
    const toIt = { ...body, destination: { wallet: { externalAccount: id }, asset: 'usd', network: 'ach' } };
    const quote = await world.client.quotes.create(toIt);
    await world.client.externalAccounts.delete(id);
    expect((await world.fetch('POST', '/v0.9/quotes', { body: toIt, headers: headers() })).status).toBe(404);
    const late = { body: { quoteId: quote.id }, headers: headers() };
    expect((await world.fetch('POST', '/v0.9/transactions', late)).status).toBe(404);
  });

  it('needs a customer with a fiat account', async () => {
    const bare = await world.client.customers.create({});
    const purse = await world.wallet(bare);
    const body = {
      ...quoteBody('ach'),
      customerId: bare.id,
      source: { walletId: purse.id, asset: 'usdc', network: 'polygon', amount: '1.00' },
    };
    const reply = await world.fetch('POST', '/v0.9/quotes', {
      body,
      headers: { 'idempotency-key': world.key() },
    });
    // Another customer's account is as absent as none.
    expect(reply.status).toBe(404);
    const { id } = await world.client.externalAccounts.create(bare.id, {
      type: 'usBank',
      network: 'ach',
      owner: { name: 'Nobody', type: 'individual' },
      bankDetails: {
        accountNumber: '11112222',
        routingNumber: '021000021',
        accountType: 'savings',
        bankName: 'X',
      },
    });
    const own = { ...body, destination: { wallet: { externalAccount: id }, asset: 'usd', network: 'ach' } };
    const refused = await world.fetch('POST', '/v0.9/quotes', {
      body: own,
      headers: { 'idempotency-key': world.key() },
    });
    expect(refused).toMatchObject({
      status: 422,
      json: {
        code: 'provider_account_not_provisioned',
        message: 'provider account not provisioned for this customer',
      },
    });
  });
});

describe('a payout that the bank does not make', () => {
  beforeAll(async () => {
    await world.client.settings.update({
      pace: 'manual',
      fees: { ach: { percentage: '0.01', fixed: '0.25' } },
    });
  });

  it('gives everything back, fees too: sent back before it settled', async () => {
    const before = await balance();
    const started = await payOut('ach');
    await world.drain();
    expect(await get(started)).toMatchObject({ status: 'processing', subStatus: 'fundsPulled' });
    const payoutId = await payoutOf(started);
    await atTheBank((tx) => world.context.sandboxBank.returnPayout(tx, payoutId, 'R03'));
    const failed = await get(started);
    expect(failed).toMatchObject({
      status: 'failed',
      subStatus: 'payoutFailed.R03',
      error: { code: 'payout_failed', message: expect.stringContaining('R03'), recoverable: false },
      refund: { amount: '100.00', status: 'pending', txHash: null },
    });
    expect(failed.completedAt).toBeUndefined();
    await world.drain();
    expect(await get(started)).toMatchObject({
      refund: { status: 'completed', txHash: expect.stringMatching(/^0x/) },
    });
    expect(await balance()).toBe(before);
    expect(await eventsOf(started)).toEqual(['processing', 'failed', 'refunded']);
  });

  it('is refused by the bank', async () => {
    const before = await balance();
    const started = await payOut('wire', '20.00');
    await world.drain();
    const payoutId = await payoutOf(started);
    await atTheBank((tx) => world.context.sandboxBank.reject(tx, payoutId, 'AC04'));
    await world.drain();
    expect(await get(started)).toMatchObject({ status: 'failed', refund: { status: 'completed' } });
    expect(await balance()).toBe(before);
  });

  it('comes back after it was completed: what arrived goes back, the fee was earned', async () => {
    const before = Number(await balance());
    const started = await payOut('ach');
    await world.drain();
    const payoutId = await payoutOf(started);
    await atTheBank((tx) => world.context.sandboxBank.settle(tx, payoutId));
    expect(await get(started)).toMatchObject({ status: 'completed' });
    await atTheBank((tx) => world.context.sandboxBank.returnPayout(tx, payoutId, 'R01'));
    const failed = await get(started);
    expect(failed).toMatchObject({
      status: 'failed',
      subStatus: 'returned',
      error: { code: 'payout_returned', recoverable: true },
      return: { code: 'R01', amount: '98.75' },
      refund: { amount: '98.75', status: 'pending' },
    });
    expect(failed.completedAt).toBeDefined();
    await world.drain();
    expect(Number(await balance())).toBe(before - 1.25);
    expect(await eventsOf(started)).toEqual(['processing', 'completed', 'returned', 'failed', 'refunded']);
  });

  it('corrects the account by a notification of change', async () => {
    const started = await payOut('ach', '5.00');
    await world.drain();
    const payoutId = await payoutOf(started);
    await atTheBank(async (tx) => {
      await world.context.sandboxBank.settle(tx, payoutId);
      await world.context.sandboxBank.notifyOfChange(tx, payoutId, 'C01', { accountNumber: '000123450000' });
    });
    expect(await world.client.externalAccounts.get(accounts.ach)).toMatchObject({
      bankDetails: { accountNumber: '****0000' },
    });
    await world.drain();
  });
});

describe('told by the simulator', () => {
  beforeAll(async () => {
    await world.client.settings.update({ pace: 'manual', fees: null });
  });

  const simulate = (transaction: Transaction, body: object) =>
    world.fetch('POST', `/v0.9/transactions/${transaction.id}/simulate`, { body });

  it('settles, is corrected, and comes back with a code', async () => {
    const started = await payOut('ach', '10.00');
    await world.drain();
    expect(await simulate(started, { event: 'payoutSettled' })).toMatchObject({
      status: 200,
      json: { transactionId: started.id, event: 'payoutSettled', status: 'submitted' },
    });
    expect(await get(started)).toMatchObject({ status: 'completed' });
    const corrected = { accountNumber: '000123459876' };
    expect(await simulate(started, { event: 'notificationOfChange', code: 'C01', corrected })).toMatchObject({
      status: 200,
    });
    expect(await world.client.externalAccounts.get(accounts.ach)).toMatchObject({
      bankDetails: { accountNumber: '****9876' },
    });
    await world.client.simulate.transaction(started.id, { event: 'payoutReturned', returnCode: 'R01' });
    expect(await get(started)).toMatchObject({ status: 'failed', return: { code: 'R01' } });
    await world.drain();
  });

  it('is refused for the usual reason, or the one that is given', async () => {
    for (const [code, told] of [
      [undefined, 'MS03'],
      ['AC04', 'AC04'],
    ] as const) {
      const started = await payOut('wire', '10.00');
      await world.drain();
      await simulate(started, { event: 'payoutRejected', code });
      expect(await get(started)).toMatchObject({ status: 'failed', subStatus: `payoutFailed.${told}` });
      await world.drain();
    }
  });

  it('names the code or the correction that is wrong, and the state that forbids it', async () => {
    const started = await payOut('ach', '10.00');
    expect(await simulate(started, { event: 'payoutSettled' })).toMatchObject({
      status: 409,
      json: { code: 'invalid_state' },
    });
    await world.drain();
    const wrong: readonly (readonly [object, string])[] = [
      [{ event: 'payoutReturned', returnCode: 'R99' }, 'returnCode'],
      [{ event: 'payoutRejected', code: 'R01' }, 'code'],
      [{ event: 'notificationOfChange', code: 'R01', corrected: {} }, 'code'],
      [{ event: 'notificationOfChange', code: 'C01', corrected: {} }, 'corrected.accountNumber'],
    ];
    for (const [body, field] of wrong) {
      expect(await simulate(started, body)).toMatchObject({
        status: 400,
        json: { code: 'validation_error', details: [{ field }] },
      });
    }
    expect(await get(started)).toMatchObject({ status: 'processing' });
    expect(await simulate(started, { event: 'cashCollected' })).toMatchObject({ status: 409 });
    await simulate(started, { event: 'payoutSettled' });
    expect(await simulate(started, { event: 'payoutRejected' })).toMatchObject({ status: 409 });
  });
});
