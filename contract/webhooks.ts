import Type, { type Static } from 'typebox';
import { BEARER_ERRORS, IDEMPOTENCY_ERRORS, KEYED_MUTATION_ERRORS, MUTATION_ERRORS } from './errors.ts';
import { EventPattern } from './event-patterns.ts';
import {
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
import { PAGE_QUERY, Page } from './pagination.ts';

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

export const WebhookParams = Type.Object({ webhookId: PathId('whk') });

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
export const DEFAULT_OVERLAP_SECONDS = 86_400;

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
