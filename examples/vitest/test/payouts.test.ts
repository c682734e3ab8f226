import { type Sandbox, startSandbox } from 'openoms/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Payments } from '../src/payments.ts';

let sandbox: Sandbox;
const payments = new Payments();
let webhookId: string;

beforeAll(async () => {
  sandbox = await startSandbox();
  const webhook = await sandbox.client.webhooks.create({
    url: await payments.listen(),
    events: ['transaction.*'],
  });
  payments.trust(webhook.secret ?? '');
  webhookId = webhook.id;
});
afterAll(async () => {
  await sandbox.client.webhooks.delete(webhookId);
  await payments.close();
  await sandbox.close();
});

test('a payout that its bank returns weeks later is shown as failed, and the money is back', async () => {
  const { client } = sandbox;
  const { wallets, externalAccounts } = await sandbox.seed('test/world.yaml');
  const [wallet, account] = [wallets.main, externalAccounts.bank];
  if (!wallet || !account) throw new Error('the world has a wallet and a bank account');
  const quote = await client.quotes.create({
    customerId: wallet.customerId,
    source: { walletId: wallet.id, asset: 'usdc', network: 'polygon', amount: '50.00' },
    destination: { wallet: { externalAccount: account.id }, asset: 'usd', network: 'ach' },
  });
  const { id } = await client.transactions.create({ quoteId: quote.id });
  await sandbox.expectEvent({ event: 'transaction.cryptoToFiat.completed', resourceId: id });
  await expect.poll(() => payments.statusOf(id), { timeout: 10_000 }).toBe('completed');

  await client.sandbox.clock.set({ freeze: true });
  await sandbox.advance('30d');
  await client.simulate.transaction(id, { event: 'payoutReturned', returnCode: 'R01' });
  await sandbox.expectEvent({ event: 'transaction.cryptoToFiat.refunded', resourceId: id });
  await expect.poll(() => payments.statusOf(id), { timeout: 10_000 }).toBe('failed');
  expect((await client.wallets.balance(wallet.id)).balance).toBe('250.00');
});
