import Type from 'typebox';
import { BEARER_ERRORS } from './errors.ts';
import { EventPattern } from './event-patterns.ts';
import type { EventData, EventName } from './events.ts';
import { PathId, RequiredText, Timestamp } from './fields.ts';
import { defineOperation } from './operation.ts';
import { CREATED_QUERY, PAGE_QUERY, Page } from './pagination.ts';

const MAX_ID_LENGTH = 100;

/** An event as it was recorded, typed by its `event`. */
export type LoggedEvent = {
  [Name in EventName]: {
    id: string;
    object: 'event';
    event: Name;
    resourceId: string;
    sequence: number;
    createdAt: string;
    data: EventData<Name>;
  };
}[EventName];

export const LoggedEvent = Type.Unsafe<LoggedEvent>(
  Type.Object(
    {
      id: Type.String({ description: '`eventId` of its deliveries.', examples: ['evt_01H9Xz…'] }),
      object: Type.Literal('event'),
      event: Type.String({ examples: ['cashIn.completed'] }),
      resourceId: Type.String({ description: 'What it tells of.', examples: ['ci_01H9Xb…'] }),
      sequence: Type.Integer({
        minimum: 1,
        description: 'Counts the events of the resource from 1 on, without gaps.',
      }),
      createdAt: Timestamp(),
      data: Type.Object(
        {},
        {
          additionalProperties: true,
          description: 'As the event’s deliveries have it: the resource after the change.',
        },
      ),
    },
    { title: 'Event' },
  ),
);

const EVIDENCE = [{ evidence: 'proposal', fact: 'The operation.' }] as const;

const EXAMPLE = {
  id: 'evt_01H9Xz...',
  object: 'event',
  event: 'transaction.fiatToCrypto.completed',
  resourceId: 'txn_01H9Xt...',
  sequence: 2,
  createdAt: '2024-01-15T10:05:00Z',
  data: { id: 'txn_01H9Xt...', object: 'transaction', type: 'fiatToCrypto', status: 'completed' },
};

export const listEvents = defineOperation({
  operationId: 'listEvents',
  method: 'GET',
  path: '/events',
  tag: 'Event',
  summary: 'List events',
  description:
    'Newest first, whether a webhook subscribed to them or not; with `resource`, the history of one. `endingBefore` catches up from where one stopped: towards the newest, and each page newest first. An event is seen once its commit is through, so one that is a few seconds older than the last may still come: read them again and drop what you have by its id, or watch for a gap in a `sequence`. Events for compliance are shown only to who names one of them as `type`.',
  auth: 'bearer',
  idempotency: 'none',
  query: Type.Object({
    type: Type.Optional(
      EventPattern({
        description:
          'A name or a pattern, as webhooks subscribe to them. One that no known event matches is refused.',
      }),
    ),
    resource: Type.Optional(
      RequiredText(MAX_ID_LENGTH, { description: 'The id of any resource: `resourceId` of its events.' }),
    ),
    ...CREATED_QUERY,
    ...PAGE_QUERY,
  }),
  success: { status: 200, description: 'A page of events', schema: Page(LoggedEvent, 'EventPage') },
  errors: BEARER_ERRORS,
  evidence: EVIDENCE,
  example: {
    response: { data: [EXAMPLE], hasMore: false, nextCursor: 'djE6ZXZ0', previousCursor: 'djE6ZXZ0' },
  },
});

export const getEvent = defineOperation({
  operationId: 'getEvent',
  method: 'GET',
  path: '/events/:eventId',
  tag: 'Event',
  summary: 'Get an event',
  description: 'By its `eventId`.',
  auth: 'bearer',
  idempotency: 'none',
  params: Type.Object({ eventId: PathId('evt') }),
  success: { status: 200, description: 'The event', schema: LoggedEvent },
  errors: [...BEARER_ERRORS, 'not_found'],
  evidence: EVIDENCE,
  example: { response: EXAMPLE },
});
