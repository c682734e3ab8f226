import Type, { type Static } from 'typebox';
import { BEARER_ERRORS, IDEMPOTENCY_ERRORS, KEYED_MUTATION_ERRORS, MUTATION_ERRORS } from './errors.ts';
import { EventPattern } from './event-patterns.ts';
import {
  Id,
  INFERRED,
  Metadata,
  NullableString,
  NullableTimestamp,
  OneOf,
  PathId,
  PROPOSAL,
  Text,
  Timestamp,
} from './fields.ts';
import { defineOperation } from './operation.ts';
import { CREATED_QUERY, PAGE_QUERY, Page } from './pagination.ts';

const MAX_URL_LENGTH = 2048;
const MAX_PATTERNS = 50;

const EventPatterns = Type.Array(EventPattern(), {
  maxItems: MAX_PATTERNS,
  uniqueItems: true,
  description:
    'Event names or patterns. `*` stands for one segment, and as the last segment for one or more. Empty or absent: all events. Events for compliance are sent only to who names them: no wildcard and no empty list stands for them. A pattern that no known event matches is refused.',
});

const url = Type.String({
  format: 'uri',
  maxLength: MAX_URL_LENGTH,
  description: 'HTTPS. An address inside a private network is refused.',
  examples: ['https://example.com/webhooks'],
});

const MAX_RATE = 1_000;
const MAX_DESCRIPTION = 500;

const settable = {
  description: Type.Optional(Text(MAX_DESCRIPTION, { description: 'For people.', ...PROPOSAL })),
  metadata: Type.Optional(Metadata({ ...PROPOSAL })),
  rateLimit: Type.Optional(
    Type.Unsafe<number | null>({
      type: ['integer', 'null'],
      minimum: 1,
      maximum: MAX_RATE,
      description: 'Deliveries a second at the most, evenly spaced; null: as many as go.',
      ...PROPOSAL,
    }),
  ),
  inOrder: Type.Optional(
    Type.Boolean({
      description:
        'Whether the next event of a resource waits until the one before it was taken, or given up after the last attempt.',
      ...PROPOSAL,
    }),
  ),
};

const webhookFields = {
  id: Type.String({ examples: ['whk_01H9Xw…'] }),
  object: Type.Literal('webhook'),
  url: Type.String(),
  events: Type.Array(Type.String()),
  enabled: Type.Boolean({
    description:
      'Also set to false when the endpoint answers 410 Gone, and when it has failed for five days. What happens meanwhile is delivered once it is true again.',
  }),
  status: OneOf(['active', 'disabled']),
  disabledReason: Type.Unsafe<'gone' | 'failing' | null>({
    type: ['string', 'null'],
    enum: ['gone', 'failing', null],
    description: 'Why it was switched off, unless you did.',
    ...PROPOSAL,
  }),
  complianceOnly: Type.Boolean(),
  description: NullableString({ ...PROPOSAL }),
  metadata: Metadata({ ...PROPOSAL }),
  rateLimit: Type.Unsafe<number | null>({ type: ['integer', 'null'], ...PROPOSAL }),
  inOrder: Type.Boolean({ ...PROPOSAL }),
  createdAt: Timestamp(),
  updatedAt: Type.Optional(Timestamp({ ...PROPOSAL })),
};

export const Webhook = Type.Object(webhookFields, { title: 'Webhook' });
export type Webhook = Static<typeof Webhook>;

export const WebhookWithSecret = Type.Object(
  {
    ...webhookFields,
    secret: Type.String({ description: '`whsec_` and 64 hex characters; shown this once.' }),
  },
  { title: 'WebhookWithSecret' },
);
export type WebhookWithSecret = Static<typeof WebhookWithSecret>;

export const WebhookPage = Page(Webhook, 'WebhookPage');

const WebhookParams = Type.Object({ webhookId: PathId('whk') });

const EXAMPLE: Webhook = {
  id: 'whk_01H9Xw...',
  object: 'webhook',
  url: 'https://example.com/webhooks',
  events: ['transaction.*.failed', 'cashIn.completed'],
  enabled: true,
  status: 'active',
  disabledReason: null,
  complianceOnly: false,
  description: 'Ledger of the shop',
  metadata: { team: 'payments' },
  rateLimit: null,
  inOrder: false,
  createdAt: '2024-01-15T10:05:00Z',
  updatedAt: '2024-01-15T10:05:00Z',
};

export const createWebhook = defineOperation({
  operationId: 'createWebhook',
  method: 'POST',
  path: '/webhooks',
  tag: 'Webhook',
  summary: 'Create a webhook',
  description: 'Deliveries start at once. The answer holds the signing secret, this one time.',
  auth: 'bearer',
  idempotency: 'required',
  body: Type.Object({
    url,
    events: Type.Optional(EventPatterns),
    enabled: Type.Optional(Type.Boolean({ default: true, ...INFERRED })),
    ...settable,
  }),
  success: { status: 201, description: 'Webhook created', schema: WebhookWithSecret },
  errors: KEYED_MUTATION_ERRORS,
  evidence: [{ evidence: 'inferred', fact: '`events` and `enabled` at creation.' }],
  example: {
    request: { url: EXAMPLE.url, events: EXAMPLE.events },
    response: { ...EXAMPLE, secret: `whsec_${'0123456789abcdef'.repeat(4)}` },
  },
});

export const listWebhooks = defineOperation({
  operationId: 'listWebhooks',
  method: 'GET',
  path: '/webhooks',
  tag: 'Webhook',
  summary: 'List webhooks',
  description: 'Newest first, without secrets.',
  auth: 'bearer',
  idempotency: 'none',
  query: Type.Object({ ...PAGE_QUERY }, { ...PROPOSAL }),
  success: { status: 200, description: 'A page of webhooks', schema: WebhookPage },
  errors: BEARER_ERRORS,
  evidence: [{ evidence: 'inferred', fact: 'The operation: the documents say full CRUD.' }],
});

export const getWebhook = defineOperation({
  operationId: 'getWebhook',
  method: 'GET',
  path: '/webhooks/:webhookId',
  tag: 'Webhook',
  summary: 'Get a webhook',
  description: 'Without its secret.',
  auth: 'bearer',
  idempotency: 'none',
  params: WebhookParams,
  success: { status: 200, description: 'The webhook', schema: Webhook },
  errors: [...BEARER_ERRORS, 'not_found'],
  example: { response: EXAMPLE },
});

export const updateWebhook = defineOperation({
  operationId: 'updateWebhook',
  method: 'PATCH',
  path: '/webhooks/:webhookId',
  tag: 'Webhook',
  summary: 'Update a webhook',
  description:
    '`enabled: false` pauses deliveries, `true` resumes them: what waited is due at once, in order of `sequence`.',
  auth: 'bearer',
  idempotency: 'optional',
  params: WebhookParams,
  body: Type.Object({
    url: Type.Optional(url),
    events: Type.Optional(EventPatterns),
    enabled: Type.Optional(Type.Boolean()),
    ...settable,
  }),
  success: { status: 200, description: 'The webhook after the change', schema: Webhook },
  errors: [...MUTATION_ERRORS, 'not_found'],
  evidence: [{ evidence: 'proposal', fact: 'An optional Idempotency-Key.' }],
  example: { request: { enabled: false }, response: { ...EXAMPLE, enabled: false, status: 'disabled' } },
});

export const deleteWebhook = defineOperation({
  operationId: 'deleteWebhook',
  method: 'DELETE',
  path: '/webhooks/:webhookId',
  tag: 'Webhook',
  summary: 'Delete a webhook',
  description: 'Stops its deliveries for good.',
  auth: 'bearer',
  idempotency: 'optional',
  params: WebhookParams,
  success: { status: 204, description: 'Webhook deleted' },
  errors: [...BEARER_ERRORS, ...IDEMPOTENCY_ERRORS, 'not_found'],
  evidence: [
    { evidence: 'inferred', fact: 'The operation: the documents say full CRUD.' },
    { evidence: 'proposal', fact: 'Status 204.' },
  ],
});

const MAX_OVERLAP_SECONDS = 604_800;
const DEFAULT_OVERLAP_SECONDS = 86_400;

export const RotatedSecret = Type.Object(
  {
    ...webhookFields,
    secret: Type.String({ description: 'The new one: `whsec_` and 64 hex characters; shown this once.' }),
    previousSecretValidUntil: NullableTimestamp({
      description: 'Until then requests are signed with the one before as well; null: it ended at once.',
    }),
  },
  { title: 'RotatedSecret', ...PROPOSAL },
);

export const rotateWebhookSecret = defineOperation({
  operationId: 'rotateWebhookSecret',
  method: 'POST',
  path: '/webhooks/:webhookId/rotate-secret',
  tag: 'Webhook',
  summary: 'Rotate the signing secret',
  description:
    'Answers a new secret, this one time. Until the overlap ends each request has a signature of either, so that the receiver can change over without missing one. A rotation within the overlap of another ends the oldest secret.',
  auth: 'bearer',
  idempotency: 'required',
  params: WebhookParams,
  body: Type.Object({
    overlapSeconds: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: MAX_OVERLAP_SECONDS,
        default: DEFAULT_OVERLAP_SECONDS,
        description: 'How long the secret before signs as well; 0 when it has leaked.',
      }),
    ),
  }),
  success: { status: 200, description: 'The webhook with its new secret', schema: RotatedSecret },
  errors: [...KEYED_MUTATION_ERRORS, 'not_found'],
  evidence: [{ evidence: 'proposal', fact: 'The operation.' }],
  example: {
    request: { overlapSeconds: 3600 },
    response: {
      ...EXAMPLE,
      secret: `whsec_${'fedcba9876543210'.repeat(4)}`,
      previousSecretValidUntil: '2024-01-15T11:05:00Z',
    },
  },
});

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
            url: EXAMPLE.url,
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
