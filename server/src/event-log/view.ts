import type { LoggedEvent } from '@openoms/contract/event-log.ts';
import { toIsoSeconds } from '../kernel/clock.ts';
import type { EventRow } from './store.ts';

/** What was recorded had the type that goes with its name. */
export const toLoggedEvent = (row: EventRow): LoggedEvent =>
  ({
    id: row.event_id,
    object: 'event',
    event: row.type,
    resourceId: row.resource_id,
    sequence: Number(row.sequence),
    createdAt: toIsoSeconds(row.created_at),
    data: row.data,
  }) as LoggedEvent;
