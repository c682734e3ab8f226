import { afterAll, beforeAll, expect, it } from 'vitest';
import { ApiError } from '../src/kernel/errors.ts';
import { createWorld, type RawReply, type World } from './world.ts';

/** Commits of the till meet in batches; whatever meets, each is decided by itself and takes effect once. */

const COMMIT = '/v0.9/cash-ins/simulate/auth-commit';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

/** An authorization of $100 at the till for a fresh customer, as the body that commits it. */
async function authorized(amount = '100.00'): Promise<{ cashInId: string; body: object }> {
  const cashIn = await world.cashIn(await world.wallet(await world.provisionedCustomer()));
  const body = { ...(await world.authorizeAtTill(cashIn, '100.00')), amount };
  return { cashInId: cashIn.id, body };
}

const commit = (body: object, key?: string): Promise<RawReply> =>
  world.fetch('POST', COMMIT, { body, ...(key !== undefined && { headers: { 'idempotency-key': key } }) });

const statuses = (replies: readonly RawReply[]): number[] => replies.map(({ status }) => status);

const count = async (table: string): Promise<number> => {
  const [row] = await world.sql<{ count: number }>(`select count(*)::integer as count from ${table}`);
  return row?.count ?? 0;
};

it('equal keys, equal authorizations and refusals that meet in one batch', async () => {
  const good = await Promise.all(Array.from({ length: 6 }, () => authorized()));
  const repeated = await authorized();
  const twice = await authorized();
  const tooMuch = await authorized('100.01');
  const before = { deposits: await count('ledger_transfers'), sends: await count('sends') };

  const replies = await Promise.all([
    ...good.map(({ body }, index) => commit(body, `good-${index}`)),
    ...Array.from({ length: 5 }, () => commit(repeated.body, 'repeated')),
    ...Array.from({ length: 5 }, () => commit(twice.body)),
    commit(tooMuch.body, 'too-much'),
    commit({ ...good[0]?.body, accountNumber: '0000000000000000' }, 'stranger'),
    commit({ ...good[1]?.body, amount: '50.00' }, 'other-amount'),
  ]);

  expect(statuses(replies.slice(0, 6))).toEqual(Array(6).fill(200));
  // The first request of a key runs; the others get its very reply, or learn that it is still running.
  const ofKey = replies.slice(6, 11).filter(({ status }) => status !== 409);
  expect(ofKey.length).toBeGreaterThan(0);
  expect(new Set(ofKey.map(({ text }) => text)).size).toBe(1);
  // Without a key, the till answers the same commit alike: one confirmation.
  const ofAuthorization = replies.slice(11, 16);
  expect(statuses(ofAuthorization)).toEqual(Array(5).fill(200));
  expect(new Set(ofAuthorization.map(({ json }) => json.confirmationId)).size).toBe(1);
  expect(statuses(replies.slice(16))).toEqual([422, 404, 409]);

  // Eight deposits took effect: six transfers each (four single, two holds), one send each.
  expect((await count('ledger_transfers')) - before.deposits).toBe(8 * 6);
  expect((await count('sends')) - before.sends).toBe(8);
  await world.drain();
  for (const { cashInId } of [...good, repeated, twice]) {
    expect((await world.client.cashIns.get(cashInId)).status).toBe('completed');
  }
  expect((await world.client.cashIns.get(tooMuch.cashInId)).status).toBe('pending');
});

it('deposits of one customer that meet count against the limits in order', async () => {
  const customer = await world.provisionedCustomer();
  const wallet = await world.wallet(customer);
  const bodies = await Promise.all(
    Array.from({ length: 5 }, async () => world.authorizeAtTill(await world.cashIn(wallet), '100.00')),
  );
  const replies = await Promise.all(bodies.map((body, index) => commit(body, `limit-${index}`)));
  // Three a day (contract 2.16).
  expect(statuses(replies).toSorted()).toEqual([200, 200, 200, 422, 422]);
  const again = await Promise.all(bodies.map((body, index) => commit(body, `limit-${index}`)));
  expect(again.map(({ text }) => text)).toEqual(replies.map(({ text }) => text));
  await world.drain();
});

it('deposits of one customer that meet in several processes stay within the limits all the same', async () => {
  const customer = await world.provisionedCustomer();
  const wallet = await world.wallet(customer);
  const bodies = await Promise.all(
    Array.from({ length: 5 }, async () => world.authorizeAtTill(await world.cashIn(wallet), '100.00')),
  );
  const { db, till } = world.context;
  const results = await Promise.all(
    bodies.map((body) => db.tx(world.project.projectId, async (tx) => (await till.commit(tx, [body]))[0])),
  );
  expect(results.filter((result) => result instanceof ApiError)).toHaveLength(2);
  await world.drain();
});
