import type { CashLocation } from '@openoms/contract/cash-locations.ts';
import type { Customer } from '@openoms/contract/customers.ts';
import type { Transaction } from '@openoms/contract/transactions.ts';
import type { Wallet } from '@openoms/contract/wallets.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EXPIRE_TASK } from '../src/cash-pickups/deps.ts';
import type { PickupEvent } from '../src/cash-pickups/provider.ts';
import { must } from '../src/kernel/assert.ts';
import { CASH_LOCATIONS } from '../src/providers/sandbox/cash-locations.ts';
import { createWorld, type World } from './world.ts';

const PICKUP_LIFETIME_MS = 72 * 3_600_000;
const SACRAMENTO = { latitude: 38.495133, longitude: -121.505336 };

let world: World;
let jane: Customer;
let purse: Wallet;
let place: CashLocation;

beforeAll(async () => {
  world = await createWorld();
  jane = await world.provisionedCustomer();
  purse = await world.fundedWallet(jane, '2000.00');
  place = await world.payoutPlace();
});
afterAll(() => world.close());

const get = (id: string): Promise<Transaction> => world.client.transactions.get(id);

const available = async ({ id }: Wallet): Promise<string> =>
  must((await world.client.wallets.balance(id)).availableBalance, 'a wallet has a balance');

async function readyCashOut(dollars = '40.00'): Promise<Transaction> {
  const { id } = await world.cashOut(purse, { dollars });
  await world.drain();
  const ready = await get(id);
  expect(ready.status).toBe('cashPickupReady');
  return ready;
}

const simulate = (id: string, body: object, headers: Record<string, string> = {}) =>
  world.fetch('POST', `/v0.9/transactions/${id}/simulate`, { body, headers });

const quoteBody = (change: { amount?: string; cash?: object } = {}) => ({
  customerId: jane.id,
  source: { walletId: purse.id, asset: 'usdc', network: 'polygon' },
  destination: {
    cash: { locationId: place.id, locationReference: place.locationReference, ...change.cash },
    asset: 'usd',
    network: 'cash',
    amount: change.amount ?? '40.00',
  },
});

const postQuote = (body: object) =>
  world.fetch('POST', '/v0.9/quotes', { body, headers: { 'idempotency-key': world.key() } });

/** Of the transaction's pickup, with the books of the network. */
async function pickupOf(transactionId: string) {
  const [row] = await world.sql<{ pickup_id: string; status: string; reservation: string | null }>(
    `select p.pickup_id, p.status, s.status reservation from cash_pickups p
     left join sandbox_cash_pickups s using (project_id, pickup_id) where p.transaction_id = $1`,
    [transactionId],
  );
  return must(row, 'a pickup');
}

const apply = (...events: PickupEvent[]): Promise<void> =>
  world.context.db.tx(world.project.projectId, (tx) =>
    world.context.cashPickups.applyPickupEvents(tx, events),
  );

describe('the places that pay out', () => {
  it('are listed for the flow, under the network that pays out and under the one that the documents name', async () => {
    const ofNetwork = await world.client.cashLocations
      .list({ ...SACRAMENTO, provider: 'allpoint', flow: 'cashOut', limit: 100 })
      .take(100);
    const documented = await world.client.cashLocations
      .list({ ...SACRAMENTO, provider: 'greendot', flow: 'cashOut', limit: 100 })
      .take(100);
    expect(ofNetwork.length).toBeGreaterThan(50);
    expect(documented).toEqual(ofNetwork);
    for (const each of ofNetwork) expect(each).toMatchObject({ provider: 'allpoint', cashOutAllowed: true });
  });

  it('take no cash for the network that only pays out', async () => {
    const list = world.client.cashLocations.list({ ...SACRAMENTO, provider: 'allpoint', flow: 'cashIn' });
    expect(await list.take(10)).toEqual([]);
  });
});

describe('a quote for cash', () => {
  it('names the place and prices dollars', async () => {
    const quote = await world.client.quotes.create(quoteBody());
    expect(quote).toMatchObject({
      type: 'cryptoToFiat',
      fixedAmountSide: 'destination',
      source: { walletId: purse.id, amountGross: '40.00' },
      destination: {
        asset: 'usd',
        network: 'cash',
        amountGross: '40.00',
        cash: { locationId: place.id, locationReference: place.locationReference },
      },
    });
  });

  it.each([
    ['no multiple of the step', '50.00'],
    ['less than the least', '10.00'],
    ['more than the most', '520.00'],
  ])('refuses %s', async (_, amount) => {
    expect(await postQuote(quoteBody({ amount }))).toMatchObject({
      status: 422,
      json: { code: 'amount_out_of_range', details: [{ field: 'destination.amount' }] },
    });
  });

  it('takes the steps and limits of the project', async () => {
    await world.client.settings.update({ limits: { cashOut: { min: '5.00', max: '700.00', step: '5.00' } } });
    expect(await postQuote(quoteBody({ amount: '605.00' }))).toMatchObject({ status: 201 });
    await world.client.settings.update({ limits: { cashOut: null } });
  });

  it('refuses a place that does not pay out, naming every field that is wrong', async () => {
    const till = must(
      CASH_LOCATIONS.find(({ cashOutAllowed }) => !cashOutAllowed),
      'a place that only takes cash',
    );
    const cash = { locationId: till.locationId, locationReference: 'x' };
    const reply = await postQuote(quoteBody({ cash }));
    expect(reply).toMatchObject({ status: 400, json: { code: 'validation_error' } });
    expect(reply.json.details).toEqual([
      { field: 'destination.cash.locationReference', issue: 'is not the reference of this location' },
      { field: 'destination.cash.locationId', issue: 'does not pay out cash' },
    ]);
    expect(await postQuote(quoteBody({ cash: { locationId: 'loc_nowhere' } }))).toMatchObject({
      status: 404,
    });
  });

  it('needs a customer with dollars, and a wallet of their own', async () => {
    const stranger = await world.client.customers.create({ endorsements: ['basic'] });
    expect(await postQuote({ ...quoteBody(), customerId: stranger.id })).toMatchObject({
      status: 403,
      json: { code: 'endorsement_required' },
    });
    const other = await world.provisionedCustomer();
    expect(await postQuote({ ...quoteBody(), customerId: other.id })).toMatchObject({ status: 404 });
  });
});

describe('a cash-out', () => {
  it('pulls the tokens, is ready at once, and shows its owner how to collect', async () => {
    const receiver = await world.receiver();
    await world.client.webhooks.create({ url: receiver.url, events: ['transaction.cryptoToFiat.*'] });
    const before = await available(purse);
    const started = await world.cashOut(purse, { dollars: '60.00' });
    expect(started).toMatchObject({
      type: 'cryptoToFiat',
      status: 'processing',
      recipientCustomerId: jane.id,
      destination: { cash: { locationId: place.id }, rail: 'cash' },
    });
    expect(started.cashPickup).toBeUndefined();
    await world.drain();
    const ready = await get(started.id);
    expect(ready).toMatchObject({ status: 'cashPickupReady', source: { txHash: expect.any(String) } });
    const pickup = must(ready.cashPickup, 'it is shown');
    expect(pickup).toEqual({
      amount: '60.00',
      asset: 'usd',
      cashCode: expect.stringMatching(/^\d{4} \d{4} \d{4}$/),
      expiresAt: expect.any(String),
      instructions: expect.any(String),
      phoneRequired: true,
      location: {
        name: place.name,
        provider: 'allpoint',
        address: place.address,
        city: place.city,
        state: place.state,
        zipCode: place.zipCode,
        country: 'US',
        coordinates: place.coordinates,
      },
    });
    const leftMs = Date.parse(pickup.expiresAt) - world.clock.now().getTime();
    expect(Math.abs(leftMs - PICKUP_LIFETIME_MS)).toBeLessThan(2_000);
    expect(Number(await available(purse))).toBeCloseTo(Number(before) - 60, 6);
    // It waits for the customer, whatever else happens.
    world.advance(3_600_000);
    await world.drain();
    expect((await get(started.id)).status).toBe('cashPickupReady');

    const told = await world.client.simulate.transaction(started.id, { event: 'cashCollected' });
    expect(told).toMatchObject({ transactionId: started.id, event: 'cashCollected', status: 'submitted' });
    const done = await get(started.id);
    expect(done).toMatchObject({ status: 'completed', subStatus: 'cashPickupCollected' });
    expect(done.refund).toBeUndefined();
    await world.drain();
    const ofIt = receiver.requests
      .map(({ body }) => JSON.parse(body))
      .filter(({ data }) => data.id === started.id);
    expect(ofIt.map(({ event }) => event).toSorted()).toEqual(
      ['processing', 'cashPickupReady', 'completed']
        .map((each) => `transaction.cryptoToFiat.${each}`)
        .toSorted(),
    );
    // Whoever knows the code gets the cash.
    const code = pickup.cashCode;
    for (const line of world.logged) expect(line).not.toContain(code);
    const [job] = await world.sql('select 1 from jobs where payload::text like $1', [`%${code}%`]);
    expect(job).toBeUndefined();
  });

  it('that nobody collects expires and gives everything back on chain', async () => {
    const before = await world.tokenBalance(purse.address);
    const ready = await readyCashOut();
    expect(await world.tokenBalance(purse.address)).toBe(before - 40_000_000n);
    world.advance(PICKUP_LIFETIME_MS);
    await world.drain();
    const failed = await get(ready.id);
    expect(failed).toMatchObject({
      status: 'failed',
      error: { code: 'cash_pickup_expired', recoverable: true },
      refund: { amount: '40.00', status: 'completed', txHash: expect.stringMatching(/^0x/) },
    });
    expect(await world.tokenBalance(purse.address)).toBe(before);
    expect(await pickupOf(ready.id)).toMatchObject({ status: 'expired', reservation: 'cancelled' });
    expect(await simulate(ready.id, { event: 'cashCollected' })).toMatchObject({
      status: 409,
      json: { code: 'invalid_state' },
    });
  });

  it('can be told to expire', async () => {
    const before = await available(purse);
    const ready = await readyCashOut();
    await world.client.simulate.transaction(ready.id, { event: 'cashPickupExpired' });
    expect(await get(ready.id)).toMatchObject({ status: 'failed', refund: { status: 'pending' } });
    await world.drain();
    expect(await get(ready.id)).toMatchObject({ subStatus: 'refunded', refund: { status: 'completed' } });
    expect(await available(purse)).toBe(before);
  });

  it('that the network refuses fails and gives everything back, fees too', async () => {
    const project = await world.newProject();
    await world.drain();
    const customer = await world.provisionedCustomer(project.client);
    const wallet = await world.fundedWallet(customer, '100.00', project.client);
    await project.client.settings.update({ fees: { cashOut: { percentage: '0.01', fixed: '0.50' } } });
    const casper = await project.client.cashLocations
      .list({ provider: 'allpoint', flow: 'cashOut', latitude: 42.8585, longitude: -106.32, limit: 1 })
      .take(1);
    const at = must(casper[0], 'the machine that is out of cash');
    expect(at.zipCode).toBe('82601');
    const { id } = await world.cashOut(wallet, { client: project.client, at });
    await world.drain();
    expect(await project.client.transactions.get(id)).toMatchObject({
      status: 'failed',
      error: {
        code: 'payout_failed',
        message: 'The cash network did not pay: the machine is out of cash (out_of_cash)',
        recoverable: true,
      },
      refund: { status: 'completed' },
    });
    expect((await project.client.wallets.balance(wallet.id)).availableBalance).toBe('100.00');
  });
});

it('a place that closed before the cash was reserved is not asked; everything goes back', async () => {
  const before = await available(purse);
  const { id } = await world.cashOut(purse);
  const { cashNetwork } = world.context.providers;
  const find = cashNetwork.find;
  cashNetwork.find = () => undefined;
  await world.drain();
  cashNetwork.find = find;
  expect(await get(id)).toMatchObject({
    status: 'failed',
    subStatus: 'refunded',
    error: { message: expect.stringContaining('location_unavailable'), recoverable: true },
  });
  expect(await pickupOf(id)).toMatchObject({ status: 'failed', reservation: null });
  expect(await available(purse)).toBe(before);
});

describe('collected and expired at once', () => {
  it('one wins, whoever asks how often', async () => {
    for (let round = 0; round < 3; round++) {
      const ready = await readyCashOut('20.00');
      world.advance(PICKUP_LIFETIME_MS);
      const events = ['cashCollected', 'cashPickupExpired', 'cashCollected', 'cashCollected'];
      const [replies] = await Promise.all([
        Promise.all(events.map((event) => simulate(ready.id, { event }))),
        world.drain(),
      ]);
      const won = replies.filter(({ status }) => status === 200);
      expect(won.length).toBeLessThanOrEqual(1);
      for (const { status, json } of replies) {
        if (status !== 200)
          expect({ status, code: json.code }).toEqual({ status: 409, code: 'invalid_state' });
      }
      await world.drain();
      const { status, refund } = await get(ready.id);
      const isCollected = won[0]?.json.event === 'cashCollected';
      expect({ status, isRefunded: refund !== undefined }).toEqual(
        isCollected ? { status: 'completed', isRefunded: false } : { status: 'failed', isRefunded: true },
      );
    }
  });

  it('a collection that we have not heard of is found when the pickup is to expire', async () => {
    const ready = await readyCashOut();
    const { pickup_id } = await pickupOf(ready.id);
    // The machine has handed out the cash; the network's message is late.
    await world.sql(`update sandbox_cash_pickups set status = 'collected' where pickup_id = $1`, [pickup_id]);
    world.advance(PICKUP_LIFETIME_MS);
    await world.drain();
    const done = await get(ready.id);
    expect(done).toMatchObject({ status: 'completed' });
    expect(done.refund).toBeUndefined();
    // And then it comes.
    const provider = world.context.cashOutNetwork.name;
    await apply({
      provider,
      providerEventId: `${pickup_id}/collected`,
      pickupId: pickup_id,
      kind: 'collected',
    });
    await apply({ provider, providerEventId: 'another', pickupId: pickup_id, kind: 'collected' });
    expect(await get(ready.id)).toEqual(done);
  });

  it('expires nothing while the network has not confirmed', async () => {
    const ready = await readyCashOut();
    world.advance(PICKUP_LIFETIME_MS);
    const { cashOutNetwork } = world.context;
    const cancel = cashOutNetwork.cancel;
    cashOutNetwork.cancel = async () => {
      throw new Error('the network does not answer');
    };
    await world.drain({ expectFailures: true });
    expect((await get(ready.id)).status).toBe('cashPickupReady');
    cashOutNetwork.cancel = cancel;
    await world.client.simulate.transaction(ready.id, { event: 'cashCollected' });
    world.advance(60_000);
    await world.drain({ expectFailures: true });
    expect((await get(ready.id)).status).toBe('completed');
  });

  it('a cancellation whose answer was lost is asked for again', async () => {
    const ready = await readyCashOut();
    const { pickup_id } = await pickupOf(ready.id);
    await world.sql(`update sandbox_cash_pickups set status = 'cancelled' where pickup_id = $1`, [pickup_id]);
    expect(await simulate(ready.id, { event: 'cashCollected' })).toMatchObject({ status: 409 });
    world.advance(PICKUP_LIFETIME_MS);
    await world.drain();
    expect(await get(ready.id)).toMatchObject({ status: 'failed', refund: { status: 'completed' } });
  });
});

describe("the network's messages", () => {
  it('take effect in any order, each once', async () => {
    const { id } = await world.cashOut(purse);
    const { reserve } = world.context.cashOutNetwork;
    const held = Promise.withResolvers<string>();
    world.context.cashOutNetwork.reserve = async (order) => {
      const result = await reserve.call(world.context.cashOutNetwork, order);
      held.resolve(order.pickupId);
      // The customer is faster than the answer.
      const provider = world.context.cashOutNetwork.name;
      await world.sql(`update sandbox_cash_pickups set status = 'collected' where pickup_id = $1`, [
        order.pickupId,
      ]);
      const collected = { provider, pickupId: order.pickupId, kind: 'collected' } as const;
      await apply({ ...collected, providerEventId: `${order.pickupId}/collected` });
      return result;
    };
    await world.drain();
    world.context.cashOutNetwork.reserve = reserve;
    expect(await pickupOf(id)).toMatchObject({ pickup_id: await held.promise, status: 'collected' });
    expect(await get(id)).toMatchObject({ status: 'completed' });
  });

  it('that contradict change nothing and are found by the oracle', async () => {
    const ready = await readyCashOut();
    await world.client.simulate.transaction(ready.id, { event: 'cashPickupExpired' });
    await world.drain();
    const { pickup_id } = await pickupOf(ready.id);
    const before = await get(ready.id);
    const late = { provider: 'sandbox-cash-out', providerEventId: 'late', pickupId: pickup_id } as const;
    await apply({ ...late, kind: 'collected' }, { ...late, kind: 'collected' });
    await apply({ ...late, kind: 'collected' });
    expect(await get(ready.id)).toEqual(before);
    await expect(world.checkInvariants()).rejects.toThrow('no cash network contradicts itself');
    await world.force('delete from cash_pickup_contradictions');
  });

  it('a pickup without its timer is found by the oracle', async () => {
    const ready = await readyCashOut();
    const { pickup_id } = await pickupOf(ready.id);
    const ofIt = [EXPIRE_TASK, pickup_id];
    await world.force(`update jobs set task = 'lost' where task = $1 and payload->>'pickupId' = $2`, ofIt);
    await expect(world.checkInvariants()).rejects.toThrow('an unfinished cash pickup has a job');
    await world.force(`update jobs set task = $1 where task = 'lost' and payload->>'pickupId' = $2`, ofIt);
    await world.client.simulate.transaction(ready.id, { event: 'cashCollected' });
  });
});

describe('simulating', () => {
  it('names every field that its event does not take, or needs', async () => {
    const { id } = await world.cashOut(purse, { dollars: '20.00' });
    const cases: readonly (readonly [object, readonly string[]])[] = [
      [{}, ['event']],
      [{ event: 'stolen' }, ['event']],
      [{ event: 'payoutReturned' }, ['returnCode']],
      [{ event: 'notificationOfChange', returnCode: 'R01' }, ['returnCode', 'code', 'corrected']],
      [{ event: 'cashCollected', code: 'C01', corrected: {} }, ['code', 'corrected']],
      [
        { event: 'notificationOfChange', code: 7, corrected: { accountType: 'x' } },
        ['code', 'corrected.accountType'],
      ],
    ];
    for (const [body, fields] of cases) {
      const reply = await simulate(id, body);
      expect(reply).toMatchObject({ status: 400, json: { code: 'validation_error' } });
      expect(reply.json.details.map(({ field }: { field: string }) => field)).toEqual(fields);
    }
    // Not ready yet, and never at a bank.
    for (const body of [
      { event: 'cashCollected' },
      { event: 'payoutSettled' },
      { event: 'payoutRejected' },
      { event: 'payoutReturned', returnCode: 'R01' },
      { event: 'notificationOfChange', code: 'C01', corrected: { accountNumber: '1' } },
    ])
      expect(await simulate(id, body)).toMatchObject({ status: 409, json: { code: 'invalid_state' } });
    await world.drain();
    await world.client.simulate.transaction(id, { event: 'cashCollected' });
    expect(await simulate(id, { event: 'cashCollected' })).toMatchObject({ status: 409 });
  });

  it('answers the same key alike, and refuses it for another event', async () => {
    const ready = await readyCashOut('20.00');
    const headers = { 'idempotency-key': world.key() };
    const first = await simulate(ready.id, { event: 'cashCollected' }, headers);
    const again = await simulate(ready.id, { event: 'cashCollected' }, headers);
    expect(first.status).toBe(200);
    expect(again.text).toBe(first.text);
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect(await simulate(ready.id, { event: 'cashPickupExpired' }, headers)).toMatchObject({
      status: 409,
      json: { code: 'idempotency_conflict' },
    });
  });

  it('needs a token, a sandbox, and a transaction of one’s own that waits for cash', async () => {
    const ready = await readyCashOut('20.00');
    const path = `/v0.9/transactions/${ready.id}/simulate`;
    const body = { event: 'cashCollected' };
    expect(await world.fetch('POST', path, { body, as: null })).toMatchObject({ status: 401 });
    for (const mode of ['sandbox', 'live'] as const) {
      const as = await world.newProject({ mode });
      expect(await world.fetch('POST', path, { body, as })).toMatchObject({ status: 404 });
    }
    expect(await simulate('txn_01h455vb4pex5vsknk084sn02q', body)).toMatchObject({ status: 404 });
    expect((await get(ready.id)).status).toBe('cashPickupReady');
    await world.client.simulate.transaction(ready.id, { event: 'cashCollected' });
    const cashIn = await world.cashIn(purse);
    await world.payAtTill(cashIn, '50.00');
    await world.drain();
    const { transactionId } = await world.client.cashIns.get(cashIn.id);
    expect(await simulate(must(transactionId, 'it was paid'), body)).toMatchObject({ status: 409 });
  });
});
