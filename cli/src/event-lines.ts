import type { LoggedEvent } from '@openoms/contract/event-log.ts';

const NAME_WIDTH = 42;

/** One event as people read it: when, what, of which resource, its number there, its id. */
export const eventLine = ({ createdAt, event, resourceId, sequence, id }: LoggedEvent): string =>
  `${createdAt}  ${event.padEnd(NAME_WIDTH)} ${resourceId} #${sequence}  ${id}`;
