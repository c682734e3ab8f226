import * as contract from '@openoms/contract/console/project.ts';
import { type Route, route } from '../http/operation.ts';
import type { Overviews } from './service.ts';

const DEFAULT_DAYS = 30;

export const overviewRoutes = (overviews: Overviews): readonly Route[] => [
  route(contract.getOverview, (tx, { query }) => overviews.get(tx, query.days ?? DEFAULT_DAYS)),
];
