import { BANK_REASONS } from '@openoms/contract/bank-reasons.ts';
import type { Timeline } from '@openoms/contract/console/timeline.ts';
import { Timeline as TimelineSchema } from '@openoms/contract/console/timeline.ts';
import { MAGIC_VALUES } from '@openoms/contract/magic-values.ts';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { FAILURES, meaningOf, PICKUP_FAILURES } from '../src/timelines/explanations.ts';
import { PICKUP_EXPIRED, payoutFailure, payoutReturn } from '../src/transactions/errors.ts';
import { Browser, signIn } from './console.ts';
import { createWorld, type World } from './world.ts';

const ajv = new Ajv2020({ strict: false });
addFormats.default(ajv);
const isTimeline = ajv.compile(TimelineSchema);

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());
beforeEach(() => world.drain());

async function timelineOf(id: string, projectId = world.project.projectId): Promise<Timeline> {
  const { db, timelines, requestRecorder } = world.context;
  await requestRecorder.flush();
  const timeline = await db.tx(projectId, (tx) =>
    id.startsWith('ci_') ? timelines.ofCashIn(tx, id) : timelines.ofTransaction(tx, id),
  );
  expect(isTimeline(timeline), JSON.stringify(isTimeline.errors)).toBe(true);
  const times = timeline.entries.map(({ at }) => Date.parse(at));
  expect(times).toEqual(times.toSorted((a, b) => a - b));
  expect(new Set(timeline.entries.map((entry) => entry.id)).size).toBe(timeline.entries.length);
  return timeline;
}

const titles = ({ entries }: Timeline, kind: string) =>
  entries.filter((entry) => entry.kind === kind).map(({ title }) => title);

const kinds = ({ entries }: Timeline) => entries.map(({ kind }) => kind);

describe('the timeline of a cash-in', () => {
  it('goes from the code to the last delivery, and waits for what is to come', async () => {
    const receiver = await world.receiver();
    const webhook = await world.client.webhooks.create({ url: receiver.url, events: ['cashIn.*'] });
    const customer = await world.provisionedCustomer();
    const wallet = await world.wallet(customer);
    const cashIn = await world.cashIn(wallet);
    const waiting = await timelineOf(cashIn.id);
    expect(waiting.explanation).toMatchObject({ title: 'Waits for the cash' });
    expect(kinds(waiting)).toEqual(expect.arrayContaining(['request', 'rail', 'quote', 'state', 'event']));
    expect(kinds(waiting)).not.toContain('ledger');

    world.advance(1_000);
    await world.payAtTill(cashIn, '100.00');
    await world.drain();
    const timeline = await timelineOf(cashIn.id);
    expect(timeline.explanation).toBeNull();
    const first = timeline.entries[0];
    expect(first).toMatchObject({ kind: 'request', title: 'POST /v0.9/cash-ins' });
    expect(titles(timeline, 'rail')).toEqual([
      'Code given for the till',
      'Till asked whether it may take the cash',
      'Cash taken at the till',
    ]);
    expect(titles(timeline, 'ledger')).toEqual(['Cash booked and exchanged', 'Delivery booked']);
    expect(titles(timeline, 'chain')).toEqual([
      'Tokens to be sent',
      'Authorization signed and relayed',
      'Tokens final on chain',
    ]);
    expect(titles(timeline, 'state')).toEqual(
      [
        'Cash-in waits for the cash',
        'Cash-in is processing',
        'Transaction is processing',
        'Cash-in is completed',
        'Transaction is completed',
      ].toSorted((a, b) => titles(timeline, 'state').indexOf(a) - titles(timeline, 'state').indexOf(b)),
    );
    const sum = timeline.entries.find(({ kind }) => kind === 'quote')?.sum ?? [];
    expect(sum.map(({ operator, amount }) => operator + amount)).toEqual([
      '100.00',
      '−2.00',
      '=98.00',
      '×1.0',
      '=98.00',
    ]);
    const booked = timeline.entries.find(({ title }) => title === 'Cash booked and exchanged');
    expect(booked?.postings?.[0]).toMatchObject({
      debit: { name: 'Cash clearing · usd' },
      credit: { name: 'In flight for Jane Smith · usd' },
      amount: '100.00',
      state: 'single',
    });
    expect(timeline.entries.map(({ title }) => title)).toContain('cashIn.completed');
    const delivery = timeline.entries.findLast(({ kind }) => kind === 'delivery');
    expect(delivery).toMatchObject({
      outcome: 'done',
      delivery: {
        webhookId: webhook.id,
        url: receiver.url,
        attempts: [{ number: 1, statusCode: 204, error: null }],
      },
    });
    const transactionId = (await world.client.cashIns.get(cashIn.id)).transactionId ?? '';
    expect((await timelineOf(transactionId)).entries).toEqual(timeline.entries);
    await world.client.webhooks.delete(webhook.id);
  });

  it('tells why a code is no longer good', async () => {
    const customer = await world.provisionedCustomer();
    const cashIn = await world.cashIn(await world.wallet(customer));
    world.advance(61 * 60_000);
    await world.drain();
    const timeline = await timelineOf(cashIn.id);
    expect(timeline.explanation).toMatchObject({ title: 'The code has expired' });
    expect(timeline.entries.findLast(({ kind }) => kind === 'event')).toMatchObject({
      title: 'cashIn.expired',
    });
  });

  it('is of its project alone', async () => {
    const other = await world.newProject();
    const customer = await world.provisionedCustomer();
    const cashIn = await world.cashIn(await world.wallet(customer));
    await expect(timelineOf(cashIn.id, other.projectId)).rejects.toMatchObject({ status: 404 });
    await expect(timelineOf('txn_none')).rejects.toMatchObject({ status: 404 });
  });
});

async function startPayout(amount = '100.00') {
  await world.client.settings.update({ pace: null, fees: { ach: { percentage: '0.01', fixed: '0.25' } } });
  const customer = await world.provisionedCustomer();
  const wallet = await world.fundedWallet(customer, '250.00');
  const account = await world.client.externalAccounts.create(customer.id, {
    type: 'usBank',
    network: 'ach',
    owner: { type: 'individual', name: 'Jane Smith' },
    bankDetails: { accountNumber: '000123456789', routingNumber: '021000021', accountType: 'checking' },
  } as never);
  await world.drain();
  const quote = await world.client.quotes.create({
    customerId: customer.id,
    source: { walletId: wallet.id, asset: 'usdc', network: 'polygon', amount },
    destination: { wallet: { externalAccountId: account.id }, asset: 'usd', network: 'ach' },
  } as never);
  world.advance(1_500);
  await world.client.settings.update({ pace: 'manual' });
  return world.client.transactions.create({ quoteId: quote.id });
}

describe('the timeline of a payout', () => {
  afterAll(() => world.client.settings.update({ pace: null, fees: null }));

  it('says what the bank said, what it means and what became of the money', async () => {
    const started = await startPayout();
    const before = await timelineOf(started.id);
    expect(before.explanation).toMatchObject({ title: 'Waits for the chain' });
    await world.drain();
    expect((await timelineOf(started.id)).explanation).toMatchObject({ title: 'Waits for the bank' });
    world.advance(5_000);
    await world.client.simulate.transaction(started.id, { event: 'payoutReturned', returnCode: 'R03' });
    await world.drain();
    const timeline = await timelineOf(started.id);
    expect(timeline.explanation).toMatchObject({
      title: 'The payout was not paid',
      detail: expect.stringMatching(
        /R03: No account, or the account cannot be located\. 100\.00 USDC went back/,
      ),
      nextStep: expect.stringContaining('new quote'),
    });
    expect(titles(timeline, 'rail')).toEqual([
      'Bank asked to pay',
      'Bank accepted the payout',
      'Bank sent the payout back',
    ]);
    expect(titles(timeline, 'ledger')).toEqual([
      'Money set aside',
      'Tokens taken in and exchanged',
      'Exchange and fees undone',
      'Refund booked',
    ]);
    expect(titles(timeline, 'state')).toEqual([
      'Transaction is processing',
      'Transaction failed',
      'Refunded',
    ]);
    expect(titles(timeline, 'request')).toEqual([
      'POST /v0.9/quotes',
      'POST /v0.9/transactions',
      `POST /v0.9/transactions/${started.id}/simulate`,
    ]);
    expect(titles(timeline, 'chain').filter((title) => title.endsWith('final on chain'))).toEqual([
      'Tokens final on chain',
      'Refund final on chain',
    ]);
    const order = (title: string) => timeline.entries.findIndex((entry) => entry.title === title);
    expect(order('Bank sent the payout back')).toBeLessThan(order('Exchange and fees undone'));
    expect(order('Exchange and fees undone')).toBeLessThan(order('Transaction failed'));
    expect(order('Transaction failed')).toBeLessThan(order('Refund to be sent'));
    const sum = timeline.entries.find(({ kind }) => kind === 'quote')?.sum ?? [];
    expect(sum.at(-1)).toMatchObject({ operator: '=', unit: 'USD', note: expect.any(String) });
  });

  it('says that it came back after it had arrived', async () => {
    const started = await startPayout();
    await world.drain();
    await world.client.simulate.transaction(started.id, { event: 'payoutSettled' });
    world.advance(5_000);
    await world.client.simulate.transaction(started.id, { event: 'payoutReturned', returnCode: 'R01' });
    await world.drain();
    const timeline = await timelineOf(started.id);
    expect(timeline.explanation).toMatchObject({
      title: 'The bank sent the payout back',
      nextStep: expect.stringContaining('another time'),
    });
    expect(titles(timeline, 'state')).toEqual([
      'Transaction is processing',
      'Transaction is completed',
      'Transaction was returned',
      'Refunded',
    ]);
  });

  it('says until when the cash waits, and that nobody came', async () => {
    await world.client.settings.update({ pace: null });
    const customer = await world.provisionedCustomer();
    const wallet = await world.fundedWallet(customer, '100.00');
    const started = await world.cashOut(wallet);
    await world.drain();
    const ready = await timelineOf(started.id);
    expect(ready.explanation).toMatchObject({ title: 'The cash waits for the customer' });
    expect(titles(ready, 'rail')).toEqual(['Cash network asked to pay out', 'Cash is ready']);
    world.advance(40 * 86_400_000);
    await world.drain();
    const over = await timelineOf(started.id);
    expect(over.explanation).toMatchObject({ title: 'Nobody collected the cash' });
    expect(titles(over, 'rail').at(-1)).toBe('Cash not collected in time');
  });
});

describe('the timeline of a transfer', () => {
  it('has its delivery and then its fees', async () => {
    const customer = await world.provisionedCustomer();
    const from = await world.fundedWallet(customer, '100.00');
    const to = await world.wallet(await world.provisionedCustomer());
    const quote = await world.client.quotes.create({
      customerId: customer.id,
      source: { walletId: from.id, asset: 'usdc', network: 'polygon', amount: '50.00' },
      destination: { wallet: { walletId: to.id }, asset: 'usdc', network: 'polygon' },
    } as never);
    const started = await world.client.transactions.create({ quoteId: quote.id });
    await world.drain();
    const timeline = await timelineOf(started.id);
    expect(timeline.explanation).toBeNull();
    expect(titles(timeline, 'ledger').slice(0, 2)).toEqual(['Money set aside', 'Delivery booked']);
    expect(timeline.entries.map(({ kind }) => kind)).toContain('chain');
  });

  it('keeps its order where the clock of the project stands', async () => {
    const project = await world.newProject();
    await world.setClock({ freeze: true } as never, project.client);
    const customer = await world.provisionedCustomer(project.client);
    const cashIn = await world.cashIn(await world.wallet(customer, project.client), {
      client: project.client,
    });
    await world.payAtTill(cashIn, '100.00', project.client);
    await world.drain();
    const timeline = await timelineOf(cashIn.id, project.projectId);
    expect(new Set(timeline.entries.map(({ at }) => at)).size).toBe(1);
    const order = (title: string) => timeline.entries.findIndex((entry) => entry.title === title);
    const told = [
      'POST /v0.9/cash-ins',
      'Code given for the till',
      'Cash-in waits for the cash',
      'cashIn.created',
      'Cash taken at the till',
      'Cash booked and exchanged',
      'Tokens to be sent',
      'Authorization signed and relayed',
      'Tokens final on chain',
      'Delivery booked',
      'Cash-in is completed',
      'cashIn.completed',
    ];
    expect(told.map(order)).toEqual(told.map(order).toSorted((a, b) => a - b));
    expect(told.map(order)).not.toContain(-1);
  });
});

it('asks the database a bounded number of questions', async () => {
  const started = await startPayout();
  await world.drain();
  let statements = 0;
  await world.context.db.tx(world.project.projectId, (tx) => {
    const counting: typeof tx = Object.create(tx, {
      query: {
        value: (...args: Parameters<typeof tx.query>) => {
          statements += 1;
          return tx.query(...args);
        },
      },
    });
    return world.context.timelines.ofTransaction(counting, started.id);
  });
  expect(statements).toBeLessThan(20);
});

describe('what explains a failure', () => {
  it('knows every code of a bank', () => {
    for (const { code, title } of BANK_REASONS) expect(meaningOf(code)).toBe(title);
  });
  it('has a text for each code that the server gives', async () => {
    const [row] = await world.sql<{ rule: string }>(
      `select pg_get_constraintdef(oid) rule from pg_constraint where conname = 'sends_failure_code_check'`,
    );
    const ofSends = [...(row?.rule ?? '').matchAll(/'([a-z_]+)'::text/g)].map(([, code = '']) => code);
    expect(ofSends.length).toBeGreaterThan(4);
    const others = [
      payoutFailure('bank', '', false).code,
      payoutReturn('', false).code,
      PICKUP_EXPIRED.code,
      ...MAGIC_VALUES.flatMap(({ outcome }) =>
        outcome.kind === 'cashOrder'
          ? [outcome.refusal]
          : outcome.kind === 'chain'
            ? [outcome.failureCode]
            : [],
      ),
    ];
    for (const code of [...ofSends, ...others]) expect(FAILURES, code).toHaveProperty(code);
    expect(Object.keys(PICKUP_FAILURES)).toEqual(['out_of_cash', 'location_unavailable']);
  });
});

it('is read by members of the organization, and by nobody else', async () => {
  await world.client.settings.update({ pace: null });
  const cashIn = await world.cashIn(await world.wallet(await world.provisionedCustomer()));
  await world.context.requestRecorder.flush();
  const { projectId } = world.project;
  const viewer = await signIn(world, 'viewer');
  const timeline = await viewer.inProject(projectId, 'GET', `/cash-ins/${cashIn.id}/timeline`);
  expect(timeline).toMatchObject({ status: 200, json: { object: 'timeline', resourceId: cashIn.id } });
  const requests = await viewer.inProject(projectId, 'GET', `/requests?resource=${cashIn.id}`);
  expect(requests.json.data).toMatchObject([{ operation: 'createCashIn', status: 201 }]);
  const id: string = requests.json.data[0].id;
  const request = await viewer.inProject(projectId, 'GET', `/requests/${id}`);
  expect(request).toMatchObject({
    status: 200,
    json: { id, resourceIds: expect.arrayContaining([cashIn.id]) },
  });
  expect((await viewer.inProject(projectId, 'GET', '/requests/req_none')).status).toBe(404);
  expect((await viewer.inProject(projectId, 'GET', '/transactions/txn_none/timeline')).status).toBe(404);
  expect((await viewer.inProject(projectId, 'GET', '/requests?status=x')).status).toBe(400);
  const admin = await signIn(world, 'admin');
  await admin.inProject(projectId, 'PATCH', '/settings', { body: { pace: null } });
  await world.context.requestRecorder.flush();
  const [latest] = (await viewer.inProject(projectId, 'GET', '/requests?limit=1')).json.data;
  expect(latest).toMatchObject({
    actor: `user:${admin.userId}`,
    operation: 'updateSettings',
    method: 'PATCH',
  });
  const stranger = await new Browser(world.baseUrl).fetch('GET', `/projects/${projectId}/requests`);
  expect(stranger.status).toBe(401);
});
