import type { CausedEvent } from '@openoms/contract/simulations.ts';
import type { RecordedEvent } from '../../events/events.ts';
import { toIsoSeconds } from '../../kernel/clock.ts';

/** What a simulate operation answers of the events it caused. */
export const toCausedEvent = ({
  eventId,
  type,
  resourceId,
  sequence,
  createdAt,
}: RecordedEvent): CausedEvent => ({
  id: eventId,
  event: type,
  resourceId,
  sequence: Number(sequence),
  createdAt: toIsoSeconds(createdAt),
});
