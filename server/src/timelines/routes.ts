import * as contract from '@openoms/contract/console/timeline.ts';
import { type Route, route } from '../http/operation.ts';
import type { Timelines } from './service.ts';

export const timelineRoutes = (timelines: Timelines): readonly Route[] => [
  route(contract.getTransactionTimeline, (tx, { params }) =>
    timelines.ofTransaction(tx, params.transactionId),
  ),
  route(contract.getCashInTimeline, (tx, { params }) => timelines.ofCashIn(tx, params.cashInId)),
];
