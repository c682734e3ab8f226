import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { asSuperuser, createTestDatabase, type TestDatabase } from '../../test/postgres.ts';
import { CREDIT_TRANSITIONS, PAYOUT_TRANSITIONS } from '../bank/states.ts';
import { TRANSITIONS as CASH_INS } from '../cash-ins/states.ts';
import { TRANSITIONS as CASH_PICKUPS } from '../cash-pickups/states.ts';
import { ENDORSEMENT_TRANSITIONS, FIRST_STATUSES } from '../customers/states.ts';
import { DEPOSIT_TRANSITIONS as ADDRESS_DEPOSITS, ADDRESS_TRANSITIONS } from '../deposit-addresses/states.ts';
import { TRANSITIONS as EXTERNAL_ACCOUNTS } from '../external-accounts/states.ts';
import { TRANSITIONS as VERIFICATIONS } from '../ledger-explorer/states.ts';
import { PAYMENT_TRANSITIONS } from '../providers/sandbox/bank-states.ts';
import { RESERVATION_TRANSITIONS } from '../providers/sandbox/cash-out-states.ts';
import { TRANSITIONS as QUOTES } from '../quotes/states.ts';
import { TRANSITIONS as TRANSACTIONS } from '../transactions/states.ts';
import { ACCOUNT_TRANSITIONS, DEPOSIT_TRANSITIONS as CREDIT_DEPOSITS } from '../virtual-accounts/states.ts';
import { DELIVERY_TRANSITIONS } from '../webhooks/states.ts';

/** From each status, where a row may go; the first ones, in which it may begin, under `begin`. */
type States = Readonly<Record<string, readonly string[]>>;

/** The slices' own tables where they have one; what is legal otherwise. */
const STATES: Readonly<Record<string, States>> = {
  bank_credits: { begin: ['received'], ...CREDIT_TRANSITIONS },
  bank_payouts: { begin: ['queued'], ...PAYOUT_TRANSITIONS },
  bank_statement_lines: { begin: ['matched', 'break'], matched: [], break: [] },
  cash_ins: { begin: ['pending'], ...CASH_INS },
  cash_pickups: { begin: ['requested'], ...CASH_PICKUPS },
  customers: { begin: ['active'], active: ['inactive'], inactive: ['active'] },
  deposit_address_deposits: { begin: ['received'], ...ADDRESS_DEPOSITS },
  deposit_addresses: { begin: ['active'], ...ADDRESS_TRANSITIONS },
  deposits: {
    begin: ['detected'],
    detected: ['credited', 'orphaned'],
    credited: [],
    orphaned: ['detected'],
  },
  endorsements: { begin: FIRST_STATUSES, ...ENDORSEMENT_TRANSITIONS },
  ledger_verifications: { begin: ['running'], ...VERIFICATIONS },
  quotes: { begin: ['open'], ...QUOTES },
  external_accounts: { begin: ['pending'], ...EXTERNAL_ACCOUNTS },
  reconciliation_breaks: { begin: ['open'], open: ['closed'], closed: [] },
  reconciliation_runs: { begin: ['running'], running: ['completed', 'failed'], completed: [], failed: [] },
  relay_batches: {
    begin: ['signed'],
    signed: ['broadcast', 'mined', 'final', 'superseded'],
    broadcast: ['mined', 'final', 'superseded'],
    mined: ['broadcast', 'final', 'superseded'],
    final: [],
    superseded: [],
  },
  sandbox_bank_payments: { begin: ['accepted', 'rejected'], ...PAYMENT_TRANSITIONS },
  sandbox_cash_pickups: { begin: ['open'], ...RESERVATION_TRANSITIONS },
  sends: {
    begin: ['queued'],
    queued: ['relaying', 'paid', 'failed'],
    relaying: ['queued', 'paid', 'failed'],
    paid: [],
    failed: [],
  },
  transactions: { begin: ['processing'], ...TRANSACTIONS },
  virtual_account_deposits: { begin: ['received'], ...CREDIT_DEPOSITS },
  virtual_accounts: { begin: ['active'], ...ACCOUNT_TRANSITIONS },
  wallets: { begin: ['active'], active: [], suspended: [], closed: [] },
  world_changes: {
    begin: ['requested'],
    requested: ['applied', 'done', 'refused'],
    applied: ['done'],
    done: [],
    refused: [],
  },
  webhook_deliveries: { begin: ['pending'], ...DELIVERY_TRANSITIONS },
};
const TABLES = Object.keys(STATES);
/** Events and their deliveries are dropped when they are old. */
const KEPT = TABLES.filter((table) => table !== 'webhook_deliveries');

const STATUS_COLUMNS = `
  select c.relname "table", a.attnum "column",
    (select pg_get_constraintdef(k.oid) from pg_constraint k
     where k.conrelid = c.oid and k.contype = 'c' and k.conkey = array[a.attnum]) "check",
    has_column_privilege('oms_app', c.oid, a.attnum, 'update') "serverMayUpdate"
  from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'status' and not a.attisdropped
  where c.relkind in ('r', 'p') and not c.relispartition and c.relnamespace = 'public'::regnamespace and a.atttypid = 'text'::regtype
  order by c.relname`;

let database: TestDatabase;
let owner: pg.Client;
let tables: readonly { table: string; statuses: readonly string[]; serverMayUpdate: boolean }[];
let release: () => void;
let closed: Promise<void>;

/** This file's own database, without the rules that a row of nothing but a status would break. */
beforeAll(async () => {
  database = await createTestDatabase();
  const opened = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  release = released.resolve;
  closed = asSuperuser(database.url, async (client) => {
    owner = client;
    opened.resolve();
    await released.promise;
  });
  await opened.promise;
  tables = (await owner.query(STATUS_COLUMNS)).rows.map(({ table, check, serverMayUpdate }) => ({
    table,
    serverMayUpdate,
    statuses: [...String(check).matchAll(/'([^']+)'/g)].map(([, status]) => status ?? ''),
  }));
  for (const table of TABLES) await stripRules(table);
});
afterAll(async () => {
  release?.();
  await closed;
  await database?.drop();
});

async function stripRules(table: string): Promise<void> {
  const constraints = `select conname from pg_constraint where conrelid = $1::regclass and contype in ('c', 'f', 'p', 'u')`;
  for (const { conname } of (await owner.query(constraints, [table])).rows)
    await owner.query(`alter table ${table} drop constraint if exists ${conname} cascade`);
  const required = `select attname from pg_attribute where attrelid = $1::regclass and attnum > 0 and attnotnull`;
  for (const { attname } of (await owner.query(required, [table])).rows)
    await owner.query(`alter table ${table} alter column ${attname} drop not null`);
}

/** Runs in a transaction that is rolled back, with a row of the status there. */
async function withRow<T>(table: string, status: string, work: () => Promise<T>): Promise<T> {
  await owner.query('begin');
  try {
    await owner.query(`set local session_replication_role = 'replica'`);
    const isOfProject = table !== 'relay_batches';
    await owner.query(
      `insert into ${table} (status${isOfProject ? ', project_id' : ''}) values ($1${isOfProject ? `, 'prj_a'` : ''})`,
      [status],
    );
    await owner.query(`set local session_replication_role = 'origin'`);
    return await work();
  } finally {
    await owner.query('rollback');
  }
}

/** The refusal, or undefined when it is taken. Leaves nothing. */
async function refusalOf(sql: string, values: readonly string[] = []): Promise<string | undefined> {
  await owner.query('savepoint attempt');
  try {
    await owner.query(sql, [...values]);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  } finally {
    await owner.query('rollback to attempt');
  }
}

describe('every table with a status', () => {
  it('is guarded, and its statuses are those of its table of states', () => {
    expect(tables.map(({ table }) => table)).toEqual(TABLES.toSorted());
    for (const { table, statuses } of tables) {
      const { begin: _, ...states } = STATES[table] ?? {};
      expect({ table, statuses: statuses.toSorted() }).toEqual({
        table,
        statuses: Object.keys(states).toSorted(),
      });
    }
  });

  it.each(TABLES)('takes the legal changes and refuses all others, from its owner too: %s', async (table) => {
    const found = tables.find((each) => each.table === table);
    for (const from of found?.statuses ?? []) {
      const taken = await withRow(table, from, async () => {
        const legal: string[] = [];
        for (const to of found?.statuses ?? []) {
          const refusal = await refusalOf(`update ${table} set status = $1`, [to]);
          if (refusal === undefined) legal.push(to);
          else expect(refusal).toMatch(new RegExp(`^${table}(_default)? cannot go from ${from} to ${to}$`));
        }
        return legal;
      });
      // To stay is no change.
      const expected = [...new Set([from, ...(STATES[table]?.[from] ?? [])])];
      expect({ from, to: taken.toSorted() }).toEqual({ from, to: expected.toSorted() });
    }
  });

  it.each(TABLES)('begins in a first state only: %s', async (table) => {
    const found = tables.find((each) => each.table === table);
    const taken: string[] = [];
    await withRow(table, found?.statuses[0] ?? '', async () => {
      for (const status of found?.statuses ?? []) {
        const refusal = await refusalOf(`insert into ${table} (status) values ($1)`, [status]);
        if (refusal === undefined) taken.push(status);
        else expect(refusal).toMatch(new RegExp(`^${table}(_default)? cannot begin as ${status}$`));
      }
    });
    expect(taken.toSorted()).toEqual(STATES[table]?.begin?.toSorted());
  });

  it.each(KEPT)('keeps its rows, even from its owner: %s', async (table) => {
    await withRow(table, tables.find((each) => each.table === table)?.statuses[0] ?? '', async () => {
      expect(await refusalOf(`delete from ${table}`)).toBe(`${table} are kept`);
      expect(await refusalOf(`truncate ${table} cascade`)).toMatch(/are kept$/);
    });
  });

  it('holds the server to it', async () => {
    const updatable = tables.filter(({ serverMayUpdate }) => serverMayUpdate);
    expect(updatable.length).toBe(TABLES.length - 2);
    for (const { table, statuses } of updatable) {
      const dead = statuses.find((status) => STATES[table]?.[status]?.length === 0);
      if (!dead) continue;
      const refusal = await withRow(table, dead, async () => {
        await owner.query(`set local role oms_app`);
        const scope = table === 'relay_batches' ? '*' : 'prj_a';
        await owner.query(`set local oms.project = '${scope}'`);
        return refusalOf(`update ${table} set status = $1`, [STATES[table]?.begin?.[0] ?? '']);
      });
      expect(refusal).toMatch(/cannot go from/);
    }
  });
});
