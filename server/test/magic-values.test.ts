import { MAGIC_VALUES, type MagicOutcome, type MagicValueRow } from '@openoms/contract/magic-values.ts';
import type { Transaction } from '@openoms/contract/transactions.ts';
import type { Wallet } from '@openoms/contract/wallets.ts';
import type { OperationId } from '@openoms/sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { magicValuesPage } from '../../tools/magic-values-page.ts';
import { must } from '../src/kernel/assert.ts';
import { DAY_MS } from '../src/kernel/clock.ts';
import { createWorld, type Project, type World } from './world.ts';

type OutcomeOf<Kind extends MagicOutcome['kind']> = MagicOutcome & { readonly kind: Kind };
type RowOf<Kind extends MagicOutcome['kind']> = MagicValueRow & { readonly outcome: OutcomeOf<Kind> };
const rowsOf = <Kind extends MagicOutcome['kind']>(kind: Kind) =>
  MAGIC_VALUES.filter((row): row is RowOf<Kind> => row.outcome.kind === kind).map(
    (row) => [row.name, row] as const,
  );

/** By its field, or by the header of one of the operations that take it while no field says anything. */
const FIELD = 'its field';
const casesOf = <Kind extends MagicOutcome['kind']>(kind: Kind) =>
  rowsOf(kind).flatMap(([name, row]) => [FIELD, ...row.header].map((way) => [name, way, row] as const));
/** What a call of the operation says besides its body. */
const said = (operation: OperationId, way: string, { name }: MagicValueRow) =>
  way === operation ? { scenario: name } : {};

let world: World;
let live: Project;
beforeAll(async () => {
  world = await createWorld();
  live = await world.newProject({ mode: 'live' });
  await world.fundTreasury(live, '5000.00');
});
afterAll(() => world.close());

const PRICE = '10.00';
const USDC = { asset: 'usdc', network: 'polygon' } as const;
/** Of nobody whom a list knows. */
const UNKNOWN_ADDRESS = '0x90F79bf6EB2c4f870365E785982E1f101E93b906';
const CASPER = { provider: 'allpoint', latitude: 42.8585, longitude: -106.32 } as const;

async function walletOf(project: Project, dollars?: string): Promise<Wallet> {
  const { client } = project;
  const customer = await world.provisionedCustomer(client);
  return dollars ? world.fundedWallet(customer, dollars, client) : world.wallet(customer, client);
}

const eventsOf = async ({ client }: Project, resource: string) =>
  (await client.events.list({ resource }).take(20)).map(({ event }) => event).reverse();

describe('the catalogue', () => {
  it('lists exactly the rows, at the endpoint and on the page', async () => {
    const listed = await world.client.simulate.magicValues().take(200);
    expect(listed).toEqual(MAGIC_VALUES.map(({ outcome: _, ...row }) => ({ object: 'magicValue', ...row })));
    const lines = magicValuesPage()
      .split('\n')
      .filter((line) => /^\| .*`/.test(line));
    expect(lines).toHaveLength(MAGIC_VALUES.length);
    for (const [index, { name, value, does, shows }] of MAGIC_VALUES.entries()) {
      for (const text of [`\`${name}\``, value, does, shows]) expect(lines[index]).toContain(text);
    }
  });

  it('has no name twice, and no value that means two things', () => {
    const names = MAGIC_VALUES.map(({ name }) => name);
    expect(names).toEqual([...new Set(names)]);
    const shadowed = MAGIC_VALUES.filter((row) =>
      MAGIC_VALUES.some(
        (other) =>
          other !== row &&
          other.operation === row.operation &&
          other.field === row.field &&
          (other.outcome.kind !== 'bank' ||
            row.outcome.kind !== 'bank' ||
            other.outcome.rail === row.outcome.rail) &&
          other.value.endsWith(row.value),
      ),
    );
    expect(shadowed).toEqual([]);
  });
});

describe('the header', () => {
  const create = (scenario: string, as = world.project, headers = {}) =>
    world.fetch('POST', '/v0.9/customers', {
      body: { lastName: 'Plain' },
      headers: { 'idempotency-key': world.key(), 'oms-sandbox-scenario': scenario, ...headers },
      as,
    });

  it('is refused with a name that there is not, or that the operation does not take', async () => {
    for (const scenario of ['nonsense', 'till-05', '', 'identity-rejected, identity-rejected']) {
      const { status, json } = await create(scenario);
      expect(status).toBe(400);
      expect(json).toMatchObject({ code: 'validation_error', details: [{ field: 'OMS-Sandbox-Scenario' }] });
      expect(json.details[0].issue).toMatch(/identity-rejected.*GET \/sandbox\/magic-values/);
    }
    const headers = { 'oms-sandbox-scenario': 'identity-rejected' };
    const { status, json } = await world.fetch('GET', '/v0.9/customers', { headers });
    expect(status).toBe(400);
    expect(json.details[0].issue).toMatch(/^is not taken by this operation/);
  });

  it('is ignored in a live project, whatever it says', async () => {
    expect((await create('nonsense', live)).status).toBe(201);
  });

  it('is part of what a key was used for', async () => {
    const headers = { 'idempotency-key': world.key() };
    const first = await create('identity-rejected', world.project, headers);
    expect((await create('identity-rejected', world.project, headers)).text).toBe(first.text);
    const other = await create('identity-documents', world.project, headers);
    expect(other).toMatchObject({ status: 409, json: { code: 'idempotency_conflict' } });
  });

  it('tells apart requests that meet in a batch', async () => {
    const wallet = await walletOf(world.project, '30.00');
    const account = await world.client.externalAccounts.create(wallet.customerId, {
      type: 'usBank',
      network: 'ach',
      owner: { name: 'Jane Smith', type: 'individual' },
      bankDetails: { accountNumber: '000123456789', routingNumber: '021000021', accountType: 'checking' },
    });
    const pay = async (scenario?: string) => {
      const quote = await world.client.quotes.create({
        customerId: wallet.customerId,
        source: { walletId: wallet.id, asset: 'usdc', network: 'polygon', amount: PRICE },
        destination: { wallet: { externalAccount: account.id }, asset: 'usd', network: 'ach' },
      });
      return () => world.client.transactions.create({ quoteId: quote.id }, { ...(scenario && { scenario }) });
    };
    const ready = [await pay(), await pay('ach-99001'), await pay('wire-99001')];
    const paid = await Promise.all(ready.map((execute) => execute()));
    await world.drain();
    const after = await Promise.all(paid.map(({ id }) => world.client.transactions.get(id)));
    expect(after.map(({ status }) => status)).toEqual(['completed', 'failed', 'completed']);
  });
});

describe('a last name', () => {
  const IDENTITY = {
    rejected: { status: 'REJECTED', events: ['customer.endorsement.denied'] },
    documentsRequested: { status: 'PENDING', events: ['customer.endorsement.updated'] },
    none: { status: 'PENDING', events: [] },
  } as const;
  const review = async (project: Project, row: MagicValueRow, way: string) => {
    const lastName = way === FIELD ? row.value : 'Plain';
    const body = { lastName, endorsements: ['basic', 'usd'] as ('basic' | 'usd')[] };
    const { id } = await project.client.customers.create(body, said('createCustomer', way, row));
    await world.drain();
    return project.client.customers.get(id);
  };

  it.each(casesOf('identity'))('%s by %s', async (_name, way, row) => {
    const { outcome } = row;
    const { id, endorsements } = await review(world.project, row, way);
    const { status, events } = IDENTITY[outcome.decision];
    expect(endorsements.map((each) => each.status)).toEqual([status, status]);
    expect(await eventsOf(world.project, id)).toEqual(events);
    const isAsking = outcome.decision === 'documentsRequested';
    expect(endorsements[0]?.requirements.issues.length).toBe(outcome.decision === 'none' ? 0 : 1);
    expect(endorsements[0]?.requirements.missing.length).toBe(isAsking ? 1 : 0);
    expect(endorsements[0]?.rejectionReasons.length).toBe(outcome.decision === 'rejected' ? 1 : 0);
    const granted = await world.client.simulate.endorsements(id, { event: 'granted' });
    expect(granted.endorsements.map((each) => each.status)).toEqual(['ACTIVE', 'ACTIVE']);
  });

  it.each(casesOf('identity'))('%s by %s means nothing in a live project', async (_name, way, row) => {
    const { endorsements } = await review(live, row, way);
    expect(endorsements.map((each) => each.status)).toEqual(['ACTIVE', 'ACTIVE']);
  });
});

describe('an amount at the till', () => {
  it.each(casesOf('till'))('%s by %s', async (_name, way, row) => {
    const { outcome } = row;
    const amount = way === FIELD ? row.value : '100.00';
    const cashIn = await world.cashIn(await walletOf(world.project));
    const barcode = must(cashIn.depositInstructions, 'a code').code;
    const read = await world.client.simulate.barcodeAuth(
      { barcode, amount },
      said('simulateBarcodeAuth', way, row),
    );
    const { responseCode, responseText } = outcome;
    expect(read).toMatchObject({ responseCode, responseText, authorizedAmount: '0.00' });
    const { accountNumber, accountReferenceNumber, confirmationId } = read;
    const commit = world.client.simulate.authCommit({
      accountNumber,
      accountReferenceNumber,
      amount,
      originalConfirmationId: confirmationId,
    });
    await expect(commit).rejects.toMatchObject({ code: 'not_found' });
    expect(await world.client.cashIns.get(cashIn.id)).toMatchObject({ status: 'pending' });
    await world.payAtTill(cashIn, '100.00');
    await world.drain();
    expect(await world.client.cashIns.get(cashIn.id)).toMatchObject({ status: 'completed' });
  });
});

describe('a place that pays out', () => {
  const cashOutAt = async (project: Project, row: MagicValueRow, way: string) => {
    const { client } = project;
    const inCasper = await client.cashLocations.list({ ...CASPER, flow: 'cashOut', limit: 1 }).take(1);
    const at = way === FIELD ? must(inCasper[0], 'a place in Casper') : await world.payoutPlace();
    const wallet = await walletOf(project, '100.00');
    const { id } = await world.cashOut(wallet, { client, at, ...said('createTransaction', way, row) });
    await world.drain();
    return { zipCode: at.zipCode, transaction: await client.transactions.get(id) };
  };

  it.each(casesOf('cashOut'))('%s by %s', async (_name, way, row) => {
    const { value, outcome } = row;
    const { zipCode, transaction } = await cashOutAt(world.project, row, way);
    expect(zipCode === value).toBe(way === FIELD);
    const error = { code: 'payout_failed', message: expect.stringContaining(outcome.refusal) };
    expect(transaction).toMatchObject({ status: 'failed', error });
    expect(await eventsOf(world.project, transaction.id)).toEqual([
      'transaction.cryptoToFiat.processing',
      'transaction.cryptoToFiat.failed',
      'transaction.cryptoToFiat.refunded',
    ]);
  });

  it.each(casesOf('cashOut'))('%s by %s means nothing in a live project', async (_name, way, row) => {
    const { transaction } = await cashOutAt(live, row, way);
    expect(transaction.status).toBe('cashPickupReady');
  });
});

describe('an amount of a cash-in', () => {
  const order = async (project: Project, row: MagicValueRow, way: string) => {
    const { client } = project;
    const body = await world.cashInBody(await walletOf(project), way === FIELD ? row.value : '100.00');
    return client.cashIns.create(body, said('createCashIn', way, row));
  };

  it.each(casesOf('cashOrder'))('%s by %s', async (_name, way, row) => {
    const cashIn = await order(world.project, row, way);
    const code = row.outcome.refusal;
    expect(cashIn).toMatchObject({ status: 'failed', subStatus: code, error: { code }, transactionId: null });
    expect(await eventsOf(world.project, cashIn.id)).toEqual(['cashIn.created', 'cashIn.failed']);
    const barcode = must(cashIn.depositInstructions, 'a code').code;
    const read = world.client.simulate.barcodeAuth({ barcode, amount: '20.00' });
    await expect(read).rejects.toMatchObject({ code: 'invalid_state' });
    await expect(world.client.cashIns.refresh(cashIn.id)).rejects.toMatchObject({ code: 'invalid_state' });
  });

  it.each(casesOf('cashOrder'))('%s by %s means nothing in a live project', async (_name, way, row) => {
    expect(await order(live, row, way)).toMatchObject({ status: 'pending' });
  });
});

describe('an amount of a quote', () => {
  const quoteOf = async (project: Project, row: MagicValueRow, way: string) => {
    const { client } = project;
    const wallet = await walletOf(project);
    const other = await walletOf(project);
    const amount = way === FIELD ? row.value : PRICE;
    return client.quotes.create(
      {
        customerId: wallet.customerId,
        source: { walletId: wallet.id, ...USDC, amount },
        destination: { wallet: { id: other.id }, ...USDC },
      },
      said('createQuote', way, row),
    );
  };

  it.each(casesOf('quote'))('%s by %s', async (_name, way, row) => {
    const asked = quoteOf(world.project, row, way);
    if (row.outcome.terms === 'rateUnavailable') {
      await expect(asked).rejects.toMatchObject({ status: 503, code: 'rate_unavailable' });
      return;
    }
    const { id, status, createdAt, expiresAt } = await asked;
    expect(status).toBe('expired');
    expect(expiresAt).toBe(createdAt);
    const executed = world.client.transactions.create({ quoteId: id });
    await expect(executed).rejects.toMatchObject({ status: 422, code: 'quote_expired' });
  });

  it.each(casesOf('quote'))('%s by %s means nothing in a live project', async (_name, way, row) => {
    expect((await quoteOf(live, row, way)).status).toBe('open');
  });
});

describe('an account that is declined', () => {
  const create = async ({ client }: Project, row: MagicValueRow, way: string) => {
    const customer = await world.provisionedCustomer(client);
    const isAddress = row.field === 'bankDetails.address';
    const value = way === FIELD ? row.value : undefined;
    const ach = { routingNumber: '021000021', accountType: 'checking' } as const;
    return client.externalAccounts.create(
      customer.id,
      {
        type: isAddress ? 'blockchainAddress' : 'usBank',
        network: isAddress ? 'polygon' : 'ach',
        owner: { name: 'Jane Smith', type: 'individual' },
        bankDetails: isAddress
          ? { address: value ?? UNKNOWN_ADDRESS }
          : { ...ach, accountNumber: `0001234${value ?? '56789'}` },
      },
      said('createExternalAccount', way, row),
    );
  };

  it.each(casesOf('accountCheck'))('%s by %s', async (_name, way, row) => {
    const account = await create(world.project, row, way);
    expect(account.status).toBe(row.outcome.decision);
    expect(await eventsOf(world.project, account.id)).toEqual([
      'externalAccount.created',
      'externalAccount.declined',
    ]);
    const wallet = await world.wallet({ id: account.customerId });
    const isAddress = row.field === 'bankDetails.address';
    const quoted = world.client.quotes.create({
      customerId: account.customerId,
      source: { walletId: wallet.id, ...USDC, amount: PRICE },
      destination: {
        wallet: { externalAccount: account.id },
        asset: isAddress ? 'usdc' : 'usd',
        network: isAddress ? 'polygon' : 'ach',
      },
    });
    await expect(quoted).rejects.toMatchObject({ code: 'validation_error' });
  });

  it.each(casesOf('accountCheck'))('%s by %s means nothing in a live project', async (_name, way, row) => {
    expect((await create(live, row, way)).status).toBe('verified');
  });
});

describe('a number that is not to be had', () => {
  const order = async (project: Project, row: MagicValueRow, way: string) => {
    const { client } = project;
    const wallet = await walletOf(project);
    const label = way === FIELD ? row.value : 'Plain';
    const destination = { wallet: { wallet: wallet.id }, ...USDC };
    if (row.operation === 'createVirtualAccount') {
      const source = { asset: 'usd', network: 'usBank' };
      const body = { source, destination, label };
      return client.virtualAccounts.create(wallet.customerId, body, said('createVirtualAccount', way, row));
    }
    const body = { source: USDC, destination, label };
    return client.depositAddresses.create(wallet.customerId, body, said('createDepositAddress', way, row));
  };

  it.each(casesOf('numberOrder'))('%s by %s', async (_name, way, row) => {
    const code = row.outcome.refusal;
    await expect(order(world.project, row, way)).rejects.toMatchObject({ status: 503, code });
  });

  it.each(casesOf('numberOrder'))('%s by %s means nothing in a live project', async (_name, way, row) => {
    expect((await order(live, row, way)).status).toBe('active');
  });
});

/** Pays to an address outside, the row's own if the field is to say it. */
async function payOutside(project: Project, row: MagicValueRow, way: string): Promise<Transaction> {
  const { client } = project;
  const wallet = await walletOf(project, PRICE);
  const { id: quoteId } = await client.quotes.create({
    customerId: wallet.customerId,
    source: { walletId: wallet.id, ...USDC, amount: PRICE },
    destination: { wallet: { blockchainAddress: way === FIELD ? row.value : UNKNOWN_ADDRESS }, ...USDC },
  });
  const { id } = await client.transactions.create({ quoteId }, said('createTransaction', way, row));
  await world.drain();
  return client.transactions.get(id);
}

describe('a party that is screened', () => {
  const depositOf = async (project: Project, row: MagicValueRow, way: string): Promise<Transaction> => {
    const { client } = project;
    const wallet = await walletOf(project);
    const account = await client.virtualAccounts.create(wallet.customerId, {
      source: { asset: 'usd', network: 'usBank' },
      destination: { wallet: { wallet: wallet.id }, ...USDC },
    });
    const senderName = way === FIELD ? row.value : 'Jane Smith';
    const { events } = await client.virtualAccounts.simulate(
      account.id,
      { rail: 'ach_in', amount: { value: '25.00', currency: 'USD' }, senderName },
      said('simulateVirtualAccountDeposit', way, row),
    );
    await world.drain();
    return client.transactions.get(must(events[1], 'a transaction').resourceId);
  };
  const reviewsOf = async ({ client }: Project, { id, type }: Transaction) => {
    const events = await client.events.list({ type: `transaction.${type}.underReview` }).take(100);
    return events.filter(({ data }) => data.id === id);
  };

  it.each(casesOf('screening'))('%s by %s', async (_name, way, row) => {
    const isDeposit = row.operation === 'simulateVirtualAccountDeposit';
    const payment = await (isDeposit ? depositOf : payOutside)(world.project, row, way);
    expect(payment.status).toBe('completed');
    expect(await reviewsOf(world.project, payment)).toHaveLength(1);
    const told = (await eventsOf(world.project, payment.id)).map((name) => name.split('.').at(-1));
    expect(told).toEqual(['processing', 'completed']);
  });

  it.each(casesOf('screening').filter(([, , { operation }]) => operation === 'createQuote'))(
    '%s by %s means nothing in a live project',
    async (_name, way, row) => {
      expect(await reviewsOf(live, await payOutside(live, row, way))).toEqual([]);
    },
  );
});

describe('a recipient that the token does not pay', () => {
  it.each(casesOf('chain'))('%s by %s', async (_name, way, row) => {
    const payment = await payOutside(world.project, row, way);
    expect(payment).toMatchObject({ status: 'failed', error: { code: row.outcome.failureCode } });
    const told = (await eventsOf(world.project, payment.id)).map((name) => name.split('.').at(-1));
    expect(told).toEqual(['processing', 'failed']);
    const { availableBalance } = await world.client.wallets.balance(payment.source.walletId ?? '');
    expect(availableBalance).toBe(PRICE);
  });

  it.each(casesOf('chain'))('%s by %s means nothing in a live project', async (_name, way, row) => {
    expect(await payOutside(live, row, way)).toMatchObject({ status: 'completed' });
  });
});

describe('an account number', () => {
  const [FAILED, RETURNED, REFUNDED] = ['failed', 'returned', 'refunded'];
  const HISTORY = {
    rejected: [FAILED, REFUNDED],
    returned: [FAILED, REFUNDED],
    returnedAfterSettlement: ['completed', RETURNED, FAILED, REFUNDED],
    changed: ['completed'],
  } as const;

  const detailsOf = ({ value, outcome }: RowOf<'bank'>, way: string) => {
    const accountNumber = `0001234${way === FIELD ? value : '56789'}`;
    if (outcome.rail === 'swift') return { country: 'CA', accountNumber, swiftCode: 'ROYCCAT2' };
    const routingNumber = '021000021';
    return { accountNumber, routingNumber, accountType: 'checking' as const, bankName: 'Chase' };
  };

  async function payTo(
    { client }: Project,
    wallet: Wallet,
    row: RowOf<'bank'>,
    way: string,
  ): Promise<Transaction> {
    const { rail } = row.outcome;
    const account = await client.externalAccounts.create(
      wallet.customerId,
      {
        type: rail === 'swift' ? 'intlBank' : 'usBank',
        network: rail,
        owner: { name: 'Jane Smith', type: 'individual' },
        bankDetails: detailsOf(row, way),
      },
      said('createExternalAccount', way, row),
    );
    const quote = await client.quotes.create({
      customerId: wallet.customerId,
      source: { walletId: wallet.id, asset: 'usdc', network: 'polygon', amount: PRICE },
      destination: { wallet: { externalAccount: account.id }, asset: 'usd', network: rail },
    });
    return client.transactions.create({ quoteId: quote.id }, said('createTransaction', way, row));
  }

  it.each(casesOf('bank'))('%s by %s', async (_name, way, row) => {
    const { event, code, afterDays = 0 } = row.outcome;
    const wallet = await walletOf(world.project, PRICE);
    const { id } = await payTo(world.project, wallet, row, way);
    await world.drain();
    const get = () => world.client.transactions.get(id);
    if (afterDays > 0) {
      world.advance(afterDays * DAY_MS - 1);
      await world.drain();
      expect(await get()).toMatchObject({ status: 'completed' });
      world.advance(1);
      await world.drain();
    }
    const now = await get();
    const history = (await eventsOf(world.project, id)).map((name) => name.split('.').at(-1));
    expect(new Set(history)).toEqual(new Set(['processing', ...HISTORY[event]]));
    expect(now.status).toBe(event === 'changed' ? 'completed' : 'failed');
    if (event !== 'changed') {
      const failure = event === 'returnedAfterSettlement' ? 'payout_returned' : 'payout_failed';
      expect(now.error).toMatchObject({ code: failure, message: expect.stringContaining(code) });
    }
    const { availableBalance } = await world.client.wallets.balance(wallet.id);
    expect(availableBalance).toBe(event === 'changed' ? '0.00' : PRICE);
    if (event === 'changed') {
      const account = now.destination.externalAccountId ?? '';
      expect(await eventsOf(world.project, account)).toContain('externalAccount.updated');
      const { bankDetails } = await world.client.externalAccounts.get(account);
      const { accountNumber, ...plain } = row.outcome.corrected ?? {};
      expect(bankDetails).toMatchObject({
        ...plain,
        ...(accountNumber && { accountNumber: `****${accountNumber.slice(-4)}` }),
      });
    }
  });

  it('means nothing in a live project', async () => {
    const wallet = await walletOf(live, '1000.00');
    const payouts = await Promise.all(casesOf('bank').map(([, way, row]) => payTo(live, wallet, row, way)));
    await world.drain();
    world.advance(40 * DAY_MS);
    await world.drain();
    const after = await Promise.all(payouts.map(({ id }) => live.client.transactions.get(id)));
    expect(after.map(({ status }) => status)).toEqual(after.map(() => 'completed'));
    const events = await Promise.all(payouts.map(({ id }) => eventsOf(live, id)));
    expect(events.map((names) => names.length)).toEqual(events.map(() => 2));
  });

  it('waits with everything else when the pace is manual', async () => {
    const project = await world.newProject();
    const wallet = await walletOf(project, PRICE);
    await project.client.settings.update({ pace: 'manual' });
    const [, row] = must(
      rowsOf('bank').find(([, { outcome }]) => outcome.event === 'returnedAfterSettlement'),
      'a late return',
    );
    const { id } = await payTo(project, wallet, row, FIELD);
    await world.drain();
    expect(await project.client.transactions.get(id)).toMatchObject({ status: 'processing' });
    await project.client.simulate.transaction(id, { event: 'payoutSettled' });
    await world.drain();
    expect(await project.client.transactions.get(id)).toMatchObject({ status: 'failed' });
  });
});
