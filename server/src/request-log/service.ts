import { PROJECT_OPERATIONS } from '@openoms/contract/console/operations.ts';
import { OPERATIONS } from '@openoms/contract/operations.ts';
import type { Tx } from '../db/database.ts';
import type { PageRequest } from '../db/list.ts';
import { notFound } from '../kernel/errors.ts';
import * as store from './store.ts';

export type { RequestRow } from './store.ts';

/** What was asked of the project, to be read again. */
export class RequestLog {
  list(
    tx: Tx,
    filter: store.RequestFilter,
    page: PageRequest,
  ): Promise<{ rows: store.RequestRow[]; hasMore: boolean }> {
    const asked = withoutImpliedMethod(filter);
    return asked ? store.listRequests(tx, asked, page) : Promise.resolve({ rows: [], hasMore: false });
  }

  async get(tx: Tx, requestId: string): Promise<store.RequestDetailRow> {
    const row = await store.findRequest(tx, requestId);
    if (!row) throw notFound('request');
    return row;
  }

  /** What changed the resources, or tried to, oldest first. */
  changesOf(tx: Tx, resourceIds: readonly string[], limit: number): Promise<store.RequestRow[]> {
    return store.listChanges(tx, resourceIds, limit);
  }
}

const METHOD_OF: ReadonlyMap<string, string> = new Map(
  [...Object.values(OPERATIONS), ...Object.values(PROJECT_OPERATIONS)].map(({ operationId, method }) => [
    operationId,
    method,
  ]),
);

/** An operation has its method: with another, there is nothing, which an index of either would not know. */
function withoutImpliedMethod(filter: store.RequestFilter): store.RequestFilter | undefined {
  const { method, operation, ...rest } = filter;
  const own = operation === undefined ? undefined : METHOD_OF.get(operation);
  if (method === undefined || own === undefined) return filter;
  return method === own ? { ...rest, operation } : undefined;
}
