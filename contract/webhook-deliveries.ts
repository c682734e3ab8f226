import Type, { type Static } from 'typebox';
import { BEARER_ERRORS, MUTATION_ERRORS } from './errors.ts';
import { Id, NullableString, NullableTimestamp, OneOf, PathId, PROPOSAL, Timestamp } from './fields.ts';
import { defineOperation } from './operation.ts';
import { CREATED_QUERY, PAGE_QUERY, Page } from './pagination.ts';
import { WebhookParams } from './webhooks.ts';

const deliveryFields = {
  id: Type.String({ description: 'The same in every attempt.', examples: ['whd_01H9Xy…'] }),
  object: Type.Literal('webhookDelivery'),
  webhookId: Type.String(),
  eventId: Type.String(),
  event: Type.String({ examples: ['cashIn.completed'] }),
  status: OneOf(['pending', 'delivered', 'failed'], {
    description: '`failed`: every attempt of the ladder failed. `pending`: it is due, now or later.',
  }),
  attempts: Type.Integer({ description: 'Made so far.' }),
  nextAttemptAt: NullableTimestamp({
    description: 'Of a pending one. It waits longer while the endpoint is off or at rest.',
  }),
  createdAt: Timestamp(),
  updatedAt: Timestamp(),
};

export const WebhookDelivery = Type.Object(deliveryFields, { title: 'WebhookDelivery', ...PROPOSAL });
export type WebhookDelivery = Static<typeof WebhookDelivery>;

const Headers = Type.Unsafe<Record<string, string>>({
  type: 'object',
  additionalProperties: { type: 'string' },
});

const WebhookAttempt = Type.Object(
  {
    attempt: Type.Integer({ description: 'From 1; the header `webhook-attempt`.' }),
    attemptedAt: Timestamp(),
    durationMs: Type.Integer(),
    request: Type.Object({ url: Type.String(), headers: Headers, body: Type.String() }),
    response: Type.Unsafe<{ statusCode: number; headers: Record<string, string>; body: string } | null>({
      type: ['object', 'null'],
      properties: { statusCode: { type: 'integer' }, headers: Headers, body: { type: 'string' } },
      required: ['statusCode', 'headers', 'body'],
      description: 'The first kilobyte of the body and the headers that matter; null when no answer came.',
    }),
    error: Type.Unsafe<{ code: string; message: string } | null>({
      type: ['object', 'null'],
      properties: { code: { type: 'string' }, message: { type: 'string' } },
      required: ['code', 'message'],
      description: 'Why there was no answer, or none that counts.',
    }),
  },
  { title: 'WebhookAttempt', ...PROPOSAL },
);
export type WebhookAttempt = Static<typeof WebhookAttempt>;

export const WebhookDeliveryWithAttempts = Type.Object(
  { ...deliveryFields, attemptLog: Type.Array(WebhookAttempt, { description: 'Oldest first.' }) },
  { title: 'WebhookDeliveryWithAttempts', ...PROPOSAL },
);
export type WebhookDeliveryWithAttempts = Static<typeof WebhookDeliveryWithAttempts>;

const DeliveryParams = Type.Object({ webhookId: PathId('whk'), deliveryId: PathId('whd') });

const DELIVERY_EXAMPLE = {
  id: 'whd_01H9Xy...',
  object: 'webhookDelivery',
  webhookId: 'whk_01H9Xw...',
  eventId: 'evt_01H9Xz...',
  event: 'cashIn.completed',
  status: 'pending',
  attempts: 1,
  nextAttemptAt: '2024-01-15T10:05:10Z',
  createdAt: '2024-01-15T10:05:00Z',
  updatedAt: '2024-01-15T10:05:00Z',
};

export const listWebhookDeliveries = defineOperation({
  operationId: 'listWebhookDeliveries',
  method: 'GET',
  path: '/webhooks/:webhookId/deliveries',
  tag: 'Webhook',
  summary: 'List deliveries',
  description:
    'Newest first, as long as events are kept. `status=failed` lists the dead letters. Deliveries of a disabled webhook are pending.',
  auth: 'bearer',
  idempotency: 'none',
  params: WebhookParams,
  query: Type.Object({
    status: Type.Optional(OneOf(['pending', 'delivered', 'failed'])),
    eventId: Type.Optional(Id('evt')),
    ...CREATED_QUERY,
    ...PAGE_QUERY,
  }),
  success: {
    status: 200,
    description: 'A page of deliveries',
    schema: Page(WebhookDelivery, 'WebhookDeliveryPage'),
  },
  errors: [...BEARER_ERRORS, 'not_found'],
  evidence: [{ evidence: 'proposal', fact: 'The operation.' }],
});

export const getWebhookDelivery = defineOperation({
  operationId: 'getWebhookDelivery',
  method: 'GET',
  path: '/webhooks/:webhookId/deliveries/:deliveryId',
  tag: 'Webhook',
  summary: 'Get a delivery',
  description: 'With each attempt: the request as it was sent and signed, and what came back.',
  auth: 'bearer',
  idempotency: 'none',
  params: DeliveryParams,
  success: { status: 200, description: 'The delivery and its attempts', schema: WebhookDeliveryWithAttempts },
  errors: [...BEARER_ERRORS, 'not_found'],
  evidence: [{ evidence: 'proposal', fact: 'The operation.' }],
  example: {
    response: {
      ...DELIVERY_EXAMPLE,
      attemptLog: [
        {
          attempt: 1,
          attemptedAt: '2024-01-15T10:05:00Z',
          durationMs: 42,
          request: {
            url: 'https://example.com/webhooks',
            headers: { 'webhook-id': DELIVERY_EXAMPLE.id, 'webhook-attempt': '1' },
            body: '{"id":"whd_01H9Xy...","event":"cashIn.completed"}',
          },
          response: { statusCode: 503, headers: { 'retry-after': '10' }, body: 'busy' },
          error: null,
        },
      ],
    },
  },
});

export const retryWebhookDelivery = defineOperation({
  operationId: 'retryWebhookDelivery',
  method: 'POST',
  path: '/webhooks/:webhookId/deliveries/:deliveryId/retry',
  tag: 'Webhook',
  summary: 'Retry a delivery',
  description:
    'Sends it once more now, whatever became of it, under the same id; failing, it climbs the ladder of attempts anew. One that is under way is sent again after it.',
  auth: 'bearer',
  idempotency: 'optional',
  params: DeliveryParams,
  success: { status: 200, description: 'The delivery, pending', schema: WebhookDelivery },
  errors: [...MUTATION_ERRORS, 'not_found', 'invalid_state'],
  evidence: [{ evidence: 'proposal', fact: 'The operation. A disabled webhook is 409 `invalid_state`.' }],
  example: { response: DELIVERY_EXAMPLE },
});

export const testWebhook = defineOperation({
  operationId: 'testWebhook',
  method: 'POST',
  path: '/webhooks/:webhookId/test',
  tag: 'Webhook',
  summary: 'Send a test event',
  description:
    'Sends a `webhook.test` event to this webhook alone, whatever it subscribes to. What came of it is in the delivery.',
  auth: 'bearer',
  idempotency: 'optional',
  params: WebhookParams,
  success: { status: 200, description: 'The delivery, pending', schema: WebhookDelivery },
  errors: [...MUTATION_ERRORS, 'not_found', 'invalid_state'],
  evidence: [
    { evidence: 'proposal', fact: 'The operation. A disabled webhook is 409 `invalid_state`.' },
    { evidence: 'third-party', fact: 'The event `webhook.test`.' },
  ],
  example: { response: { ...DELIVERY_EXAMPLE, event: 'webhook.test', attempts: 0 } },
});

/** Events of one replay at the most; the rest is asked for with `afterEventId`. */
export const MAX_REPLAYED = 10_000;
const MAX_REPLAYED_IDS = 100;

export const WebhookReplay = Type.Object(
  {
    object: Type.Literal('webhookReplay'),
    webhookId: Type.String(),
    deliveries: Type.Integer({ description: 'How many are due now because of this.' }),
    hasMore: Type.Boolean({ description: `Whether there are more than ${MAX_REPLAYED}.` }),
    lastEventId: NullableString({ description: 'The `afterEventId` that continues.' }),
  },
  { title: 'WebhookReplay', ...PROPOSAL },
);

export const replayWebhook = defineOperation({
  operationId: 'replayWebhook',
  method: 'POST',
  path: '/webhooks/:webhookId/replay',
  tag: 'Webhook',
  summary: 'Replay events',
  description:
    'Sends events again, or for the first time, oldest first: those named, those of a resource, those of a window of time, or those since the last one that the endpoint took and that it has not taken. Exactly one of `eventIds`, `resource`, `createdAfter` and `sinceLastSuccess` says which. But for `eventIds`, only what the webhook subscribes to.',
  auth: 'bearer',
  idempotency: 'optional',
  params: WebhookParams,
  body: Type.Object({
    eventIds: Type.Optional(
      Type.Array(Id('evt'), { minItems: 1, maxItems: MAX_REPLAYED_IDS, uniqueItems: true }),
    ),
    resource: Type.Optional(Id('txn', { description: 'Any id: of a transaction, a cash-in, a wallet, …' })),
    createdAfter: Type.Optional(Timestamp({ description: 'Inclusive; may come with `createdBefore`.' })),
    createdBefore: Type.Optional(Timestamp({ description: 'Inclusive.' })),
    sinceLastSuccess: Type.Optional(Type.Literal(true)),
    onlyUndelivered: Type.Optional(
      Type.Boolean({ default: false, description: 'Leaves out what the endpoint has taken.' }),
    ),
    afterEventId: Type.Optional(Id('evt', { description: 'Continues a replay that has more.' })),
  }),
  success: { status: 200, description: 'What is due now', schema: WebhookReplay },
  errors: [...MUTATION_ERRORS, 'not_found', 'invalid_state'],
  evidence: [{ evidence: 'proposal', fact: 'The operation. A disabled webhook is 409 `invalid_state`.' }],
  example: {
    request: { createdAfter: '2024-01-15T10:00:00Z', onlyUndelivered: true },
    response: {
      object: 'webhookReplay',
      webhookId: 'whk_01H9Xw...',
      deliveries: 12,
      hasMore: false,
      lastEventId: 'evt_01H9Xz...',
    },
  },
});
