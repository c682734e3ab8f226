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
    return store.listRequests(tx, filter, page);
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
