import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

const newWallet = async () => world.wallet(await world.provisionedCustomer());
const send = (walletId: string, body: unknown, key = world.key(), as = world.project) =>
  world.fetch('POST', `/v0.9/wallets/${walletId}/simulate`, {
    body,
    headers: { 'idempotency-key': key },
    as,
  });
const eventsOf = async (resource: string) =>
  (await world.client.events.list({ resource }).take(9)).map(({ event }) => event);

describe('a stranger', () => {
  it('sends the wallet’s own token, which is credited however little it is', async () => {
    const wallet = await newWallet();
    const key = world.key();
    const first = await send(wallet.id, { amount: { value: '0.000001' } }, key);
    expect(first).toMatchObject({ status: 200, json: { address: wallet.address, token: 'usdc' } });
    expect((await send(wallet.id, { amount: { value: '0.000001' } }, key)).text).toBe(first.text);
    expect(await send(wallet.id, { amount: { value: '2' } }, key)).toMatchObject({
      status: 409,
      json: { code: 'idempotency_conflict' },
    });
    await world.drain();
    expect(await world.tokenBalance(wallet.address)).toBe(1n);
    expect((await world.client.wallets.balance(wallet.id)).availableBalance).toBe('0.000001');
    expect(await eventsOf(wallet.id)).toEqual(['wallet.depositCredited', 'wallet.depositDetected']);
  });

  it('sends a token that nobody knows, which is listed and credited to nobody', async () => {
    const wallet = await newWallet();
    await world.client.simulate.walletDeposit(wallet.id, { token: 'other', amount: { value: '5.00' } });
    await world.drain();
    expect((await world.client.wallets.balance(wallet.id)).availableBalance).toBe('0.00');
    const ignored = await world.client.reconciliation.ignoredTransfers().take(9);
    expect(ignored).toMatchObject([{ reason: 'wrong_token', address: wallet.address }]);
    expect(await eventsOf(wallet.id)).toEqual([]);
  });

  it('sends no more than there may be, nor nothing', async () => {
    const wallet = await newWallet();
    for (const value of ['0.00', '0.0000001']) {
      expect(await send(wallet.id, { amount: { value } })).toMatchObject({
        status: 400,
        json: { code: 'validation_error', details: [{ field: 'amount.value' }] },
      });
    }
    const tooMuch = await send(wallet.id, { amount: { value: '100000000.01' } });
    expect(tooMuch).toMatchObject({ status: 422, json: { code: 'amount_out_of_range' } });
  });

  it('does not send to a wallet of another tenant', async () => {
    const wallet = await newWallet();
    const stranger = await world.newProject();
    const body = { amount: { value: '1.00' } };
    const theirs = await send(wallet.id, body, world.key(), stranger);
    const nobodys = await send('wlt_unknown', body, world.key(), stranger);
    expect(theirs).toMatchObject({ status: 404, json: { ...nobodys.json, requestId: expect.anything() } });
  });
});

describe('what a simulation answers', () => {
  it('names what it caused, and nothing that was before', async () => {
    const wallet = await newWallet();
    const account = await world.client.virtualAccounts.create(wallet.customerId, {
      source: { asset: 'usd', network: 'usBank' },
      destination: { wallet: { wallet: wallet.id }, asset: 'usdc', network: 'polygon' },
    });
    const amount = { value: '25.00', currency: 'USD' } as const;
    const { events } = await world.client.virtualAccounts.simulate(account.id, { rail: 'wire_in', amount });
    expect(events.map(({ event }) => event)).toEqual([
      'virtualAccount.deposit.received',
      'transaction.fiatToCrypto.processing',
    ]);
    await world.drain();
    const id = events[1]?.resourceId ?? '';
    const review = await world.client.simulate.transaction(id, { event: 'underReview' });
    expect(review.events).toMatchObject([{ event: 'transaction.fiatToCrypto.underReview', sequence: 1 }]);
  });
});
