import { listNetworks } from '@openoms/contract/networks.ts';
import { type Route, route } from '../http/operation.ts';
import type { Networks } from './service.ts';

export const networkRoutes = (networks: Networks): readonly Route[] => [
  route(listNetworks, async (_tx, _request, { mode }) => ({
    data: networks.list(mode),
    hasMore: false,
    nextCursor: null,
    previousCursor: null,
  })),
];
