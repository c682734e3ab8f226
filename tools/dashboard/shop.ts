import { EXAMPLE_CUSTOMER } from '@openoms/contract/customers.ts';
import type { ExternalAccount } from '@openoms/contract/external-accounts.ts';
import type { Wallet } from '@openoms/contract/wallets.ts';
import type { Sandbox } from '../../testing/src/sandbox.ts';
import type { Sample } from './pages.ts';

/** A project with a month behind it: people with names, payments in every state, an endpoint that was down for a day. */

const DAYS = 30;
const HOUR_MS = 3_600_000;
const MORNING = '8h';
const LAST_HOURS = 6;
const BUSINESS = '2h';
const REST_OF_THE_DAY = '14h';
const USDC = { asset: 'usdc', network: 'polygon' } as const;
const NEW_YORK = { provider: 'greendot', latitude: 40.75, longitude: -73.99 } as const;
const CASPER = { provider: 'allpoint', latitude: 42.8585, longitude: -106.32 } as const;
/** The bank returns at once what is paid to the second, and a day later what is paid to the third. */
const ACCOUNTS = ['000123456789', '000123499001', '000123499101'] as const;

const PEOPLE = [
  ['Ada', 'Lovelace', 'New York', 'NY', '10001'],
  ['Grace', 'Hopper', 'Arlington', 'VA', '22201'],
  ['Katherine', 'Johnson', 'Hampton', 'VA', '23666'],
  ['Hedy', 'Lamarr', 'Los Angeles', 'CA', '90028'],
  ['Emmy', 'Noether', 'Bryn Mawr', 'PA', '19010'],
  ['Barbara', 'Liskov', 'Cambridge', 'MA', '02139'],
  ['Frances', 'Allen', 'Croton-on-Hudson', 'NY', '10520'],
] as const;

/** By day, the oldest first, and again from the start: what comes in at the till, in dollars. */
const TAKINGS = [
  [120, 60],
  [240],
  [80, 150, 45],
  [310, 90],
  [180, 220, 75],
  [400, 260],
  [55],
  [140, 95],
  [275, 60, 110],
] as const;

/** What the shop's own endpoint answers on a day. */
export interface Endpoint {
  readonly url: string;
  isDown: boolean;
}

interface Shop {
  readonly sandbox: Sandbox;
  readonly wallets: readonly Wallet[];
  readonly accounts: readonly ExternalAccount[];
}

type Ids = Sample['ids'] &
  Readonly<Record<'failedPayout' | 'paidPayout' | 'refusedCashIn' | 'openCashIn', string>>;

export interface Opened {
  readonly ids: Ids;
  readonly deliveryId: string | undefined;
  /** Of the cash-in that waits at the till. */
  readonly code: string;
}

/** So that the last day, its morning and six hours of it, ends about now. */
export const startOfShop = (now: Date): Date =>
  new Date(now.getTime() - ((DAYS - 1) * 24 + 8 + LAST_HOURS) * HOUR_MS);

export async function openShop(sandbox: Sandbox, endpoint: Endpoint): Promise<Opened> {
  const { client } = sandbox;
  const webhook = await client.webhooks.create({ url: endpoint.url, description: 'Ledger of the shop' });
  await client.webhooks.create({
    url: 'https://example.com/payouts',
    description: 'Payouts, for the bookkeeper',
    events: ['transaction.cryptoToFiat.*'],
    enabled: false,
  });
  const shop = await withPeople(sandbox);
  await sandbox.advance(MORNING);
  for (let day = 0; day < DAYS - 1; day++) {
    endpoint.isDown = day === 19;
    await trade(shop, day);
    await sandbox.advance(REST_OF_THE_DAY);
    endpoint.isDown = false;
    await sandbox.advance(MORNING);
  }
  // From here on things take the time they take.
  await client.sandbox.clock.set({ resume: true });
  const today = await lastDay(shop);
  const [wallet] = shop.wallets;
  if (!wallet) throw new TypeError('nobody has a wallet');
  const [event] = await client.events.list({ type: 'transaction.cryptoToFiat.failed' }).take(1);
  const deliveries = await client.webhooks.deliveries(webhook.id, { limit: 100 }).take(1_000);
  const retried = deliveries.find(({ attempts }) => attempts > 1) ?? deliveries[0];
  return {
    ids: {
      ...today.ids,
      customer: wallet.customerId,
      wallet: wallet.id,
      event: event?.id ?? '',
      webhook: webhook.id,
    },
    deliveryId: retried?.id,
    code: today.code,
  };
}

async function withPeople(sandbox: Sandbox): Promise<Shop> {
  const { client } = sandbox;
  const wallets: Wallet[] = [];
  for (const [firstName, lastName, city, state, zipCode] of PEOPLE) {
    const customer = await client.customers.create({
      ...EXAMPLE_CUSTOMER,
      firstName,
      lastName,
      email: `${firstName}.${lastName}@example.com`.toLowerCase(),
      residentialAddress: { line1: '1 Main St', city, state, zipCode, country: 'US' },
    });
    wallets.push(await client.wallets.create(customer.id, { asset: 'usdc', chain: 'polygon' }));
  }
  await client.customers.create({ firstName: 'Radia', lastName: 'Perlman', endorsements: ['basic', 'usd'] });
  await client.customers.create({ ...EXAMPLE_CUSTOMER, firstName: 'Edsger', lastName: 'Rejected' });
  const [first] = wallets;
  if (!first) throw new TypeError('nobody has a wallet');
  await client.settings.update({
    fees: { cashIn: { percentage: '0.015', fixed: '0.50' }, ach: { percentage: '0.005', fixed: '0.25' } },
    developerFees: { ach: { percentage: '0.01', fixed: '0.00' } },
  });
  const accounts: ExternalAccount[] = [];
  for (const accountNumber of ACCOUNTS) accounts.push(await bankAccount(sandbox, first, accountNumber));
  await client.virtualAccounts.create(first.customerId, {
    source: { asset: 'usd', network: 'usBank' },
    destination: { ...USDC, wallet: { wallet: first.id } },
    label: 'Payroll',
  });
  await sandbox.idle();
  return { sandbox, wallets, accounts };
}

const bankAccount = ({ client }: Sandbox, { customerId }: Wallet, accountNumber: string) =>
  client.externalAccounts.create(customerId, {
    type: 'usBank',
    network: 'ach',
    owner: { type: 'individual', name: 'Ada Lovelace' },
    bankDetails: { accountNumber, routingNumber: '021000021', accountType: 'checking' },
  });

/** What happens on an ordinary day. */
async function trade(shop: Shop, day: number): Promise<void> {
  const { sandbox, wallets, accounts } = shop;
  const takings = TAKINGS[day % TAKINGS.length] ?? [];
  const [first, ...others] = wallets;
  const someone = (turn: number): Wallet | undefined => others[turn % others.length];
  for (const [index, dollars] of takings.entries()) {
    // Nobody pays in more than 20 times a month.
    const wallet = index === 0 && day % 2 === 0 ? first : someone(day + index);
    if (wallet) await payAtTill(shop, await cashIn(shop, wallet, dollars), dollars);
  }
  const other = someone(day);
  if (day % 5 === 2 && other) await cashIn(shop, other, 40);
  if (day % 9 === 4 && other) await cashIn(shop, other, 113.13);
  await sandbox.advance(BUSINESS);
  if (!first || !other) return;
  if (day % 3 === 1) await send(shop, first, { wallet: { id: other.id } }, 20 + day);
  if (day % 2 === 1) await payOut(shop, first, accounts[day % 10 === 7 ? 1 : 0], 45 + 2 * day);
  if (day % 8 === 6) await cashOut(shop, first, NEW_YORK, 40).then((id) => collect(shop, id));
}

/** Today there is something of everything, and some of it waits. */
async function lastDay(shop: Shop) {
  const { sandbox, wallets, accounts } = shop;
  const { client } = sandbox;
  const [first, second, third] = wallets;
  if (!first || !second || !third) throw new TypeError('nobody has a wallet');
  const paid = await cashIn(shop, first, 250);
  await payAtTill(shop, paid, 250);
  await payAtTill(shop, await cashIn(shop, second, 90), 90);
  const refused = await cashIn(shop, third, 113.13);
  await sandbox.idle();
  const returned = await payOut(shop, first, accounts[2], 65);
  const failed = await payOut(shop, first, accounts[1], 120.5);
  const done = await payOut(shop, first, accounts[0], 310);
  await cashOut(shop, first, CASPER, 60);
  await send(shop, first, { wallet: { id: second.id } }, 35.25);
  await sandbox.advance(`${LAST_HOURS}h`);
  await cashOut(shop, first, NEW_YORK, 80);
  const open = await cashIn(shop, third, 75);
  await sandbox.idle();
  await client.settings.update({ pace: 'manual' });
  await payOut(shop, first, accounts[0], 42);
  await sandbox.idle();
  await client.sandbox.trouble.create({ kind: 'api.latency', milliseconds: 20, share: '0.1' });
  await client.sandbox.snapshots.create('before-the-demo');
  return {
    ids: {
      transaction: failed,
      failedPayout: returned,
      paidPayout: done,
      cashIn: paid.id,
      refusedCashIn: refused.id,
      openCashIn: open.id,
    },
    code: open.depositInstructions?.code ?? '',
  };
}

async function cashIn({ sandbox: { client } }: Shop, wallet: Wallet, dollars: number) {
  const [place] = await client.cashLocations.list({ ...NEW_YORK, flow: 'cashIn', limit: 1 }).take(1);
  if (!place) throw new TypeError('there is no till');
  return client.cashIns.create({
    customerId: wallet.customerId,
    source: { asset: 'usd', indicatedAmount: dollars.toFixed(2) },
    destination: { ...USDC, wallet: { wallet: wallet.id } },
    cash: { cashLocationId: place.id, cashLocationReference: place.cashLocationReference },
  });
}

type CashIn = Awaited<ReturnType<typeof cashIn>>;

async function payAtTill({ sandbox: { client } }: Shop, made: CashIn, dollars: number): Promise<void> {
  const amount = dollars.toFixed(2);
  const barcode = made.depositInstructions?.code ?? '';
  const read = await client.simulate.barcodeAuth({ barcode, amount });
  await client.simulate.authCommit({
    accountNumber: read.accountNumber,
    accountReferenceNumber: read.accountReferenceNumber,
    amount,
    originalConfirmationId: read.confirmationId,
  });
}

async function send(shop: Shop, from: Wallet, to: { wallet: object }, amount: number): Promise<string> {
  return quoted(shop, from, { ...USDC, ...to, amount: amount.toFixed(2) });
}

async function payOut(shop: Shop, from: Wallet, to: ExternalAccount | undefined, amount: number) {
  const wallet = { externalAccountId: to?.id };
  return quoted(shop, from, { asset: 'usd', network: 'ach', wallet, amount: amount.toFixed(2) });
}

async function cashOut(shop: Shop, from: Wallet, near: typeof NEW_YORK | typeof CASPER, amount: number) {
  const [place] = await shop.sandbox.client.cashLocations
    .list({ ...near, flow: 'cashOut', limit: 1 })
    .take(1);
  const cash = { locationId: place?.id, locationReference: place?.locationReference };
  return quoted(shop, from, { asset: 'usd', network: 'cash', cash, amount: amount.toFixed(2) });
}

async function collect({ sandbox }: Shop, transactionId: string): Promise<void> {
  // The clock waits for the chain, which the machine waits for.
  await sandbox.advance('5m');
  await sandbox.client.simulate.transaction(transactionId, { event: 'cashCollected' });
}

async function quoted({ sandbox: { client } }: Shop, from: Wallet, destination: object): Promise<string> {
  const quote = await client.quotes.create({
    customerId: from.customerId,
    source: { ...USDC, walletId: from.id },
    destination: destination as never,
  });
  return (await client.transactions.create({ quoteId: quote.id })).id;
}
