import { toIsoSeconds } from '../kernel/clock.ts';

/** What of an event is sent. */
export interface SentEvent {
  readonly eventId: string;
  readonly type: string;
  readonly sequence: bigint;
  readonly createdAt: Date;
  /** JSON text, sent as it was recorded. */
  readonly data: string;
}

/** The body of a delivery: the same bytes in every attempt. */
export const envelopeOf = (deliveryId: string, event: SentEvent): string =>
  `{"id":"${deliveryId}","event":"${event.type}","eventId":"${event.eventId}","createdAt":"${toIsoSeconds(event.createdAt)}","sequence":${event.sequence},"data":${event.data}}`;
