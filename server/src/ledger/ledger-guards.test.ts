import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  asSuperuser,
  createTestDatabase,
  createTestProject,
  type TestDatabase,
} from '../../test/postgres.ts';
import { systemClock } from '../kernel/clock.ts';
import { ApplyItems } from './apply-items.ts';
import { accountId, custody, customerWallet } from './chart.ts';
import { Ledger } from './ledger.ts';

const FORBIDDEN = { code: '42501' };

const ledger = new Ledger();
const wallet = customerWallet('wlt_1', 'usdc');

let database: TestDatabase;
let project: string;

beforeAll(async () => {
  database = await createTestDatabase();
  project = await createTestProject(database.db);
  await database.db.tx(project, (tx) =>
    ledger.apply(tx, {
      groupId: 'g1',
      transfers: [{ kind: 'single', debit: custody('polygon', 'usdc'), credit: wallet, minor: 100n }],
    }),
  );
});
afterAll(() => database.drop());

const run = (sql: string, values: readonly unknown[] = []): Promise<unknown> =>
  database.db.tx(project, (tx) => tx.query(sql, values));

describe('the role of the server', () => {
  it.each([
    'update ledger_accounts set credits_posted = credits_posted + 1',
    `update ledger_accounts set limit_side = 'none'`,
    'delete from ledger_accounts',
    'truncate ledger_accounts cascade',
    `insert into ledger_accounts (project_id, account_id, kind, owner, asset, limit_side, created_at)
     values ('prj_1', 'a:b:usd', 'a', 'b', 'usd', 'none', now())`,
    'update ledger_transfers set amount = amount + 1',
    'delete from ledger_transfers',
    'truncate ledger_transfers',
    `insert into ledger_transfers overriding system value select * from ledger_transfers`,
    'update ledger_batches set digest = digest',
    'update ledger_batches set chain_position = 1',
    'delete from ledger_batches',
    `insert into ledger_batches overriding system value select * from ledger_batches`,
    'alter table ledger_batches disable trigger all',
    'update ledger_accounts set closed_at = null',
    'alter table ledger_accounts drop constraint funds_suffice',
    'alter table ledger_transfers disable trigger all',
    'alter table ledger_accounts disable row level security',
    `set local session_replication_role = 'replica'`,
  ])('may not: %s', async (sql) => {
    await expect(
      database.db.pool.connect().then(async (client) => {
        try {
          await client.query(`begin; set local oms.project = '${project}'`);
          return await client.query(sql);
        } finally {
          await client.query('rollback');
          client.release();
        }
      }),
    ).rejects.toMatchObject(FORBIDDEN);
  });

  it('moves money in the project of its transaction only', async () => {
    const other = await createTestProject(database.db);
    const { parameters } = new ApplyItems([
      {
        groupId: 'g2',
        transfers: [{ kind: 'single', debit: custody('polygon', 'usdc'), credit: wallet, minor: 1n }],
      },
    ]);
    const values = [other, systemClock.now(), ...parameters, true];
    const apply = `select ledger_apply(${values.map((_, index) => `$${index + 1}`).join()})`;
    await expect(run(apply, values)).rejects.toMatchObject(FORBIDDEN);
    await expect(
      run('select ledger_close($1, $2, $3)', [other, systemClock.now(), [accountId(wallet)]]),
    ).rejects.toMatchObject(FORBIDDEN);
    await expect(run('select ledger_chain($1, 10)', [other])).rejects.toMatchObject(FORBIDDEN);
  });
});

describe('the database itself', () => {
  it('keeps an account within its funds even against its owner', async () => {
    const spend = 'update ledger_accounts set debits_posted = credits_posted + 1 where kind = $1';
    await expect(
      asSuperuser(database.url, (client) => client.query(spend, ['customer_wallet'])),
    ).rejects.toMatchObject({ constraint: 'funds_suffice' });
  });

  it.each([
    'update ledger_transfers set amount = 1',
    'delete from ledger_transfers',
    'delete from ledger_batches',
    `update ledger_batches set digest = sha256('')`,
  ])('only adds transfers, even for its owner: %s', async (sql) => {
    await expect(asSuperuser(database.url, (client) => client.query(sql))).rejects.toThrow(/append-only/);
  });
});
