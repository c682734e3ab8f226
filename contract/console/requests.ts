import Type, { type Static } from 'typebox';
import { BEARER_ERRORS } from '../errors.ts';
import { NullableString, OneOf, PathId, Text, Timestamp } from '../fields.ts';
import { CREATED_QUERY, PAGE_QUERY, Page } from '../pagination.ts';
import { defineProjectOperation } from './operation.ts';

const METHODS = ['GET', 'POST', 'PATCH', 'DELETE'] as const;

const requestFields = {
  id: Type.String({ description: '`X-Request-Id` of the answer.', examples: ['req_01H9Xa…'] }),
  object: Type.Literal('request'),
  method: OneOf(METHODS),
  path: Type.String({ description: 'As it was sent, without the query.' }),
  operation: NullableString({ description: '`operationId`; null: there is none of that path.' }),
  status: Type.Integer(),
  durationMs: Type.Number(),
  actor: Type.String({ description: '`apiKey:` or `user:` and who.' }),
  idempotencyKey: NullableString(),
  isReplay: Type.Boolean({ description: 'The answer is the one stored under the key.' }),
  errorCode: NullableString({ description: '`error.code` of the answer.' }),
  createdAt: Timestamp(),
};

export const LoggedRequest = Type.Object(requestFields, { title: 'LoggedRequest' });
export type LoggedRequest = Static<typeof LoggedRequest>;

const MaskedBody = (description: string) =>
  Type.Unsafe<unknown>({
    description: `${description} Identity data, secrets and fields that the contract does not know are \`•••\`. Null: there was none, or it was too large.`,
  });

export const LoggedRequestDetail = Type.Object(
  {
    ...requestFields,
    query: MaskedBody('Query, by name.'),
    requestBody: MaskedBody('What was sent.'),
    responseBody: MaskedBody('What was answered.'),
    resourceIds: Type.Array(Type.String(), { description: 'Ids in path and answer.' }),
  },
  { title: 'LoggedRequestDetail' },
);
export type LoggedRequestDetail = Static<typeof LoggedRequestDetail>;

export const listRequests = defineProjectOperation({
  operationId: 'listRequests',
  method: 'GET',
  path: '/requests',
  tag: 'Console',
  summary: 'List requests',
  description:
    'Those of API keys, and of members through the console that change something; newest first, kept for 14 days. They are written a moment after their answer; what a crash keeps from being written is missing here, and nowhere else.',
  auth: 'session',
  idempotency: 'none',
  query: Type.Object({
    method: Type.Optional(OneOf(METHODS)),
    status: Type.Optional(OneOf(['succeeded', 'failed', '4xx', '5xx'])),
    operation: Type.Optional(Text(100, { description: '`operationId`.' })),
    resource: Type.Optional(Text(100, { description: 'An id in path or answer.' })),
    idempotencyKey: Type.Optional(Text(255)),
    ...CREATED_QUERY,
    ...PAGE_QUERY,
  }),
  success: {
    status: 200,
    description: 'A page of requests',
    schema: Page(LoggedRequest, 'LoggedRequestPage'),
  },
  errors: BEARER_ERRORS,
});

export const getRequest = defineProjectOperation({
  operationId: 'getRequest',
  method: 'GET',
  path: '/requests/:requestId',
  tag: 'Console',
  summary: 'Get a request',
  description: 'With its bodies, masked.',
  auth: 'session',
  idempotency: 'none',
  params: Type.Object({ requestId: PathId('req') }),
  success: { status: 200, description: 'The request', schema: LoggedRequestDetail },
  errors: [...BEARER_ERRORS, 'not_found'],
});
