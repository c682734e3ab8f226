import { OPERATIONS } from '@openoms/contract/operations.ts';
import {
  CASH_IN_EVENTS,
  ENDORSEMENT_DECISIONS,
  SIMULATED_SENDERS,
  SIMULATED_TOKENS,
  TRANSACTION_EVENTS,
} from '@openoms/contract/simulations.ts';
import type { Wallet } from '@openoms/contract/wallets.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { must } from '../src/kernel/assert.ts';
import { createWorld, type Project, type World } from './world.ts';

/**
 * Every simulate operation with each of its events: what it causes, what refuses it, that a live project and another
 * tenant have nothing of it, and that a repeated key is one event.
 */

let world: World;
let manual: Project;
let live: Project;
let stranger: Project;
beforeAll(async () => {
  world = await createWorld();
  [manual, live, stranger] = [
    await world.newProject(),
    await world.newProject({ mode: 'live' }),
    await world.newProject(),
  ];
  await manual.client.settings.update({ pace: 'manual' });
});
afterAll(() => world.close());

const USDC = { asset: 'usdc', network: 'polygon' } as const;

interface Call {
  readonly path: string;
  readonly body: object;
}

interface Case {
  readonly operation: string;
  /** What of the operation; its event, if it has them. */
  readonly event: string;
  /** Makes what the call is about. */
  readonly prepare: () => Promise<Call>;
  /** Of the project in which everything waits to be told, else the first. */
  readonly inManual?: true;
  /** The events that the answer names as caused at once; undefined where it names none. */
  readonly causes?: readonly string[];
  /** What comes of it once everything has come to rest: the end of the names of all events of the resource. */
  readonly leads?: { readonly resource: (call: Call) => string; readonly to: readonly string[] };
  /** What the same call with another key gets afterwards. */
  readonly again: 200 | 409;
  /** There is nothing in the path or the body that another tenant could not name. */
  readonly isOfNobody?: true;
}

const walletOf = async ({ client }: Project, dollars?: string): Promise<Wallet> => {
  const customer = await world.provisionedCustomer(client);
  // With the pace manual nobody decides by itself.
  if (client === manual.client) await client.simulate.endorsements(customer.id, { event: 'granted' });
  return dollars === undefined
    ? world.wallet(customer, client)
    : world.fundedWallet(customer, dollars, client);
};

async function payout(project: Project): Promise<string> {
  const { client } = project;
  const wallet = await walletOf(project, '10.00');
  const account = await client.externalAccounts.create(wallet.customerId, {
    type: 'usBank',
    network: 'ach',
    owner: { name: 'Jane Smith', type: 'individual' },
    bankDetails: { accountNumber: '000123456789', routingNumber: '021000021', accountType: 'checking' },
  });
  const quote = await client.quotes.create({
    customerId: wallet.customerId,
    source: { walletId: wallet.id, ...USDC, amount: '10.00' },
    destination: { wallet: { externalAccount: account.id }, asset: 'usd', network: 'ach' },
  });
  const { id } = await client.transactions.create({ quoteId: quote.id });
  await world.drain();
  return id;
}

const cash = async (): Promise<string> => {
  const { id } = await world.cashOut(await walletOf(world.project, '100.00'));
  await world.drain();
  return id;
};

const idIn = ({ path }: Call): string => must(path.split('/')[2], 'an id');
const onTransaction = (
  event: (typeof TRANSACTION_EVENTS)[number],
  make: () => Promise<string>,
  rest: Omit<Case, 'operation' | 'event' | 'prepare'> & { readonly fields?: object },
): Case => ({
  ...rest,
  operation: 'simulateTransaction',
  event,
  prepare: async () => ({
    path: `/transactions/${await make()}/simulate`,
    body: { event, ...rest.fields },
  }),
});

const atBank = (event: (typeof TRANSACTION_EVENTS)[number], fields: object, rest: Partial<Case>): Case =>
  onTransaction(event, () => payout(manual), { inManual: true, again: 200, fields, ...rest });

const TRANSACTIONS: readonly Case[] = [
  onTransaction('cashCollected', cash, { causes: ['transaction.cryptoToFiat.completed'], again: 409 }),
  onTransaction('cashPickupExpired', cash, {
    causes: ['transaction.cryptoToFiat.failed'],
    leads: { resource: idIn, to: ['processing', 'cashPickupReady', 'failed', 'refunded'] },
    again: 409,
  }),
  atBank('payoutSettled', {}, { causes: ['transaction.cryptoToFiat.completed'] }),
  atBank(
    'payoutRejected',
    { code: 'R13' },
    {
      causes: ['transaction.cryptoToFiat.failed'],
      leads: { resource: idIn, to: ['processing', 'failed', 'refunded'] },
    },
  ),
  atBank(
    'payoutReturned',
    { returnCode: 'R01' },
    {
      causes: ['transaction.cryptoToFiat.failed'],
      leads: { resource: idIn, to: ['processing', 'failed', 'refunded'] },
    },
  ),
  atBank(
    'notificationOfChange',
    { code: 'C01', corrected: { accountNumber: '000123456780' } },
    { causes: ['externalAccount.updated'] },
  ),
  // Of a later finding, each is a review of its own.
  atBank('underReview', {}, { causes: ['transaction.cryptoToFiat.underReview'] }),
];

/** A late return: after completion. */
const LATE_RETURN: Case = {
  ...onTransaction('payoutReturned', () => payout(world.project), {
    fields: { returnCode: 'R10' },
    causes: ['transaction.cryptoToFiat.returned', 'transaction.cryptoToFiat.failed'],
    leads: { resource: idIn, to: ['processing', 'completed', 'returned', 'failed', 'refunded'] },
    again: 200,
  }),
  event: 'payoutReturned after completion',
};

const ENDORSEMENTS: readonly Case[] = ENDORSEMENT_DECISIONS.map((event) => ({
  operation: 'simulateEndorsements',
  event,
  prepare: async () => {
    const { id } = await manual.client.customers.create({ endorsements: ['basic', 'usd'] });
    await world.drain();
    if (event === 'revoked') await manual.client.simulate.endorsements(id, { event: 'granted' });
    const missing = event === 'documentsRequested' ? { missing: ['proofOfAddress'] } : {};
    return { path: `/customers/${id}/endorsements/simulate`, body: { event, ...missing } };
  },
  inManual: true,
  causes: [
    `customer.endorsement.${{ granted: 'granted', rejected: 'denied' }[event as string] ?? 'updated'}`,
  ],
  again: 200,
}));

const CASH_INS: readonly Case[] = CASH_IN_EVENTS.map((event) => ({
  operation: 'simulateCashIn',
  event,
  prepare: async () => {
    const { id } = await world.cashIn(await walletOf(world.project));
    return { path: `/cash-ins/${id}/simulate`, body: { event } };
  },
  causes: [event === 'codeExpired' ? 'cashIn.expired' : 'cashIn.failed'],
  again: 409,
}));

const TILL: readonly Case[] = [
  {
    operation: 'simulateBarcodeAuth',
    event: 'a code is read',
    prepare: async () => {
      const cashIn = await world.cashIn(await walletOf(world.project));
      const barcode = must(cashIn.depositInstructions, 'a code').code;
      return { path: '/cash-ins/simulate/barcode-auth', body: { barcode, amount: '80.00' } };
    },
    again: 200,
  },
  {
    operation: 'simulateAuthCommit',
    event: 'another amount than was indicated',
    prepare: async () => {
      const cashIn = await world.cashIn(await walletOf(world.project), { dollars: '100.00' });
      return { path: '/cash-ins/simulate/auth-commit', body: await world.authorizeAtTill(cashIn, '80.00') };
    },
    // The same commit takes no more cash, and is answered alike.
    again: 200,
  },
];

const RAILS = ['ach_in', 'wire_in', 'swift_in', 'rtp_in'] as const;
const REFERENCES = { ach_in: 'traceNumber', wire_in: 'imad', swift_in: 'uetr', rtp_in: 'instructionId' };

async function virtualAccount(): Promise<string> {
  const wallet = await walletOf(world.project);
  const { id } = await world.client.virtualAccounts.create(wallet.customerId, {
    source: { asset: 'usd', network: 'usBank' },
    destination: { wallet: { wallet: wallet.id }, ...USDC },
  });
  return id;
}

const BANK_DEPOSITS: readonly Case[] = RAILS.map((rail) => ({
  operation: 'simulateVirtualAccountDeposit',
  event: rail,
  prepare: async () => ({
    path: `/virtual-accounts/${await virtualAccount()}/simulate`,
    body: { rail, amount: { value: '25.00', currency: 'USD' } },
  }),
  causes: ['virtualAccount.deposit.received', 'transaction.fiatToCrypto.processing'],
  again: 200,
}));

const CHAIN_DEPOSITS: readonly Case[] = SIMULATED_SENDERS.flatMap((from) => [
  ...SIMULATED_TOKENS.map(
    (token): Case => ({
      operation: 'simulateWalletDeposit',
      event: `${token} of a ${from} sender`,
      prepare: async () => ({
        path: `/wallets/${(await walletOf(world.project)).id}/simulate`,
        body: { token, from, amount: { value: '0.000001' } },
      }),
      leads: {
        resource: idIn,
        to: token === 'usdc' ? ['depositDetected', 'depositCredited'] : [],
      },
      again: 200,
    }),
  ),
  {
    operation: 'simulateDeposit',
    event: `of a ${from} sender`,
    prepare: async () => {
      const wallet = await walletOf(world.project);
      const { id } = await world.client.depositAddresses.create(wallet.customerId, {
        source: USDC,
        destination: { wallet: { wallet: wallet.id }, ...USDC },
      });
      return { path: `/deposit-addresses/${id}/simulate`, body: { from, amount: { value: '5.00' } } };
    },
    again: 200,
  } satisfies Case,
]);

const REST: readonly Case[] = [
  ...[{ rate: '0.98' }, { rate: null }, {}].map(
    (body): Case => ({
      operation: 'simulateRate',
      event: JSON.stringify(body),
      prepare: async () => ({ path: '/sandbox/rates', body: { pair: 'usdc/usd', ...body } }),
      inManual: true,
      again: 200,
      isOfNobody: true,
    }),
  ),
  {
    operation: 'simulateStatementLine',
    event: 'a payout',
    prepare: async () => ({
      path: '/sandbox/statement-lines',
      body: { direction: 'debit', amount: '10.00', transactionId: await payout(manual) },
    }),
    inManual: true,
    again: 200,
  },
];

const CASES: readonly Case[] = [
  ...TRANSACTIONS,
  LATE_RETURN,
  ...ENDORSEMENTS,
  ...CASH_INS,
  ...TILL,
  ...BANK_DEPOSITS,
  ...CHAIN_DEPOSITS,
  ...REST,
];

const send = ({ path, body }: Call, as: Project, key = world.key()) =>
  world.fetch('POST', `/v0.9${path}`, { body, as, headers: { 'idempotency-key': key } });

const endsOf = async ({ client }: Project, resource: string) =>
  (await client.events.list({ resource }).take(20)).map(({ event }) => event.split('.').at(-1)).reverse();

describe('the table', () => {
  it('has every simulate operation, and every event of each', () => {
    const simulators = Object.keys(OPERATIONS).filter((name) => name.startsWith('simulate'));
    expect([...new Set(CASES.map(({ operation }) => operation))].toSorted()).toEqual(simulators.toSorted());
    const eventsOf = (operation: string) =>
      CASES.filter((each) => each.operation === operation).map(({ event }) => event);
    expect(eventsOf('simulateTransaction')).toEqual(expect.arrayContaining([...TRANSACTION_EVENTS]));
    expect(eventsOf('simulateEndorsements')).toEqual([...ENDORSEMENT_DECISIONS]);
    expect(eventsOf('simulateCashIn')).toEqual([...CASH_IN_EVENTS]);
  });
});

describe('a simulation', () => {
  it.each(CASES.map((each) => [each.operation, each.event, each] as const))(
    '%s: %s',
    async (_operation, _event, { prepare, inManual, causes, leads, again, isOfNobody }) => {
      const project = inManual ? manual : world.project;
      const call = await prepare();
      expect((await send(call, live)).status, 'in a live project').toBe(404);
      if (!isOfNobody) expect((await send(call, stranger)).status, 'to another tenant').toBe(404);

      const key = world.key();
      const first = await send(call, project, key);
      expect(first.status, first.text).toBe(200);
      const told: { event: string; sequence: number }[] | undefined = first.json.events;
      expect(told?.map(({ event }) => event)).toEqual(causes);
      const repeated = await send(call, project, key);
      expect(repeated.text).toBe(first.text);
      expect(repeated.headers.get('idempotent-replayed')).toBe('true');

      await world.drain();
      if (leads) expect(await endsOf(project, leads.resource(call))).toEqual(leads.to);
      const afterwards = await send(call, project);
      expect(afterwards.status, afterwards.text).toBe(again);
      if (again === 409) expect(afterwards.json.code).toBe('invalid_state');
      await world.drain();
    },
  );
});

/** What the state of things does not allow. */
describe('a simulation that cannot happen', () => {
  const paid = async () => {
    const id = await payout(manual);
    await manual.client.simulate.transaction(id, { event: 'payoutSettled' });
    return id;
  };
  it.each([
    ['cash of a bank payout is collected', () => payout(manual), { event: 'cashCollected' }],
    ['cash of a bank payout expires', () => payout(manual), { event: 'cashPickupExpired' }],
    ['what is settled is rejected', paid, { event: 'payoutRejected' }],
  ])('%s', async (_, make, body) => {
    const reply = await send({ path: `/transactions/${await make()}/simulate`, body }, manual);
    expect(reply).toMatchObject({ status: 409, json: { code: 'invalid_state' } });
  });

  it.each(['payoutSettled', 'payoutRejected'] as const)('%s of cash', async (event) => {
    const reply = await send(
      { path: `/transactions/${await cash()}/simulate`, body: { event } },
      world.project,
    );
    expect(reply).toMatchObject({ status: 409, json: { code: 'invalid_state' } });
  });

  it('what was never granted is revoked', async () => {
    const { id } = await manual.client.customers.create({ endorsements: ['usd'] });
    const call = { path: `/customers/${id}/endorsements/simulate`, body: { event: 'revoked' } };
    expect(await send(call, manual)).toMatchObject({ status: 409, json: { code: 'invalid_state' } });
  });
});

describe('a till', () => {
  const read = async (
    amount: string,
    status: number,
    code: string,
    end?: (id: string) => Promise<unknown>,
  ) => {
    const cashIn = await world.cashIn(await walletOf(world.project));
    await end?.(cashIn.id);
    const barcode = must(cashIn.depositInstructions, 'a code').code;
    const call = { path: '/cash-ins/simulate/barcode-auth', body: { barcode, amount } };
    expect(await send(call, world.project)).toMatchObject({ status, json: { code } });
  };

  it('refuses more than the place takes', () => read('500.01', 422, 'amount_out_of_range'));
  it('refuses a code whose hour is over', () =>
    read('50.00', 422, 'code_expired', (id) => world.client.simulate.cashIn(id, { event: 'codeExpired' })));
  it('refuses a code whose order is declined', () =>
    read('50.00', 409, 'invalid_state', (id) =>
      world.client.simulate.cashIn(id, { event: 'orderDeclined' }),
    ));

  it('takes a refreshed code after the hour', async () => {
    const { id } = await world.cashIn(await walletOf(world.project));
    await world.client.simulate.cashIn(id, { event: 'codeExpired' });
    await world.payAtTill(await world.client.cashIns.refresh(id), '50.00');
    await world.drain();
    expect(await world.client.cashIns.get(id)).toMatchObject({
      status: 'completed',
      source: { amount: '50.00' },
    });
  });

  it('refuses a second scan once cash was taken, and more than it authorized', async () => {
    const cashIn = await world.cashIn(await walletOf(world.project));
    const commit = await world.authorizeAtTill(cashIn, '50.00');
    const more = { path: '/cash-ins/simulate/auth-commit', body: { ...commit, amount: '50.01' } };
    expect(await send(more, world.project)).toMatchObject({
      status: 422,
      json: { code: 'amount_out_of_range' },
    });
    await world.client.simulate.authCommit(commit);
    const barcode = must(cashIn.depositInstructions, 'a code').code;
    const scan = { path: '/cash-ins/simulate/barcode-auth', body: { barcode, amount: '50.00' } };
    expect(await send(scan, world.project)).toMatchObject({ status: 409, json: { code: 'invalid_state' } });
  });
});

describe('money from outside', () => {
  it.each(RAILS)('by %s has a reference of its rail, and is delivered', async (rail) => {
    const id = await virtualAccount();
    const amount = { value: '25.00', currency: 'USD' } as const;
    const told = await world.client.virtualAccounts.simulate(id, { rail, amount });
    await world.drain();
    const [deposit] = await world.client.virtualAccounts.deposits(id).take(1);
    const name = REFERENCES[rail] as 'traceNumber';
    expect(deposit).toMatchObject({ rail, status: 'delivered', [name]: told[name] });
    expect(told[name]).toMatch(/^[0-9a-zA-Z-]{15,36}$/);
  });

  it('by RTP goes back to its sender at any hour, when the account is closed', async () => {
    const id = await virtualAccount();
    await world.client.virtualAccounts.update(id, { status: 'paused' });
    const amount = { value: '25.00', currency: 'USD' } as const;
    const { events } = await world.client.virtualAccounts.simulate(id, { rail: 'rtp_in', amount });
    await world.client.virtualAccounts.delete(id);
    await world.drain();
    const deposit = must(events[0], 'a deposit').resourceId;
    expect(await endsOf(world.project, deposit)).toEqual(['received', 'held', 'returned']);
  });

  it('from a listed address goes on under review, from a stranger it does not', async () => {
    const reviewed = async (from: 'listed' | 'stranger') => {
      const wallet = await walletOf(world.project);
      const { id } = await world.client.depositAddresses.create(wallet.customerId, {
        source: USDC,
        destination: { wallet: { wallet: wallet.id }, ...USDC },
      });
      await world.client.depositAddresses.simulate(id, { from, amount: { value: '5.00' } });
      await world.drain();
      const [deposit] = await world.client.depositAddresses.deposits(id).take(1);
      expect(deposit?.status).toBe('delivered');
      const name = 'transaction.cryptoToCrypto.underReview';
      const reviews = await world.client.events.list({ type: name }).take(50);
      return reviews.some(({ data }) => data.id === deposit?.transactionId);
    };
    expect([await reviewed('listed'), await reviewed('stranger')]).toEqual([true, false]);
  });
});

describe('a statement', () => {
  const line = (body: object) => send({ path: '/sandbox/statement-lines', body }, manual);
  const listed = async (status: 'matched' | 'break') =>
    (await manual.client.reconciliation.statementLines({ status }).take(50)).map(({ id }) => id);

  it('lists a payout and its return, each once', async () => {
    const transactionId = await payout(manual);
    const debit = { direction: 'debit', amount: '10.00', transactionId };
    const credit = { direction: 'credit', amount: '10.00', transactionId };
    const amount = (await manual.client.transactions.get(transactionId)).destination.amountNet;
    const paid = { ...debit, amount };
    expect((await line({ ...paid, amount: '0.01' })).json).toMatchObject({
      status: 'break',
      cause: 'wrong_amount',
      expectedAmount: amount,
      transactionId,
    });
    const matched = (await line(paid)).json;
    expect(matched).toMatchObject({ status: 'matched', cause: null, transactionId, depositId: null });
    expect((await line(paid)).json).toMatchObject({ status: 'break', cause: 'listed_before' });
    const early = (await line({ ...credit, amount })).json;
    expect(early).toMatchObject({ status: 'break', cause: 'not_expected' });
    await manual.client.simulate.transaction(transactionId, { event: 'payoutReturned', returnCode: 'R01' });
    const back = (await line({ ...credit, amount })).json;
    expect(back).toMatchObject({ status: 'matched', transactionId });
    expect(await listed('matched')).toEqual(expect.arrayContaining([matched.id, back.id]));
    expect(await listed('matched')).not.toContain(early.id);
    expect(await listed('break')).toContain(early.id);
    expect((await stranger.client.reconciliation.statementLines().take(9)).length).toBe(0);
  });

  it('lists what came in, and what nobody knows', async () => {
    const id = await virtualAccount();
    const amount = { value: '25.00', currency: 'USD' } as const;
    const { imad, events } = await world.client.virtualAccounts.simulate(id, { rail: 'wire_in', amount });
    const reference = must(imad, 'a wire has its IMAD');
    const lists = (body: object) => send({ path: '/sandbox/statement-lines', body }, world.project);
    const body = { direction: 'credit', amount: '25.00', reference };
    expect((await lists(body)).json).toMatchObject({
      status: 'matched',
      depositId: must(events[0], 'a deposit').resourceId,
      transactionId: null,
    });
    const debit = (await lists({ ...body, direction: 'debit' })).json;
    expect(debit).toMatchObject({ status: 'break', cause: 'not_expected' });
    const unknown = (await lists({ ...body, reference: 'nobody' })).json;
    expect(unknown).toMatchObject({ status: 'break', cause: 'unknown_reference', expectedAmount: null });
    // Of another tenant's payment nobody learns.
    expect((await line(body)).json).toMatchObject({ status: 'break', cause: 'unknown_reference' });
  });

  it('takes a reference or a transaction, and a positive amount', async () => {
    const fields = async (body: object) => {
      const { status, json } = await line(body);
      expect(status).toBe(400);
      return json.details.map(({ field }: { field: string }) => field);
    };
    expect(await fields({ direction: 'debit', amount: '0.00' })).toEqual(['amount', 'reference']);
    const both = { reference: '1', transactionId: await payout(manual) };
    expect(await fields({ direction: 'debit', amount: '0.001', ...both })).toEqual(['amount', 'reference']);
  });
});
