import { DEFAULT_SETTINGS } from '@openoms/contract/default-settings.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ProjectSettings } from '../src/settings/service.ts';
import { createWorld, type Project, type World } from './world.ts';

const PATH = '/v0.9/settings';

let world: World;
/** Nobody else changes its settings. */
let project: Project;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

const fresh = async (): Promise<Project> => {
  project = await world.newProject();
  return project;
};
const patch = (body: unknown, headers: Record<string, string> = {}) =>
  world.fetch('PATCH', PATH, { body, headers, as: project });
const fieldsOf = (details: readonly { field: string }[]): string[] =>
  details.map(({ field }) => field).toSorted();
const stored = async () =>
  (
    await world.sql<{ changed: object }>('select changed from project_settings where project_id = $1', [
      project.projectId,
    ])
  )[0]?.changed;
const inProject = <T>(work: (settings: ProjectSettings) => T): Promise<T> =>
  world.context.db.tx(project.projectId, async (tx) => work(await world.context.settings.get(tx)));

describe('settings', () => {
  it('are the defaults until a project changes them', async () => {
    const { client } = await fresh();
    expect(await client.settings.get()).toEqual(DEFAULT_SETTINGS);
    expect(await stored()).toBeUndefined();
  });

  it('change field by field, and only what was changed is stored', async () => {
    const { client } = await fresh();
    const changed = await client.settings.update({
      fees: { wire: { fixed: '15' } },
      developerFees: { cashOut: { percentage: '0.0100' } },
      limits: { cashOut: { max: '400.00' } },
      quoteLifetimeSeconds: 60,
      pace: 'manual',
    });
    expect(changed).toEqual({
      ...DEFAULT_SETTINGS,
      fees: { ...DEFAULT_SETTINGS.fees, wire: { percentage: '0', fixed: '15.00' } },
      developerFees: {
        ...DEFAULT_SETTINGS.developerFees,
        cashOut: { percentage: '0.01', fixed: '0.00' },
      },
      limits: {
        ...DEFAULT_SETTINGS.limits,
        cashOut: { min: '20.00', max: '400.00', step: '20.00' },
      },
      quoteLifetimeSeconds: 60,
      pace: 'manual',
    });
    await client.settings.update({ fees: { wire: { percentage: '0.001' } } });
    expect((await client.settings.get()).fees.wire).toEqual({ percentage: '0.001', fixed: '15.00' });
    expect(await stored()).toEqual({
      fees: { wire: { fixed: '15.00', percentage: '0.001' } },
      developerFees: { cashOut: { percentage: '0.01' } },
      limits: { cashOut: { max: '400.00' } },
      quoteLifetimeSeconds: 60,
      pace: 'manual',
    });
  });

  it('go back to their defaults with null: a field, a flow, a group', async () => {
    const { client } = await fresh();
    const fee = { percentage: '0.02', fixed: '1.00' };
    await client.settings.update({
      fees: { ach: fee, wire: fee },
      developerFees: { ach: fee },
      gasFee: '0.05',
    });
    const changed = await client.settings.update({
      fees: { ach: { fixed: null }, wire: null },
      developerFees: null,
      gasFee: null,
    });
    expect(changed).toEqual({
      ...DEFAULT_SETTINGS,
      fees: { ...DEFAULT_SETTINGS.fees, ach: { percentage: '0.02', fixed: '0.00' } },
    });
    expect(await stored()).toEqual({ fees: { ach: { percentage: '0.02' } } });
    await client.settings.update({ fees: null });
    expect(await client.settings.get()).toEqual(DEFAULT_SETTINGS);
    expect(await stored()).toEqual({});
  });

  it('belong to one project', async () => {
    const { client } = await fresh();
    await client.settings.update({ gasFee: '0.10' });
    const other = await world.newProject();
    expect(await other.client.settings.get()).toEqual(DEFAULT_SETTINGS);
    expect((await client.settings.get()).gasFee).toBe('0.10');
  });

  it('lose no change of two at once', async () => {
    const { client } = await fresh();
    const flows = ['ach', 'wire', 'swift', 'cashOut', 'cryptoToCrypto'] as const;
    await Promise.all(flows.map((flow) => client.settings.update({ fees: { [flow]: { fixed: '1.00' } } })));
    const { fees } = await client.settings.get();
    expect(flows.map((flow) => fees[flow].fixed)).toEqual(flows.map(() => '1.00'));
  });

  it('have a pace in a sandbox only', async () => {
    project = await world.newProject({ mode: 'live' });
    const { pace: _, ...withoutPace } = DEFAULT_SETTINGS;
    expect(await project.client.settings.get()).toEqual(withoutPace);
    const refused = await patch({ pace: 'manual', gasFee: '0.10' });
    expect(refused).toMatchObject({
      status: 404,
      json: { code: 'not_found', details: [{ field: 'pace' }] },
    });
    expect(await patch({ pace: null })).toMatchObject({ status: 200 });
    expect(await project.client.settings.get()).toEqual(withoutPace);
  });

  it('need a token', async () => {
    expect(await world.fetch('GET', PATH, { as: null })).toMatchObject({ status: 401 });
    expect(await world.fetch('PATCH', PATH, { as: null, body: {} })).toMatchObject({ status: 401 });
  });

  it('change once per Idempotency-Key', async () => {
    const { client } = await fresh();
    const headers = { 'idempotency-key': world.key() };
    const first = await patch({ gasFee: '0.10' }, headers);
    await client.settings.update({ gasFee: '0.20' });
    const again = await patch({ gasFee: '0.10' }, headers);
    expect(again.text).toBe(first.text);
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect((await client.settings.get()).gasFee).toBe('0.20');
    expect(await patch({ gasFee: '0.30' }, headers)).toMatchObject({
      status: 409,
      json: { code: 'idempotency_conflict' },
    });
  });
});

describe('a change is refused that', () => {
  it('breaks a form, with every offending field named', async () => {
    await fresh();
    const reply = await patch({
      object: 'settings',
      fees: {
        cashIn: { percentage: '1.5', fixed: '0.505' },
        ach: { percentage: 0.01, fixed: '-1' },
        wire: [],
        paypal: { percentage: '0' },
      },
      developerFees: 'none',
      gasFee: '0.001',
      limits: { cashOut: { min: '0.00', step: '1e2', most: '5' }, cryptoToCrypto: { max: 100 } },
      quoteLifetimeSeconds: 5,
      pace: 'fast',
    });
    expect(reply).toMatchObject({ status: 400, json: { code: 'validation_error' } });
    expect(fieldsOf(reply.json.details)).toEqual(
      [
        'developerFees',
        'fees.ach.fixed',
        'fees.ach.percentage',
        'fees.cashIn.fixed',
        'fees.cashIn.percentage',
        'fees.paypal',
        'fees.wire',
        'gasFee',
        'limits.cashOut.min',
        'limits.cashOut.most',
        'limits.cashOut.step',
        'limits.cryptoToCrypto.max',
        'object',
        'pace',
        'quoteLifetimeSeconds',
      ].toSorted(),
    );
    expect(await stored()).toBeUndefined();
  });

  it('breaks a rule between fields, with every one of them named', async () => {
    const { client } = await fresh();
    await client.settings.update({ developerFees: { swift: { percentage: '0.6' } } });
    const reply = await patch({
      fees: { swift: { percentage: '0.4' }, cashIn: { fixed: '19.70' } },
      developerFees: { cashIn: { percentage: '0.01' } },
      limits: {
        cryptoToFiat: { min: '5.00', max: '4.999999' },
        cashOut: { max: '510.00' },
      },
    });
    expect(reply).toMatchObject({ status: 400, json: { code: 'validation_error' } });
    expect(fieldsOf(reply.json.details)).toEqual(
      [
        'developerFees.cashIn.percentage',
        'developerFees.swift.percentage',
        'fees.cashIn.fixed',
        'fees.swift.percentage',
        'limits.cashOut.max',
        'limits.cryptoToFiat.max',
        'limits.cryptoToFiat.min',
      ].toSorted(),
    );
    expect(await stored()).toEqual({ developerFees: { swift: { percentage: '0.6' } } });
  });

  it('takes all but a millionth', async () => {
    const { client } = await fresh();
    await client.settings.update({
      fees: { swift: { percentage: '0.399999' } },
      developerFees: { swift: { percentage: '0.6' } },
    });
    expect(await patch({ fees: { swift: { percentage: '0.4' } } })).toMatchObject({ status: 400 });
  });
});

describe('the fee of a cash-in', () => {
  it('is what applied when it was made, whatever the project charges later', async () => {
    const { client } = await fresh();
    const wallet = await world.wallet(await world.provisionedCustomer(client), client);
    const documented = await world.cashIn(wallet, { client });
    await client.settings.update({ fees: { cashIn: { percentage: '0.0299', fixed: '1.25' } } });
    const dearer = await world.cashIn(wallet, { client });
    await client.settings.update({ fees: { cashIn: { percentage: '0', fixed: '0' } } });
    const free = await world.cashIn(wallet, { client });
    expect(dearer.omsFeeSchedule).toEqual({
      feeCurrency: 'usd',
      entries: [
        { type: 'percentage', rate: '0.0299' },
        { type: 'fixed', amount: '1.25' },
      ],
    });
    expect(dearer.source.feesDeducted?.oms).toBe('4.24');
    await world.drain();
    for (const each of [documented, dearer, free]) await world.payAtTill(each, '50.00', client);
    await world.drain();
    const paid = [];
    for (const { id } of [documented, dearer, free]) {
      const { status, source, destination, transactionId } = await client.cashIns.get(id);
      const transaction = await client.transactions.get(transactionId ?? '');
      expect(status).toBe('completed');
      expect(transaction.source.feesDeducted?.oms).toBe(source.feesDeducted?.oms);
      paid.push([source.feesDeducted?.oms, destination.amountNet]);
    }
    // 50.00 × 0.0299 = 1.495, a half cent rounded up.
    expect(paid).toEqual([
      ['1.25', '48.75'],
      ['2.75', '47.25'],
      ['0.00', '50.00'],
    ]);
    expect(await client.wallets.balance(wallet.id)).toMatchObject({ balance: '146.00' });
    await world.checkInvariants();
  });

  it('stays that of a refreshed code', async () => {
    const { client } = await fresh();
    const wallet = await world.wallet(await world.provisionedCustomer(client), client);
    const before = await world.cashIn(wallet, { client });
    await client.settings.update({ fees: { cashIn: { fixed: '9.00' } } });
    const refreshed = await client.cashIns.refresh(before.id);
    expect(refreshed.omsFeeSchedule).toEqual(before.omsFeeSchedule);
  });
});

it('other slices read fees and limits as integers', async () => {
  const { settings } = world.context;
  const { client } = await fresh();
  await client.settings.update({
    developerFees: { wire: { percentage: '0.0025', fixed: '2.345678' } },
    gasFee: '0.02',
  });
  const read = await inProject((own) => ({
    cashIn: settings.feesOf(own, 'cashIn', 'usd').oms,
    wire: settings.feesOf(own, 'wire', 'usdc').developer,
    gas: [settings.gasFeeOf(own, 'usd'), settings.gasFeeOf(own, 'usdc')],
    cashOut: { ...settings.limitsOf(own, 'cashOut', 'usd'), step: settings.cashOutStepOf(own) },
    send: settings.limitsOf(own, 'cryptoToCrypto', 'usdc'),
  }));
  expect(read).toEqual({
    cashIn: { rate: { numerator: 15n, denominator: 1000n }, percentage: '0.015', fixedMinor: 50n },
    wire: { rate: { numerator: 25n, denominator: 10_000n }, percentage: '0.0025', fixedMinor: 2_345_678n },
    gas: [2n, 20_000n],
    cashOut: { minMinor: 2_000n, maxMinor: 50_000n, step: 2_000n },
    send: { minMinor: 10_000n, maxMinor: 1_000_000_000_000n },
  });
});
