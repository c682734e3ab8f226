import { EXAMPLE_EXTERNAL_ACCOUNT } from '@openoms/contract/external-accounts.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { must } from '../src/kernel/assert.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../src/kernel/clock.ts';
import { settlesAt } from '../src/providers/sandbox/bank-calendar.ts';
import { createWorld, type Project, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

const newProject = (): Promise<Project> => world.newProject({ fromFaucet: false });
const set = (body: unknown, as: Project, headers: Record<string, string> = {}) =>
  world.fetch('POST', '/v0.9/sandbox/clock', { body, as, headers });
const timeOf = (text: string): number => Date.parse(text);

async function newWallet({ client }: Project) {
  return world.wallet(await world.provisionedCustomer(client), client);
}

describe('the clock of a project', () => {
  it('runs with the server’s until it is set', async () => {
    const project = await newProject();
    const clock = await project.client.sandbox.clock.get();
    expect(clock).toMatchObject({ object: 'sandboxClock', mode: 'running', offsetSeconds: 0, move: null });
    expect(timeOf(clock.now)).toBe(Math.floor(world.clock.now().getTime() / SECOND_MS) * SECOND_MS);
  });

  it('stands still when frozen, and runs on from there', async () => {
    const project = await newProject();
    const frozen = await world.setClock({ freeze: true }, project.client);
    expect(frozen).toMatchObject({ mode: 'frozen', events: [], hasMoreEvents: false });
    world.advance(HOUR_MS);
    const later = await project.client.sandbox.clock.get();
    expect(later).toMatchObject({ mode: 'frozen', now: frozen.now, offsetSeconds: -3600 });
    const customer = await project.client.customers.create({ firstName: 'Jane' });
    expect(customer.createdAt).toBe(frozen.now);

    expect(await world.setClock({ resume: true }, project.client)).toMatchObject({ mode: 'running' });
    world.advance(MINUTE_MS);
    const running = await project.client.sandbox.clock.get();
    expect(timeOf(running.now) - timeOf(frozen.now)).toBe(MINUTE_MS);
  });

  it('advances by, to, and to the next timer, and goes on as it did', async () => {
    const project = await newProject();
    const { client } = project;
    await world.setClock({ freeze: true }, client);
    const before = await client.sandbox.clock.get();
    const by = await world.setClock({ advanceSeconds: 86_400 }, client);
    expect(timeOf(by.now) - timeOf(before.now)).toBe(DAY_MS);
    expect(by).toMatchObject({ mode: 'frozen', move: { status: 'done', timers: 0, waitsFor: null } });

    const to = new Date(timeOf(by.now) + 30 * DAY_MS).toISOString();
    const arrived = await world.setClock({ advanceTo: to }, client);
    expect(timeOf(arrived.now)).toBe(timeOf(to));

    const wallet = await newWallet(project);
    await world.drain();
    const cashIn = await world.cashIn(wallet, { client });
    const timers = await client.sandbox.clock.timers();
    expect(timers.data).toEqual([
      {
        object: 'sandboxTimer',
        name: 'cashIn.codeExpires',
        resourceId: cashIn.id,
        dueAt: cashIn.depositInstructions?.expiresAt,
      },
    ]);
    const next = await world.setClock({ toNextTimer: true }, client);
    expect(next.now).toBe(cashIn.depositInstructions?.expiresAt);
    expect(next.move).toMatchObject({ status: 'done', timers: 1 });
    expect(next.events).toMatchObject([
      { event: 'cashIn.expired', resourceId: cashIn.id, createdAt: next.now },
    ]);
    expect((await set({ toNextTimer: true }, project)).status).toBe(409);

    await world.setClock({ resume: true }, client);
    const month = await world.setClock({ advanceSeconds: 30 * 86_400 }, client);
    expect(month.mode).toBe('running');
    world.advance(HOUR_MS);
    const on = await client.sandbox.clock.get();
    expect(timeOf(on.now) - timeOf(month.now)).toBeGreaterThanOrEqual(HOUR_MS - SECOND_MS);
  });

  it('is of one project: others go on, and keep their own', async () => {
    const [first, second, third] = await Promise.all([newProject(), newProject(), newProject()]);
    await Promise.all([
      world.setClock({ freeze: true }, first.client),
      world.setClock({ freeze: true }, second.client),
    ]);
    const start = await first.client.sandbox.clock.get();
    await Promise.all([
      world.setClock({ advanceSeconds: 365 * 86_400 }, first.client),
      world.setClock({ advanceSeconds: 3_600 }, second.client),
    ]);
    const [a, b, c] = await Promise.all(
      [first, second, third].map(({ client }) => client.sandbox.clock.get()),
    );
    expect(timeOf(a?.now ?? '') - timeOf(start.now)).toBe(365 * DAY_MS);
    expect(timeOf(b?.now ?? '') - timeOf(start.now)).toBe(HOUR_MS);
    expect(c).toMatchObject({ mode: 'running', offsetSeconds: 0 });
    const made = await Promise.all(
      [first, second, third].map(({ client }) => client.customers.create({ firstName: 'Jane' })),
    );
    expect(made.map(({ createdAt }) => createdAt)).toEqual([a?.now, b?.now, c?.now]);
  });

  it('dates what is made, so that lists find it by the time it shows', async () => {
    const { client } = await newProject();
    await world.setClock({ freeze: true }, client);
    const made: string[] = [];
    for (let day = 0; day < 3; day++) {
      const { now } = await world.setClock({ advanceSeconds: 86_400 }, client);
      for (let n = 0; n < 2; n++) made.unshift((await client.customers.create({ firstName: 'Jane' })).id);
      const ofDay = await client.customers.list({ createdAfter: now, createdBefore: now }).take(10);
      expect(ofDay.map(({ id }) => id)).toEqual(made.slice(0, 2));
    }
    const all = await client.customers.list().take(10);
    expect(all.map(({ id }) => id)).toEqual(made);
  });
});

describe('a request to set it', () => {
  it('is refused with every field that is wrong', async () => {
    const project = await newProject();
    const fieldsOf = (reply: { json: unknown }) =>
      (reply.json as { details: { field: string }[] }).details.map(({ field }) => field);
    const bad = await set(
      { freeze: false, advanceSeconds: 0, advanceTo: 'tomorrow', toNextTimer: 1 },
      project,
    );
    expect(bad.status).toBe(400);
    expect(fieldsOf(bad).toSorted()).toEqual(['advanceSeconds', 'advanceTo', 'freeze', 'toNextTimer']);
    const two = await set({ freeze: true, advanceSeconds: 1 }, project);
    expect([two.status, fieldsOf(two)]).toEqual([400, ['freeze', 'advanceSeconds']]);
    expect((await set({}, project)).status).toBe(400);
    const past = await set({ advanceTo: '2020-01-01T00:00:00Z' }, project);
    expect([past.status, fieldsOf(past)]).toEqual([400, ['advanceTo']]);
    const far = await set({ advanceTo: '2199-01-01T00:00:00Z' }, project);
    expect([far.status, fieldsOf(far)]).toEqual([400, ['advanceTo']]);
    const cursor = await world.fetch('GET', '/v0.9/sandbox/clock/timers?startingAfter=x', { as: project });
    expect([cursor.status, fieldsOf(cursor)]).toEqual([400, ['startingAfter']]);
  });

  it('takes effect once under its key', async () => {
    const project = await newProject();
    const { client } = project;
    await world.setClock({ freeze: true }, client);
    const first = await world.setClock({ advanceSeconds: 3_600 }, client, { idempotencyKey: 'an hour' });
    expect(await world.setClock({ advanceSeconds: 3_600 }, client, { idempotencyKey: 'an hour' })).toEqual(
      first,
    );
    const other = await set({ advanceSeconds: 60 }, project, { 'idempotency-key': 'an hour' });
    expect(other).toMatchObject({ status: 409, json: { code: 'idempotency_conflict' } });
    expect((await client.sandbox.clock.get()).now).toBe(first.now);
  });

  it('is not found by a live project', async () => {
    const live = await world.newProject({ mode: 'live' });
    expect((await set({ freeze: true }, live)).status).toBe(404);
    for (const path of ['/v0.9/sandbox/clock', '/v0.9/sandbox/clock/timers']) {
      expect((await world.fetch('GET', path, { as: live })).status).toBe(404);
    }
  });
});

describe('what is due by the clock', () => {
  it('a quote: over five minutes later', async () => {
    const { client } = await newProject();
    await world.setClock({ freeze: true }, client);
    const customer = await world.provisionedCustomer(client);
    const wallet = await world.wallet(customer, client);
    const body = {
      customerId: customer.id,
      source: { walletId: wallet.id, asset: 'usdc' as const, network: 'polygon' as const },
      destination: {
        wallet: { blockchainAddress: '0x000000000000000000000000000000000000dEaD' },
        asset: 'usdc' as const,
        network: 'polygon' as const,
        amount: '1.00',
      },
    };
    const quote = await client.quotes.create(body);
    world.advance(DAY_MS);
    expect((await client.quotes.get(quote.id)).status).toBe('open');
    await world.setClock({ advanceSeconds: 301 }, client);
    expect((await client.quotes.get(quote.id)).status).toBe('expired');
  });

  it('deliveries of events: ten attempts, each at its own time, over three days', async () => {
    const project = await newProject();
    const { client } = project;
    await world.setClock({ freeze: true }, client);
    const receiver = await world.receiver();
    receiver.answerWith({ status: 500 });
    const webhook = await client.webhooks.create({ url: receiver.url, events: ['cashIn.created'] });
    await world.cashIn(await newWallet(project), { client });
    await world.drain();
    const start = timeOf((await client.sandbox.clock.get()).now);
    expect(receiver.requests).toHaveLength(1);
    world.advance(30 * DAY_MS);
    await world.drain();
    expect(receiver.requests).toHaveLength(1);

    await world.setClock({ advanceSeconds: 4 * 86_400 }, client);
    expect(receiver.requests).toHaveLength(10);
    const [delivery] = await client.webhooks.deliveries(webhook.id).take(1);
    const shown = await client.webhooks.delivery(webhook.id, delivery?.id ?? '');
    const seconds = shown.attemptLog.map(({ attemptedAt }) => (timeOf(attemptedAt) - start) / SECOND_MS);
    const waits = seconds.map((at, index) => at - (seconds[index - 1] ?? 0));
    expect(waits).toEqual([0, 10, 60, 300, 1_800, 7_200, 21_600, 43_200, 86_400, 97_200]);
  });

  it('a payout by ACH: settled on the banking day, over a weekend', async () => {
    const { client } = await world.newProject();
    await world.drain();
    await world.setClock({ freeze: true }, client);
    const now = new Date((await client.sandbox.clock.get()).now);
    // The next Friday but one, at ten o'clock in New York or an hour earlier.
    const friday = new Date(now.getTime() + ((5 - now.getUTCDay() + 7) % 7) * DAY_MS + 7 * DAY_MS);
    friday.setUTCHours(15, 0, 0, 0);
    await world.setClock({ advanceTo: friday.toISOString() }, client);
    await client.settings.update({ pace: 'realistic' });
    const customer = await world.provisionedCustomer(client);
    const wallet = await world.fundedWallet(customer, '50.00', client);
    const account = await client.externalAccounts.create(customer.id, EXAMPLE_EXTERNAL_ACCOUNT);
    const quote = await client.quotes.create({
      customerId: customer.id,
      source: { walletId: wallet.id, asset: 'usdc', network: 'polygon', amount: '20.00' },
      destination: { wallet: { externalAccount: account.id }, asset: 'usd', network: 'ach' },
    });
    const payout = await client.transactions.create({ quoteId: quote.id });
    const settles = settlesAt('ach', friday);
    expect(settles.getTime() - friday.getTime()).toBeGreaterThan(2 * DAY_MS);

    // The clock waits for the chain, so the bank is asked on Friday.
    const early = await world.setClock(
      { advanceTo: new Date(settles.getTime() - SECOND_MS).toISOString() },
      client,
    );
    expect(early.events.every(({ createdAt }) => timeOf(createdAt) === friday.getTime())).toBe(true);
    expect((await client.transactions.get(payout.id)).status).toBe('processing');
    const settled = await world.setClock({ toNextTimer: true }, client);
    expect(timeOf(settled.now)).toBe(settles.getTime());
    expect((await client.transactions.get(payout.id)).status).toBe('completed');
    expect(settled.events).toMatchObject([{ event: expect.stringMatching(/^transaction.*completed$/) }]);
  });

  it('a limit of cash: as good as new a day later; the clock waits for what is on the chain', async () => {
    const { client } = await world.newProject();
    await world.drain();
    const { now: start } = await world.setClock({ freeze: true }, client);
    const customer = await world.provisionedCustomer(client);
    const wallet = await world.wallet(customer, client);
    await world.drain();
    for (let n = 0; n < 3; n++) {
      const cashIn = await world.cashIn(wallet, { client, dollars: '500.00' });
      await world.payAtTill(cashIn, '500.00', client);
    }
    const again = () => world.cashIn(wallet, { client, dollars: '500.00' });
    await expect(again()).rejects.toMatchObject({ status: 422, code: 'limit_exceeded' });
    const day = await world.setClock({ advanceSeconds: 86_400 }, client);
    const completed = day.events.filter(({ event }) => event === 'cashIn.completed');
    expect(completed.map(({ createdAt }) => createdAt)).toEqual([start, start, start]);
    expect(await again()).toMatchObject({ status: 'pending' });
  });

  it('codes that expire one by one, in order, in two projects at a time', async () => {
    const projects = await Promise.all([newProject(), newProject()]);
    const made = new Map<Project, string[]>();
    for (const project of projects) {
      const { client } = project;
      await world.setClock({ freeze: true }, client);
      const wallet = await newWallet(project);
      await world.drain();
      const ids: string[] = [];
      for (let n = 0; n < 5; n++) {
        ids.push((await world.cashIn(wallet, { client })).id);
        await world.setClock({ advanceSeconds: 60 }, client);
      }
      made.set(project, ids);
    }
    const ends = await Promise.all(
      projects.map(({ client }) => world.setClock({ advanceSeconds: 3_600 }, client)),
    );
    for (const [index, project] of projects.entries()) {
      const { events } = must(ends[index], 'an answer');
      expect(events.map(({ event, resourceId }) => [event, resourceId])).toEqual(
        made.get(project)?.map((id) => ['cashIn.expired', id]),
      );
      const times = events.map(({ createdAt }) => timeOf(createdAt));
      expect(times.slice(1).map((at, n) => at - (times[n] ?? 0))).toEqual(Array(4).fill(MINUTE_MS));
    }
  });
});
