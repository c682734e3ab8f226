import { afterAll, beforeAll, expect, it } from 'vitest';
import { asSuperuser, createTestDatabase, type TestDatabase } from '../../test/postgres.ts';
import { systemClock } from '../kernel/clock.ts';
import { TypeIds } from '../kernel/ids.ts';
import { PLATFORM } from './database.ts';

const ids = new TypeIds(systemClock);
const A = ids.next('organization');
const B = ids.next('organization');
const PROJECT = ids.next('project');
/** With the column that says whose a row is. */
const TABLES = ['organizations', 'memberships', 'sessions', 'invitations', 'users', 'recovery_codes'];

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
  await asSuperuser(database.url, async (client) => {
    for (const organization of [A, B]) {
      const user = `usr_${organization}`;
      const now = systemClock.now();
      await client.query('insert into organizations values ($1, $1, $2)', [organization, now]);
      await client.query(
        `insert into users (user_id, email, name, password_hash, created_at) values ($1, $1, 'n', 'h', $2)`,
        [user, now],
      );
      await client.query(`insert into memberships values ($1, $2, 'owner', $3)`, [organization, user, now]);
      await client.query(`insert into recovery_codes values ($1, '\\x00')`, [user]);
      await client.query(`insert into sessions values ($1, convert_to($1, 'UTF8'), $2, $3, $4, $4)`, [
        `ses_${organization}`,
        organization,
        user,
        now,
      ]);
      await client.query(
        `insert into invitations values ($1, 'inv', 'a@example.com', 'viewer', convert_to($1, 'UTF8'), $2, 'b', $3, $3)`,
        [organization, user, now],
      );
    }
    await client.query(
      `insert into projects (project_id, name, mode, created_at, organization_id) values ($1, 'P', 'sandbox', now(), $2)`,
      [PROJECT, A],
    );
  });
});
afterAll(() => database.drop());

const seen = (scope: string, table: string): Promise<string[]> =>
  database.db.tx(scope, async (tx) =>
    (await tx.query<{ row: string }>(`select t::text as row from ${table} t`)).map(({ row }) => row),
  );

it.each(TABLES)('%s: an organization sees its own rows, and a project none', async (table) => {
  const own = await seen(A, table);
  expect(own.length).toBeGreaterThan(0);
  expect(own.every((row) => row.includes(A) && !row.includes(B))).toBe(true);
  expect(await seen(PROJECT, table)).toEqual([]);
  expect((await seen(PLATFORM, table)).length).toBeGreaterThan(own.length);
});

it('shows an organization its projects, and nothing that lies in them', async () => {
  expect((await seen(A, 'projects')).map((row) => row.includes(PROJECT))).toEqual([true]);
  expect(await seen(B, 'projects')).toEqual([]);
  for (const table of ['customers', 'events', 'data_keys', 'api_keys', 'audit_entries'])
    expect(await seen(A, table), table).toEqual([]);
});

it('lets an organization change no row of another', async () => {
  const changes = [
    `update memberships set role = 'viewer' where organization_id = '${A}'`,
    `delete from memberships where organization_id = '${A}'`,
    `update users set name = 'x' where user_id = 'usr_${A}'`,
    `delete from sessions where organization_id = '${A}'`,
    `delete from invitations where organization_id = '${A}'`,
    `delete from recovery_codes where user_id = 'usr_${A}'`,
    `update projects set name = 'x' where project_id = '${PROJECT}'`,
  ];
  for (const scope of [B, PROJECT]) {
    for (const sql of changes) {
      const changed = await database.db
        .tx(scope, (tx) => tx.query(`${sql} returning 1`))
        .catch((error: Error) => error.message);
      if (typeof changed === 'string') expect(changed).toMatch(/permission denied/);
      else expect([sql, changed]).toEqual([sql, []]);
    }
  }
  const intrusion = database.db.tx(B, (tx) =>
    tx.query(`insert into memberships values ($1, $2, 'owner', now())`, [A, `usr_${B}`]),
  );
  await expect(intrusion).rejects.toThrow(/row-level security/);
});

it('counts tries for the platform alone', async () => {
  await database.db.tx(PLATFORM, (tx) => tx.query(`insert into sign_in_attempts values ('\\x00', 1, now())`));
  expect(await seen(A, 'sign_in_attempts')).toEqual([]);
  expect(await seen(PROJECT, 'sign_in_attempts')).toEqual([]);
});
