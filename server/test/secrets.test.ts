import { EXAMPLE_CUSTOMER } from '@openoms/contract/customers.ts';
import { EXAMPLE_EXTERNAL_ACCOUNT } from '@openoms/contract/external-accounts.ts';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openFirstSeed } from '../src/chain/vault/seed-file.ts';
import { createWorld, type World } from './world.ts';

const SSN = '578-39-4146';
const BIRTH_DATE = '1987-03-21';
const STREET = '9417 Quillfeather Crescent';
const ACCOUNT_NUMBER = '90417755023816';
const CORRECTED_NUMBER = '90417755023824';
const FOREIGN_NUMBER = 'QX00417755023832';
const IBAN = 'GB44NWBK60161331926840';
const CARD_NUMBER = '4917610000000000';
const IP_ADDRESS = '198.51.100.237';

const BANK_DETAILS = EXAMPLE_EXTERNAL_ACCOUNT.bankDetails;

let world: World;
/** What must stand nowhere, by its name. */
const secrets: Record<string, string> = {
  ssn: SSN,
  'ssn without dashes': SSN.replaceAll('-', ''),
  'birth date': BIRTH_DATE,
  street: STREET,
  'IP address': IP_ADDRESS,
  'account number': ACCOUNT_NUMBER,
  'corrected account number': CORRECTED_NUMBER,
  'foreign account number': FOREIGN_NUMBER,
  IBAN,
  'card number': CARD_NUMBER,
};

/** An instance that was used: documents' flow, refusals, webhooks, a failing job's worth of logs. */
beforeAll(async () => {
  world = await createWorld();
  const receiver = await world.receiver();
  const { secret } = await world.client.webhooks.create({ url: receiver.url });
  const customer = await world.client.customers.create({
    ...EXAMPLE_CUSTOMER,
    birthDate: BIRTH_DATE,
    ipAddress: IP_ADDRESS,
    residentialAddress: { ...EXAMPLE_CUSTOMER.residentialAddress, line1: STREET },
    identifyingInformation: [{ type: 'ssn', issuingCountry: 'US', number: SSN }],
  });
  await world.client.customers.update(customer.id, {
    identifyingInformation: [{ type: 'ssn', issuingCountry: 'US', number: SSN.replaceAll('-', '') }],
  });
  const refused = { birthDate: BIRTH_DATE, ipAddress: 'x', residentialAddress: { line1: STREET } };
  await world.fetch('POST', '/v0.9/customers', {
    body: refused,
    headers: { 'idempotency-key': world.key() },
  });
  await world.fetch('POST', '/v0.9/customers', {
    body: `{"birthDate":"${BIRTH_DATE}","number":"${SSN}`,
    headers: { 'idempotency-key': world.key() },
  });
  await world.fetch('GET', `/v0.9/customers?email=${SSN}`);
  await world.fetch('GET', `/v0.9/${encodeURIComponent(STREET)}`);
  await registerAccounts(customer.id);
  await receiveDollars(customer.id);
  const cashIn = await world.cashIn(await world.wallet(customer));
  await world.payAtTill(cashIn, '100.00');
  await world.drain();
  secrets['api secret'] = world.project.apiSecret;
  secrets['webhook secret'] = secret;
  secrets['webhook secret without prefix'] = secret.slice('whsec_'.length);
  secrets['bearer token'] = await world.project.token();
  const seed = Buffer.from(await openFirstSeed(world.seedFile, world.keyEncryption));
  secrets.seed = seed.toString('latin1');
  secrets['seed as hex'] = seed.toString('hex');
  secrets['seed as base64'] = seed.toString('base64');
  expect(receiver.requests.length).toBeGreaterThan(3);
});
afterAll(() => world.close());

/** By a number that its owner is shown and nobody else. */
async function receiveDollars(customerId: string): Promise<void> {
  const { virtualAccounts } = world.client;
  const { id, bankDetails } = await virtualAccounts.create(customerId, {
    source: { asset: 'usd', network: 'usBank' },
    destination: { wallet: { blockchainAddress: `0x${'12'.repeat(20)}` }, asset: 'usdc', network: 'polygon' },
    accountholderName: 'customer',
  });
  secrets['virtual account number'] = bankDetails.accountNumber;
  await virtualAccounts.simulate(id, { rail: 'ach_in', amount: { value: '5.00', currency: 'USD' } });
  await virtualAccounts.update(id, { status: 'paused' });
  await virtualAccounts.simulate(id, { rail: 'wire_in', amount: { value: '5.00', currency: 'USD' } });
  await virtualAccounts.delete(id);
}

/** Accounts of each kind with a number, one with a refused body, one that its bank corrects. */
async function registerAccounts(customerId: string): Promise<void> {
  const owner = { name: 'Jane Smith', type: 'individual' as const };
  const swiftCode = 'NWBKGB2L';
  const bodies = [
    { ...EXAMPLE_EXTERNAL_ACCOUNT, bankDetails: { ...BANK_DETAILS, accountNumber: ACCOUNT_NUMBER } },
    { type: 'intlBank', network: 'swift', owner, bankDetails: { iban: IBAN, swiftCode } },
    {
      type: 'intlBank',
      network: 'swift',
      owner,
      bankDetails: { country: 'IN', accountNumber: FOREIGN_NUMBER, swiftCode },
    },
    {
      type: 'debitCard',
      network: 'card',
      owner,
      bankDetails: { cardNumber: CARD_NUMBER, expiryMonth: '01', expiryYear: '2099', cvc: '417' },
    },
  ];
  const path = `/v0.9/customers/${customerId}/external-accounts`;
  const ids: string[] = [];
  for (const body of bodies) {
    const registered = await world.fetch('POST', path, { body, headers: { 'idempotency-key': world.key() } });
    expect(registered.status, registered.text).toBe(201);
    ids.push(registered.json.id);
    const refused = {
      ...body,
      owner: {},
      bankDetails: { ...body.bankDetails, swiftCode: 7, routingNumber: '1' },
    };
    await world.fetch('POST', path, { body: refused });
  }
  const { context, project } = world;
  const sealer = await context.sealers.for(project.projectId);
  await context.db.tx(project.projectId, (tx) =>
    context.externalAccounts.updateDetails(tx, sealer, ids[0] ?? '', { accountNumber: CORRECTED_NUMBER }),
  );
  await world.client.externalAccounts.delete(ids[1] ?? '');
}

/** Every row of every table as text, its bytes also as latin1. */
async function dump(): Promise<Map<string, string>> {
  const tables = await world.sql<{ name: string }>(
    `select table_name as name from information_schema.tables where table_schema = 'public'`,
  );
  const texts = new Map<string, string>();
  for (const { name } of tables) {
    const rows = await world.sql<{ row: string }>(`select t::text as row from "${name}" t`);
    const text = rows.map(({ row }) => row).join('\n');
    const bytes = [...text.matchAll(/\\x((?:[0-9a-f]{2})+)/g)].map(([, hex = '']) =>
      Buffer.from(hex, 'hex').toString('latin1'),
    );
    texts.set(name, [text, ...bytes].join('\n'));
  }
  return texts;
}

it('no table holds a secret or an identity in the clear', async () => {
  const tables = await dump();
  expect(tables.size).toBeGreaterThan(20);
  // What is not secret is found, so the dump is one.
  expect(tables.get('customers')).toContain(EXAMPLE_CUSTOMER.email);
  expect(tables.get('external_accounts')).toContain('****3824');
  expect(tables.get('api_keys')).toContain(world.project.apiKey);
  for (const [table, text] of tables) {
    for (const [what, secret] of Object.entries(secrets))
      expect(text.includes(secret), `${what} in ${table}`).toBe(false);
  }
});

it('no line of the log holds one, nor a name, an email or a phone number', () => {
  const log = world.logged.join('\n');
  expect(log).toContain('"message":"request"');
  const personal = {
    email: EXAMPLE_CUSTOMER.email,
    phone: EXAMPLE_CUSTOMER.phone,
    'last name': EXAMPLE_CUSTOMER.lastName,
  };
  for (const [what, secret] of Object.entries({ ...secrets, ...personal })) {
    expect(log.includes(secret), `${what} in the log`).toBe(false);
    expect(log.includes(encodeURIComponent(secret)), `${what} in the log, as in a URL`).toBe(false);
  }
});
