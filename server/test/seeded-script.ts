import { setTimeout as delay } from 'node:timers/promises';
import { EXAMPLE_CUSTOMER } from '@openoms/contract/customers.ts';
import type { SandboxClockRequest } from '@openoms/contract/sandbox-clock.ts';
import { OpenOMS } from '@openoms/sdk';
import { must } from '../src/kernel/assert.ts';
import type { World } from './world.ts';

const USDC = { asset: 'usdc', network: 'polygon' } as const;
const LOOK_MS = 20;
const OUTSIDE = '0x000000000000000000000000000000000000dEaD';

/** A seeded project of the world and all that it was answered. */
export interface Told {
  readonly answers: readonly unknown[];
  readonly events: readonly unknown[];
  readonly deliveries: readonly unknown[];
  readonly audit: readonly unknown[];
}

/** How a script is run on a world. */
export interface Pace {
  /** After each request. */
  settle(): Promise<unknown>;
  setClock(body: SandboxClockRequest, client: OpenOMS): Promise<unknown>;
}

/**
 * The requests of a customer's life, the same each time: what an endorsement, a till, a bank, a stranger on the chain and
 * the clock do included.
 */
export async function live(world: World, seed: string, pace: Pace, webhookUrl: string): Promise<Told> {
  const made = await world.client.sandbox.projects.create({ projects: [{ name: 'Twin', seed }] });
  const { apiSecret, ...project } = must(made.data[0], 'a project');
  const client = new OpenOMS({ baseUrl: world.baseUrl, apiKey: project.apiKey, apiSecret, maxRetries: 0 });
  const answers: unknown[] = [project];
  const told = async <T>(asked: Promise<T>): Promise<T> => {
    const answer = await asked;
    answers.push(answer);
    await pace.settle();
    return answer;
  };
  await pace.settle();

  const { apiSecret: _, ...key } = await client.sandbox.apiKeys.create({ name: 'further' });
  answers.push(key);
  const webhook = await told(client.webhooks.create({ url: webhookUrl, inOrder: true }));
  await told(
    client.sandbox.trouble.create({
      kind: 'api.latency',
      operationId: 'createQuote',
      milliseconds: 1,
      share: '0.5',
    }),
  );
  const jane = await told(client.customers.create(EXAMPLE_CUSTOMER));
  const shy = await told(client.customers.create({ ...EXAMPLE_CUSTOMER, lastName: 'Undecided' }));
  await told(client.simulate.endorsements(shy.id, { event: 'granted' }));
  const wallet = await told(client.wallets.create(jane.id, { asset: 'usdc', chain: 'polygon' }));
  const other = await told(client.wallets.create(shy.id, { asset: 'usdc', chain: 'polygon' }));

  const cashIn = await told(client.cashIns.create(await world.cashInBody(wallet, '250.00')));
  const read = await told(
    client.simulate.barcodeAuth({
      barcode: must(cashIn.depositInstructions, 'a code').code,
      amount: '240.00',
    }),
  );
  await told(
    client.simulate.authCommit({
      accountNumber: read.accountNumber,
      accountReferenceNumber: read.accountReferenceNumber,
      amount: '240.00',
      originalConfirmationId: read.confirmationId,
    }),
  );
  const stale = await told(client.cashIns.create(await world.cashInBody(wallet, '20.00')));
  await told(client.simulate.walletDeposit(wallet.id, { amount: { value: '100.00' } }));

  const account = await told(
    client.externalAccounts.create(jane.id, {
      type: 'usBank',
      network: 'ach',
      owner: { name: 'Jane Smith', type: 'individual' },
      bankDetails: { accountNumber: '000123456789', routingNumber: '021000021', accountType: 'checking' },
    }),
  );
  const payments = [
    { ...USDC, wallet: { blockchainAddress: OUTSIDE } },
    { ...USDC, wallet: { id: other.id } },
    { asset: 'usd', network: 'ach', wallet: { externalAccount: account.id } },
  ];
  for (const destination of payments) {
    const quote = await told(
      client.quotes.create({
        customerId: jane.id,
        source: { walletId: wallet.id, ...USDC, amount: '12.34' },
        destination,
      }),
    );
    const { id } = await told(client.transactions.create({ quoteId: quote.id }));
    await told(client.transactions.get(id));
  }
  const pickup = await told(
    client.quotes.create({
      customerId: jane.id,
      source: { walletId: wallet.id, ...USDC },
      destination: { cash: await placeOf(world), asset: 'usd', network: 'cash', amount: '40.00' },
    }),
  );
  await told(client.transactions.create({ quoteId: pickup.id }));

  const toWallet = { ...USDC, wallet: { wallet: wallet.id } };
  const virtual = await told(
    client.virtualAccounts.create(jane.id, {
      source: { asset: 'usd', network: 'usBank' },
      destination: toWallet,
    }),
  );
  for (const rail of ['ach_in', 'wire_in', 'swift_in'] as const) {
    const amount = { value: '75.00', currency: 'USD' } as const;
    await told(client.virtualAccounts.simulate(virtual.id, { rail, amount }));
  }
  const address = await told(
    client.depositAddresses.create(jane.id, { source: USDC, destination: toWallet }),
  );
  await told(client.depositAddresses.simulate(address.id, { amount: { value: '33.00' } }));

  answers.push(await pace.setClock({ advanceSeconds: 3_600 }, client));
  await told(client.cashIns.refresh(stale.id));
  answers.push(await pace.setClock({ toNextTimer: true }, client));
  await told(client.webhooks.rotateSecret(webhook.id));
  await told(client.webhooks.test(webhook.id));
  await told(client.sandbox.clock.get());
  await told(client.cashIns.get(stale.id));
  await told(client.sandbox.trouble.list().take(9));

  return {
    answers,
    events: await client.events.list().take(1_000),
    deliveries: await deliveredBy(client, webhook.id),
    audit: await client.auditEntries.list().take(1_000),
  };
}

/** Deliveries are not waited for by requests; here they are. */
async function deliveredBy(client: OpenOMS, webhookId: string): Promise<unknown[]> {
  for (;;) {
    const deliveries = await client.webhooks.deliveries(webhookId).take(1_000);
    if (deliveries.every(({ status }) => status === 'delivered')) return deliveries;
    await delay(LOOK_MS);
  }
}

async function placeOf(world: World) {
  const { id: locationId, locationReference } = await world.payoutPlace();
  return { locationId, locationReference };
}

/** What a seed says nothing of: the chain's own names, real time, and where the receiver listens. */
const UNSEEDED = new Set([
  'txHash',
  'transactionHash',
  'blockNumber',
  'logIndex',
  'serverNow',
  'previousSecretValidUntil',
  'offsetSeconds',
  'url',
  'origin',
  'requestId',
  'durationMs',
  'hash',
  'previousHash',
]);

export const seededPart = (told: Told): unknown =>
  JSON.parse(JSON.stringify(told), (name, value: unknown) => (UNSEEDED.has(name) ? undefined : value));
