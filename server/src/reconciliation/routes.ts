import * as contract from '@openoms/contract/reconciliation.ts';
import { type Route, route } from '../http/operation.ts';
import { toPage, toPageRequest } from '../http/paging.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Reconciliation } from './service.ts';
import { toBreak, toIgnoredTransfer, toRun } from './view.ts';

export const reconciliationRoutes = (reconciliation: Reconciliation, clock: Clock): readonly Route[] => [
  route(contract.listReconciliationRuns, async (tx, { query }) => {
    const { rows, hasMore } = await reconciliation.listRuns(tx, toPageRequest(query));
    return toPage({ items: rows.map(toRun), hasMore });
  }),
  route(contract.listReconciliationBreaks, async (tx, { query }) => {
    const { rows, hasMore } = await reconciliation.listBreaks(tx, query.status, toPageRequest(query));
    const now = clock.now();
    return toPage({ items: rows.map((row) => toBreak(row, now)), hasMore });
  }),
  route(contract.listIgnoredTransfers, async (tx, { query }) => {
    const { rows, hasMore } = await reconciliation.listIgnoredTransfers(tx, query, toPageRequest(query));
    return toPage({ items: rows.map(toIgnoredTransfer), hasMore });
  }),
];
