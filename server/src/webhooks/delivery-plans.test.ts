import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestDatabase, createTestProject, type TestDatabase } from '../../test/postgres.ts';
import { PLATFORM, type Tx } from '../db/database.ts';
import { addMs, DAY_MS, systemClock } from '../kernel/clock.ts';
import { TypeIds } from '../kernel/ids.ts';
import {
  type AttemptRow,
  type DueRow,
  type EndpointId,
  listDue,
  listDueInOrder,
  queueDeliveries,
  recordAttempts,
} from './queue-store.ts';

const DAYS = 20;
const QUEUED = 2_000;
const RESOURCES = 50;
const READ = 40;
/** Of each of the few tables that a statement touches. */
const MAX_FETCHED_PER_ROW = 8;

const ids = new TypeIds(systemClock);
let database: TestDatabase;

beforeAll(async () => {
  // One connection: what it planned while the tables were empty, it keeps.
  database = await createTestDatabase({ maxConnections: 1 });
  for (let ago = 0; ago < DAYS; ago++) {
    const day = addMs(systemClock.now(), -ago * DAY_MS)
      .toISOString()
      .slice(0, 10);
    await database.db.tx(PLATFORM, (tx) => tx.query('select ensure_event_day($1)', [day]));
  }
});
afterAll(() => database.drop());

const toAttempt = (webhookId: string, row: DueRow): AttemptRow => ({
  webhookId,
  eventId: row.event_id,
  eventType: row.type,
  requests: row.requests,
  outcome: row.sequence % 3n === 0n ? 'retry' : 'delivered',
  dueAt: systemClock.now(),
  url: 'https://example.com/',
  signature: 't=1,v1=0',
  signedAt: systemClock.now(),
  statusCode: 200,
  errorCode: undefined,
  error: undefined,
  responseHeaders: {},
  responseBody: '',
  durationMs: 1,
});

/** Everything that a courier asks of the database, for so many deliveries. */
async function deliver(tx: Tx, webhookId: string, limit: number): Promise<void> {
  const now = systemClock.now();
  const due = await listDue(tx, webhookId, [], now, limit);
  expect(due).toHaveLength(limit);
  expect(await listDueInOrder(tx, webhookId, [], now, limit, '')).toHaveLength(limit);
  await recordAttempts(
    tx,
    due.map((row) => toAttempt(webhookId, row)),
    now,
  );
}

async function queueEvents({ projectId, webhookId }: EndpointId, count: number): Promise<void> {
  const orders = Array.from({ length: count }, (_, index) => ({
    eventId: ids.next('event'),
    type: 'cashIn.created',
    resourceId: `ci_${index % RESOURCES}`,
    sequence: BigInt(Math.floor(index / RESOURCES) + 1),
    deliveryId: ids.next('webhookDelivery'),
    webhookId,
    inOrder: true,
  }));
  await database.db.tx(projectId, async (tx) => {
    const now = systemClock.now();
    await tx.query(
      `insert into events (project_id, event_id, type, resource_id, sequence, data, created_at)
       select $1, event_id, 'cashIn.created', resource_id, sequence, '{}', $5
       from unnest($2::text[], $3::text[], $4::bigint[]) as new (event_id, resource_id, sequence)`,
      [
        projectId,
        orders.map((each) => each.eventId),
        orders.map((each) => each.resourceId),
        orders.map((each) => each.sequence),
        now,
      ],
    );
    await queueDeliveries(tx, 'once', orders, now);
  });
}

it('planned on empty tables, what is due is read and recorded without reading anything else', async () => {
  const projectId = await createTestProject(database.db);
  const endpoint = { projectId, webhookId: ids.next('webhook') };
  for (let call = 0; call < 8; call++) {
    await database.db.tx(projectId, (tx) => deliver(tx, endpoint.webhookId, 0));
  }
  await queueEvents(endpoint, QUEUED);
  const tables = await database.db.tx(projectId, async (tx) => {
    await deliver(tx, endpoint.webhookId, READ);
    return tx.query<{ relname: string; fetched: bigint }>(
      `select relname, idx_tup_fetch + seq_tup_read fetched from pg_stat_xact_user_tables
       where relname ~ '^(events|webhook_)' and idx_tup_fetch + seq_tup_read > $1`,
      [READ * MAX_FETCHED_PER_ROW],
    );
  });
  expect(tables).toEqual([]);
});
