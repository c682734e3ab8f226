import * as contract from '@openoms/contract/event-log.ts';
import { EVENT_TYPES, listEventTypes } from '@openoms/contract/event-types.ts';
import { type Route, route } from '../http/operation.ts';
import { toCreatedRange, toPage, toPageRequest } from '../http/paging.ts';
import type { EventLog } from './service.ts';
import { toLoggedEvent } from './view.ts';

export const eventLogRoutes = (eventLog: EventLog): readonly Route[] => [
  route(contract.listEvents, async (tx, { query }) => {
    const filter = {
      type: query.type,
      resourceId: query.resource,
      ...toCreatedRange(query),
    };
    const { rows, hasMore } = await eventLog.list(tx, filter, toPageRequest(query));
    return toPage({ items: rows.map(toLoggedEvent), hasMore });
  }),
  route(listEventTypes, async () => ({
    data: [...EVENT_TYPES],
    hasMore: false,
    nextCursor: null,
    previousCursor: null,
  })),
  route(contract.getEvent, async (tx, { params }) => toLoggedEvent(await eventLog.get(tx, params.eventId))),
];
