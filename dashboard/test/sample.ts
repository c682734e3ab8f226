import { EXAMPLE_CUSTOMER } from '@openoms/contract/customers.ts';
import { must } from '../../server/src/kernel/assert.ts';
import type { World } from '../../server/test/world.ts';
import type { Sample } from '../../tools/dashboard/pages.ts';

/** A project with payments in several states, and an endpoint that takes what it is told. */
export async function sampleOf(world: World): Promise<Sample> {
  const { client } = world;
  const receiver = await world.receiver();
  const webhook = await client.webhooks.create({ url: receiver.url, description: 'Ledger of the shop' });
  await client.webhooks.create({ url: 'https://example.com/webhooks', events: ['cashIn.*'], enabled: false });
  const customer = await world.provisionedCustomer();
  await client.customers.create({ ...EXAMPLE_CUSTOMER, email: 'ada@example.com', firstName: 'Ada' });
  const wallet = await world.fundedWallet(customer, '500.00');
  const cashIn = await world.cashIn(wallet);
  await world.payAtTill(cashIn, '100.00');
  await world.cashIn(wallet, { dollars: '60.00' });
  await world.cashOut(wallet);
  await world.drain({ expectFailures: true });
  const [transaction] = await client.transactions.list({}).take(1);
  const [event] = await client.events.list({}).take(1);
  const [delivery] = await client.webhooks.deliveries(webhook.id).take(1);
  return {
    projectId: world.project.projectId,
    ids: {
      customer: customer.id,
      wallet: wallet.id,
      transaction: must(transaction, 'a transaction').id,
      cashIn: cashIn.id,
      event: must(event, 'an event').id,
      webhook: webhook.id,
    },
    deliveryId: delivery?.id,
  };
}
