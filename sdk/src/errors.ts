import type { ErrorBody, ErrorCode } from '@openoms/contract/errors.ts';

/** Failures that have no answer of the server, with status 0, or none that can be read. */
export type LocalErrorCode = 'connection_failed' | 'timeout' | 'invalid_response' | 'http_error';

export type OmsErrorDetail = ErrorBody['details'][number];

/** A call that failed for good: after its retries, or because a retry cannot help. */
export class OmsError extends Error {
  override readonly name = 'OmsError';
  /** HTTP status; 0 when no answer came. */
  readonly status: number;
  /** Stable, for machines. A later server may answer codes this version does not list. */
  readonly code: ErrorCode | LocalErrorCode | (string & Record<never, never>);
  /** Every offending or missing field, when the server named them. */
  readonly details: readonly OmsErrorDetail[];
  /** Quote it to support. */
  readonly requestId: string | undefined;

  constructor(
    status: number,
    code: string,
    message: string,
    options: { details?: readonly OmsErrorDetail[]; requestId?: string | undefined; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.status = status;
    this.code = code;
    this.details = options.details ?? [];
    this.requestId = options.requestId;
  }
}

export type WebhookRefusal =
  | 'malformed_header'
  | 'no_matching_signature'
  | 'timestamp_out_of_tolerance'
  | 'malformed_payload';

/** A webhook request that must not be trusted. */
export class WebhookVerificationError extends Error {
  override readonly name = 'WebhookVerificationError';
  readonly reason: WebhookRefusal;

  constructor(reason: WebhookRefusal, message: string) {
    super(message);
    this.reason = reason;
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isDetail = (value: unknown): value is OmsErrorDetail =>
  isObject(value) && typeof value.field === 'string' && typeof value.issue === 'string';

function parseObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}

/** The error an unsuccessful answer stands for; a body that is not ours gives the code `http_error`. */
export function errorFromAnswer(status: number, headers: Headers, text: string): OmsError {
  const body = parseObject(text);
  const code = typeof body.code === 'string' ? body.code : 'http_error';
  const message = typeof body.message === 'string' ? body.message : `The server answered ${status}.`;
  const details = Array.isArray(body.details) ? body.details.filter(isDetail) : [];
  const requestId = typeof body.requestId === 'string' ? body.requestId : headers.get('x-request-id');
  return new OmsError(status, code, message, { details, requestId: requestId ?? undefined });
}
