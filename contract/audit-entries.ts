import Type, { type Static } from 'typebox';
import { BEARER_ERRORS } from './errors.ts';
import { NullableString, RequiredText, Timestamp } from './fields.ts';
import { defineOperation } from './operation.ts';
import { CREATED_QUERY, PAGE_QUERY, Page } from './pagination.ts';

const MAX_LENGTH = 100;

export const AuditEntry = Type.Object(
  {
    id: Type.String({ examples: ['aud_01H9Xv…'] }),
    object: Type.Literal('auditEntry'),
    actor: Type.String({
      description: '`apiKey:` and the key, `user:` and the member, or `system`: the server by itself.',
      examples: ['apiKey:sk_sdbx_…'],
    }),
    action: Type.String({ description: 'New ones may be added.', examples: ['webhook.created'] }),
    resourceId: Type.String({ description: 'What was changed.', examples: ['whk_01H9Xw…'] }),
    details: Type.Object(
      {},
      { additionalProperties: true, description: 'What was done; no secrets, and of a URL its origin.' },
    ),
    requestId: NullableString({ description: '`X-Request-Id` of the request that did it.' }),
    position: Type.Integer({
      minimum: 1,
      description: 'Counts the entries of the project from 1 on, without gaps.',
    }),
    hash: Type.String({
      pattern: '^[0-9a-f]{64}$',
      description:
        'SHA-256 of the hash before and of this entry. Keep one elsewhere, and you can tell later whether anything up to it was changed.',
    }),
    createdAt: Timestamp(),
  },
  { title: 'AuditEntry' },
);
export type AuditEntry = Static<typeof AuditEntry>;

export const listAuditEntries = defineOperation({
  operationId: 'listAuditEntries',
  method: 'GET',
  path: '/audit-entries',
  tag: 'Operations',
  summary: 'List audit entries',
  description: 'Who changed how the project is set up: its keys, settings and webhooks; newest first.',
  auth: 'bearer',
  idempotency: 'none',
  query: Type.Object({
    resource: Type.Optional(RequiredText(MAX_LENGTH, { description: 'What was changed, by its id.' })),
    action: Type.Optional(RequiredText(MAX_LENGTH, { description: 'Such as `webhook.disabled`.' })),
    ...CREATED_QUERY,
    ...PAGE_QUERY,
  }),
  success: { status: 200, description: 'A page of entries', schema: Page(AuditEntry, 'AuditEntryPage') },
  errors: BEARER_ERRORS,
  evidence: [{ evidence: 'proposal', fact: 'The operation: an extension for operators.' }],
});
