import type { Wallet } from '@openoms/contract/wallets.ts';
import type { OpenOMS } from '@openoms/sdk';
import { must } from '../src/kernel/assert.ts';
import type { Project, World } from './world.ts';

export const USDC = { asset: 'usdc', network: 'polygon' } as const;

/** Whose object is tried instead of one's own. */
export type Owner = 'another tenant' | 'the other mode' | 'another customer' | 'deleted';

/** What of a kind there is that the caller may not have; the key is the prefix of its ids. */
export const KINDS: Readonly<Record<string, readonly Owner[]>> = {
  cst: ['another tenant', 'the other mode', 'another customer'],
  wlt: ['another tenant', 'the other mode', 'another customer'],
  ci: ['another tenant', 'the other mode', 'another customer'],
  // A live project has no till, so no transaction and no authorization.
  txn: ['another tenant', 'another customer'],
  whk: ['another tenant', 'the other mode', 'deleted'],
  // "Another customer" stands for another webhook of one's own here.
  whd: ['another tenant', 'the other mode', 'another customer', 'deleted'],
  evt: ['another tenant', 'the other mode'],
  tested: ['another tenant', 'the other mode', 'another customer', 'deleted'],
  cpUsBank: ['another tenant', 'the other mode', 'another customer', 'deleted'],
  cpBcAddr: ['another tenant', 'the other mode', 'another customer', 'deleted'],
  // Executed, and open.
  qt: ['another tenant', 'another customer'],
  openQuote: ['another tenant', 'the other mode'],
  va: ['another tenant', 'the other mode', 'another customer', 'deleted'],
  // A deleted one still tells of its deposits.
  da: ['another tenant', 'the other mode', 'another customer'],
  tbl: ['another tenant'],
  // Everybody's: where cash is taken in, and where it is paid out.
  loc: [],
  payoutPlace: [],
  code: ['another tenant', 'the other mode'],
  cauth: ['another tenant', 'another customer'],
  accountNumber: ['another tenant', 'another customer'],
  accountReferenceNumber: ['another tenant', 'another customer'],
};

/** Objects of one customer of one project, by kind. */
export type Things = Readonly<Record<string, string>>;

/** Makes a thing of every kind, and gives `loc` and `payoutPlace` their references. */
export async function makeThings(world: World, project: Project, hasTill = true): Promise<Things> {
  const { client } = project;
  const customer = await world.provisionedCustomer(client);
  const [wallet, purse] = [await world.wallet(customer, client), await world.wallet(customer, client)];
  const open = await world.cashIn(wallet, { client });
  const [location, payoutPlace] = [await world.location(), await world.payoutPlace()];
  const saved = await client.externalAccounts.create(customer.id, {
    type: 'blockchainAddress',
    network: 'polygon',
    owner: { name: 'Jane Smith', type: 'individual' },
    bankDetails: { address: OUTSIDE },
  });
  const things = {
    cst: customer.id,
    wlt: wallet.id,
    purse: purse.id,
    ci: open.id,
    cpBcAddr: saved.id,
    openQuote: await quoteBetween(client, purse, wallet),
    loc: location.id,
    locationReference: location.cashLocationReference,
    payoutPlace: payoutPlace.id,
    payoutReference: payoutPlace.locationReference,
    code: must(open.depositInstructions, 'a pending cash-in has a code').code,
    evt: must(
      await client.events
        .list({ resource: open.id })
        .take(1)
        .then(([event]) => event),
      'an event',
    ).id,
    ...(await deletableThings(client, wallet)),
  };
  if (!hasTill) return things;
  await client.virtualAccounts.simulate(things.va, {
    rail: 'ach_in',
    amount: { value: '5.00', currency: 'USD' },
  });
  await client.depositAddresses.simulate(things.da, { amount: { value: '1.00' } });
  const trouble = await client.sandbox.trouble.create({ kind: 'api.latency', operationId: 'listNetworks' });
  const tbl = trouble.id;
  return { ...things, tbl, ...(await thingsOfTheTill(world, client, { wallet, purse, openId: open.id })) };
}

const NOBODY_LISTENS = 'http://127.0.0.1:9/';

export const OUTSIDE = '0x00000000000000000000000000000000000000a1';

/** What a request of its own deletes. */
export async function deletableThings(
  client: OpenOMS,
  { id, customerId }: OwnedWallet,
): Promise<Record<'va' | 'da' | 'whk' | 'whd' | 'tested' | 'cpUsBank', string>> {
  const virtual = await client.virtualAccounts.create(customerId, virtualAccountTo(id));
  const address = await client.depositAddresses.create(customerId, depositAddressTo(id));
  const webhook = await client.webhooks.create({ url: NOBODY_LISTENS, events: ['cashIn.created'] });
  const delivery = await client.webhooks.test(webhook.id);
  const account = await client.externalAccounts.create(customerId, {
    type: 'usBank',
    network: 'ach',
    owner: { name: 'Jane Smith', type: 'individual' },
    bankDetails: { accountNumber: '000123456789', routingNumber: '021000021', accountType: 'checking' },
  });
  return {
    va: virtual.id,
    da: address.id,
    whk: webhook.id,
    whd: delivery.id,
    tested: delivery.eventId,
    cpUsBank: account.id,
  };
}

/** A request for a deposit address. */
export const depositAddressTo = (wallet: string) => ({
  source: { ...USDC },
  destination: { wallet: { wallet }, ...USDC },
});

/** A request for a virtual account. */
export const virtualAccountTo = (wallet: string) => ({
  source: { asset: 'usd', network: 'usBank' },
  destination: { wallet: { wallet }, ...USDC },
});

type OwnedWallet = Pick<Wallet, 'id' | 'customerId'>;

async function quoteBetween(client: OpenOMS, from: OwnedWallet, to: OwnedWallet): Promise<string> {
  const { id } = await client.quotes.create({
    customerId: from.customerId,
    source: { walletId: from.id, ...USDC, amount: '1.00' },
    destination: { wallet: { id: to.id }, ...USDC },
  });
  return id;
}

/** A cash-in that is paid, a quote that is executed, and the authorization of a cash-in that is not committed. */
async function thingsOfTheTill(
  world: World,
  client: OpenOMS,
  { wallet, purse, openId }: { wallet: OwnedWallet; purse: OwnedWallet; openId: string },
): Promise<Things> {
  const paid = await world.cashIn(purse, { client });
  await world.payAtTill(paid, '50.00', client);
  await world.drain();
  const quoteId = await quoteBetween(client, purse, wallet);
  await client.transactions.create({ quoteId });
  const authorized = await world.authorizeAtTill(await client.cashIns.get(openId), '30.00', client);
  return {
    paidCashIn: paid.id,
    txn: must((await client.cashIns.get(paid.id)).transactionId, 'a paid cash-in has a transaction'),
    qt: quoteId,
    cauth: authorized.originalConfirmationId,
    accountNumber: authorized.accountNumber,
    accountReferenceNumber: authorized.accountReferenceNumber,
  };
}
