import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { OpenOMS } from 'openoms';
import { App } from './app.ts';
import { Terminal } from './instance.ts';

/*
 * A new user's first half hour, in a minute: `node examples/half-hour/half-hour.ts` after `npm ci`. Each step does what the
 * README tells, and looks at what came of it.
 */

const POLL_MS = 100;
const PATIENCE_MS = 30_000;
const NEW_YORK = { provider: 'greendot', latitude: 40.75, longitude: -73.99, limit: 1 } as const;
const USDC = { asset: 'usdc', network: 'polygon' } as const;

const home = await mkdtemp(join(tmpdir(), 'oms-half-hour-'));
const terminal = new Terminal(home);
const app = new App();
let client: OpenOMS;
let wallet: { readonly id: string; readonly customerId: string };
let accountId: string;
/** A payout that came back, and a code that nobody has used. */
let payoutId: string;
let codeId: string;

/** Looks again and again until there is something. */
async function until<T>(what: string, look: () => T | undefined | Promise<T | undefined>): Promise<T> {
  const endMs = performance.now() + PATIENCE_MS;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    assert(performance.now() < endMs, `not within ${PATIENCE_MS} ms: ${what}`);
    await delay(POLL_MS);
  }
}

const appBelieves = (id: string, event: string) =>
  until(`the app was told of ${event}`, () => (app.believes(id)?.event === event ? true : undefined));

const balance = async (): Promise<string> => (await client.wallets.balance(wallet.id)).balance;

async function newCashIn() {
  const [place] = await client.cashLocations.list(NEW_YORK).take(1);
  assert(place, 'a till nearby');
  return client.cashIns.create({
    customerId: wallet.customerId,
    source: { asset: 'usd', indicatedAmount: '100.00' },
    destination: { wallet: { wallet: wallet.id }, ...USDC },
    cash: { cashLocationId: place.id, cashLocationReference: place.cashLocationReference },
  });
}

async function payOut(dollars: string): Promise<string> {
  const { id: quoteId } = await client.quotes.create({
    customerId: wallet.customerId,
    source: { walletId: wallet.id, ...USDC, amount: dollars },
    destination: { wallet: { externalAccount: accountId }, asset: 'usd', network: 'ach' },
  });
  const { id } = await client.transactions.create({ quoteId });
  return id;
}

async function connect(): Promise<void> {
  const env = await terminal.start();
  const { OMS_BASE_URL: baseUrl = '', OMS_API_KEY: apiKey = '', OMS_API_SECRET: apiSecret = '' } = env;
  client = new OpenOMS({ baseUrl, apiKey, apiSecret });
}

const STEPS: readonly (readonly [title: string, step: () => Promise<void>])[] = [
  [
    'install: everything that package.json asks for is there',
    async () => void (await terminal.run('npm', 'ls')),
  ],

  ['start: npm start says where the API is', connect],

  [
    'onboard: a customer who may use cash, with a wallet and a bank account, and webhooks to the app',
    async () => {
      const webhook = await client.webhooks.create({ url: await app.listen(), events: ['*'] });
      app.trust(webhook.secret);
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
      await appBelieves(customer.id, 'customer.endorsement.granted');
      wallet = await client.wallets.create(customer.id, { asset: 'usdc', chain: 'polygon' });
      const account = await client.externalAccounts.create(customer.id, {
        type: 'usBank',
        network: 'ach',
        owner: { name: 'Jane Smith', type: 'individual' },
        bankDetails: {
          accountNumber: '000123456789',
          routingNumber: '021000021',
          accountType: 'checking',
          bankName: 'Chase',
        },
      });
      accountId = account.id;
    },
  ],

  [
    'cash: $100 were announced, $60 are handed over at the till, and $58.60 of USDC arrive',
    async () => {
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
      await appBelieves(cashIn.id, 'cashIn.completed');
      assert.equal(await balance(), '58.60');
    },
  ],

  [
    'payout: $40 to the bank, completed, then returned by it (R01), and the money is back',
    async () => {
      payoutId = await payOut('40.00');
      await appBelieves(payoutId, 'transaction.cryptoToFiat.completed');
      assert.equal(await balance(), '18.60');
      await client.simulate.transaction(payoutId, { event: 'payoutReturned', returnCode: 'R01' });
      await appBelieves(payoutId, 'transaction.cryptoToFiat.refunded');
      assert.equal(await balance(), '58.60');
    },
  ],

  [
    'a month: a code that nobody uses expires on the way',
    async () => {
      codeId = (await newCashIn()).id;
      const said = await terminal.run('npx', 'openoms', 'sandbox', 'clock', '--advance', '30d');
      assert.match(said, new RegExp(`cashIn\\.expired {2}${codeId}`));
      await appBelieves(codeId, 'cashIn.expired');
    },
  ],

  [
    'a reorg: a deposit that was announced is taken back, comes again, and is credited once',
    async () => {
      const { id: ruleId } = await client.sandbox.trouble.create({ kind: 'chain.reorg', depth: 3 });
      await client.simulate.walletDeposit(wallet.id, { amount: { value: '5.00' } });
      await until('the deposit is credited', async () => ((await balance()) === '63.60' ? true : undefined));
      const events = await client.events.list({ resource: wallet.id }).take(100);
      const deposits = events.filter(({ data }) => 'amount' in data && data.amount === '5.00');
      assert.deepEqual(deposits.map(({ event }) => event.split('.').at(-1)).reverse(), [
        'depositDetected',
        'depositDetected',
        'depositCredited',
      ]);
      await client.sandbox.trouble.delete(ruleId);
    },
  ],

  [
    'webhooks that come twice and in the wrong order: the app ends up with the truth',
    async () => {
      await terminal.run('npx', 'openoms', 'sandbox', 'trouble', 'webhook.duplicate');
      await terminal.run('npx', 'openoms', 'sandbox', 'trouble', 'webhook.reorder', 'times=1');
      const id = await payOut('10.00');
      const told = await until('each event came twice', () =>
        app.told(id).length >= 4 ? app.told(id) : undefined,
      );
      assert.deepEqual([...new Set(told.map(({ sequence }) => sequence))], [2, 1]);
      assert.equal(new Set(told.map((event) => event.id)).size, 2);
      assert.equal(app.believes(id)?.event, 'transaction.cryptoToFiat.completed');
      assert.equal(await balance(), '53.60');
      await terminal.run('npx', 'openoms', 'sandbox', 'trouble', '--end-all');
    },
  ],

  [
    'a snapshot: what comes after it never was, once it is restored',
    async () => {
      await client.sandbox.snapshots.create('before');
      const id = await payOut('10.00');
      await appBelieves(id, 'transaction.cryptoToFiat.completed');
      assert.equal(await balance(), '43.60');
      await client.sandbox.snapshots.restore('before');
      assert.equal(await balance(), '53.60');
      await assert.rejects(client.transactions.get(id), { status: 404 });
      assert.equal((await client.cashIns.get(codeId)).status, 'expired');
    },
  ],

  [
    'the books: ledger and chain agree',
    async () => {
      await terminal.run('npm', 'run', 'ledger:check');
      await terminal.run('npm', 'run', 'reconcile');
    },
  ],

  [
    'stop and start again: everything is kept',
    async () => {
      await terminal.interrupt();
      await connect();
      assert.equal(await balance(), '53.60');
      assert.equal((await client.transactions.get(payoutId)).subStatus, 'refunded');
    },
  ],
];

try {
  for (const [title, step] of STEPS) {
    const startedMs = performance.now();
    await step();
    const seconds = ((performance.now() - startedMs) / 1_000).toFixed(1);
    process.stdout.write(`ok ${seconds.padStart(5)} s  ${title}\n`);
  }
  process.stdout.write(`all ${STEPS.length} steps done\n`);
} finally {
  app.close();
  await terminal.interrupt();
  await rm(home, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
}
