import type { OrganizationPermission, Permission } from '@openoms/contract/permissions.ts';
import type { FastifyError } from 'fastify';
import type { Principal } from '../auth/principal.ts';
import { ApiError, type ErrorDetail, validationError } from '../kernel/errors.ts';

/** What ajv says of one failure, as far as it is shown to a client. */
export interface SchemaFailure {
  readonly instancePath: string;
  readonly keyword: string;
  readonly message?: string | undefined;
  readonly params: Readonly<Record<string, unknown>>;
  /** Set when what fails is the name of a property; a failure of `propertyNames` follows that names it. */
  readonly propertyName?: string | undefined;
}

/** One detail per offending field, however many rules it breaks. */
export function toValidationError(failures: readonly SchemaFailure[]): ApiError {
  const details = new Map<string, ErrorDetail>();
  for (const failure of failures) {
    if (failure.keyword === 'if' || failure.propertyName !== undefined) continue;
    const field = fieldOf(failure);
    if (!details.has(field)) details.set(field, { field, issue: issueOf(failure) });
  }
  return validationError([...details.values()]);
}

function fieldOf(failure: SchemaFailure): string {
  const path = failure.instancePath
    .split('/')
    .slice(1)
    .map((segment) => segment.replaceAll('~1', '/').replaceAll('~0', '~'));
  if (failure.keyword === 'required') path.push(String(failure.params.missingProperty));
  if (failure.keyword === 'additionalProperties') path.push(String(failure.params.additionalProperty));
  if (failure.keyword === 'propertyNames') path.push(String(failure.params.propertyName));
  return path.join('.') || 'body';
}

function issueOf(failure: SchemaFailure): string {
  if (failure.keyword === 'required') return 'is required';
  if (failure.keyword === 'additionalProperties') return 'is not known';
  if (failure.keyword === 'enum') return `must be one of ${String(failure.params.allowedValues)}`;
  if (failure.keyword === 'format') return `is not a valid ${String(failure.params.format)}`;
  if (failure.keyword === 'pattern') return 'has the wrong form';
  return failure.message ?? 'is invalid';
}

export const revokedKey = (): ApiError =>
  new ApiError(401, 'unauthorized', 'The API key of this token was revoked.');

export const endedSession = (): ApiError =>
  new ApiError(401, 'unauthorized', 'The session has ended; sign in again.');

/** Names what is missing: whoever asks can see it in the console as well. */
export function forbidden(kind: Principal['kind'], needed: OrganizationPermission | Permission): ApiError {
  const who = kind === 'apiKey' ? 'This API key has no scope' : 'Your role has no permission';
  return new ApiError(403, 'forbidden', `${who} \`${needed}\`.`);
}

const FRAMEWORK_ERRORS: Readonly<Record<string, readonly [status: number, code: string, message: string]>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: [413, 'payload_too_large', 'The body is larger than 256 kB.'],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: [415, 'unsupported_media_type', 'The body must be application/json.'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: [400, 'invalid_request', 'The body does not match Content-Length.'],
  FST_ERR_BAD_URL: [400, 'invalid_request', 'The path is not a valid URL.'],
  FST_ERR_MAX_PARAM_LENGTH: [404, 'not_found', 'No such resource.'],
};

/** The expected failure behind an error of the framework; undefined for a bug. */
export function toApiError(error: FastifyError | Error): ApiError | undefined {
  if (error instanceof ApiError) return error;
  const known = 'code' in error ? FRAMEWORK_ERRORS[error.code] : undefined;
  return known ? new ApiError(known[0], known[1], known[2], { cause: error }) : undefined;
}

export interface WireError {
  readonly code: string;
  readonly message: string;
  readonly details: readonly ErrorDetail[];
  readonly requestId: string;
}

export const toWireError = (error: ApiError, requestId: string): WireError => ({
  code: error.code,
  message: error.message,
  details: error.details,
  requestId,
});
