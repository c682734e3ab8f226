import { EXAMPLE_CUSTOMER } from '@openoms/contract/customers.ts';
import type { OpenOMS } from '@openoms/sdk';
import { must } from '../../server/src/kernel/assert.ts';

/** A customer with a wallet, both made again under the same key. */
export async function newWallet(oms: OpenOMS, key: string) {
  const customer = await oms.customers.create(EXAMPLE_CUSTOMER, { idempotencyKey: `${key}-customer` });
  // With the pace manual the reviewer decides nothing by itself.
  await oms.simulate.endorsements(
    customer.id,
    { event: 'granted' },
    { idempotencyKey: `${key}-endorsements` },
  );
  return oms.wallets.create(
    customer.id,
    { asset: 'usdc', chain: 'polygon' },
    { idempotencyKey: `${key}-wallet` },
  );
}

/** Pays cash in at the till, for the wallet or another destination; the cash-in's id, once the till has committed. */
export async function payIn(
  oms: OpenOMS,
  wallet: { readonly id: string; readonly customerId: string },
  amount: string,
  key: string,
  to: { readonly wallet: string } | { readonly blockchainAddress: string } = { wallet: wallet.id },
): Promise<string> {
  const query = { provider: 'greendot', latitude: 40.75, longitude: -73.99, limit: 1 } as const;
  const [location] = (await oms.cashLocations.list(query).firstPage()).data;
  const { id, cashLocationReference } = must(location, 'a cash location');
  const cashIn = await oms.cashIns.create(
    {
      customerId: wallet.customerId,
      source: { asset: 'usd', indicatedAmount: amount },
      destination: { wallet: to, asset: 'usdc', network: 'polygon' },
      cash: { cashLocationId: id, cashLocationReference },
    },
    { idempotencyKey: `${key}-cash-in` },
  );
  const load = await oms.simulate.barcodeAuth(
    { barcode: must(cashIn.depositInstructions, 'a pending cash-in has a code').code, amount },
    { idempotencyKey: `${key}-auth` },
  );
  await oms.simulate.authCommit(
    {
      accountNumber: load.accountNumber,
      accountReferenceNumber: load.accountReferenceNumber,
      amount,
      originalConfirmationId: load.confirmationId,
    },
    { idempotencyKey: `${key}-commit` },
  );
  return cashIn.id;
}
