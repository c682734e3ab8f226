import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  asSuperuser,
  createTestDatabase,
  createTestProject,
  type TestDatabase,
} from '../../test/postgres.ts';
import { PLATFORM } from './database.ts';

const ADDRESS = `0x${'aa'.repeat(20)}`;
const UNIQUE_VIOLATION = '23505';

let database: TestDatabase;
let projectA: string;
let projectB: string;

beforeAll(async () => {
  database = await createTestDatabase();
  projectA = await createTestProject(database.db);
  projectB = await createTestProject(database.db);
  await database.db.tx(PLATFORM, (tx) =>
    tx.query('insert into address_pool (key_index, address) values (0, $1)', [ADDRESS]),
  );
});
afterAll(() => database.drop());

/** As the server, in the scope of the project. */
const run = (project: string, sql: string, values: readonly unknown[] = []): Promise<unknown> =>
  database.db.tx(project, (tx) => tx.query(sql, values));

const providerEvent = (project: string, provider: string, id: string) =>
  run(
    project,
    `insert into provider_events (project_id, provider, provider_event_id, type, received_at)
     values ($1, $2, $3, 'cash.deposited', now())`,
    [project, provider, id],
  );

async function creditDeposit(project: string, id: string, txHash: string, logIndex: number, block: string) {
  await run(
    project,
    `insert into deposits (project_id, deposit_id, network, asset, tx_hash, log_index, block_number, block_hash,
       from_address, to_address, amount, purpose, resource_id, status, created_at)
     values ($1, $2, 'polygon', 'usdc', $3, $4, 1, $5, '', '', 1, 'wallet', 'wlt_1', 'detected', now())`,
    [project, id, txHash, logIndex, block],
  );
  await run(project, `update deposits set status = 'credited', credited_at = now() where deposit_id = $1`, [
    id,
  ]);
}

const requestSend = (project: string, id: string) =>
  run(
    project,
    `insert into sends (project_id, send_id, network, asset, from_key_index, from_address, to_address, amount, purpose,
       resource_id, books_recipient, status, created_at)
     values ($1, $2, 'polygon', 'usdc', 0, $3, $3, 1, 'test', 'txn_1', true, 'queued', now())`,
    [project, id, ADDRESS],
  );

async function paySend(project: string, id: string, txHash: string, logIndex: number) {
  await requestSend(project, id);
  await run(
    project,
    `update sends set status = 'paid', tx_hash = $2, log_index = $3, block_number = 1, settled_at = now()
     where send_id = $1`,
    [id, txHash, logIndex],
  );
}

const violation = (constraint: string) => ({ code: UNIQUE_VIOLATION, constraint });

describe('the database takes once', () => {
  it('an event of a provider, in each project', async () => {
    await providerEvent(projectA, 'greendot', 'e1');
    await providerEvent(projectA, 'greendot', 'e2');
    await providerEvent(projectA, 'other', 'e1');
    await providerEvent(projectB, 'greendot', 'e1');
    await expect(providerEvent(projectA, 'greendot', 'e1')).rejects.toMatchObject(
      violation('provider_events_pkey'),
    );
  });

  it('the credit of a transfer on chain, in whatever block and project', async () => {
    await creditDeposit(projectA, 'dep_1', '0x1', 0, '0xb1');
    await creditDeposit(projectA, 'dep_2', '0x1', 1, '0xb1');
    for (const project of [projectA, projectB]) {
      await expect(creditDeposit(project, 'dep_3', '0x1', 0, `0x${project}`)).rejects.toMatchObject(
        violation('deposits_credited_once'),
      );
    }
    await expect(creditDeposit(projectB, 'dep_4', '0x1', 0, '0xb1')).rejects.toMatchObject({
      code: UNIQUE_VIOLATION,
    });
  });

  it('a transfer on chain as the payment of a send, whoever’s', async () => {
    await paySend(projectA, 'snd_1', '0x2', 0);
    await paySend(projectA, 'snd_2', '0x2', 1);
    for (const [project, id] of [
      [projectA, 'snd_3'],
      [projectB, 'snd_4'],
    ] as const) {
      await expect(paySend(project, id, '0x2', 0)).rejects.toMatchObject(violation('sends_paid_once'));
    }
  });

  it('the id of a send, whoever’s', async () => {
    await requestSend(projectA, 'snd_9');
    for (const project of [projectA, projectB]) {
      await expect(requestSend(project, 'snd_9')).rejects.toMatchObject({ code: UNIQUE_VIOLATION });
    }
  });
});

describe('the server', () => {
  const PRIVILEGES = `
    select c.relname "table", has_table_privilege('oms_app', c.oid, 'delete') "deletes",
      has_any_column_privilege('oms_app', c.oid, 'update') "updates",
      has_table_privilege('oms_app', c.oid, 'truncate') "truncates",
      pg_get_userbyid(c.relowner) = 'oms_app' "owns"
    from pg_class c where c.relkind in ('r', 'p') and c.relnamespace = 'public'::regnamespace order by c.relname`;
  interface Privileges {
    table: string;
    deletes: boolean;
    updates: boolean;
    truncates: boolean;
    owns: boolean;
  }
  const privileges = (): Promise<Privileges[]> =>
    asSuperuser(database.url, async (client) => (await client.query<Privileges>(PRIVILEGES)).rows);

  it('may remove what is due, forgotten or reorganised away, and no other row', async () => {
    const all = await privileges();
    const names = (rows: readonly Privileges[]) => rows.map(({ table }) => table);
    expect(names(all.filter(({ deletes }) => deletes))).toEqual([
      'chain_blocks',
      'day_count_changes',
      'event_outbox',
      'idempotency_keys',
      'invitations',
      'jobs',
      'memberships',
      'recovery_codes',
      'sandbox_rates',
      'sessions',
      'sign_in_attempts',
      'trouble_rules',
      'webhook_queue',
    ]);
    expect(names(all.filter(({ truncates, owns }) => truncates || owns))).toEqual([]);
  });

  it('may only add to what is a record of what happened', async () => {
    const added = (await privileges()).filter(({ deletes, updates }) => !deletes && !updates);
    expect(added.map(({ table }) => table)).toEqual(
      expect.arrayContaining([
        'events',
        'ignored_transfers',
        'ledger_transfers',
        'provider_events',
        'relay_attempts',
        'webhook_attempts',
      ]),
    );
  });

  it('has no role but oms_app, which is a member of none and bypasses nothing', async () => {
    const roles = await asSuperuser(database.url, async (client) => {
      const { rows } = await client.query(
        `select rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication,
           (select count(*)::integer from pg_auth_members where member = r.oid) memberships
         from pg_roles r where rolname = 'oms_app'`,
      );
      return rows;
    });
    expect(roles).toEqual([
      {
        rolsuper: false,
        rolbypassrls: false,
        rolcreaterole: false,
        rolcreatedb: false,
        rolreplication: false,
        memberships: 0,
      },
    ]);
  });

  it.each(['ledger_batches', 'ledger_transfers'])('cannot empty %s, nor can its owner', async (table) => {
    const emptying = asSuperuser(database.url, (client) => client.query(`truncate ${table}`));
    await expect(emptying).rejects.toThrow(`${table} are kept`);
  });

  it.each(['provider_events', 'relay_attempts', 'ledger_transfers', 'ignored_transfers'])(
    'and its owner only add to %s',
    async (table) => {
      await asSuperuser(database.url, async (client) => {
        const { rows } = await client.query(
          `select tgtype::integer & 24 = 24 refused from pg_trigger
           where tgrelid = $1::regclass and tgfoid = 'refuse_change'::regproc and tgenabled = 'O'`,
          [table],
        );
        expect(rows).toEqual([{ refused: true }]);
      });
    },
  );
});
