import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OpenOMS } from '@openoms/sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createWorld, type Project, type World } from '../../server/test/world.ts';
import { UsageError } from './command.ts';
import { start } from './command-io.testing.ts';
import { sandboxSeed } from './sandbox-seed.ts';

let world: World;
let project: Project;
let dir: string;
beforeAll(async () => {
  world = await createWorld();
  project = await world.newProject();
  dir = await mkdtemp(join(tmpdir(), 'oms-seed-'));
});
afterAll(async () => {
  await rm(dir, { recursive: true, force: true });
  await world.close();
});

async function run(seed: string, args: readonly string[] = [], as = project) {
  await writeFile(join(dir, 'world.yaml'), seed);
  const env = { OMS_BASE_URL: world.baseUrl, OMS_API_KEY: as.apiKey, OMS_API_SECRET: as.apiSecret };
  const started = start(sandboxSeed, ['world.yaml', ...args], { env, cwd: dir });
  return { code: await world.during(started.code), out: started.out, err: started.err };
}

const SEED = `
settings: { pace: manual }
clock: 2031-01-06T09:00:00Z
customers:
  jane:
    firstName: Jane
    decisions:
      - event: granted
  # Of the second, all is as in the reference's example.
  john:
    decisions:
      - { event: granted, endorsements: [basic, cryptoCustody] }
      - event: rejected
        endorsements: [usd]
        rejectionReasons: [{ reason: The document cannot be read. }]
wallets:
  main: { customer: jane, balance: "250.00" }
  empty: { customer: john }
externalAccounts:
  bank:
    customer: jane
    owner: { name: Jane Smith, type: individual }
depositAddresses:
  toBank:
    customer: jane
    source: { asset: usdc, network: polygon }
    destination: { wallet: { externalAccount: $externalAccounts.bank }, asset: usd, network: ach }
virtualAccounts:
  salary:
    customer: jane
    source: { asset: usd, network: usBank }
    destination: { wallet: { wallet: $wallets.main }, asset: usdc, network: polygon }
webhooks:
  app: { url: "http://localhost:9/hooks", events: [cashIn.*], enabled: false }
keys:
  ci:
`;

const PLACES = [
  'customers.jane',
  'customers.john',
  'wallets.main',
  'wallets.empty',
  'externalAccounts.bank',
  'depositAddresses.toBank',
  'virtualAccounts.salary',
  'webhooks.app',
  'keys.ci',
];

describe('a seed', () => {
  it('makes everything in its order, with what it refers to', async () => {
    const { client } = project;
    const { code, out, err } = await run(SEED);
    expect({ code, err, places: out.map((line) => line.split('  ')[0]) }).toEqual({
      code: 0,
      err: [],
      places: PLACES,
    });
    const ids = Object.fromEntries(out.map((line) => line.split('  ')));
    expect(await client.sandbox.clock.get()).toMatchObject({ now: '2031-01-06T09:00:00Z', mode: 'frozen' });
    expect((await client.settings.get()).pace).toBe('manual');
    expect((await client.wallets.balance(ids['wallets.main'])).balance).toBe('250.00');
    expect((await client.wallets.get(ids['wallets.empty'])).customerId).toBe(ids['customers.john']);
    const { endorsements } = await client.customers.get(ids['customers.john']);
    const statuses = Object.fromEntries(endorsements.map(({ type, status }) => [type, status]));
    expect(statuses).toMatchObject({ basic: 'ACTIVE', usd: 'REJECTED' });
    expect(JSON.stringify(await client.depositAddresses.get(ids['depositAddresses.toBank']))).toContain(
      ids['externalAccounts.bank'],
    );
  });

  it('makes nothing twice, and says what was made as the API did', async () => {
    const { client } = project;
    const { code, out } = await run(SEED, ['--json']);
    expect(code).toBe(0);
    const made = JSON.parse(out.join('')) as Record<string, Record<string, { id: string; secret?: string }>>;
    expect(await client.customers.list().take(10)).toHaveLength(2);
    expect((await client.wallets.balance(made.wallets?.main?.id ?? '')).balance).toBe('250.00');
    expect(made.webhooks?.app?.secret).toMatch(/^whsec_/);
    const key = made.keys?.ci as unknown as { apiKey: string; apiSecret: string };
    const { apiKey, apiSecret } = key;
    const other = new OpenOMS({ baseUrl: world.baseUrl, apiKey, apiSecret });
    expect(await other.customers.list().take(10)).toHaveLength(2);
    const changed = await run(SEED.replace('firstName: Jane', 'firstName: Janet'));
    expect(changed).toMatchObject({
      code: 1,
      err: [expect.stringMatching(/^world\.yaml:5: customers\.jane is refused: idempotency_conflict/)],
    });
  });
});

it('empties the project when it begins with a seed, and makes the same each time', async () => {
  const other = await world.newProject();
  await run('customers: { before: }', [], other);
  const made = async () => (await run(`seed: checkout\n${SEED}`, [], other)).out;
  const first = await made();
  expect(first.map((line) => line.split('  ')[0])).toEqual(PLACES);
  expect(await made()).toEqual(first);
  expect(await other.client.customers.list().take(10)).toHaveLength(2);
});

describe('what is wrong is said with its line,', () => {
  const wrong: [what: string, seed: string, message: string | RegExp][] = [
    ['YAML that is none', 'customers:\n  jane: {', /^world\.yaml:\d+: /],
    ['no mapping', '- jane', 'world.yaml:1: a seed is a mapping of sections.'],
    [
      'an unknown section',
      'clock: x\ncustomer: {}',
      /^world\.yaml:2: customer is not known; there is customers/,
    ],
    [
      'an unknown field',
      'customers:\n  jane:\n    fristName: J',
      /^world\.yaml:3: customers\.jane\.fristName is not known; there is firstName/,
    ],
    ['a section without names', 'customers: [jane]', 'world.yaml:1: customers is a mapping of names.'],
    [
      'a name that is none',
      'customers:\n  jane smith: {}',
      /^world\.yaml:2: customers\.jane smith is no name/,
    ],
    [
      'nobody’s wallet',
      'wallets:\n  main: {}',
      /^world\.yaml:2: wallets\.main\.customer refers to customers\.undefined/,
    ],
    [
      'a customer that comes later',
      'wallets:\n  main: { customer: jane }\ncustomers:\n  jane:',
      /^world\.yaml:2: wallets\.main\.customer refers to customers\.jane, which does not stand before it/,
    ],
    ['a seed after all else', 'keys: {}\nseed: x', /^world\.yaml:2: seed stands before all else/],
    [
      'a reference to nothing',
      'customers:\n  jane: { metadata: { a: $wallets.x } }',
      /^world\.yaml:2: customers\.jane\.metadata\.a refers to wallets\.x/,
    ],
  ];
  it.each(wrong)('%s: nothing is made', async (_, seed, message) => {
    const { client } = await world.newProject({ fromFaucet: false });
    const { code, err } = await run(seed);
    expect(code).toBe(1);
    expect(err).toEqual([typeof message === 'string' ? message : expect.stringMatching(message)]);
    expect(await client.customers.list().take(1)).toEqual([]);
  });

  const refused: [what: string, seed: string, message: RegExp][] = [
    [
      'a field',
      'customers:\n  jane:\n    residentialAddress:\n      line1: 1 Main St\n      city: Rome\n      country: US\n      state: 5\n      zipCode: "10001"',
      /^world\.yaml:7: customers\.jane\.residentialAddress\.state must be string$/,
    ],
    [
      'an amount that is no text',
      'customers:\n  jo:\nwallets:\n  main:\n    customer: jo\n    balance: 5',
      /^world\.yaml:6: wallets\.main\.balance\.amount\.value must be string$/,
    ],
    [
      'a decision',
      'settings: { pace: manual }\ncustomers:\n  jack:\n    decisions:\n      - event: granted\n      - event: revoked\n      - event: granted\n        endorsements: [usd]\n',
      /^world\.yaml:8: customers\.jack\.decisions\.2\.endorsements usd is REVOKED$/,
    ],
    [
      'a time that is over',
      'clock: 2020-01-01T00:00:00Z',
      /^world\.yaml:1: clock\.advanceTo is not after the time of the project$/,
    ],
    [
      'a setting',
      'settings:\n  fees:\n    cashIn: { fixed: 1 }',
      /^world\.yaml:3: settings\.fees\.cashIn\.fixed /,
    ],
  ];
  it.each(refused)('%s that the API refuses', async (_, seed, message) => {
    const { code, err } = await run(seed, [], await world.newProject());
    expect({ code, err }).toEqual({ code: 1, err: [expect.stringMatching(message)] });
  });

  it('but what is no file, no instance and no sandbox is for the caller to mend', async () => {
    await expect(run('clock: x', ['another'])).rejects.toThrow(UsageError);
    await expect(run('clock: x', [], { ...project, apiSecret: 'wrong' })).rejects.toThrow(UsageError);
  });
});
