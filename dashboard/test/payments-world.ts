import { EXAMPLE_CUSTOMER } from '@openoms/contract/customers.ts';
import type { ExternalAccount } from '@openoms/contract/external-accounts.ts';
import type { Wallet } from '@openoms/contract/wallets.ts';
import type { World } from '../../server/test/world.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

const bankAccount = (accountNumber: string) =>
  ({
    type: 'usBank',
    network: 'ach',
    owner: { type: 'individual', name: 'Ada Lovelace' },
    bankDetails: { accountNumber, routingNumber: '021000021', accountType: 'checking' },
  }) as const;

/** Payments of every kind in every state, with the ids that pages of them are opened by. */
export async function fillWithPayments(world: World) {
  const { client } = world;
  const receiver = await world.receiver();
  const webhook = await client.webhooks.create({ url: receiver.url, events: ['*'] });
  const ada = await client.customers.create({
    ...EXAMPLE_CUSTOMER,
    firstName: 'Ada',
    lastName: 'Lovelace',
    email: 'ada@example.com',
    externalId: 'shop-1815',
    metadata: { tier: 'gold', since: 2024 },
  });
  const wallet = await world.fundedWallet(ada, '1250.00');
  const other = await world.wallet(await world.provisionedCustomer());

  const completed = await world.cashIn(wallet);
  world.advance(2 * MINUTE_MS);
  await world.payAtTill(completed, '100.00');
  await world.drain();

  const expired = await world.cashIn(wallet, { dollars: '40.00' });
  world.advance(2 * HOUR_MS);
  await world.drain();
  const declined = await world.cashIn(wallet, { dollars: '113.13' });
  await world.drain();

  const transfer = await sendTo(world, wallet, other.id, '25.50');
  await world.drain();
  world.advance(20 * MINUTE_MS);

  await client.settings.update({ fees: { ach: { percentage: '0.01', fixed: '0.25' } } });
  const good = await client.externalAccounts.create(ada.id, bankAccount('000123456789'));
  const refusing = await client.externalAccounts.create(ada.id, bankAccount('000123499001'));
  const returning = await client.externalAccounts.create(ada.id, bankAccount('000123499101'));
  await world.drain();
  const paid = await payOut(world, wallet, good, '120.00');
  await world.drain();
  const failed = await payOut(world, wallet, refusing, '80.00');
  await world.drain();
  const returned = await payOut(world, wallet, returning, '60.00');
  await world.drain();
  world.advance(5 * 24 * HOUR_MS);
  await world.drain();

  const pickup = await world.cashOut(wallet);
  await world.drain();
  receiver.answerWith({ status: 503, body: 'busy' });
  const waiting = await world.cashIn(wallet, { dollars: '75.00' });
  await world.drain();
  receiver.answerWith({ status: 204 });
  await client.settings.update({ pace: 'manual' });
  const underWay = await payOut(world, wallet, good, '33.00');
  await world.drain();
  await client.settings.update({ pace: null });

  await client.virtualAccounts.create(ada.id, {
    source: { asset: 'usd', network: 'usBank' },
    destination: { wallet: { wallet: wallet.id }, asset: 'usdc', network: 'polygon' },
    label: 'Payroll',
  });
  await client.depositAddresses.create(ada.id, {
    source: { asset: 'usdc', network: 'polygon' },
    destination: { asset: 'usdc', network: 'polygon', wallet: { wallet: other.id } },
    label: 'Invoices',
  });
  const bare = await client.customers.create({ firstName: 'Grace', endorsements: ['basic', 'usd'] });
  await client.customers.create({ ...EXAMPLE_CUSTOMER, firstName: 'Edsger', lastName: 'Rejected' });
  await world.drain();
  return {
    receiver,
    webhook,
    customer: ada,
    bare,
    wallet,
    cashIns: { completed, expired, declined, waiting },
    transactions: { transfer, paid, failed, returned, pickup, underWay },
  };
}

async function sendTo(world: World, from: Wallet, walletId: string, amount: string) {
  const quote = await world.client.quotes.create({
    customerId: from.customerId,
    source: { walletId: from.id, asset: 'usdc', network: 'polygon', amount },
    destination: { wallet: { id: walletId }, asset: 'usdc', network: 'polygon' },
  });
  return world.client.transactions.create({ quoteId: quote.id });
}

/** To a bank account whose number says what the bank does. */
async function payOut(world: World, from: Wallet, to: ExternalAccount, amount: string) {
  const quote = await world.client.quotes.create({
    customerId: from.customerId,
    source: { walletId: from.id, asset: 'usdc', network: 'polygon', amount },
    destination: { wallet: { externalAccountId: to.id }, asset: 'usd', network: 'ach' },
  });
  world.advance(1_500);
  return world.client.transactions.create({ quoteId: quote.id });
}
