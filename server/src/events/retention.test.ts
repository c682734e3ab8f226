import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  asSuperuser,
  createTestDatabase,
  createTestProject,
  type TestDatabase,
} from '../../test/postgres.ts';
import { Waker } from '../db/waker.ts';
import { DAY_MS, HOUR_MS, ManualClock } from '../kernel/clock.ts';
import { TypeIds } from '../kernel/ids.ts';
import { EVENTS_CHANNEL, Events } from './events.ts';
import { dropOldEvents, dropOwnOldEvents, ensureEventDays } from './retention.ts';

/** The last moments of a day. */
const START = new Date('2026-03-10T23:59:59.900Z');
const FOREVER = 10n ** 12n;

let database: TestDatabase;
let clock: ManualClock;
let events: Events;
let projectId: string;

beforeAll(async () => {
  database = await createTestDatabase({ clock: { now: () => clock.now() } });
});
afterAll(() => database.drop());
beforeEach(async () => {
  clock = new ManualClock(START);
  const waker = new Waker(database.db, EVENTS_CHANNEL);
  waker.close();
  events = new Events(new TypeIds(clock), waker);
  projectId = await createTestProject(database.db);
  await asSuperuser(database.url, async (client) => {
    await client.query(`select drop_event_days_before('2100-01-01')`);
    await client.query('truncate events');
    await client.query(`update event_retention set kept_since = '-infinity'`);
  });
});

const sql = <R extends object>(text: string): Promise<R[]> =>
  asSuperuser(database.url, async (client) => (await client.query<R>(text)).rows);
const happen = (resourceId: string): Promise<void> =>
  database.db.tx(projectId, (tx) =>
    events.record(tx, { type: 'cashIn.created', resourceId, data: { a: 1 } }),
  );
const whereabouts = async (): Promise<Record<string, string>> => {
  const rows = await sql<{ resource_id: string; part: string }>(
    'select resource_id, tableoid::regclass::text part from events order by event_id',
  );
  return Object.fromEntries(rows.map((row) => [row.resource_id, row.part]));
};
const ensureDays = () => ensureEventDays({ db: database.db, clock });
const drop = (days: number, count = FOREVER) =>
  dropOldEvents({ db: database.db, clock, retention: { days, events: count } });

describe('events of a day', () => {
  it('lie together, to the millisecond, and what came before its day was made moves there', async () => {
    await happen('early');
    expect(await whereabouts()).toEqual({ early: 'events_default' });
    await ensureDays();
    clock.advance(99);
    await happen('last');
    clock.advance(1);
    await happen('first');
    expect(await whereabouts()).toEqual({
      early: 'events_d20260310',
      last: 'events_d20260310',
      first: 'events_d20260311',
    });
    await ensureDays();
    clock.advance(40 * DAY_MS);
    await happen('late');
    expect(await whereabouts()).toMatchObject({ late: 'events_default' });
    await ensureDays();
    expect(await whereabouts()).toMatchObject({ late: 'events_d20260420' });
    const made = await sql<{ count: bigint }>(
      `select count(*)::integer count from pg_inherits where inhparent = 'events'::regclass`,
    );
    expect(made).toEqual([{ count: 1 + 5 + 4 }]);
  });
});

describe('retention', () => {
  it('drops whole days that are too old, with what is queued of them, and remembers', async () => {
    for (let day = 0; day < 6; day++) {
      await ensureDays();
      await happen(`day${day}`);
      clock.advance(DAY_MS);
    }
    await sql(`insert into webhook_queue (project_id, webhook_id, event_id, delivery_id, resource_id, sequence, state,
        in_order, due_at)
      select project_id, 'whk_1', event_id, 'whd_' || event_id, resource_id, sequence, 'due', false, created_at
      from events`);
    expect(await drop(3)).toEqual(['2026-03-10', '2026-03-11', '2026-03-12']);
    expect(Object.keys(await whereabouts())).toEqual(['day3', 'day4', 'day5']);
    const queued = await sql<{ resource_id: string }>('select resource_id from webhook_queue order by 1');
    expect(queued.map((row) => row.resource_id)).toEqual(['day3', 'day4', 'day5']);
    expect(await sql('select kept_since from event_retention')).toEqual([
      { kept_since: new Date('2026-03-13T00:00:00Z') },
    ]);
    expect(await drop(3)).toEqual([]);
    await sql('delete from webhook_queue');
  });

  it('drops the oldest days when there are too many events, but never the present one', async () => {
    for (let day = 0; day < 4; day++) {
      await ensureDays();
      for (let index = 0; index <= day; index++) await happen(`day${day}.${index}`);
      clock.advance(DAY_MS);
    }
    clock.advance(-DAY_MS);
    expect(await drop(30, 7n)).toEqual(['2026-03-10', '2026-03-11']);
    expect(Object.keys(await whereabouts())).toHaveLength(7);
    expect(await drop(30, 1n)).toEqual(['2026-03-12']);
    expect(Object.keys(await whereabouts())).toHaveLength(4);
    expect(await drop(30, 1n)).toEqual([]);
  });

  it('goes by the clock of a project that has its own', async () => {
    const own = await createTestProject(database.db);
    await sql(`insert into project_clocks (project_id, stands_at, offset_ms, set_at, is_known)
      values ('${own}', '2026-03-10T12:00:00Z', 0, now(), true)`);
    database.db.clocks.learn(own);
    const happenThere = (resourceId: string): Promise<void> =>
      database.db.tx(own, (tx) => events.record(tx, { type: 'cashIn.created', resourceId, data: {} }));
    await happenThere('outside');
    await ensureDays();
    await happenThere('inside');
    await happen('server');
    clock.advance(40 * DAY_MS);
    await ensureDays();
    expect(await drop(30)).toContain('2026-03-10');
    expect(Object.keys(await whereabouts())).toEqual(['outside', 'inside']);

    const dropOwn = (days: number) =>
      dropOwnOldEvents({ db: database.db, retention: { days, events: FOREVER } });
    expect(await dropOwn(30)).not.toContain(own);
    await sql(`update project_clocks set stands_at = '2026-04-09T00:00:00Z' where project_id = '${own}'`);
    expect(await dropOwn(30)).not.toContain(own);
    await sql(`update project_clocks set stands_at = '2026-04-10T00:00:00Z' where project_id = '${own}'`);
    await happenThere('later');
    expect(await dropOwn(30)).toContain(own);
    expect(Object.keys(await whereabouts())).toEqual(['later']);
  });

  it('forgets what lies outside of all days too', async () => {
    await happen('long ago');
    clock.advance(40 * DAY_MS + HOUR_MS);
    await ensureDays();
    await happen('now');
    await drop(7);
    expect(Object.keys(await whereabouts())).toEqual(['now']);
  });

  it('does not hold up those who record meanwhile', async () => {
    await ensureDays();
    await happen('before');
    clock.advance(10 * DAY_MS);
    await ensureDays();
    await database.db.tx(projectId, async (tx) => {
      await events.record(tx, { type: 'cashIn.created', resourceId: 'during', data: {} });
      const startedAt = performance.now();
      await expect(drop(2)).rejects.toThrow(/lock timeout/);
      expect(performance.now() - startedAt).toBeLessThan(5_000);
    });
    expect(Object.keys(await whereabouts())).toEqual(['before', 'during']);
    expect(await drop(2)).toEqual(['2026-03-10', '2026-03-11', '2026-03-12', '2026-03-13']);
    expect(Object.keys(await whereabouts())).toEqual(['during']);
  });
});
