import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { EXAMPLE_CUSTOMER } from '@openoms/contract/customers.ts';
import { BASE_PATH } from '@openoms/contract/operation.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { must } from '../src/kernel/assert.ts';
import { createWorld, type Project, type World } from './world.ts';

let world: World;
let stranger: Project;
/** An object of the first project for each path parameter. */
const owned: Record<string, string> = {};

beforeAll(async () => {
  world = await createWorld();
  stranger = await world.newProject();
  const customer = await world.provisionedCustomer();
  const wallet = await world.wallet(customer);
  const paid = await world.cashIn(wallet);
  await world.payAtTill(paid, '50.00');
  await world.drain();
  const cashIn = await world.cashIn(wallet);
  owned.customerId = customer.id;
  owned.walletId = wallet.id;
  owned.cashInId = cashIn.id;
  owned.transactionId = (await world.client.cashIns.get(paid.id)).transactionId ?? '';
  owned.webhookId = (await world.client.webhooks.create({ url: 'https://example.com/', enabled: false })).id;
});
afterAll(() => world.close());

const withId = (path: string, id: (name: string) => string): string =>
  BASE_PATH + path.replace(/:([A-Za-z]+)/g, (_, name: string) => id(name));

it('shows nothing of another project in any list, filter and page', async () => {
  const other = await world.newProject();
  const lists = [
    '/v0.9/customers',
    `/v0.9/customers?email=${EXAMPLE_CUSTOMER.email}`,
    '/v0.9/cash-ins',
    `/v0.9/cash-ins?customerId=${owned.customerId}`,
    '/v0.9/transactions',
    `/v0.9/transactions?customerId=${owned.customerId}`,
    `/v0.9/transactions?walletId=${owned.walletId}`,
    '/v0.9/webhooks',
  ];
  for (const path of lists) {
    const mine = await world.fetch('GET', path);
    expect(mine.json.data.length, path).toBeGreaterThan(0);
    const cursor = `${path.includes('?') ? '&' : '?'}endingBefore=${mine.json.nextCursor}`;
    for (const each of [path, path + cursor])
      expect((await world.fetch('GET', each, { as: other })).json.data, each).toEqual([]);
  }
});

describe('row level security', () => {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const isStore = (name: string): boolean => /(^|[-/])store\.ts$/.test(name) || name === 'db/list.ts';
  let dir: string;
  let close: () => Promise<void>;
  let url: string;

  /** The server's own sources, but that no store asks whose a row is. */
  beforeAll(async () => {
    await mkdir(join(root, '.openoms'), { recursive: true });
    dir = await mkdtemp(join(root, '.openoms', 'forgetful-'));
    await cp(join(root, 'server/src'), dir, { recursive: true });
    let removed = 0;
    for (const name of (await readdir(dir, { recursive: true })).filter(isStore)) {
      const text = await readFile(join(dir, name), 'utf8');
      const forgetful = text.replaceAll(/\b(?:\w+\.)?project_id = \$1/g, () => {
        removed += 1;
        return '$1::text is not null';
      });
      await writeFile(join(dir, name), forgetful);
    }
    expect(removed).toBeGreaterThan(30);
    const load = (file: string) => import(/* @vite-ignore */ pathToFileURL(join(dir, file)).href);
    const { createContext } = (await load('context.ts')) as typeof import('../src/context.ts');
    const { createApi } = (await load('api.ts')) as typeof import('../src/api.ts');
    const api = await createApi(createContext(world.context));
    await api.listen({ host: '127.0.0.1', port: 0 });
    url = `http://127.0.0.1:${(must(api.server.address(), 'an address') as AddressInfo).port}`;
    close = () => api.close();
  });
  afterAll(async () => {
    await close?.();
    await rm(dir, { recursive: true, force: true });
  });

  const READS = [
    '/customers/:customerId',
    '/customers/:customerId/wallets',
    '/customers/:customerId/balance',
    '/wallets/:walletId',
    '/cash-ins/:cashInId',
    '/transactions/:transactionId',
    '/webhooks/:webhookId',
  ] as const;

  const read = async (path: string, project: Project): Promise<Response> =>
    fetch(url + withId(path, (name) => owned[name] ?? ''), {
      headers: { authorization: `Bearer ${await project.token()}` },
    });

  it('hides other projects even when every store forgets to ask', async () => {
    const empty = await world.newProject();
    for (const path of READS) {
      expect((await read(path, world.project)).status, path).toBe(200);
      expect((await read(path, empty)).status, path).toBe(404);
    }
    for (const list of ['/customers', '/cash-ins', '/transactions', '/webhooks'])
      expect(await (await read(list, empty)).json(), list).toMatchObject({ data: [] });
  });

  it('is what hides them: without it the same server shows everything', async () => {
    const tables = ['customers', 'wallets', 'cash_ins', 'transactions', 'webhooks'];
    const switchAll = (how: string) =>
      world.sql(tables.map((table) => `alter table ${table} ${how} row level security`).join(';'));
    await switchAll('disable');
    for (const path of ['/wallets/:walletId', '/cash-ins/:cashInId', '/transactions/:transactionId'])
      expect((await read(path, stranger)).status, path).toBe(200);
    await switchAll('enable');
    expect((await read('/wallets/:walletId', stranger)).status).toBe(404);
  });
});
