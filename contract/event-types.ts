import Type, { type Static, type TSchema } from 'typebox';
import { BEARER_ERRORS } from './errors.ts';
import { EVENTS, EventEnvelope, type EventName } from './events.ts';
import { OneOf } from './fields.ts';
import { defineOperation } from './operation.ts';
import { Page } from './pagination.ts';

const anyObject = (description: string) => Type.Object({}, { additionalProperties: true, description });

export const EventType = Type.Object(
  {
    name: Type.String({ examples: ['cashIn.completed'] }),
    object: Type.Literal('eventType'),
    when: Type.String({ description: 'When it happens.' }),
    resource: Type.Array(Type.String(), {
      description: 'Prefixes that its `resourceId` may have.',
      examples: [['ci']],
    }),
    audience: OneOf(['all', 'compliance'], {
      description: '`compliance`: told only to a webhook that names it; wildcards do not reach it.',
    }),
    schema: anyObject('JSON Schema of the body of a delivery.'),
    example: anyObject('The body of a delivery.'),
  },
  { title: 'EventType' },
);
export type EventType = Static<typeof EventType>;

/** The envelope around an example, as a webhook is sent it. */
export const exampleOf = (name: EventName) => ({
  id: 'whd_01H9Xy...',
  event: name,
  eventId: 'evt_01H9Xz...',
  createdAt: '2025-01-15T10:50:05Z',
  sequence: 1,
  data: EVENTS[name].example,
});

/** Plain data: schemas carry more than JSON shows. */
const toJson = <Value>(value: Value): Value => JSON.parse(JSON.stringify(value));

/** The catalogue of events in its wire form. */
export const EVENT_TYPES: readonly EventType[] = (Object.keys(EVENTS) as EventName[]).map((name) => {
  const { when, resource, audience, data } = EVENTS[name];
  const schema: TSchema = EventEnvelope(name, data);
  return toJson({
    name,
    object: 'eventType' as const,
    when,
    resource: [...resource],
    audience,
    schema,
    example: exampleOf(name),
  });
});

export const listEventTypes = defineOperation({
  operationId: 'listEventTypes',
  method: 'GET',
  path: '/event-types',
  tag: 'Event',
  summary: 'List event types',
  description:
    'Every event there is, with when it happens, its schema and an example. One page has them all.',
  auth: 'bearer',
  idempotency: 'none',
  success: { status: 200, description: 'All event types', schema: Page(EventType, 'EventTypePage') },
  errors: BEARER_ERRORS,
  evidence: [{ evidence: 'proposal', fact: 'The operation.' }],
});
