import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  asSuperuser,
  createTestDatabase,
  createTestProject,
  type TestDatabase,
} from '../../test/postgres.ts';
import { must } from '../kernel/assert.ts';
import { PLATFORM } from './database.ts';

interface Table {
  readonly name: string;
  readonly isEnabled: boolean;
  readonly isForced: boolean;
  readonly mayRead: boolean;
  readonly mayInsert: boolean;
  readonly mayUpdate: boolean;
  readonly mayDelete: boolean;
}

const TABLES = `
  select c.relname "name", c.relrowsecurity "isEnabled", c.relforcerowsecurity "isForced",
    has_any_column_privilege('oms_app', c.oid, 'select') "mayRead",
    has_table_privilege('oms_app', c.oid, 'insert') "mayInsert",
    has_column_privilege('oms_app', c.oid, 'project_id', 'update') "mayUpdate",
    has_table_privilege('oms_app', c.oid, 'delete') "mayDelete"
  from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'project_id' and not a.attisdropped
  where c.relkind in ('r', 'p') and not c.relispartition and c.relnamespace = 'public'::regnamespace
  order by c.relname`;

/** Their rows are reached through the table they are a part of. */
const PARTITIONS = `
  select c.relname "name", acl.grantee::regrole::text "grantee"
  from pg_class c left join aclexplode(c.relacl) acl on acl.grantee <> c.relowner
  where c.relispartition and c.relkind = 'r' and c.relnamespace = 'public'::regnamespace`;

const CONSTRAINTS = `
  select n.conrelid::regclass::text "table", n.conname "name"
  from pg_constraint n join pg_attribute p on p.attrelid = n.conrelid and p.attname = 'project_id'
  where n.connamespace = 'public'::regnamespace and n.conislocal and n.contype in ('c', 'f', 'p', 'u', 'x')`;

const REQUIRED_COLUMNS = `
  select a.attrelid::regclass::text "table", a.attname "name"
  from pg_attribute a join pg_attribute p on p.attrelid = a.attrelid and p.attname = 'project_id'
  join pg_class c on c.oid = a.attrelid and c.relkind in ('r', 'p') and not c.relispartition
  where c.relnamespace = 'public'::regnamespace and a.attnum > 0 and a.attnotnull and a.attidentity = ''
    and not a.attisdropped`;

/** Nothing but row level security may stand between the projects in these tests. */
const NEW_ROW_REFUSED = /violates row-level security policy/;

let database: TestDatabase;
let tables: readonly Table[];
let projectA: string;
let projectB: string;

beforeAll(async () => {
  database = await createTestDatabase();
  projectA = await createTestProject(database.db);
  projectB = await createTestProject(database.db);
  tables = await fillEveryTable([projectA, projectB]);
});
afterAll(() => database.drop());

/** Takes every other rule off the tables of this test's own database, so that a row needs no more than its project. */
async function fillEveryTable(projects: readonly string[]): Promise<readonly Table[]> {
  return asSuperuser(database.url, async (client) => {
    await client.query(`set session_replication_role = 'replica'`);
    const found = (await client.query<Table>(TABLES)).rows;
    for (const { table, name } of (await client.query(CONSTRAINTS)).rows)
      await client.query(`alter table ${table} drop constraint if exists ${name} cascade`);
    for (const { table, name } of (await client.query(REQUIRED_COLUMNS)).rows)
      await client.query(`alter table ${table} alter column ${name} drop not null`);
    for (const { name } of found)
      for (const project of projects)
        await client.query(`insert into ${name} (project_id) values ($1)`, [project]);
    return found;
  });
}

const projectsSeen = async (scope: string, { name }: Table): Promise<string[]> => {
  const rows = await database.db.tx(scope, (tx) =>
    tx.query<{ project_id: string }>(`select distinct project_id from ${name} order by project_id`),
  );
  return rows.map((row) => row.project_id);
};

describe('every table of a tenant', () => {
  it('is under row level security, which binds its owner too', () => {
    expect(tables.length).toBeGreaterThan(10);
    expect(tables.filter((table) => !table.isEnabled || !table.isForced)).toEqual([]);
  });

  it('has partitions that nobody is granted anything on', async () => {
    const found = await asSuperuser(database.url, async (client) => (await client.query(PARTITIONS)).rows);
    expect(found.length).toBeGreaterThan(2);
    expect(found.filter(({ grantee }) => grantee !== null)).toEqual([]);
  });

  it('shows a project its own rows and no other', async () => {
    const readable = tables.filter(({ mayRead }) => mayRead);
    expect(readable.length).toBeGreaterThan(10);
    for (const table of readable) {
      expect({ table: table.name, seen: await projectsSeen(projectA, table) }).toEqual({
        table: table.name,
        seen: [projectA],
      });
    }
  });

  it('shows a connection without a scope nothing', async () => {
    for (const { name } of tables.filter(({ mayRead }) => mayRead)) {
      const { rowCount } = await database.db.pool.query(`select from ${name}`);
      expect({ table: name, rowCount }).toEqual({ table: name, rowCount: 0 });
    }
  });

  it('takes from a project rows of its own only', async () => {
    const insertable = tables.filter(({ mayInsert }) => mayInsert);
    expect(insertable.length).toBeGreaterThan(5);
    for (const { name } of insertable) {
      const insert = (scope: string): Promise<unknown> =>
        database.db.tx(scope, (tx) => tx.query(`insert into ${name} (project_id) values ($1)`, [projectA]));
      await expect(insert(projectB), name).rejects.toThrow(NEW_ROW_REFUSED);
      await insert(projectA);
    }
  });

  it("lets a project neither change nor delete another's rows", async () => {
    const changes = tables.flatMap(({ name, mayUpdate, mayDelete }) => [
      ...(mayUpdate
        ? [`update ${name} set project_id = $1 where project_id <> $1 returning project_id`]
        : []),
      ...(mayDelete ? [`delete from ${name} where project_id <> $1 returning project_id`] : []),
    ]);
    expect(changes.length).toBeGreaterThan(2);
    for (const sql of changes) {
      const changed = await database.db.tx(projectB, (tx) => tx.query(sql, [projectB]));
      expect({ sql, changed }).toEqual({ sql, changed: [] });
    }
  });

  it("hides money, events and identities from the platform's own scope", async () => {
    for (const name of ['ledger_accounts', 'ledger_transfers', 'events', 'customers']) {
      const table = must(
        tables.find((one) => one.name === name),
        name,
      );
      expect({ name, seen: await projectsSeen(PLATFORM, table) }).toEqual({ name, seen: [] });
    }
  });
});
