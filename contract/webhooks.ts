import Type, { type Static } from 'typebox';
import { BEARER_ERRORS, IDEMPOTENCY_ERRORS, KEYED_MUTATION_ERRORS, MUTATION_ERRORS } from './errors.ts';
import { INFERRED, OneOf, PathId, PROPOSAL, Timestamp } from './fields.ts';
import { defineOperation } from './operation.ts';
import { PAGE_QUERY, Page } from './pagination.ts';

const MAX_URL_LENGTH = 2048;
const MAX_PATTERNS = 50;

const EventPatterns = Type.Array(
  Type.String({
    maxLength: 100,
    pattern: '^(\\*|[A-Za-z_]+)(\\.(\\*|[A-Za-z_]+)){0,3}$',
    examples: ['transaction.*.failed', 'cashIn.*'],
  }),
  {
    maxItems: MAX_PATTERNS,
    uniqueItems: true,
    description:
      'Event names or patterns. `*` stands for one segment, and as the last segment for one or more. Empty or absent: all events. A pattern that no known event matches is refused.',
  },
);

const url = Type.String({
  format: 'uri',
  maxLength: MAX_URL_LENGTH,
  description: 'HTTPS. An address inside a private network is refused.',
  examples: ['https://example.com/webhooks'],
});

const webhookFields = {
  id: Type.String({ examples: ['whk_01H9Xw…'] }),
  object: Type.Literal('webhook'),
  url: Type.String(),
  events: Type.Array(Type.String()),
  enabled: Type.Boolean({ description: 'Also set to false when the endpoint answers 410 Gone.' }),
  status: OneOf(['active', 'disabled']),
  complianceOnly: Type.Boolean(),
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

const EXAMPLE = {
  id: 'whk_01H9Xw...',
  object: 'webhook',
  url: 'https://example.com/webhooks',
  events: ['transaction.*.failed', 'cashIn.completed'],
  enabled: true,
  status: 'active',
  complianceOnly: false,
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
  description: '`enabled: false` pauses deliveries, `true` resumes them.',
  auth: 'bearer',
  idempotency: 'optional',
  params: WebhookParams,
  body: Type.Object({
    url: Type.Optional(url),
    events: Type.Optional(EventPatterns),
    enabled: Type.Optional(Type.Boolean()),
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
