import * as contract from '@openoms/contract/console/requests.ts';
import { type Route, route } from '../http/operation.ts';
import { toCreatedRange, toPage, toPageRequest } from '../http/paging.ts';
import type { RequestLog } from './service.ts';
import { toLoggedRequest, toLoggedRequestDetail } from './view.ts';

export const requestLogRoutes = (requestLog: RequestLog): readonly Route[] => [
  route(contract.listRequests, async (tx, { query }) => {
    const { method, status, operation, resource, idempotencyKey } = query;
    const filter = {
      method,
      status,
      operation,
      resourceId: resource,
      idempotencyKey,
      ...toCreatedRange(query),
    };
    const { rows, hasMore } = await requestLog.list(tx, filter, toPageRequest(query));
    return toPage({ items: rows.map(toLoggedRequest), hasMore });
  }),
  route(contract.getRequest, async (tx, { params }) =>
    toLoggedRequestDetail(await requestLog.get(tx, params.requestId)),
  ),
];
