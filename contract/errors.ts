import Type, { type Static } from 'typebox';

/** Every error code with its one status and its meaning; a client may branch on the code. */
export const ERRORS = {
  invalid_request: { status: 400, meaning: 'The request cannot be read: malformed JSON, cursor or header.' },
  validation_error: { status: 400, meaning: 'One or more fields are invalid; `details` names each of them.' },
  idempotency_key_required: { status: 400, meaning: 'The operation needs an `Idempotency-Key` header.' },
  unauthorized: { status: 401, meaning: 'No valid bearer token was sent.' },
  token_expired: { status: 401, meaning: 'The bearer token has expired; exchange the key for a new one.' },
  invalid_credentials: { status: 401, meaning: 'The API key or its secret is unknown, wrong or revoked.' },
  code_required: {
    status: 401,
    meaning: 'The user has an authenticator: send the code that it shows with the password.',
  },
  forbidden: { status: 403, meaning: 'The API key, or the role of the member, may not do this.' },
  endorsement_required: { status: 403, meaning: 'The customer lacks an active endorsement it needs.' },
  customer_inactive: { status: 403, meaning: 'The customer is inactive.' },
  not_found: { status: 404, meaning: 'There is no such resource, or it belongs to someone else.' },
  method_not_allowed: { status: 405, meaning: 'The path exists, the method does not.' },
  idempotency_conflict: { status: 409, meaning: 'The key was used before with another request.' },
  idempotency_in_progress: { status: 409, meaning: 'The first request with this key is still running.' },
  invalid_state: { status: 409, meaning: 'The resource is in a state that does not allow this.' },
  quote_already_accepted: { status: 409, meaning: 'The quote was executed before; it is used once.' },
  wallet_exists: { status: 409, meaning: 'The customer already has a wallet for this asset and chain.' },
  payload_too_large: { status: 413, meaning: 'The body is larger than the server accepts.' },
  unsupported_media_type: { status: 415, meaning: 'The body is not `application/json`.' },
  provider_account_not_provisioned: {
    status: 422,
    meaning: 'The customer lacks identity fields needed for fiat; `details` names those missing.',
  },
  unsupported_asset_network: { status: 422, meaning: 'The asset is not offered on this network.' },
  quote_expired: { status: 422, meaning: 'The quote has expired; ask for a new one.' },
  insufficient_funds: { status: 422, meaning: 'The source does not hold enough that is free to spend.' },
  compliance_hold: { status: 422, meaning: 'The payment is held for review.' },
  amount_out_of_range: { status: 422, meaning: 'The amount is below the minimum or above the maximum.' },
  limit_exceeded: { status: 422, meaning: 'A daily, weekly or monthly limit would be exceeded.' },
  idempotency_key_expired: {
    status: 422,
    meaning: 'The key is too old to be answered again; use a new one.',
  },
  code_expired: { status: 422, meaning: 'The deposit code has expired; refresh the cash-in.' },
  rate_limited: { status: 429, meaning: 'Too many requests; wait for `Retry-After` seconds.' },
  internal_error: { status: 500, meaning: 'A defect of the server; safe to retry with the same key.' },
  rate_unavailable: { status: 503, meaning: 'There is no exchange rate that is fresh enough to quote.' },
  provider_unavailable: {
    status: 503,
    meaning: 'A party the server depends on does not answer; retry later.',
  },
} as const satisfies Record<string, { readonly status: number; readonly meaning: string }>;

export type ErrorCode = keyof typeof ERRORS;

/** Clients may match on this text, so it is exactly the documents' (contract 1.7). */
export const NOT_PROVISIONED_MESSAGE = 'provider account not provisioned for this customer';

const ErrorDetailBody = Type.Object({
  field: Type.String({ description: 'Path of the offending field, such as `residentialAddress.zipCode`.' }),
  issue: Type.String({ description: 'What is wrong with it.' }),
});

export const ErrorBody = Type.Object(
  {
    code: Type.Unsafe<ErrorCode>({
      type: 'string',
      enum: Object.keys(ERRORS),
      description: 'Stable, for machines. New codes may be added.',
    }),
    message: Type.String({ description: 'For people.' }),
    details: Type.Array(ErrorDetailBody, { description: 'Every offending or missing field; else empty.' }),
    requestId: Type.String({ description: 'Repeats the `X-Request-Id` response header.' }),
  },
  { title: 'Error', 'x-evidence': 'proposal' },
);
export type ErrorBody = Static<typeof ErrorBody>;

/** What any operation with a bearer token may answer. */
export const BEARER_ERRORS = [
  'invalid_request',
  'validation_error',
  'unauthorized',
  'token_expired',
  'forbidden',
  'rate_limited',
  'internal_error',
  'provider_unavailable',
] as const satisfies readonly ErrorCode[];

/** What any operation with a JSON body may answer. */
export const BODY_ERRORS = [
  'payload_too_large',
  'unsupported_media_type',
] as const satisfies readonly ErrorCode[];

/** What any operation that takes an `Idempotency-Key` may answer. */
export const IDEMPOTENCY_ERRORS = [
  'idempotency_conflict',
  'idempotency_in_progress',
  'idempotency_key_expired',
] as const satisfies readonly ErrorCode[];

/** A mutation whose `Idempotency-Key` is required. */
export const KEYED_MUTATION_ERRORS = [
  ...BEARER_ERRORS,
  ...BODY_ERRORS,
  ...IDEMPOTENCY_ERRORS,
  'idempotency_key_required',
] as const satisfies readonly ErrorCode[];

/** A mutation whose `Idempotency-Key` is optional. */
export const MUTATION_ERRORS = [
  ...BEARER_ERRORS,
  ...BODY_ERRORS,
  ...IDEMPOTENCY_ERRORS,
] as const satisfies readonly ErrorCode[];
