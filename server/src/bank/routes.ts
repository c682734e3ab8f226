import { listStatementLines } from '@openoms/contract/reconciliation.ts';
import { type Route, route } from '../http/operation.ts';
import { toPage, toPageRequest } from '../http/paging.ts';
import type { Bank } from './service.ts';

export const bankRoutes = (bank: Bank): readonly Route[] => [
  route(listStatementLines, async (tx, { query }) =>
    toPage(await bank.listStatementLines(tx, query.status, toPageRequest(query))),
  ),
];
