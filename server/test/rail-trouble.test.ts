import type { Customer } from '@openoms/contract/customers.ts';
import type { SandboxTrouble, SandboxTroubleRequest } from '@openoms/contract/sandbox-trouble.ts';
import type { Transaction } from '@openoms/contract/transactions.ts';
import type { VirtualAccount } from '@openoms/contract/virtual-accounts.ts';
import type { Wallet } from '@openoms/contract/wallets.ts';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { must } from '../src/kernel/assert.ts';
import { DAY_MS, HOUR_MS } from '../src/kernel/clock.ts';
import { createWorld, type World } from './world.ts';

const SENDER = 'Ada Lovelace-Byron';

let world: World;
let customer: Customer;
let wallet: Wallet;
beforeAll(async () => {
  world = await createWorld();
});
/** Of its own for each test: customers have limits. */
beforeEach(async () => {
  customer = await world.provisionedCustomer();
  wallet = await world.fundedWallet(customer, '500.00');
});
/** The books are right, with the trouble on and after it. */
afterEach(async () => {
  await world.checkInvariants();
  await world.client.sandbox.trouble.deleteAll();
  await world.drain();
  await world.checkInvariants();
});
afterAll(() => world.close());

const make = (rule: SandboxTroubleRequest): Promise<SandboxTrouble> =>
  world.client.sandbox.trouble.create(rule);

async function happenedOf({ id }: SandboxTrouble): Promise<number> {
  const rules = await world.client.sandbox.trouble.list().take(100);
  return must(
    rules.find((rule) => rule.id === id),
    'the rule',
  ).happened;
}

async function payOut(): Promise<Transaction> {
  const account = await world.client.externalAccounts.create(customer.id, {
    type: 'usBank',
    network: 'ach',
    owner: { name: 'Jane Smith', type: 'individual' },
    bankDetails: {
      accountNumber: '000123456789',
      routingNumber: '021000021',
      accountType: 'checking',
      bankName: 'Chase',
    },
  });
  const quote = await world.client.quotes.create({
    customerId: customer.id,
    source: { walletId: wallet.id, asset: 'usdc', network: 'polygon', amount: '100.00' },
    destination: { wallet: { externalAccount: account.id }, asset: 'usd', network: 'ach' },
  });
  const started = await world.client.transactions.create({ quoteId: quote.id });
  await world.drain();
  return started;
}

const virtualAccount = (): Promise<VirtualAccount> =>
  world.client.virtualAccounts.create(customer.id, {
    source: { asset: 'usd', network: 'usBank' },
    destination: { wallet: { wallet: wallet.id }, asset: 'usdc', network: 'polygon' },
  });

const payIn = ({ id }: VirtualAccount, value = '50.00') =>
  world.client.virtualAccounts.simulate(id, {
    rail: 'ach_in',
    amount: { value, currency: 'USD' },
    senderName: SENDER,
  });

const depositsOf = ({ id }: VirtualAccount) => world.client.virtualAccounts.deposits(id).take(100);
const get = ({ id }: Transaction) => world.client.transactions.get(id);
const balance = async () => (await world.client.wallets.balance(wallet.id)).availableBalance;

const eventsOf = async ({ id }: { readonly id: string }): Promise<string[]> => {
  const rows = await world.sql<{ type: string }>(
    'select type from events where resource_id = $1 order by sequence',
    [id],
  );
  return rows.map(({ type }) => type.slice(type.lastIndexOf('.') + 1));
};

async function pass(ms: number): Promise<void> {
  world.advance(ms);
  await world.drain();
}

describe('rail.late', () => {
  it('a payout that the bank has settled goes on when it says so', async () => {
    await make({ kind: 'rail.late', seconds: 7_200 });
    const payout = await payOut();
    expect(await get(payout)).toMatchObject({ status: 'processing' });
    await world.checkInvariants();
    await pass(HOUR_MS);
    expect(await get(payout)).toMatchObject({ status: 'processing' });
    await pass(HOUR_MS);
    expect(await get(payout)).toMatchObject({ status: 'completed' });
    expect(await eventsOf(payout)).toEqual(['processing', 'completed']);
  });

  it('a return that overtakes a late settlement gives the money back once, and the settlement changes nothing', async () => {
    await make({ kind: 'rail.late', times: 1 });
    const payout = await payOut();
    await world.client.simulate.transaction(payout.id, { event: 'payoutReturned', returnCode: 'R01' });
    await world.drain();
    const before = await get(payout);
    expect(before).toMatchObject({ status: 'failed' });
    const back = await balance();
    await world.checkInvariants();
    await pass(HOUR_MS);
    expect(await get(payout)).toEqual(before);
    expect(await balance()).toBe(back);
    expect(await eventsOf(payout)).toEqual(['processing', 'failed', 'refunded']);
  });

  it('a credit is taken in when the bank tells of it; what waits names nobody in the clear', async () => {
    const account = await virtualAccount();
    await make({ kind: 'rail.late', seconds: 60, rail: 'bank' });
    const { events } = await payIn(account);
    expect(events).toEqual([]);
    await world.drain();
    expect(await depositsOf(account)).toEqual([]);
    const [waiting] = await world.sql<{ text: string }>(
      `select payload::text text from jobs where task = 'sandbox-rails.tell'`,
    );
    expect(waiting?.text).toContain('sealed');
    for (const clear of [SENDER, account.bankDetails.accountNumber])
      expect(waiting?.text).not.toContain(clear);
    await pass(60_000);
    expect(await depositsOf(account)).toMatchObject([{ amount: '50.00' }]);
    expect(await balance()).not.toBe('500.00');
  });

  it('cash is delivered when the till’s network tells of it, even if the code has expired by then', async () => {
    await make({ kind: 'rail.late', seconds: 90_000, rail: 'cash' });
    const cashIn = await world.cashIn(wallet);
    await world.payAtTill(cashIn, '100.00');
    await world.drain();
    expect(await world.client.cashIns.get(cashIn.id)).toMatchObject({ status: 'pending' });
    await pass(DAY_MS);
    expect(await world.client.cashIns.get(cashIn.id)).toMatchObject({ status: 'expired' });
    await pass(HOUR_MS);
    expect(await world.client.cashIns.get(cashIn.id)).toMatchObject({ status: 'completed' });
    expect(await eventsOf(cashIn)).toEqual(['created', 'expired', 'processing', 'completed']);
  });

  it('a collection that is told after the pickup was to expire is found in time, and told once', async () => {
    await make({ kind: 'rail.late', seconds: (80 * HOUR_MS) / 1_000 });
    const cashOut = await world.cashOut(wallet);
    await world.drain();
    await world.client.simulate.transaction(cashOut.id, { event: 'cashCollected' });
    await world.drain();
    expect(await get(cashOut)).toMatchObject({ status: 'cashPickupReady' });
    await world.checkInvariants();
    await pass(72 * HOUR_MS);
    const done = await get(cashOut);
    expect(done).toMatchObject({ status: 'completed' });
    await pass(8 * HOUR_MS);
    expect(await get(cashOut)).toEqual(done);
  });

  it('of one network leaves the other alone', async () => {
    const rule = await make({ kind: 'rail.late', rail: 'cash' });
    expect(await get(await payOut())).toMatchObject({ status: 'completed' });
    expect(await happenedOf(rule)).toBe(0);
  });
});

describe('rail.duplicate', () => {
  it('everything that is told twice has its effect once', async () => {
    const rule = await make({ kind: 'rail.duplicate' });
    const account = await virtualAccount();
    await payIn(account);
    const cashIn = await world.cashIn(wallet);
    await world.payAtTill(cashIn, '100.00');
    const cashOut = await world.cashOut(wallet);
    await world.drain();
    await world.client.simulate.transaction(cashOut.id, { event: 'cashCollected' });
    const payout = await payOut();
    await world.client.simulate.transaction(payout.id, { event: 'payoutReturned', returnCode: 'R02' });
    await world.drain();
    expect(await depositsOf(account)).toMatchObject([{ amount: '50.00' }]);
    expect(await eventsOf(cashIn)).toEqual(['created', 'processing', 'completed']);
    expect(await eventsOf(cashOut)).toEqual(['processing', 'cashPickupReady', 'completed']);
    expect(await eventsOf(payout)).toEqual(['processing', 'completed', 'returned', 'failed', 'refunded']);
    expect(await happenedOf(rule)).toBe(5);
  });

  it('that is late as well comes twice then', async () => {
    const [late, twice] = [await make({ kind: 'rail.late' }), await make({ kind: 'rail.duplicate' })];
    const payout = await payOut();
    const waiting = await world.sql(`select from jobs where task = 'sandbox-rails.tell'`);
    expect(waiting).toHaveLength(2);
    await pass(HOUR_MS);
    expect(await eventsOf(payout)).toEqual(['processing', 'completed']);
    expect([await happenedOf(late), await happenedOf(twice)]).toEqual([1, 1]);
  });
});

describe('rail.wrongAmount', () => {
  it.each([
    ['12.34', '62.34'],
    ['-60.00', '0.01'],
  ])('what a bank says came is what is booked, never less than a cent: %s', async (difference, amount) => {
    const account = await virtualAccount();
    await make({ kind: 'rail.wrongAmount', difference });
    await payIn(account);
    await world.drain();
    expect(await depositsOf(account)).toMatchObject([{ amount }]);
  });

  it('what a till’s network says it took is what is booked', async () => {
    const rule = await make({ kind: 'rail.wrongAmount', rail: 'cash' });
    const cashIn = await world.cashIn(wallet);
    await world.payAtTill(cashIn, '100.00');
    await world.drain();
    const { transactionId } = await world.client.cashIns.get(cashIn.id);
    const booked = await world.client.transactions.get(must(transactionId, 'a transaction'));
    expect(booked.source).toMatchObject({ amountGross: '99.00' });
    expect(await happenedOf(rule)).toBe(1);
  });

  it('is none of what comes without an amount', async () => {
    const rule = await make({ kind: 'rail.wrongAmount' });
    expect(await get(await payOut())).toMatchObject({ status: 'completed' });
    expect(await happenedOf(rule)).toBe(0);
  });
});

/* Last: from here on the project has a clock of its own. */
it('what is late follows the clock of the project, among whose timers it is', async () => {
  await world.setClock({ freeze: true });
  await make({ kind: 'rail.late', seconds: 7_200 });
  const payout = await payOut();
  const { data } = await world.client.sandbox.clock.timers();
  expect(data.map(({ name }) => name)).toContain('provider.tells');
  const { events } = await world.setClock({ advanceSeconds: 7_200 });
  expect(events).toContainEqual(
    expect.objectContaining({ event: 'transaction.cryptoToFiat.completed', resourceId: payout.id }),
  );
  await world.setClock({ resume: true });
});
