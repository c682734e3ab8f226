import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkInvariants } from '../src/invariants/check.ts';
import { createWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
  const wallet = await world.fundedWallet(await world.provisionedCustomer(), '100.00');
  const account = await world.client.externalAccounts.create(wallet.customerId, {
    type: 'usBank',
    network: 'ach',
    owner: { name: 'Jane Smith', type: 'individual' },
    bankDetails: { accountNumber: '000123456789', routingNumber: '021000021', accountType: 'checking' },
  });
  await world.client.simulate.rate({ pair: 'usdc/usd', rate: '0.98' });
  world.advance(120_000);
  for (const scenario of ['ach-99210', 'ach-99401']) {
    const { id: quoteId } = await world.client.quotes.create({
      customerId: wallet.customerId,
      source: { walletId: wallet.id, asset: 'usdc', network: 'polygon', amount: '10.00' },
      destination: { wallet: { externalAccount: account.id }, asset: 'usd', network: 'ach' },
    });
    await world.client.transactions.create({ quoteId }, { scenario });
  }
  await world.drain();
});
afterAll(() => world.close());

/** The rules that are broken once something was changed behind the server's back; it is put back afterwards. */
async function brokenBy(change: string, back: string): Promise<string[]> {
  await world.force(change);
  const findings = await checkInvariants(world.context.db);
  await world.force(back);
  return [...new Set(findings.map(({ rule }) => rule))];
}

const BANK = 'update sandbox_bank_payments';
const RATES = 'update sandbox_rates';

describe('the oracle of what a sandbox was told', () => {
  it.each([
    [
      'a payment told by a name of another rail',
      `${BANK} set scenario = 'wire-99303' where scenario = 'ach-99401'`,
      `${BANK} set scenario = 'ach-99401' where scenario = 'wire-99303'`,
      ['a payment of the sandbox bank is told by a name of its rail, and only a payout is'],
    ],
    [
      'a return that is forgotten',
      `update jobs set task = 'sandbox-bank.other' where task = 'sandbox-bank.afterwards'`,
      `update jobs set task = 'sandbox-bank.afterwards' where task = 'sandbox-bank.other'`,
      ['what the sandbox bank does after a payout settled is done, or has a job'],
    ],
    [
      'a correction that was never told',
      `update provider_events set type = 'other' where type = 'bank.detailsCorrected'`,
      `update provider_events set type = 'bank.detailsCorrected' where type = 'other'`,
      ['what the sandbox bank does after a payout settled is done, or has a job'],
    ],
    [
      'a quote at another rate than the one that was told',
      `${RATES} set rate = '0.97'`,
      `${RATES} set rate = '0.98'`,
      ['a quote takes the rate that its project was told'],
    ],
    [
      'a quote where there was said to be no rate',
      `${RATES} set rate = null`,
      `${RATES} set rate = '0.98'`,
      ['a quote takes the rate that its project was told'],
    ],
    [
      'a scenario of nothing',
      `update sandbox_scenarios set resource_id = resource_id || '?'`,
      `update sandbox_scenarios set resource_id = rtrim(resource_id, '?')`,
      ['a scenario is of something that there is'],
    ],
    [
      'a live project that was told something',
      `update projects set mode = 'live'`,
      `update projects set mode = 'sandbox'`,
      ['only a sandbox is told what is to happen'],
    ],
    [
      'a send that was refused and paid',
      `update sends set refused_as = 'recipient_blacklisted' where status = 'paid'`,
      'update sends set refused_as = null',
      ['a send that is refused is never relayed, and fails as it was refused'],
    ],
  ])('finds %s', async (_, change, back, rules) => {
    expect(await brokenBy(change, back)).toEqual(rules);
    expect(await checkInvariants(world.context.db)).toEqual([]);
  });
});
