import * as contract from '@openoms/contract/console/project.ts';
import { type Route, route } from '../http/operation.ts';
import type { Search } from './service.ts';

export const searchRoutes = (search: Search): readonly Route[] => [
  route(contract.search, async (tx, { query }) => ({ data: await search.find(tx, query.q) })),
];
