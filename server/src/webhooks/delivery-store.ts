import type { Tx } from '../db/database.ts';
import { createdWithin, type Filter, type PageRequest, selectPage } from '../db/list.ts';
import type { EventNotice } from '../events/events.ts';
import type { DeliveryStatus } from './states.ts';

export interface DeliveryRow {
  delivery_id: string;
  webhook_id: string;
  event_id: string;
  event_type: string;
  status: DeliveryStatus;
  attempts: number;
  created_at: Date;
  updated_at: Date;
}

const DELIVERY = 'delivery_id, webhook_id, event_id, event_type, status, attempts, created_at, updated_at';

export async function findDelivery(
  tx: Tx,
  webhookId: string,
  deliveryId: string,
): Promise<DeliveryRow | undefined> {
  const [row] = await tx.query<DeliveryRow>(
    `select ${DELIVERY} from webhook_deliveries
     where project_id = $1 and delivery_id = $3 and webhook_id = $2`,
    [tx.scope, webhookId, deliveryId],
  );
  return row;
}

export interface DeliveryFilters {
  readonly status: DeliveryStatus | undefined;
  readonly eventId: string | undefined;
  readonly createdAfter: Date | undefined;
  readonly createdBefore: Date | undefined;
}

/** Where the rows of a status are: what is not delivered is in the queue as well, and few. */
const IN_QUEUE = (state: string): string =>
  `exists (select from webhook_queue q where q.project_id = webhook_deliveries.project_id
     and q.webhook_id = webhook_deliveries.webhook_id and q.event_id = webhook_deliveries.event_id
     and q.state = '${state}') and status = ?`;
const HAS_STATUS: Readonly<Record<DeliveryStatus, string>> = {
  pending: IN_QUEUE('due'),
  failed: IN_QUEUE('dead'),
  delivered: 'status = ?',
};

export function listDeliveries(
  tx: Tx,
  webhookId: string,
  { status, eventId, ...created }: DeliveryFilters,
  page: PageRequest,
): Promise<{ rows: DeliveryRow[]; hasMore: boolean }> {
  const filters: Filter[] = [
    ['webhook_id = ?', webhookId],
    ['event_id = ?', eventId],
    ...createdWithin('webhookDelivery', 'delivery_id', created),
  ];
  if (status) filters.push([HAS_STATUS[status], status]);
  return selectPage<DeliveryRow>(
    tx,
    `select ${DELIVERY} from webhook_deliveries`,
    'delivery_id',
    filters,
    page,
  );
}

export interface AttemptLogRow {
  attempt: number;
  url: string;
  signature: string | null;
  signed_at: Date;
  status_code: number | null;
  error_code: string | null;
  error: string | null;
  response_headers: Record<string, string> | null;
  response_body: string | null;
  duration_ms: number;
  attempted_at: Date;
}

/** Oldest first. */
export function listAttempts(tx: Tx, eventId: string, deliveryId: string): Promise<AttemptLogRow[]> {
  return tx.query<AttemptLogRow>(
    `select attempt, url, signature, signed_at, status_code, error_code, error, response_headers, response_body,
       duration_ms, attempted_at
     from webhook_attempts where project_id = $1 and event_id = $2 and delivery_id = $3 order by attempt`,
    [tx.scope, eventId, deliveryId],
  );
}

export interface EventRow {
  event_id: string;
  type: string;
  resource_id: string;
  sequence: bigint;
  data: string;
  created_at: Date;
}

/** As it is sent; undefined when it is no longer kept. */
export async function findEvent(tx: Tx, eventId: string): Promise<EventRow | undefined> {
  const [row] = await tx.query<EventRow>(
    `select event_id, type, resource_id, sequence, data::text as data, created_at from events
     where project_id = $1 and event_id = $2`,
    [tx.scope, eventId],
  );
  return row;
}

export interface ReplayFilters {
  readonly eventIds?: readonly string[] | undefined;
  readonly resource?: string | undefined;
  readonly createdAfter?: Date | undefined;
  readonly createdBefore?: Date | undefined;
  /** Later than this one. */
  readonly afterEventId?: string | undefined;
  /** Of these types only. */
  readonly types?: readonly string[] | undefined;
  /** Leaves out what this endpoint has taken. */
  readonly untakenBy?: string | undefined;
}

/** Oldest first. */
export async function listEventsToReplay(
  tx: Tx,
  filters: ReplayFilters,
  limit: number,
): Promise<{ notices: EventNotice[]; hasMore: boolean }> {
  const conditions: Filter[] = [
    ['event_id = any (?)', filters.eventIds],
    ['resource_id = ?', filters.resource],
    ['type = any (?)', filters.types],
    [
      `not exists (select from webhook_deliveries d where d.project_id = events.project_id
         and d.event_id = events.event_id and d.webhook_id = ? and d.status = 'delivered')`,
      filters.untakenBy,
    ],
    ...createdWithin('event', 'event_id', filters),
  ];
  const page: PageRequest = {
    limit,
    direction: 'newer',
    from: filters.afterEventId ?? '',
  };
  const { rows, hasMore } = await selectPage<Omit<EventRow, 'data' | 'created_at'>>(
    tx,
    'select event_id, type, resource_id, sequence from events',
    'event_id',
    conditions,
    page,
  );
  const notices = rows.reverse().map((row) => ({
    eventId: row.event_id,
    type: row.type,
    resourceId: row.resource_id,
    sequence: row.sequence,
  }));
  return { notices, hasMore };
}
