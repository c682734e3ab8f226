import { afterAll, beforeAll, expect, it } from 'vitest';
import { MINUTE_MS } from '../src/kernel/clock.ts';
import { createWorld, type Project, type World } from './world.ts';

const TRANSACTIONS = 7;

let world: World;
let project: Project;
/** Newest first. */
const ids: string[] = [];
const times: string[] = [];
let customerId: string;
let walletId: string;

async function makeTransaction(client = project.client): Promise<string> {
  world.advance(8 * 60 * MINUTE_MS);
  const cashIn = await world.cashIn({ id: walletId, customerId }, { client, dollars: '20.00' });
  await world.payAtTill(cashIn, '20.00', client);
  const { transactionId, updatedAt } = await client.cashIns.get(cashIn.id);
  ids.unshift(transactionId ?? '');
  times.unshift(updatedAt);
  return transactionId ?? '';
}

beforeAll(async () => {
  world = await createWorld();
  project = await world.newProject();
  await world.drain();
  const customer = await world.provisionedCustomer(project.client);
  customerId = customer.id;
  walletId = (await world.wallet(customer, project.client)).id;
  for (let index = 0; index < TRANSACTIONS; index++) await makeTransaction();
});
afterAll(() => world.close());

const get = async (path: string) => (await world.fetch('GET', path, { as: project })).json;
const idsOf = (page: { data: { id: string }[] }): string[] => page.data.map(({ id }) => id);

it.each(['/v0.9/transactions?', () => `/v0.9/customers/${customerId}/transactions?`])(
  'pages forth and back, newest first: %s',
  async (path) => {
    const base = typeof path === 'string' ? path : path();
    const first = await get(`${base}limit=3`);
    expect(idsOf(first)).toEqual(ids.slice(0, 3));
    expect(first.hasMore).toBe(true);
    const second = await get(`${base}limit=3&startingAfter=${first.nextCursor}`);
    expect(idsOf(second)).toEqual(ids.slice(3, 6));
    const third = await get(`${base}limit=3&startingAfter=${second.nextCursor}`);
    expect({ found: idsOf(third), more: third.hasMore }).toEqual({ found: ids.slice(6), more: false });
    const back = await get(`${base}limit=2&endingBefore=${third.previousCursor}`);
    expect({ found: idsOf(back), more: back.hasMore }).toEqual({ found: ids.slice(4, 6), more: true });
    const start = await get(`${base}limit=9&endingBefore=${first.previousCursor}`);
    expect(start).toEqual({ data: [], hasMore: false, nextCursor: null, previousCursor: null });
  },
);

it('pages neither skip nor repeat while rows are inserted', async () => {
  const before = [...ids];
  const seen: string[] = [];
  let cursor = '';
  for (let page = 0; page < 4; page++) {
    const answer = await get(`/v0.9/transactions?limit=2${cursor}`);
    seen.push(...idsOf(answer));
    cursor = `&startingAfter=${answer.nextCursor}`;
    if (page === 1) await makeTransaction();
  }
  expect(seen).toEqual(before);
});

it('filters by everything it says', async () => {
  await world.drain();
  const { cashInId } = await get(`/v0.9/transactions/${ids[2]}`);
  const other = await world.provisionedCustomer(project.client);
  const cases: Record<string, readonly string[]> = {
    'status=completed': ids,
    'status=processing': [],
    'type=fiatToCrypto': ids,
    'type=cryptoToCrypto': [],
    [`customerId=${customerId}`]: ids,
    [`customerId=${other.id}`]: [],
    [`senderCustomerId=${customerId}`]: ids,
    [`recipientCustomerId=${customerId}`]: ids,
    [`senderCustomerId=${other.id}&recipientCustomerId=${customerId}`]: [],
    [`walletId=${walletId}`]: ids,
    'walletId=wlt_unknown': [],
    [`cashInId=${cashInId}`]: ids.slice(2, 3),
    'quoteId=qt_unknown': [],
    [`createdAfter=${times[2]}`]: ids.slice(0, 3),
    [`createdBefore=${times[2]}`]: ids.slice(2),
    [`createdAfter=${times[3]}&createdBefore=${times[2]}`]: ids.slice(2, 4),
  };
  for (const [query, expected] of Object.entries(cases))
    expect(idsOf(await get(`/v0.9/transactions?${query}`)), query).toEqual(expected);
  expect(await get('/v0.9/customers/cst_unknown/transactions')).toMatchObject({ code: 'not_found' });
  expect(idsOf(await get(`/v0.9/customers/${other.id}/transactions`))).toEqual([]);
});

it('shows the role of the customer that is asked about', async () => {
  const roleOf = async (path: string): Promise<string | undefined> => {
    const answer = await get(path);
    return 'data' in answer ? answer.data[0].role : answer.role;
  };
  const one = `/v0.9/transactions/${ids[0]}`;
  expect(await roleOf(one)).toBeUndefined();
  expect(await roleOf(`${one}?senderCustomerId=${customerId}`)).toBe('sender');
  expect(await roleOf(`${one}?recipientCustomerId=${customerId}`)).toBe('recipient');
  expect(await roleOf(`${one}?senderCustomerId=${customerId}&recipientCustomerId=${customerId}`)).toBe(
    'both',
  );
  expect(await roleOf(`${one}?senderCustomerId=cst_other`)).toBeUndefined();
  expect(await roleOf('/v0.9/transactions?limit=1')).toBeUndefined();
  expect(await roleOf(`/v0.9/transactions?customerId=${customerId}`)).toBe('both');
  expect(await roleOf(`/v0.9/customers/${customerId}/transactions`)).toBe('both');
  expect(await get('/v0.9/transactions/txn_unknown')).toMatchObject({ code: 'not_found' });
});
