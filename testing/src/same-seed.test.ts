import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startSandbox } from './testing.ts';

/** Two starts, the first perhaps with a new template, beside other tests. */
const TIMEOUT_MS = 240_000;

/** Takes every delivery. */
const receiver = createServer((request, response) => {
  request.resume().on('end', () => response.writeHead(204).end());
});
let url: string;
beforeAll(async () => {
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`;
});
afterAll(() => {
  receiver.closeAllConnections();
  receiver.close();
});

const USDC = { asset: 'usdc', network: 'polygon' } as const;

/** A seed and a script of requests, on a fresh instance: all that a test could write down of what came of it. */
async function story() {
  const sandbox = await startSandbox({ seed: 'story', startsAt: '2026-03-02T09:00:00Z' });
  try {
    const { client } = sandbox;
    const { customers, wallets, externalAccounts, depositAddresses, virtualAccounts, webhooks } =
      await sandbox.seed({
        webhooks: { app: { url, events: ['*'] } },
        customers: { jane: {}, john: { firstName: 'John' } },
        wallets: { jane: { customer: 'jane', balance: '250.00' }, john: { customer: 'john' } },
        externalAccounts: { bank: { customer: 'jane' } },
        depositAddresses: {
          toBank: {
            customer: 'jane',
            source: USDC,
            destination: {
              wallet: { externalAccount: '$externalAccounts.bank' },
              asset: 'usd',
              network: 'ach',
            },
          },
        },
        virtualAccounts: {
          salary: {
            customer: 'jane',
            source: { asset: 'usd', network: 'usBank' },
            destination: { wallet: { wallet: '$wallets.jane' }, ...USDC },
          },
        },
      });
    const near = { provider: 'greendot', latitude: 40.75, longitude: -73.99, limit: 1 } as const;
    const [place] = await client.cashLocations.list(near).take(1);
    const cashIn = await client.cashIns.create({
      customerId: customers.john.id,
      source: { asset: 'usd', indicatedAmount: '100.00' },
      destination: { wallet: { wallet: wallets.john.id }, ...USDC },
      cash: { cashLocationId: place?.id ?? '', cashLocationReference: place?.cashLocationReference ?? '' },
    });
    const barcode = cashIn.depositInstructions?.code ?? '';
    const read = await client.simulate.barcodeAuth({ barcode, amount: '60.00' });
    await client.simulate.authCommit({
      accountNumber: read.accountNumber,
      accountReferenceNumber: read.accountReferenceNumber,
      amount: '60.00',
      originalConfirmationId: read.confirmationId,
    });
    await sandbox.expectEvent('cashIn.completed');
    const quote = await client.quotes.create({
      customerId: customers.jane.id,
      source: { walletId: wallets.jane.id, ...USDC, amount: '50.00' },
      destination: { wallet: { externalAccount: externalAccounts.bank.id }, asset: 'usd', network: 'ach' },
    });
    const payout = await client.transactions.create({ quoteId: quote.id });
    await sandbox.expectEvent('transaction.cryptoToFiat.completed');
    const { now } = await sandbox.advance('30d');
    const events = await client.events.list().take(200);
    return {
      ids: [customers, wallets, externalAccounts, depositAddresses, virtualAccounts].map((made) =>
        Object.values(made).map(({ id }: { readonly id: string }) => id),
      ),
      webhook: webhooks.app.id,
      addresses: [wallets.jane.address, wallets.john.address, JSON.stringify(depositAddresses.toBank)],
      account: JSON.stringify(virtualAccounts.salary),
      read,
      barcode,
      payments: [cashIn.id, quote.id, payout.id],
      balances: [
        await client.wallets.balance(wallets.jane.id),
        await client.wallets.balance(wallets.john.id),
      ],
      events: events.map(({ id, event, resourceId, sequence, createdAt }) =>
        [id, event, resourceId, sequence, createdAt].join(' '),
      ),
      now,
    };
  } finally {
    await sandbox.close();
  }
}

test(
  'the same seed and script give the same ids, addresses, codes and events on two fresh instances',
  async () => {
    const first = await story();
    expect(first.events.length).toBeGreaterThan(5);
    expect(await story()).toEqual(first);
  },
  TIMEOUT_MS,
);
