import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, createTestProject, type TestDatabase } from '../../test/postgres.ts';
import { type Row, resultTypes, type Tx } from '../db/database.ts';
import { systemClock } from '../kernel/clock.ts';
import { systemRandom } from '../kernel/random.ts';
import { conversion, custody, customerWallet } from './chart.ts';
import { checkLedger } from './check.ts';
import type { Finding } from './finding.ts';
import { chainBatches } from './journal-chain.ts';
import { Ledger } from './ledger.ts';

const SUMS = 'stored balances equal the sums of the transfers';
const ZERO = 'each asset sums to zero';
const BELOW = 'no limited account is below zero';
const ASSETS = 'a transfer moves the asset of both its accounts';
const HOLDS = 'a post or void stays within its hold';
const AFTER = 'an entry keeps the balances it led to';
const DIGEST = 'a batch has the transfers that its digest says';
const BATCHES = 'each transfer is in one batch of the journal';
const CHAIN = 'the chain of batches is unbroken';
const CLOSED = 'nothing is moved on a closed account';
const FORWARD = 'entries of an account go forward in time';

const ledger = new Ledger();
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

/** Of each kind of transfer one, an open hold, and one more batch; both in the chain. */
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
  await database.db.tx(projectId, (tx) =>
    ledger.apply(tx, {
      groupId: 'g2',
      transfers: [{ kind: 'single', debit: bob, credit: alice, minor: 1n }],
    }),
  );
  await database.db.tx(projectId, chainBatches);
}

/** What is found once `corruption` was done behind the ledger's back, by the superuser and without triggers. */
async function findingsAfter(corruption: string): Promise<readonly Finding[]> {
  const client = new pg.Client({ connectionString: database.url, types: resultTypes });
  await client.connect();
  try {
    await client.query('begin');
    await client.query(`set local session_replication_role = 'replica'`);
    await client.query(corruption.replaceAll('{project}', `'${project}'`));
    await client.query(`set local role oms_app; set local oms.project = '${project}'`);
    const tx: Tx = {
      scope: project,
      now: () => systemClock.now(),
      random: systemRandom,
      query: async <R extends Row>(text: string, values: readonly unknown[] = []) =>
        (await client.query<R>(text, [...values])).rows,
      goBy: () => undefined,
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
      [SUMS, AFTER, SUMS, DIGEST, BATCHES],
    ],
    [
      'a transfer that was taken out with its balances',
      `delete from ledger_transfers where project_id = {project} and group_id = 'g2';
       update ledger_accounts set debits_posted = debits_posted - 1 where ${account('customer_wallet:wlt_bob:usdc')};
       update ledger_accounts set credits_posted = credits_posted - 1 where ${account('customer_wallet:wlt_alice:usdc')}`,
      [DIGEST, BATCHES],
    ],
    [
      'two batches whose places were changed',
      `update ledger_batches b set digest = o.digest, transfers = o.transfers from ledger_batches o
       where b.project_id = {project} and o.project_id = {project} and b.chain_position + o.chain_position = 3`,
      [CHAIN, DIGEST, CHAIN, DIGEST],
    ],
    [
      'a digest that was made to fit',
      `update ledger_transfers set amount = 99 where project_id = {project} and group_id = 'g1' and position = 1;
       update ledger_batches b set digest = sha256(convert_to((
         select string_agg(line, chr(10) order by seq) from ledger_journal j
         where j.project_id = b.project_id and j.batch_id = b.batch_id), 'UTF8'))
       where b.project_id = {project} and b.chain_position = 1`,
      [AFTER, SUMS, AFTER, SUMS, CHAIN],
    ],
    [
      'a transfer whose amount was changed',
      `update ledger_transfers set amount = 99 where project_id = {project} and group_id = 'g1' and position = 1`,
      [AFTER, SUMS, AFTER, SUMS, DIGEST],
    ],
    [
      'a transfer that was turned to another account',
      `update ledger_transfers set credit_no = (select account_no from ledger_accounts
         where ${account('customer_wallet:wlt_alice:usdc')})
       where project_id = {project} and group_id = 'g1' and position = 2`,
      [AFTER, SUMS, AFTER, SUMS, DIGEST],
    ],
    [
      'a balance after an entry that was changed',
      `update ledger_transfers set credit_posted_after = 101
       where project_id = {project} and group_id = 'g1' and position = 1`,
      [AFTER],
    ],
    [
      'an account that was taken out',
      `delete from ledger_accounts where ${account('conversion:usd-usdc:usdc')}`,
      [ZERO, DIGEST, BATCHES],
    ],
    [
      'an account that was renamed',
      `alter table ledger_accounts drop constraint ledger_accounts_check;
       update ledger_accounts set account_id = 'customer_wallet:wlt_eve:usdc' where ${account('customer_wallet:wlt_bob:usdc')}`,
      [DIGEST, DIGEST],
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
       update ledger_accounts set limit_side = 'credit' where ${account('conversion:usd-usdc:usdc')}`,
      [BELOW],
    ],
    [
      'a transfer of another asset than its accounts',
      `alter table ledger_accounts drop constraint ledger_accounts_check;
       update ledger_accounts set asset = 'usdt' where ${account('conversion:usd-usdc:usdc')}`,
      [ASSETS, ZERO, ZERO],
    ],
    [
      'a hold smaller than what was posted of it',
      `update ledger_transfers set amount = 19 where project_id = {project} and transfer_id = 'tr_posted'`,
      [AFTER, HOLDS, AFTER, DIGEST],
    ],
    [
      'a void of another hold than the one it released',
      `update ledger_transfers set pending_id = 'tr_open' where project_id = {project} and position = 6`,
      [AFTER, HOLDS, SUMS, AFTER, SUMS, DIGEST],
    ],
    [
      'a post whose hold is no transfer',
      `update ledger_transfers set pending_id = 'tr_nowhere' where project_id = {project} and kind = 'post'`,
      [AFTER, HOLDS, SUMS, AFTER, SUMS, DIGEST],
    ],
    [
      'a transfer on an account that was closed before',
      `alter table ledger_accounts drop constraint closed_is_empty;
       update ledger_accounts set closed_at = created_at - interval '1 day' where ${account('customer_wallet:wlt_bob:usdc')}`,
      [CLOSED],
    ],
    [
      'an entry that was dated later',
      `update ledger_transfers set created_at = created_at + interval '1 day'
       where project_id = {project} and group_id = 'g2'`,
      [FORWARD, FORWARD, DIGEST],
    ],
  ])('finds %s', async (_, corruption, rules) => {
    const findings = await findingsAfter(corruption);
    expect(findings.map(({ rule }) => rule).sort()).toEqual([...rules].sort());
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
