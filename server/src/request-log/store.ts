import type { Tx } from '../db/database.ts';
import { createdWithin, type Filter, type PageRequest, selectPage } from '../db/list.ts';

export interface NewRequest {
  readonly project_id: string;
  readonly request_id: string;
  readonly method: string;
  readonly path: string;
  readonly operation: string | null;
  readonly status: number;
  readonly duration_us: number;
  readonly actor: string;
  readonly idempotency_key: string | null;
  readonly is_replay: boolean;
  readonly error_code: string | null;
  /** JSON. */
  readonly query: string | null;
  readonly request_body: string | null;
  readonly response_body: string | null;
  readonly resource_ids: readonly string[];
  readonly created_at: Date;
}

/** In the platform's scope: of any projects. A request that is there already stays as it is. */
export async function insertRequests(tx: Tx, requests: readonly NewRequest[]): Promise<void> {
  const column = <K extends keyof NewRequest>(name: K) => requests.map((each) => each[name]);
  await tx.query(
    `with entered as (
       insert into request_log (project_id, request_id, method, path, operation, status, duration_us, actor,
         idempotency_key, is_replay, error_code, query, request_body, response_body, resource_ids, created_at)
       select project_id, request_id, method, path, operation, status, duration_us, actor, idempotency_key, is_replay,
         error_code, query::json, request_body::json, response_body::json, string_to_array(resource_ids, ' '), created_at
       from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::integer[], $7::bigint[], $8::text[],
         $9::text[], $10::boolean[], $11::text[], $12::text[], $13::text[], $14::text[], $15::text[],
         $16::timestamptz[]) as new (project_id, request_id, method, path, operation, status, duration_us, actor,
         idempotency_key, is_replay, error_code, query, request_body, response_body, resource_ids, created_at)
       on conflict do nothing returning project_id, request_id, resource_ids, method, operation, status_class)
     insert into request_resources (project_id, resource_id, request_id, method, operation, status_class)
     select project_id, unnest(resource_ids), request_id, method, operation, status_class from entered
     on conflict do nothing`,
    [
      column('project_id'),
      column('request_id'),
      column('method'),
      column('path'),
      column('operation'),
      column('status'),
      column('duration_us'),
      column('actor'),
      column('idempotency_key'),
      column('is_replay'),
      column('error_code'),
      column('query'),
      column('request_body'),
      column('response_body'),
      requests.map(({ resource_ids }) => resource_ids.join(' ')),
      column('created_at'),
    ],
  );
}

export interface RequestRow {
  request_id: string;
  method: string;
  path: string;
  operation: string | null;
  status: number;
  duration_us: bigint;
  actor: string;
  idempotency_key: string | null;
  is_replay: boolean;
  error_code: string | null;
  created_at: Date;
}

const COLUMNS = `request_id, method, path, operation, status, duration_us, actor, idempotency_key, is_replay, error_code,
  created_at`;

export interface RequestFilter {
  readonly method?: string | undefined;
  readonly status?: 'succeeded' | 'failed' | '4xx' | '5xx' | undefined;
  readonly operation?: string | undefined;
  readonly resourceId?: string | undefined;
  readonly idempotencyKey?: string | undefined;
  readonly createdAfter?: Date | undefined;
  readonly createdBefore?: Date | undefined;
}

/** First digits of the statuses; a redirect is none of ours. */
const STATUS_CLASSES = { succeeded: [2], failed: [4, 5], '4xx': [4], '5xx': [5] } as const;
const ALL_CLASSES = [2, 3, 4, 5] as const;

/**
 * Each class is a range of the index of its own, as an index of several has no order by id. Methods and operations are
 * found by class as well, so that none of both is a range without rows.
 */
function statusFilter({ status, method, operation, idempotencyKey }: RequestFilter): Filter[] {
  const isByClass = idempotencyKey === undefined && (method ?? operation) !== undefined;
  if (status === undefined && !isByClass) return [];
  const classes = status === undefined ? ALL_CLASSES : STATUS_CLASSES[status];
  return [[classes.map((_, index) => `status_class = (?::integer[])[${index + 1}]`), classes]];
}

/** About one resource: its own index has what is asked for, and only what is shown is looked up. */
const ABOUT = `(
  select r.project_id, r.resource_id, r.request_id, r.method, r.operation, r.status_class, l.path, l.status,
    l.duration_us, l.actor, l.idempotency_key, l.is_replay, l.error_code, l.created_at
  from request_resources r cross join lateral (
    select * from request_log l where l.project_id = r.project_id and l.request_id = r.request_id offset 0) l) about`;

const IS_ABOUT = `exists (select from request_resources r where r.project_id = request_log.project_id
  and r.resource_id = ? and r.request_id = request_log.request_id)`;

export function listRequests(
  tx: Tx,
  filter: RequestFilter,
  page: PageRequest,
): Promise<{ rows: RequestRow[]; hasMore: boolean }> {
  const { status, resourceId, idempotencyKey } = filter;
  const isAbout = resourceId !== undefined && idempotencyKey === undefined;
  return selectPage<RequestRow>(
    tx,
    `select ${COLUMNS} from ${isAbout ? ABOUT : 'request_log'}`,
    'request_id',
    [
      [isAbout ? 'resource_id = ?' : IS_ABOUT, resourceId],
      ['method = ?', filter.method],
      ...(isAbout
        ? [['status_class = any(?::integer[])', status && STATUS_CLASSES[status]] as const]
        : statusFilter(filter)),
      ['operation = ?', filter.operation],
      ['idempotency_key = ?', idempotencyKey],
      ...createdWithin('request', 'request_id', filter),
    ],
    page,
  );
}

export interface RequestDetailRow extends RequestRow {
  query: unknown;
  request_body: unknown;
  response_body: unknown;
  resource_ids: string[];
}

export async function findRequest(tx: Tx, requestId: string): Promise<RequestDetailRow | undefined> {
  const [row] = await tx.query<RequestDetailRow>(
    `select ${COLUMNS}, query, request_body, response_body, resource_ids from request_log
     where project_id = $1 and request_id = $2`,
    [tx.scope, requestId],
  );
  return row;
}

/** Requests that changed one of the resources, or tried to; the latest of them, oldest first. */
export async function listChanges(
  tx: Tx,
  resourceIds: readonly string[],
  limit: number,
): Promise<RequestRow[]> {
  const rows = await tx.query<RequestRow>(
    `select ${COLUMNS} from request_log
     where project_id = $1 and method <> 'GET' and request_id in (
       select about.request_id from unnest($2::text[]) wanted (id) cross join lateral (
         select r.request_id from request_resources r where r.project_id = $1 and r.resource_id = wanted.id
         order by r.request_id desc limit 200) about)
     order by request_id desc limit $3`,
    [tx.scope, resourceIds, limit],
    { planned: 'each time' },
  );
  return rows.reverse();
}

export const ensureDay = (tx: Tx, day: string): Promise<object[]> =>
  tx.query('select ensure_request_day($1)', [day]);

export async function dropDaysBefore(tx: Tx, day: string): Promise<string[]> {
  const rows = await tx.query<{ day: string }>('select day::text from drop_request_days_before($1) day', [
    day,
  ]);
  return rows.map((row) => row.day);
}
