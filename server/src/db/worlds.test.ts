import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  asSuperuser,
  createTestDatabase,
  createTestProject,
  type TestDatabase,
} from '../../test/postgres.ts';
import { PLATFORM, ProjectBusy } from './database.ts';

let database: TestDatabase;
let projectId: string;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());
beforeEach(async () => {
  projectId = await createTestProject(database.db);
  await run(`insert into customers (project_id, customer_id, type, status, metadata, missing_identity, created_at,
    updated_at) values ('${projectId}', 'cst_1', 'individual', 'active', '{}', '{}', now(), now())`);
  await run(`insert into provider_events (project_id, provider, provider_event_id, type, received_at)
    values ('${projectId}', 'bank', '1', 'x', now())`);
});

/** As the server, in the scope of the project. */
const run = (sql: string, scope = projectId) => database.db.tx(scope, (tx) => tx.query<{ n: bigint }>(sql));
const customers = async () => (await run('select from customers')).length;

describe('what keeps the rows of a world', () => {
  it.each(['customers', 'provider_events'])(
    'keeps %s from the server, whatever it says it does',
    async (table) => {
      await asSuperuser(database.url, (client) => client.query(`grant delete on ${table} to oms_app`));
      for (const said of ['', `set local oms.changing_world = '${projectId}'`]) {
        await expect(
          database.db.tx(projectId, async (tx) => {
            if (said !== '') await tx.query(said);
            await tx.query(`delete from ${table}`);
          }),
        ).rejects.toThrow(/are kept|append-only/);
      }
    },
  );

  it('keeps them from their owner too, who does not say so', async () => {
    await asSuperuser(database.url, async (client) => {
      await expect(client.query('delete from customers')).rejects.toThrow('customers are kept');
      await expect(client.query('truncate customers cascade')).rejects.toThrow(/are kept|append-only/);
    });
  });

  it('lets a reset through, and nothing else in its transaction', async () => {
    await asSuperuser(database.url, (client) => client.query('grant delete on customers to oms_app'));
    await expect(
      database.db.tx(projectId, async (tx) => {
        await tx.query('select world_empty($1)', [projectId]);
        await tx.query(
          `insert into customers (project_id, customer_id, type, status, metadata, missing_identity,
          created_at, updated_at) values ($1, 'cst_2', 'individual', 'active', '{}', '{}', now(), now())`,
          [projectId],
        );
        await tx.query('delete from customers');
      }),
    ).rejects.toThrow('customers are kept');
    expect(await run(`select world_empty('${projectId}') n`)).toEqual([{ n: 2n }]);
    expect(await customers()).toBe(0);
  });
});

describe('a world is changed', () => {
  const calls = (project: string) => [
    `select world_empty('${project}')`,
    `select world_copy('${project}', 'a')`,
    `select world_put_back('${project}', 'a')`,
    `select world_forget('${project}', 'a')`,
    `select world_set_clock('${project}', null, 0, now(), null, null, 0, 0)`,
  ];

  it('in the scope of its project only', async () => {
    const other = await createTestProject(database.db);
    for (const call of calls(projectId)) {
      for (const scope of [other, PLATFORM])
        await expect(run(call, scope)).rejects.toThrow('outside its project');
    }
    expect(await customers()).toBe(1);
  });

  it('in a sandbox only', async () => {
    await asSuperuser(database.url, (client) =>
      client.query(`update projects set mode = 'live' where project_id = $1`, [projectId]),
    );
    for (const call of calls(projectId)) await expect(run(call)).rejects.toThrow('a live project');
    expect(await customers()).toBe(1);
  });

  it('and the server reads no snapshot but through it', async () => {
    await run(`insert into sandbox_snapshots (project_id, name, shape, created_at)
      values ('${projectId}', 'a', world_shape(), now())`);
    await run(`select world_copy('${projectId}', 'a')`);
    const [copy] = await asSuperuser(database.url, async (client) => {
      const found = await client.query<{ name: string }>(
        `select oid::regclass::text as name from pg_class
         where relnamespace = 'snapshots'::regnamespace and relname like '%_customers'`,
      );
      return found.rows;
    });
    await expect(run(`select from ${copy?.name}`)).rejects.toThrow('permission denied for schema snapshots');
    await expect(run('create table snapshots.mine ()')).rejects.toThrow('permission denied');
  });

  it('back to tables of the same shape only', async () => {
    await run(`insert into sandbox_snapshots (project_id, name, shape, created_at)
      values ('${projectId}', 'old', 'of another release', now())`);
    await run(`select world_copy('${projectId}', 'old')`);
    await expect(run(`select world_put_back('${projectId}', 'old')`)).rejects.toThrow('of other tables');
    expect(await customers()).toBe(1);
  });
});

describe('a project that somebody has alone', () => {
  it('lets no transaction of the project begin, and all others', async () => {
    const other = await createTestProject(database.db);
    const order: string[] = [];
    const begun = Promise.withResolvers<void>();
    const alone = database.db.exclusively(projectId, async (tx) => {
      begun.resolve();
      await tx((own) => own.query('select'));
      await run('select', other);
      await run('select', PLATFORM);
      order.push('alone');
    });
    await begun.promise;
    const waiting = run('select').then(() => order.push('after'));
    await Promise.all([alone, waiting]);
    expect(order).toEqual(['alone', 'after']);
  });

  it('waits for those that are open', async () => {
    const order: string[] = [];
    const [begun, goOn] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const open = database.db.tx(projectId, async () => {
      begun.resolve();
      await goOn.promise;
      order.push('open');
    });
    await begun.promise;
    const alone = database.db.exclusively(projectId, async () => void order.push('alone'));
    goOn.resolve();
    await Promise.all([open, alone]);
    expect(order).toEqual(['open', 'alone']);
  });

  it('is not had while one stays open', async () => {
    const [begun, goOn] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const open = database.db.tx(projectId, async () => {
      begun.resolve();
      await goOn.promise;
    });
    await begun.promise;
    await expect(database.db.exclusively(projectId, async () => undefined)).rejects.toThrow(ProjectBusy);
    goOn.resolve();
    await open;
    await database.db.exclusively(projectId, async () => undefined);
  }, 20_000);

  it('is undone with what fails', async () => {
    const failing = database.db.exclusively(projectId, (tx) =>
      tx(async (own) => {
        await own.query('select world_empty($1)', [projectId]);
        throw new Error('no');
      }),
    );
    await expect(failing).rejects.toThrow('no');
    expect(await customers()).toBe(1);
  });
});
