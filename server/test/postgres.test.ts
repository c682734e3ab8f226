import { expect, it } from 'vitest';
import { asSuperuser, createTestDatabase, createTestProject } from './postgres.ts';

const FILES = 4;

it('gives each test file a migrated database of its own, and removes it', async () => {
  const databases = await Promise.all(Array.from({ length: FILES }, () => createTestDatabase()));
  const projects = await Promise.all(databases.map(({ db }) => createTestProject(db)));
  for (const [index, { url }] of databases.entries()) {
    const found = await asSuperuser(url, (client) => client.query('select project_id from projects'));
    expect(found.rows).toEqual([{ project_id: projects[index] }]);
  }
  await Promise.all(databases.map(({ drop }) => drop()));
  for (const { url } of databases)
    await expect(asSuperuser(url, (client) => client.query('select 1'))).rejects.toThrow(/does not exist/);
});

it('works as the role of the server, which is neither superuser nor owner', async () => {
  const { db, drop } = await createTestDatabase();
  const { rows } = await db.pool.query(
    `select current_user, rolsuper, rolbypassrls,
       (select count(*)::int from pg_class where relowner = pg_roles.oid) owned
     from pg_roles where rolname = current_user`,
  );
  expect(rows).toEqual([{ current_user: 'oms_app', rolsuper: false, rolbypassrls: false, owned: 0 }]);
  await drop();
});
