import * as contract from '@openoms/contract/cash-ins.ts';
import { listCashLocations } from '@openoms/contract/cash-locations.ts';
import { type Route, route } from '../http/operation.ts';
import { toCreatedRange, toPage, toPageRequest } from '../http/paging.ts';
import { toCashLocation } from './location-view.ts';
import type { CashIns, CashNetwork } from './service.ts';
import { toCashIn } from './view.ts';

const DEFAULT_LOCATIONS = 50;

export const cashInRoutes = (cashIns: CashIns, network: CashNetwork): readonly Route[] => [
  route(contract.createCashIn, async (tx, { body }) => toCashIn(await cashIns.create(tx, body))),
  route(contract.listCashIns, async (tx, { query }) => {
    const filter = {
      customerId: query.customerId,
      status: query.status,
      ...toCreatedRange(query),
    };
    const { rows, hasMore } = await cashIns.list(tx, filter, toPageRequest(query));
    return toPage({ items: rows.map(toCashIn), hasMore });
  }),
  route(contract.getCashIn, async (tx, { params }) => toCashIn(await cashIns.get(tx, params.cashInId))),
  route(contract.refreshCashIn, async (tx, { params }) =>
    toCashIn(await cashIns.refresh(tx, params.cashInId)),
  ),
  route(listCashLocations, async (_tx, { query }) => {
    const limit = query.limit ?? DEFAULT_LOCATIONS;
    const found = network.nearest({ ...query, flow: query.flow ?? 'cashIn', limit: limit + 1 });
    return {
      data: found.slice(0, limit).map(toCashLocation),
      hasMore: found.length > limit,
      nextCursor: null,
      previousCursor: null,
    };
  }),
];
