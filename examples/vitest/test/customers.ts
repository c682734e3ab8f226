import type { Sandbox } from 'openoms/testing';

/** Somebody who may hold and pay out money, with a wallet that has some. */
export async function customerWithWallet(sandbox: Sandbox, dollars: string) {
  const { client } = sandbox;
  const customer = await client.customers.create({
    type: 'individual',
    firstName: 'Jane',
    lastName: 'Smith',
    phone: '+12125551234',
    birthDate: '1990-05-15',
    nationality: 'US',
    residentialAddress: {
      line1: '123 Main St',
      city: 'New York',
      state: 'NY',
      country: 'US',
      zipCode: '10001',
    },
    identifyingInformation: [{ type: 'ssn', issuingCountry: 'US', number: '123-45-6789' }],
    endorsements: ['basic', 'cryptoCustody', 'usd'],
  });
  const wallet = await client.wallets.create(customer.id, { asset: 'usdc', chain: 'polygon' });
  await client.simulate.walletDeposit(wallet.id, { amount: { value: dollars } });
  await sandbox.expectEvent({ event: 'wallet.depositCredited', resourceId: wallet.id });
  return wallet;
}
