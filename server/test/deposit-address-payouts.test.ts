import type { Customer } from '@openoms/contract/customers.ts';
import type { AddressDeposit, DepositAddress } from '@openoms/contract/deposit-addresses.ts';
import type { Wallet } from '@openoms/contract/wallets.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { must } from '../src/kernel/assert.ts';
import { createWorld, type World } from './world.ts';

let world: World;
let customer: Customer;
let purse: Wallet;

beforeAll(async () => {
  world = await createWorld();
  customer = await world.provisionedCustomer();
  purse = await world.wallet(customer);
});
afterAll(() => world?.close());

const usdc = { asset: 'usdc', network: 'polygon' } as const;

const bankAccount = (network: 'ach' | 'wire', of = customer) =>
  world.client.externalAccounts.create(of.id, {
    type: 'usBank',
    network,
    owner: { name: 'Jane Smith', type: 'individual' },
    bankDetails: {
      accountNumber: '000123456789',
      routingNumber: '021000021',
      accountType: 'checking',
      bankName: 'Chase',
    },
  });

const bodyTo = (externalAccount: string, network = 'ach', asset = 'usd') => ({
  source: usdc,
  destination: { asset, network, wallet: { externalAccount } },
});

async function open(network: 'ach' | 'wire' = 'ach'): Promise<DepositAddress> {
  const { id } = await bankAccount(network);
  return world.client.depositAddresses.create(customer.id, bodyTo(id, network));
}

const create = (body: object, of = customer) =>
  world.fetch('POST', `/v0.9/customers/${of.id}/deposit-addresses`, {
    body,
    headers: { 'idempotency-key': world.key() },
  });

async function deposit({ id }: DepositAddress, ...dollars: readonly string[]): Promise<AddressDeposit[]> {
  for (const value of dollars) await world.client.depositAddresses.simulate(id, { amount: { value } });
  await world.drain();
  return depositsOf({ id });
}

const depositsOf = ({ id }: Pick<DepositAddress, 'id'>) =>
  world.client.depositAddresses.deposits(id).take(100);

async function release({ id }: DepositAddress): Promise<AddressDeposit[]> {
  await world.client.depositAddresses.release(id);
  await world.drain();
  return depositsOf({ id });
}

const eventsOf = async ({ id }: AddressDeposit): Promise<string[]> =>
  (
    await world.sql<{ type: string }>('select type from events where resource_id = $1 order by sequence', [
      id,
    ])
  ).map(({ type }) => type.replace(/^.*\./, ''));

/** What the bank is told to do with the payout of a deposit. */
async function atTheBank({ transactionId = '' }: AddressDeposit, what: 'settle' | 'return'): Promise<void> {
  const { context, project } = world;
  await context.sealers.for(project.projectId);
  await context.db.tx(project.projectId, async (tx) => {
    const row = must(await context.bank.findPayoutOf(tx, 'transaction', transactionId), 'a payout');
    if (what === 'settle') await context.sandboxBank.settle(tx, row.payout_id);
    else await context.sandboxBank.returnPayout(tx, row.payout_id, 'R01');
  });
}

const only = (deposits: readonly AddressDeposit[]): AddressDeposit => must(deposits[0], 'a deposit');

describe('a deposit address that pays to a bank account', () => {
  it('is made for the rail of the account, under either name of the network', async () => {
    const made = await open('wire');
    expect(made).toMatchObject({
      transactionType: 'cryptoToFiat',
      destination: { asset: 'usd', network: 'wire', wallet: { externalAccount: expect.any(String) } },
    });
    const account = await bankAccount('ach');
    const either = await world.client.depositAddresses.create(customer.id, bodyTo(account.id, 'usBank'));
    expect(either.destination.network).toBe('ach');
    for (const [network, asset] of [
      ['wire', 'usd'],
      ['polygon', 'usdc'],
    ] as const) {
      expect(await create(bodyTo(account.id, network, asset))).toMatchObject({
        status: 422,
        json: { code: 'unsupported_asset_network', details: [{ field: 'destination.network' }] },
      });
    }
  });

  it('is the account’s customer’s, who has a fiat account', async () => {
    const bare = await world.client.customers.create({});
    const theirs = await bankAccount('ach');
    expect(await create(bodyTo(theirs.id), bare)).toMatchObject({ status: 404 });
    const own = await bankAccount('ach', bare);
    expect(await create(bodyTo(own.id), bare)).toMatchObject({
      status: 422,
      json: { code: 'provider_account_not_provisioned' },
    });
    await world.client.externalAccounts.delete(theirs.id);
    expect(await create(bodyTo(theirs.id))).toMatchObject({ status: 404 });
  });

  it('has what arrives paid out, in whole cents', async () => {
    const made = await open();
    const kept = only(await deposit(made, '25.129999'));
    expect(kept).toMatchObject({ status: 'delivered', amount: '25.129999' });
    expect(await world.client.transactions.get(kept.transactionId ?? '')).toMatchObject({
      type: 'cryptoToFiat',
      status: 'completed',
      recipientCustomerId: customer.id,
      depositAddressId: made.id,
      source: { amountGross: '25.129999' },
      destination: {
        asset: 'usd',
        network: 'ach',
        amountNet: '25.12',
        bankDetails: { accountNumber: '****6789' },
        owner: { name: 'Jane Smith' },
      },
    });
  });

  it('holds what arrives after the account was deleted, until it has another destination', async () => {
    const { id } = await bankAccount('ach');
    const made = await world.client.depositAddresses.create(customer.id, bodyTo(id));
    await world.client.externalAccounts.delete(id);
    expect(await deposit(made, '3.00')).toMatchObject([{ holdReason: 'external_account_unavailable' }]);
    await world.client.depositAddresses.update(made.id, {
      destination: { ...usdc, wallet: { wallet: purse.id } },
    });
    expect(await release(made)).toMatchObject([{ status: 'delivered' }]);
    expect((await world.client.wallets.balance(purse.id)).balance).toBe('3.00');
  });

  it('pays to a saved address as well, but to no deposit address', async () => {
    const saved = (address: string) =>
      world.client.externalAccounts.create(customer.id, {
        type: 'blockchainAddress',
        network: 'polygon',
        owner: { name: 'Jane Smith', type: 'individual' },
        bankDetails: { address },
      });
    const outside = `0x${'0'.repeat(38)}ee`;
    const { id } = await saved(outside);
    const made = await world.client.depositAddresses.create(customer.id, bodyTo(id, 'polygon', 'usdc'));
    expect(made).toMatchObject({
      transactionType: 'cryptoToCrypto',
      destination: { wallet: { externalAccount: id } },
    });
    await deposit(made, '2.00');
    expect(await world.tokenBalance(outside)).toBe(2_000_000n);
    const circle = await saved(made.source.depositInstructions.address);
    expect(await create(bodyTo(circle.id, 'polygon', 'usdc'))).toMatchObject({ status: 400 });
  });
});

describe('a payout that comes back', () => {
  beforeAll(async () => {
    await world.client.settings.update({
      pace: 'manual',
      fees: { depositAddress: { percentage: '0.01', fixed: '0.25' } },
    });
  });

  it('before it settled is held in full, and goes out again when it is released', async () => {
    const made = await open();
    const sent = only(await deposit(made, '10.00'));
    expect(sent).toMatchObject({ status: 'processing' });
    await atTheBank(sent, 'return');
    expect(only(await depositsOf(made))).toMatchObject({ status: 'returning' });
    await world.drain();
    expect(only(await depositsOf(made))).toMatchObject({
      status: 'held',
      holdReason: 'transaction_failed',
      amountHeld: '10.00',
    });
    const again = only(await release(made));
    expect(again.transactionId).not.toBe(sent.transactionId);
    await atTheBank(again, 'settle');
    expect(await eventsOf(sent)).toEqual([
      'pending',
      'settled',
      'processing',
      'returning',
      'held',
      'processing',
      'delivered',
    ]);
  });

  it('after it settled is held without its fees', async () => {
    const made = await open();
    const sent = only(await deposit(made, '100.00'));
    await atTheBank(sent, 'settle');
    expect(only(await depositsOf(made))).toMatchObject({ status: 'delivered' });
    await atTheBank(sent, 'return');
    await world.drain();
    expect(only(await depositsOf(made))).toMatchObject({
      status: 'held',
      holdReason: 'payout_returned',
      amount: '100.00',
      amountHeld: '98.75',
    });
    const again = only(await release(made));
    await atTheBank(again, 'settle');
    expect(await world.client.transactions.get(again.transactionId ?? '')).toMatchObject({
      status: 'completed',
      source: { amountGross: '98.75' },
    });
  });

  it('is shared by the small deposits that had gone together', async () => {
    const made = await open();
    const sent = await deposit(made, '0.40', '0.333333', '0.50');
    expect(new Set(sent.map(({ transactionId }) => transactionId)).size).toBe(1);
    await atTheBank(only(sent), 'settle');
    await atTheBank(only(sent), 'return');
    await world.drain();
    const held = await depositsOf(made);
    expect(held.map(({ holdReason }) => holdReason)).toEqual(Array(3).fill('payout_returned'));
    for (const { amount, amountHeld } of held) expect(Number(amountHeld)).toBeLessThan(Number(amount));
    const { refund } = await world.client.transactions.get(only(sent).transactionId ?? '');
    const sum = held.reduce((total, { amountHeld }) => total + Number(amountHeld), 0);
    expect(sum).toBeCloseTo(Number(refund?.amount), 6);
  });
});
