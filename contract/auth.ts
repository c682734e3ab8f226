import Type, { type Static } from 'typebox';
import { RequiredText, Timestamp } from './fields.ts';
import { defineOperation } from './operation.ts';

export const AccessToken = Type.Object(
  {
    accessToken: Type.String({ description: 'Treat as opaque.' }),
    tokenType: Type.Literal('bearer'),
    expiresIn: Type.Integer({ description: 'Seconds.', examples: [3600] }),
    expiresAt: Timestamp(),
  },
  { title: 'AccessToken' },
);
export type AccessToken = Static<typeof AccessToken>;

export const createToken = defineOperation({
  operationId: 'createToken',
  method: 'POST',
  path: '/auth/token',
  tag: 'Auth',
  summary: 'Exchange an API key for a bearer token',
  description:
    'The key and its secret are sent here only. The token is valid for 60 minutes; when a request answers 401, exchange the key again and retry.',
  auth: 'none',
  idempotency: 'none',
  body: Type.Object({
    apiKey: RequiredText(200, { description: 'Starts with `sk_sdbx_` (sandbox) or `sk_live_`.' }),
    apiSecret: RequiredText(200),
  }),
  success: { status: 200, description: 'Token issued', schema: AccessToken },
  errors: [
    'invalid_request',
    'validation_error',
    'invalid_credentials',
    'payload_too_large',
    'unsupported_media_type',
    'rate_limited',
    'internal_error',
    'provider_unavailable',
  ],
  evidence: [{ evidence: 'proposal', fact: 'The code `invalid_credentials`.' }],
  example: {
    request: { apiKey: '{api_key}', apiSecret: '{api_secret}' },
    response: {
      accessToken: 'eyJhbGc...',
      tokenType: 'bearer',
      expiresIn: 3600,
      expiresAt: '2024-01-15T11:00:00Z',
    },
  },
});
