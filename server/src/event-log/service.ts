import { COMPLIANCE_EVENTS, EVENTS_FOR_ALL, eventsNamedBy } from '@openoms/contract/subscriptions.ts';
import type { Tx } from '../db/database.ts';
import type { PageRequest } from '../db/list.ts';
import { notFound, validationError } from '../kernel/errors.ts';
import * as store from './store.ts';

export interface EventQuery {
  /** A name of the catalogue or a pattern. */
  readonly type?: string | undefined;
  readonly resourceId?: string | undefined;
  readonly createdAfter?: Date | undefined;
  readonly createdBefore?: Date | undefined;
}

/** What was recorded, to be read again. */
export class EventLog {
  /** Throws `validation_error` when the pattern stands for no event. */
  list(
    tx: Tx,
    { type, ...filter }: EventQuery,
    page: PageRequest,
  ): Promise<{ rows: store.EventRow[]; hasMore: boolean }> {
    return store.listEvents(tx, { ...filter, ...typesOf(type) }, page);
  }

  async get(tx: Tx, eventId: string): Promise<store.EventRow> {
    const row = await store.findEvent(tx, eventId);
    if (!row) throw notFound('event');
    return row;
  }
}

function typesOf(pattern: string | undefined): Pick<store.EventFilter, 'types' | 'exceptTypes'> {
  if (pattern === undefined) return { exceptTypes: COMPLIANCE_EVENTS };
  const types = eventsNamedBy(pattern);
  if (types.length === 0) throw validationError([{ field: 'type', issue: 'matches no known event' }]);
  // As many ranges of an index as there are names would be read for what is nearly every event.
  return types.length === EVENTS_FOR_ALL.length ? { exceptTypes: COMPLIANCE_EVENTS } : { types };
}
