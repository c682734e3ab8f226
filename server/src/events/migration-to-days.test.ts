import { readdir, readFile } from 'node:fs/promises';
import type pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { asSuperuser, createTestDatabase, type TestDatabase } from '../../test/postgres.ts';
import { addMs } from '../kernel/clock.ts';
import { lowestIdAt } from '../kernel/ids.ts';

const DAY = new Date('2023-06-28T10:00:00Z');
const [FIRST, SECOND] = [lowestIdAt('event', DAY), lowestIdAt('event', addMs(DAY, 1))];

/** What instances of before the days have: the migration must carry it over. */
const BEFORE = `
  insert into projects values ('prj_a', 'A', 'sandbox', now());
  insert into webhooks (project_id, webhook_id, url, events, enabled, secret_sealed, created_at, updated_at, deleted_at)
  values ('prj_a', 'whk_1', 'https://a.example/', '{}', true, '', now(), now(), null),
    ('prj_a', 'whk_off', 'https://b.example/', '{cashIn.*}', false, '', now(), now(), null),
    ('prj_a', 'whk_gone', 'https://c.example/', '{}', true, '', now(), now(), now());
  insert into event_listeners values ('prj_a', now());
  insert into events values
    ('prj_a', '${FIRST}', 'cashIn.created', 'ci_1', 1, '{"id": "ci_1"}', '2026-01-01T00:00:00Z'),
    ('prj_a', '${SECOND}', 'cashIn.completed', 'ci_1', 2, '{"id": "ci_1"}', '2026-01-02T00:00:00Z');
  insert into event_sequences values ('prj_a', 'ci_1', 2);
  insert into webhook_deliveries
  select 'prj_a', 'whd_' || status, webhook_id, event_id, status, attempts, now(), now() from (values
    ('delivered', 'whk_1', '${FIRST}', 2), ('pending', 'whk_1', '${SECOND}', 1),
    ('parked', 'whk_off', '${FIRST}', 0), ('failed', 'whk_off', '${SECOND}', 10)
  ) d(status, webhook_id, event_id, attempts);
  insert into webhook_attempts
  select 'prj_a', 'whd_delivered', attempt, 500 - 150 * attempt, null, 'ok', 5, now() from generate_series(1, 2) attempt;
  insert into jobs (project_id, task, payload, run_at, created_at) values
    ('prj_a', 'webhooks.deliver', '{"deliveryId": "whd_pending"}', now(), now()),
    ('prj_a', 'events.recorded', '{"eventIds": ["${SECOND}"]}', now(), now()),
    ('prj_a', 'other', '{}', now(), now());`;

const MIGRATIONS = new URL('../../migrations/', import.meta.url);
/** An owner whom row level security binds, as an operator's may be. */
const OWNER = 'migration_to_days_owner';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase({ isEmpty: true });
  await asSuperuser(database.url, async (client) => {
    await client.query(`do $$ begin
      if not exists (select from pg_roles where rolname = '${OWNER}') then create role ${OWNER}; end if;
      if exists (select from pg_roles where rolname = 'oms_app') then grant oms_app to ${OWNER}; end if;
      execute format('grant create on database %I to ${OWNER}', current_database());
    end $$`);
    await client.query(`alter schema public owner to ${OWNER}`);
    await migrateFiles(client, (name) => name < '0021');
    await client.query(`set session_replication_role = 'replica'; ${BEFORE}; reset session_replication_role`);
    await migrateFiles(client, (name) => name >= '0021');
  });
});
afterAll(() => database.drop());

async function migrateFiles(client: pg.Client, isWanted: (name: string) => boolean): Promise<void> {
  await client.query(`set role ${OWNER}`);
  for (const name of (await readdir(MIGRATIONS)).filter(isWanted).sort())
    await client.query(await readFile(new URL(name, MIGRATIONS), 'utf8'));
  await client.query('reset role');
}

const sql = (text: string): Promise<object[]> =>
  asSuperuser(database.url, async (client) => (await client.query(text)).rows ?? []);

it('carries events, deliveries and attempts over, and queues what was not delivered', async () => {
  expect(await sql('select event_id, sequence::integer, data from events order by 1')).toEqual([
    { event_id: FIRST, sequence: 1, data: { id: 'ci_1' } },
    { event_id: SECOND, sequence: 2, data: { id: 'ci_1' } },
  ]);
  expect(
    await sql('select delivery_id, status, event_type, attempts from webhook_deliveries order by 1'),
  ).toEqual([
    { delivery_id: 'whd_delivered', status: 'delivered', event_type: 'cashIn.created', attempts: 2 },
    { delivery_id: 'whd_failed', status: 'failed', event_type: 'cashIn.completed', attempts: 10 },
    { delivery_id: 'whd_parked', status: 'pending', event_type: 'cashIn.created', attempts: 0 },
    { delivery_id: 'whd_pending', status: 'pending', event_type: 'cashIn.completed', attempts: 1 },
  ]);
  expect(await sql('select webhook_id, event_id, state, failures from webhook_queue order by 1, 2')).toEqual([
    { webhook_id: 'whk_1', event_id: SECOND, state: 'due', failures: 1 },
    { webhook_id: 'whk_off', event_id: FIRST, state: 'due', failures: 0 },
    { webhook_id: 'whk_off', event_id: SECOND, state: 'dead', failures: 10 },
  ]);
  expect(await sql('select attempt, url, status_code from webhook_attempts order by 1')).toEqual([
    { attempt: 1, url: 'https://a.example/', status_code: 350 },
    { attempt: 2, url: 'https://a.example/', status_code: 200 },
  ]);
  expect(await sql('select event_id, type from event_outbox')).toEqual([
    { event_id: SECOND, type: 'cashIn.completed' },
  ]);
  expect(await sql('select task from jobs')).toEqual([{ task: 'other' }]);
  expect(await sql('select webhook_id from webhook_health order by 1')).toHaveLength(3);
});

it('leaves the owner able to make and to drop days', async () => {
  expect(
    await sql(`select ensure_event_day('2023-06-28') made from set_config('oms.project', '*', false)`),
  ).toEqual([{ made: true }]);
  expect(await sql(`select tableoid::regclass::text part from events group by 1`)).toEqual([
    { part: 'events_d20230628' },
  ]);
  expect(
    await sql(
      `set oms.project = '*'; set role oms_app; select day::text from drop_event_days_before('2024-01-01') day`,
    ).catch((error: Error) => error.message),
  ).toBeDefined();
  expect(await sql('select count(*)::integer left from events')).toEqual([{ left: 0 }]);
  expect(await sql('select count(*)::integer left from webhook_queue')).toEqual([{ left: 0 }]);
});
