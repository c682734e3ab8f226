import { type Tx, toJsonRows } from '../db/database.ts';
import type { EventNotice } from '../events/events.ts';
import { must } from '../kernel/assert.ts';

/** How long a worker has an endpoint for itself before another may take over, and when it renews that. */
const LEASE_SECONDS = 4;
const RENEW_SECONDS = 2;

export interface EndpointId {
  readonly projectId: string;
  readonly webhookId: string;
}

export interface NewDelivery extends EventNotice {
  readonly deliveryId: string;
  readonly webhookId: string;
  readonly inOrder: boolean;
}

const GIVEN = `given as (
    select * from unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bigint[], $8::boolean[])
      as given (delivery_id, webhook_id, event_id, event_type, resource_id, sequence, in_order))`;
const INTO_DELIVERIES = `
  insert into webhook_deliveries (project_id, event_id, webhook_id, delivery_id, event_type, status, created_at,
    updated_at)
  select $1, event_id, webhook_id, delivery_id, event_type, 'pending', $9, $9 from given order by webhook_id, event_id
  on conflict (project_id, event_id, webhook_id)`;
const INTO_QUEUE = `
  insert into webhook_queue (project_id, webhook_id, event_id, delivery_id, resource_id, sequence, state, in_order,
    attempts, due_at)`;

const ONCE = `
  with ${GIVEN},
  known as (${INTO_DELIVERIES} do nothing)
  ${INTO_QUEUE}
  select $1, webhook_id, event_id, delivery_id, resource_id, sequence, 'due', in_order, 0, $9
  from given order by webhook_id, event_id
  on conflict (project_id, webhook_id, event_id) do nothing`;
const ANEW = `
  with ${GIVEN},
  known as (${INTO_DELIVERIES} do update set status = 'pending', updated_at = excluded.updated_at
    returning event_id, webhook_id, delivery_id, attempts)
  ${INTO_QUEUE}
  select $1, webhook_id, event_id, known.delivery_id, resource_id, sequence, 'due', in_order, attempts, $9
  from known join given using (webhook_id, event_id) order by webhook_id, event_id
  on conflict (project_id, webhook_id, event_id) do update
    set state = 'due', failures = 0, requests = webhook_queue.requests + 1, due_at = excluded.due_at`;

/**
 * Queues deliveries of events to endpoints. `once`: what an endpoint has or had is left alone. `anew`: it is asked for,
 * whatever became of it: due at once, at the foot of the ladder, under the id it has.
 */
export async function queueDeliveries(
  tx: Tx,
  how: 'once' | 'anew',
  deliveries: readonly NewDelivery[],
  now: Date,
): Promise<void> {
  if (deliveries.length === 0) return;
  await tx.query(how === 'once' ? ONCE : ANEW, [
    tx.scope,
    deliveries.map((each) => each.deliveryId),
    deliveries.map((each) => each.webhookId),
    deliveries.map((each) => each.eventId),
    deliveries.map((each) => each.type),
    deliveries.map((each) => each.resourceId),
    deliveries.map((each) => each.sequence),
    deliveries.map((each) => each.inOrder),
    now,
  ]);
}

/**
 * In the platform's scope: endpoints that have something due by the clock of their project and take deliveries, and that
 * this worker has alone or may have from here on. Leases go by the clock of the server, which says `now`; one that is soon
 * over is renewed.
 */
export async function leaseDueEndpoints(tx: Tx, leaseToken: string, now: Date): Promise<EndpointId[]> {
  const rows = await tx.query<{ project_id: string; webhook_id: string }>(
    // From endpoint to endpoint along the index: the length of their queues does not matter.
    `with recursive queue as (
       (select project_id, webhook_id from webhook_queue where state = 'due' order by project_id, webhook_id limit 1)
       union all
       select next.project_id, next.webhook_id from queue cross join lateral (
         select q.project_id, q.webhook_id from webhook_queue q
         where q.state = 'due' and (q.project_id, q.webhook_id) > (queue.project_id, queue.webhook_id)
         order by q.project_id, q.webhook_id limit 1) next),
     ready as materialized (
       select queue.project_id, queue.webhook_id, h.lease_token, h.leased_until
       from queue
       left join project_clocks c on c.project_id = queue.project_id
       cross join lateral (
         select coalesce(c.stands_at, $2::timestamptz + c.offset_ms * interval '1 millisecond', $2::timestamptz) now) own
       join webhooks w on w.project_id = queue.project_id and w.webhook_id = queue.webhook_id
       join webhook_health h on h.project_id = queue.project_id and h.webhook_id = queue.webhook_id
       where w.enabled and w.deleted_at is null and h.paused_until <= own.now and exists (
         select from webhook_queue q where q.project_id = queue.project_id and q.webhook_id = queue.webhook_id
           and q.state = 'due' and q.due_at <= own.now)),
     taken as (
       update webhook_health h
       set lease_token = $1, leased_until = $2 + make_interval(secs => $3)
       from ready
       where h.project_id = ready.project_id and h.webhook_id = ready.webhook_id and (
         h.leased_until <= $2 or h.lease_token = $1 and h.leased_until <= $2 + make_interval(secs => $4))
       returning h.project_id, h.webhook_id)
     select project_id, webhook_id from taken
     union
     select project_id, webhook_id from ready
     where lease_token = $1 and leased_until > $2 + make_interval(secs => $4)`,
    [leaseToken, now, LEASE_SECONDS, RENEW_SECONDS],
  );
  return rows.map((row) => ({ projectId: row.project_id, webhookId: row.webhook_id }));
}

/** In the platform's scope: lets other workers have the endpoints at once. */
export async function releaseLeases(tx: Tx, leaseToken: string): Promise<void> {
  await tx.query(
    `update webhook_health set lease_token = null, leased_until = '-infinity' where lease_token = $1`,
    [leaseToken],
  );
}

/** What an endpoint is, for the one who delivers to it. */
export interface EndpointRow {
  url: string;
  rate_limit: number | null;
  in_order: boolean;
  secret_sealed: Buffer;
  previous_secret_sealed: Buffer | null;
  consecutive_failures: number;
}

/** Undefined when the endpoint takes nothing now: it is off, gone, at rest, or another worker's. */
export async function findLeasedEndpoint(
  tx: Tx,
  webhookId: string,
  leaseToken: string,
  now: Date,
  wallNow: Date,
): Promise<EndpointRow | undefined> {
  const [row] = await tx.query<EndpointRow>(
    `select w.url, w.rate_limit, w.in_order, w.secret_sealed, h.consecutive_failures,
       case when w.previous_secret_until > $5 then w.previous_secret_sealed end previous_secret_sealed
     from webhooks w join webhook_health h on h.project_id = w.project_id and h.webhook_id = w.webhook_id
     where w.project_id = $1 and w.webhook_id = $2 and w.enabled and w.deleted_at is null
       and h.lease_token = $3 and h.paused_until <= $4`,
    [tx.scope, webhookId, leaseToken, now, wallNow],
  );
  return row;
}

export interface DueRow {
  event_id: string;
  delivery_id: string;
  resource_id: string;
  sequence: bigint;
  failures: number;
  requests: number;
  attempts: number;
  type: string;
  data: string;
  created_at: Date;
}

/** The next deliveries that are due, but for those that the caller has in hand. */
export function listDue(
  tx: Tx,
  webhookId: string,
  inHand: readonly string[],
  now: Date,
  limit: number,
): Promise<DueRow[]> {
  return tx.query<DueRow>('select * from webhook_due($1, $2, $3, $4, $5)', [
    tx.scope,
    webhookId,
    inHand,
    now,
    limit,
  ]);
}

/** The same where the next event of a resource waits for the one before: the first of each resource behind `after`. */
export function listDueInOrder(
  tx: Tx,
  webhookId: string,
  inHand: readonly string[],
  now: Date,
  limit: number,
  after: string,
): Promise<DueRow[]> {
  return tx.query<DueRow>('select * from webhook_due_in_order($1, $2, $3, $4, $5, $6)', [
    tx.scope,
    webhookId,
    inHand,
    now,
    limit,
    after,
  ]);
}

/** One attempt with what became of it; as `webhook_record` of the schema reads it. */
export interface AttemptRow {
  readonly webhookId: string;
  readonly eventId: string;
  readonly eventType: string;
  readonly requests: number;
  readonly outcome: 'delivered' | 'retry' | 'dead';
  readonly dueAt: Date;
  readonly url: string;
  readonly signature: string;
  readonly signedAt: Date;
  readonly statusCode: number | undefined;
  readonly errorCode: string | undefined;
  readonly error: string | undefined;
  readonly responseHeaders: Readonly<Record<string, string>> | undefined;
  readonly responseBody: string | undefined;
  readonly durationMs: number;
}

/** How an endpoint fares after a batch of attempts. */
export interface HealthRow {
  webhook_id: string;
  consecutive_failures: number;
  failing_since: Date | null;
}

export function recordAttempts(tx: Tx, attempts: readonly AttemptRow[], now: Date): Promise<HealthRow[]> {
  return tx.query<HealthRow>('select * from webhook_record($1, $2, $3, $4, $5)', [
    tx.scope,
    [...new Set(attempts.map(({ webhookId }) => webhookId))],
    [...new Set(attempts.map(({ eventId }) => eventId))],
    toJsonRows(attempts),
    now,
  ]);
}

export async function restUntil(tx: Tx, webhookId: string, until: Date): Promise<void> {
  await tx.query(
    `update webhook_health set paused_until = greatest(paused_until, $3)
     where project_id = $1 and webhook_id = $2`,
    [tx.scope, webhookId, until],
  );
}

/**
 * The endpoint is as good as new: what waits for it is due, at the foot of the ladder and in the order in which it
 * happened; what had been tried is behind nothing that came later.
 */
export async function startAfresh(tx: Tx, webhookId: string, now: Date): Promise<void> {
  await tx.query(
    `update webhook_health set consecutive_failures = 0, failing_since = null, paused_until = '-infinity'
     where project_id = $1 and webhook_id = $2`,
    [tx.scope, webhookId],
  );
  await tx.query(
    `update webhook_queue q set due_at = least(e.created_at, $3), failures = 0 from events e
     where q.project_id = $1 and q.webhook_id = $2 and q.state = 'due' and (q.due_at > $3 or q.failures > 0)
       and e.project_id = $1 and e.event_id = q.event_id`,
    [tx.scope, webhookId, now],
    // How many wait decides the plan.
    { planned: 'each time' },
  );
}

export async function insertHealth(tx: Tx, webhookId: string): Promise<void> {
  await tx.query('insert into webhook_health (project_id, webhook_id) values ($1, $2)', [
    tx.scope,
    webhookId,
  ]);
}

export async function setInOrder(tx: Tx, webhookId: string, inOrder: boolean): Promise<void> {
  await tx.query('update webhook_queue set in_order = $3 where project_id = $1 and webhook_id = $2', [
    tx.scope,
    webhookId,
    inOrder,
  ]);
}

/** The latest event that the endpoint took; undefined when there is none. */
export async function findLastSuccess(tx: Tx, webhookId: string): Promise<string | undefined> {
  const [row] = await tx.query<{ succeeded_event_id: string | null }>(
    'select succeeded_event_id from webhook_health where project_id = $1 and webhook_id = $2',
    [tx.scope, webhookId],
  );
  return must(row, 'an endpoint has its health').succeeded_event_id ?? undefined;
}

/** When each is tried next, of deliveries that are queued for it. */
export async function listNextAttempts(
  tx: Tx,
  webhookId: string,
  eventIds: readonly string[],
): Promise<Map<string, Date>> {
  const rows = await tx.query<{ event_id: string; due_at: Date }>(
    `select event_id, due_at from webhook_queue
     where project_id = $1 and webhook_id = $2 and event_id = any ($3) and state = 'due'`,
    [tx.scope, webhookId, eventIds],
  );
  return new Map(rows.map((row) => [row.event_id, row.due_at]));
}

/** Of a deleted endpoint: nothing is delivered any more. */
export async function emptyQueue(tx: Tx, webhookId: string, now: Date): Promise<void> {
  await tx.query(
    `with dropped as (
       delete from webhook_queue where project_id = $1 and webhook_id = $2 returning event_id)
     update webhook_deliveries d set status = 'failed', updated_at = $3 from dropped
     where d.project_id = $1 and d.event_id = dropped.event_id and d.webhook_id = $2 and d.status = 'pending'`,
    [tx.scope, webhookId, now],
  );
}
