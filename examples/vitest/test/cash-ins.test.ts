import { type Sandbox, startSandbox, type World } from 'openoms/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

let sandbox: Sandbox;
let wallet: World['wallets'][string];
beforeAll(async () => {
  sandbox = await startSandbox();
  const world = await sandbox.seed({
    customers: { jane: {} },
    wallets: { main: { customer: 'jane', balance: '1.00' } },
  });
  wallet = world.wallets.main;
});
afterAll(() => sandbox.close());

async function newCashIn() {
  const { client } = sandbox;
  const near = { provider: 'greendot', latitude: 40.75, longitude: -73.99, limit: 1 } as const;
  const [place] = await client.cashLocations.list(near).take(1);
  if (!place) throw new Error('no till nearby');
  return client.cashIns.create({
    customerId: wallet.customerId,
    source: { asset: 'usd', indicatedAmount: '100.00' },
    destination: { wallet: { wallet: wallet.id }, asset: 'usdc', network: 'polygon' },
    cash: { cashLocationId: place.id, cashLocationReference: place.cashLocationReference },
  });
}

test('what counts is the cash that was handed over, not what was announced', async () => {
  const { client } = sandbox;
  const cashIn = await newCashIn();
  const read = await client.simulate.barcodeAuth({
    barcode: cashIn.depositInstructions?.code ?? '',
    amount: '60.00',
  });
  await client.simulate.authCommit({
    accountNumber: read.accountNumber,
    accountReferenceNumber: read.accountReferenceNumber,
    amount: '60.00',
    originalConfirmationId: read.confirmationId,
  });
  await sandbox.expectEvent({ event: 'cashIn.completed', resourceId: cashIn.id });
  // 60.00 less the fee of 1.5 % and $0.50, and what was there before.
  expect((await client.wallets.balance(wallet.id)).balance).toBe('59.60');
});

test('a code that nobody brings to a till expires', async () => {
  const cashIn = await newCashIn();
  await sandbox.advance('2h');
  await sandbox.expectEvent({ event: 'cashIn.expired', resourceId: cashIn.id });
});
