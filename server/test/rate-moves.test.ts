import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createWorld, type Project, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

const PAIR = 'usdc/usd';
const tell = (body: unknown, headers = {}) => world.fetch('POST', '/v0.9/sandbox/rates', { body, headers });

async function payerOf({ client }: Project) {
  const customer = await world.provisionedCustomer(client);
  const wallet = await world.fundedWallet(customer, '100.00', client);
  const account = await client.externalAccounts.create(customer.id, {
    type: 'usBank',
    network: 'ach',
    owner: { name: 'Jane Smith', type: 'individual' },
    bankDetails: { accountNumber: '000123456789', routingNumber: '021000021', accountType: 'checking' },
  });
  return {
    quote: () =>
      client.quotes.create({
        customerId: customer.id,
        source: { walletId: wallet.id, asset: 'usdc', network: 'polygon', amount: '10.00' },
        destination: { wallet: { externalAccount: account.id }, asset: 'usd', network: 'ach' },
      }),
  };
}

describe('a rate that is told to move', () => {
  it('is what the project’s next quotes take, until it is the usual one again', async () => {
    const payer = await payerOf(world.project);
    const before = await payer.quote();
    const answer = await world.client.simulate.rate({ pair: PAIR, rate: '0.9800' });
    expect(answer).toMatchObject({ pair: PAIR, rate: '0.98', event: 'moved', status: 'submitted' });
    const moved = await payer.quote();
    expect(moved).toMatchObject({ rates: { exchangeRate: '0.98' }, destination: { amountNet: '9.80' } });
    const paid = await world.client.transactions.create({ quoteId: moved.id });
    expect(await world.client.quotes.get(before.id)).toMatchObject({ rates: { exchangeRate: '1.0' } });
    expect(await world.client.simulate.rate({ pair: PAIR })).toMatchObject({ rate: null, event: 'usual' });
    expect((await payer.quote()).rates).toMatchObject({ exchangeRate: '1.0' });
    await world.drain();
    expect(await world.client.transactions.get(paid.id)).toMatchObject({
      status: 'completed',
      destination: { amountNet: '9.80' },
    });
  });

  it('may be none at all', async () => {
    const payer = await payerOf(world.project);
    expect((await world.client.simulate.rate({ pair: PAIR, rate: null })).event).toBe('unavailable');
    await expect(payer.quote()).rejects.toMatchObject({ code: 'rate_unavailable', status: 503 });
    await world.client.simulate.rate({ pair: PAIR });
    await payer.quote();
  });

  it('moves for nobody else', async () => {
    const others = await payerOf(await world.newProject());
    await world.client.simulate.rate({ pair: PAIR, rate: null });
    expect((await others.quote()).rates).toMatchObject({ exchangeRate: '1.0' });
    await world.client.simulate.rate({ pair: PAIR });
  });

  it('is refused with every field that is wrong', async () => {
    const wrong = [
      [{ pair: 'usdc/gold', rate: '0.0' }, ['pair', 'rate']],
      [{ pair: 'usdc/usdc' }, ['pair']],
      [{ pair: PAIR, rate: '1.0000000000001' }, ['rate']],
      [{}, ['pair']],
    ] as const;
    for (const [body, fields] of wrong) {
      const { status, json } = await tell(body);
      expect(status).toBe(400);
      expect(json.details.map(({ field }: { field: string }) => field)).toEqual(fields);
    }
  });

  it('is told once per idempotency key', async () => {
    const headers = { 'idempotency-key': world.key() };
    const first = await tell({ pair: PAIR }, headers);
    const again = await tell({ pair: PAIR }, headers);
    expect(again.text).toBe(first.text);
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    const other = await tell({ pair: PAIR, rate: '2' }, headers);
    expect(other).toMatchObject({ status: 409, json: { code: 'idempotency_conflict' } });
    expect(
      (await world.fetch('POST', '/v0.9/sandbox/rates', { body: { pair: PAIR }, as: null })).status,
    ).toBe(401);
  });
});
