import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, createTestProject, type TestDatabase } from '../../test/postgres.ts';
import type { Row, Tx } from '../db/database.ts';
import { systemClock } from '../kernel/clock.ts';
import { TypeIds } from '../kernel/ids.ts';
import { conversion, custody, customerWallet } from './chart.ts';
import { checkLedger, type Finding } from './check.ts';
import { Ledger } from './ledger.ts';

const SUMS = 'stored balances equal the sums of the transfers';
const ZERO = 'each asset sums to zero';
const BELOW = 'no limited account is below zero';
const ASSETS = 'a transfer moves the asset of both its accounts';
const HOLDS = 'a post or void stays within its hold';

const ledger = new Ledger(systemClock, new TypeIds(systemClock));
const alice = customerWallet('wlt_alice', 'usdc');
const bob = customerWallet('wlt_bob', 'usdc');

let database: TestDatabase;
let project: string;

beforeAll(async () => {
  database = await createTestDatabase();
  await fill(await createTestProject(database.db));
  project = await createTestProject(database.db);
  await fill(project);
});
afterAll(() => database.drop());

/** Of each kind of transfer one, and an open hold. */
async function fill(projectId: string): Promise<void> {
  await database.db.tx(projectId, (tx) =>
    ledger.apply(tx, {
      groupId: 'g1',
      transfers: [
        { kind: 'single', debit: custody('polygon', 'usdc'), credit: alice, minor: 100n },
        { kind: 'single', debit: conversion('usdc'), credit: bob, minor: 40n },
        { kind: 'pending', transferId: 'tr_posted', debit: alice, credit: bob, minor: 30n },
        { kind: 'post', pendingId: 'tr_posted', minor: 20n },
        { kind: 'pending', transferId: 'tr_voided', debit: alice, credit: bob, minor: 10n },
        { kind: 'void', pendingId: 'tr_voided' },
        { kind: 'pending', transferId: 'tr_open', debit: bob, credit: alice, minor: 5n },
      ],
    }),
  );
}

/** What is found once `corruption` was done behind the ledger's back, by the superuser and without triggers. */
async function findingsAfter(corruption: string): Promise<readonly Finding[]> {
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  try {
    await client.query('begin');
    await client.query(`set local session_replication_role = 'replica'`);
    await client.query(corruption.replaceAll('{project}', `'${project}'`));
    await client.query(`set local role oms_app; set local oms.project = '${project}'`);
    const tx: Tx = {
      scope: project,
      query: async <R extends Row>(text: string, values: readonly unknown[] = []) =>
        (await client.query<R>(text, [...values])).rows,
      afterCommit: () => undefined,
    };
    return await checkLedger(tx);
  } finally {
    await client.query('rollback');
    await client.end();
  }
}

const account = (id: string): string => `project_id = {project} and account_id = '${id}'`;

describe('the ledger check', () => {
  it('finds nothing in a healthy ledger', async () => {
    expect(await findingsAfter('select')).toEqual([]);
    expect(await database.db.tx(project, checkLedger)).toEqual([]);
  });

  it.each([
    [
      'a balance that was raised',
      `update ledger_accounts set credits_posted = credits_posted + 1 where ${account('customer_wallet:wlt_bob:usdc')}`,
      [SUMS, ZERO],
    ],
    [
      'two balances that were raised against each other',
      `update ledger_accounts set credits_posted = credits_posted + 7 where ${account('customer_wallet:wlt_bob:usdc')};
       update ledger_accounts set debits_posted = debits_posted + 7 where ${account('conversion:usd-usdc:usdc')}`,
      [SUMS, SUMS],
    ],
    [
      'a hold released from the balances alone',
      `update ledger_accounts set debits_pending = 0 where ${account('customer_wallet:wlt_bob:usdc')};
       update ledger_accounts set credits_pending = 0 where ${account('customer_wallet:wlt_alice:usdc')}`,
      [SUMS, SUMS],
    ],
    [
      'a transfer that was taken out',
      `delete from ledger_transfers where project_id = {project} and position = 2`,
      [SUMS, SUMS],
    ],
    [
      'a transfer whose amount was changed',
      `update ledger_transfers set amount = 99 where project_id = {project} and position = 1`,
      [SUMS, SUMS],
    ],
    [
      'a transfer that was turned to another account',
      `update ledger_transfers set credit_account_id = 'customer_wallet:wlt_alice:usdc'
       where project_id = {project} and position = 2`,
      [SUMS, SUMS],
    ],
    [
      'an account that was taken out',
      `delete from ledger_accounts where ${account('conversion:usd-usdc:usdc')}`,
      [SUMS, ZERO],
    ],
    [
      'an account that was opened with money',
      `insert into ledger_accounts (project_id, account_id, kind, owner, asset, limit_side, credits_posted, created_at)
       values ({project}, 'fees_oms:project:usdc', 'fees_oms', 'project', 'usdc', 'credit', 3, now())`,
      [SUMS, ZERO],
    ],
    [
      'a customer below zero',
      `alter table ledger_accounts drop constraint funds_suffice;
       insert into ledger_transfers (project_id, transfer_id, group_id, position, kind, debit_account_id,
         credit_account_id, asset, amount, debit_balance_after, credit_balance_after, created_at)
       values ({project}, 'tr_overspent', 'g2', 1, 'single', 'customer_wallet:wlt_alice:usdc',
         'customer_wallet:wlt_bob:usdc', 'usdc', 81, -1, 141, now());
       update ledger_accounts set debits_posted = debits_posted + 81 where ${account('customer_wallet:wlt_alice:usdc')};
       update ledger_accounts set credits_posted = credits_posted + 81 where ${account('customer_wallet:wlt_bob:usdc')}`,
      [BELOW],
    ],
    [
      'a transfer of another asset than its accounts',
      `update ledger_transfers set asset = 'usdt' where project_id = {project} and position = 1`,
      [ASSETS],
    ],
    [
      'a hold smaller than what was posted of it',
      `update ledger_transfers set amount = 19 where project_id = {project} and transfer_id = 'tr_posted'`,
      [HOLDS],
    ],
    [
      'a void of another hold than the one it released',
      `update ledger_transfers set pending_id = 'tr_open' where project_id = {project} and position = 6`,
      [SUMS, SUMS, HOLDS],
    ],
    [
      'a post whose hold is no transfer',
      `update ledger_transfers set pending_id = 'tr_nowhere' where project_id = {project} and kind = 'post'`,
      [SUMS, SUMS, HOLDS],
    ],
  ])('finds %s', async (_, corruption, rules) => {
    const findings = await findingsAfter(corruption);
    expect(findings.map(({ rule }) => rule)).toEqual(rules);
    for (const { subject, detail } of findings) expect(`${subject}${detail}`).not.toBe('');
  });

  it("does not report another project's corruption", async () => {
    expect(
      await findingsAfter(
        `update ledger_accounts set credits_posted = credits_posted + 1
         where project_id <> {project} and kind = 'customer_wallet'`,
      ),
    ).toEqual([]);
  });
});
