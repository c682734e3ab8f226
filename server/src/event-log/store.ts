import type { Tx } from '../db/database.ts';
import { createdWithin, type Filter, type PageRequest, selectPage } from '../db/list.ts';

export interface EventRow {
  event_id: string;
  type: string;
  resource_id: string;
  sequence: bigint;
  data: object;
  created_at: Date;
}

export interface EventFilter {
  /** Those alone. */
  readonly types?: readonly string[] | undefined;
  readonly exceptTypes?: readonly string[] | undefined;
  readonly resourceId?: string | undefined;
  readonly createdAfter?: Date | undefined;
  readonly createdBefore?: Date | undefined;
}

const SELECT = 'select event_id, type, resource_id, sequence, data, created_at from events';

/**
 * Of one resource there are few: they are read and the types picked out. Of all of them each type is a range of the
 * index of its own, as an index of several types has no order by id.
 */
function typeFilter(types: readonly string[] | undefined, resourceId: string | undefined): Filter {
  if (resourceId !== undefined) return ['type = any(?::text[])', types];
  return [(types ?? []).map((_, index) => `type = (?::text[])[${index + 1}]`), types];
}

export function listEvents(
  tx: Tx,
  filter: EventFilter,
  page: PageRequest,
): Promise<{ rows: EventRow[]; hasMore: boolean }> {
  const filters: Filter[] = [
    ['resource_id = ?', filter.resourceId],
    typeFilter(filter.types, filter.resourceId),
    ['type <> all(?::text[])', filter.exceptTypes],
    ...createdWithin('event', 'event_id', filter),
  ];
  return selectPage<EventRow>(tx, SELECT, 'event_id', filters, page);
}

export async function findEvent(tx: Tx, eventId: string): Promise<EventRow | undefined> {
  const [row] = await tx.query<EventRow>(`${SELECT} where project_id = $1 and event_id = $2`, [
    tx.scope,
    eventId,
  ]);
  return row;
}
