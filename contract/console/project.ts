import Type, { type Static } from 'typebox';
import { BEARER_ERRORS, MUTATION_ERRORS } from '../errors.ts';
import { NullableString, NullableTimestamp, OneOf, PathId, RequiredText, Timestamp } from '../fields.ts';
import { PERMISSION_NAMES } from '../permissions.ts';
import { defineProjectOperation } from './operation.ts';
import { ConsoleProject } from './people.ts';

const MAX_NAME_LENGTH = 100;
const Name = RequiredText(MAX_NAME_LENGTH, { description: 'Free text for people.' });

export const updateProject = defineProjectOperation({
  operationId: 'updateProject',
  method: 'PATCH',
  path: '/',
  tag: 'Console',
  summary: 'Rename the project',
  description: 'Its counterpart in the other mode is renamed with it.',
  auth: 'session',
  permission: 'configure',
  idempotency: 'none',
  body: Type.Object({ name: Name }, { title: 'ProjectUpdate' }),
  success: { status: 200, description: 'The project', schema: ConsoleProject },
  errors: [...MUTATION_ERRORS, 'invalid_state'],
});

export const ApiKey = Type.Object(
  {
    apiKey: Type.String({ examples: ['sk_sdbx_…'] }),
    object: Type.Literal('apiKey'),
    name: Type.String(),
    scopes: Type.Array(OneOf(PERMISSION_NAMES), { description: 'What its tokens may do.' }),
    createdBy: Type.String({ description: 'As actors of the audit log; `system`: made with the project.' }),
    createdAt: Timestamp(),
    lastUsedAt: NullableTimestamp({ description: 'To the minute; null: never.' }),
    revokedAt: NullableTimestamp(),
  },
  { title: 'ApiKey' },
);
export type ApiKey = Static<typeof ApiKey>;

export const listApiKeys = defineProjectOperation({
  operationId: 'listApiKeys',
  method: 'GET',
  path: '/api-keys',
  tag: 'Console',
  summary: 'List API keys',
  description: 'Newest first, revoked ones too; at most 500.',
  auth: 'session',
  idempotency: 'none',
  success: {
    status: 200,
    description: 'Keys',
    schema: Type.Object({ data: Type.Array(ApiKey) }, { title: 'ApiKeyList' }),
  },
  errors: BEARER_ERRORS,
});

export const createApiKey = defineProjectOperation({
  operationId: 'createApiKey',
  method: 'POST',
  path: '/api-keys',
  tag: 'Console',
  summary: 'Create an API key',
  description: 'Its scopes are at most what the member may do in the project.',
  auth: 'session',
  permission: 'develop',
  idempotency: 'optional',
  body: Type.Object(
    {
      name: Name,
      scopes: Type.Optional(
        Type.Array(OneOf(PERMISSION_NAMES), { minItems: 1, uniqueItems: true, maxItems: 10 }),
      ),
    },
    { title: 'NewApiKey' },
  ),
  success: {
    status: 201,
    description: 'The key; its secret is shown this once',
    schema: Type.Object({ key: ApiKey, apiSecret: Type.String() }, { title: 'CreatedApiKey' }),
  },
  errors: MUTATION_ERRORS,
});

export const revokeApiKey = defineProjectOperation({
  operationId: 'revokeApiKey',
  method: 'DELETE',
  path: '/api-keys/:apiKey',
  tag: 'Console',
  summary: 'Revoke an API key',
  description: 'At once: requests with its tokens are refused from then on. Repeated, it answers the same.',
  auth: 'session',
  permission: 'develop',
  idempotency: 'none',
  params: Type.Object({ apiKey: PathId('sk') }),
  success: { status: 200, description: 'The key', schema: ApiKey },
  errors: [...BEARER_ERRORS, 'not_found'],
});

const Point = Type.Object({
  day: Type.String({ description: 'UTC, `YYYY-MM-DD`.' }),
  cashIn: Type.String({ description: 'Completed fiat to crypto, in usd.' }),
  payout: Type.String({ description: 'Completed crypto to fiat, in usd.' }),
  transfer: Type.String({ description: 'Completed crypto to crypto, in usd.' }),
  completed: Type.Integer(),
  failed: Type.Integer(),
  delivered: Type.Integer({ description: 'Deliveries of webhooks that succeeded.' }),
  undelivered: Type.Integer({ description: 'Attempts of deliveries that failed.' }),
});

export const Overview = Type.Object(
  {
    object: Type.Literal('overview'),
    days: Type.Array(Point, { description: 'Oldest first, without gaps, today the last.' }),
    totals: Type.Object({
      volume: Type.String({ description: 'Of all days, in usd.' }),
      previousVolume: Type.String({ description: 'Of as many days before.' }),
      completed: Type.Integer(),
      failed: Type.Integer(),
      successRate: NullableString({
        description: 'Completed of completed and failed, such as `0.9831`; null: neither.',
      }),
    }),
    pending: Type.Object({
      cashIns: Type.Integer({ description: 'Codes that wait for cash, or cash on its way.' }),
      transactions: Type.Integer(),
      deliveries: Type.Integer(),
      deadDeliveries: Type.Integer(),
      openBreaks: Type.Integer(),
    }),
    balances: Type.Array(
      Type.Object({
        kind: Type.String({ description: 'Of the chart of accounts.' }),
        label: Type.String(),
        asset: Type.String(),
        amount: Type.String(),
      }),
      { description: 'What customers own, what the treasury holds, fees earned.' },
    ),
    counts: Type.Object({
      customers: Type.Integer({ description: 'At most 1,000 are counted, as all of these.' }),
      wallets: Type.Integer(),
      transactions: Type.Integer(),
      webhooks: Type.Integer(),
    }),
  },
  { title: 'Overview' },
);
export type Overview = Static<typeof Overview>;

export const getOverview = defineProjectOperation({
  operationId: 'getOverview',
  method: 'GET',
  path: '/overview',
  tag: 'Console',
  summary: 'The project at a glance',
  description: 'By the time of the project.',
  auth: 'session',
  idempotency: 'none',
  query: Type.Object({ days: Type.Optional(Type.Integer({ minimum: 1, maximum: 90, default: 30 })) }),
  success: { status: 200, description: 'The overview', schema: Overview },
  errors: BEARER_ERRORS,
});

export const SEARCH_TYPES = [
  'customer',
  'wallet',
  'transaction',
  'cashIn',
  'quote',
  'externalAccount',
  'virtualAccount',
  'depositAddress',
  'webhook',
  'event',
  'request',
  'apiKey',
  'ledgerAccount',
  'chainTransaction',
] as const;

export const SearchResult = Type.Object(
  {
    type: OneOf(SEARCH_TYPES),
    id: Type.String(),
    title: Type.String({ description: 'What people know it by.' }),
    detail: Type.String({ description: 'One line more.' }),
    matched: OneOf(['id', 'email', 'name', 'externalId', 'address', 'txHash', 'code', 'idempotencyKey']),
  },
  { title: 'SearchResult' },
);
export type SearchResult = Static<typeof SearchResult>;

export const search = defineProjectOperation({
  operationId: 'search',
  method: 'GET',
  path: '/search',
  tag: 'Console',
  summary: 'Find anything',
  description:
    'By id or its beginning, address of mail or chain, hash of a transaction, cash code, external id, the beginning of a name, idempotency key or request id. At most 20, the most exact first.',
  auth: 'session',
  idempotency: 'none',
  query: Type.Object({ q: RequiredText(200) }),
  success: {
    status: 200,
    description: 'What was found',
    schema: Type.Object({ data: Type.Array(SearchResult, { maxItems: 20 }) }, { title: 'SearchResults' }),
  },
  errors: BEARER_ERRORS,
});

/** What `GET …/stream` sends as server-sent events: `event: change`, with this as data. */
export const StreamedChange = Type.Object(
  {
    id: Type.String({ description: 'Of the event.' }),
    type: Type.String({ description: 'Of the event, such as `transaction.completed`.' }),
    resourceId: Type.String(),
    createdAt: Timestamp(),
  },
  { title: 'StreamedChange' },
);
export type StreamedChange = Static<typeof StreamedChange>;
