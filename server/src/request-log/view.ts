import type { LoggedRequest, LoggedRequestDetail } from '@openoms/contract/console/requests.ts';
import type { RequestDetailRow, RequestRow } from './store.ts';

export const toLoggedRequest = (row: RequestRow): LoggedRequest => ({
  id: row.request_id,
  object: 'request',
  method: row.method as LoggedRequest['method'],
  path: row.path,
  operation: row.operation,
  status: row.status,
  durationMs: Number(row.duration_us) / 1_000,
  actor: row.actor,
  idempotencyKey: row.idempotency_key,
  isReplay: row.is_replay,
  errorCode: row.error_code,
  createdAt: row.created_at.toISOString(),
});

export const toLoggedRequestDetail = (row: RequestDetailRow): LoggedRequestDetail => ({
  ...toLoggedRequest(row),
  query: row.query,
  requestBody: row.request_body,
  responseBody: row.response_body,
  resourceIds: row.resource_ids,
});
