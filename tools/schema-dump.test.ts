import type pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { asSuperuser, createTestDatabase, type TestDatabase } from '../server/test/postgres.ts';
import { dumpSchema } from './schema-dump.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

/** The dump after a change that is undone again. */
async function dumpAfter(change: string): Promise<string> {
  return asSuperuser(database.url, async (client) => {
    await client.query('begin');
    await client.query(change);
    try {
      return await dumpSchema(client);
    } finally {
      await client.query('rollback');
    }
  });
}

const dump = () => asSuperuser(database.url, dumpSchema);

test.each([
  'alter table projects no force row level security',
  'drop policy by_project on projects',
  'create index projects_by_name on projects (name)',
  'alter table projects alter name drop not null',
  `alter table projects alter name set default 'x'`,
  'alter table projects alter name type varchar(20)',
  'alter table projects add check (name <> mode)',
  'alter table projects set (fillfactor = 50)',
  'revoke insert on projects from oms_app',
  'grant update (name) on projects to oms_app',
  'alter function refuse_change() security definer',
  'grant usage on schema public to oms_app with grant option; grant create on schema public to public',
  'alter role oms_app bypassrls',
  'create view names as select name from projects',
  'alter view ledger_journal reset (security_invoker)',
  'revoke select on ledger_journal from oms_app',
])('shows: %s', async (change) => {
  expect(await dumpAfter(change)).not.toBe(await dump());
});

test('refuses what it cannot print', async () => {
  await expect(dumpAfter('create materialized view names as select name from projects')).rejects.toThrow(
    'names',
  );
});

test('every table with a project is under forced row level security', async () => {
  const unprotected = await asSuperuser(database.url, (client: pg.Client) =>
    client.query(`
      select relname from pg_class
      where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relispartition
        and exists (select from pg_attribute where attrelid = pg_class.oid and attname = 'project_id')
        and not (relrowsecurity and relforcerowsecurity
          and exists (select from pg_policy where polrelid = pg_class.oid))`),
  );
  expect(unprotected.rows).toEqual([]);
});
