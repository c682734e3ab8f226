/** One offending field of a request: a path such as `residentialAddress.zipCode`, and what is wrong with it. */
export interface ErrorDetail {
  readonly field: string;
  readonly issue: string;
}

/**
 * An expected failure: what a client can meet. `code` is stable and for machines, `message` is public text.
 * The wire form is `{ code, message, details, requestId }`; nothing else of the error leaves the server.
 */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  readonly code: string;
  readonly details: readonly ErrorDetail[];
  readonly retryAfterSeconds: number | undefined;

  constructor(
    status: number,
    code: string,
    message: string,
    options: { details?: readonly ErrorDetail[]; retryAfterSeconds?: number; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.status = status;
    this.code = code;
    this.details = options.details ?? [];
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}

/** What the work answers, or the refusal it throws; anything else it throws goes on. */
export function attempt<T>(work: () => T): T | ApiError {
  try {
    return work();
  } catch (error) {
    return asRefusal(error);
  }
}

/** For `filter`: those that were not refused. */
export const isNoRefusal = <T>(value: T | ApiError): value is T => !(value instanceof ApiError);

/** For `catch`: a refusal as a value. */
export function asRefusal(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  throw error;
}

/** The same body for an unknown id, a malformed one and another tenant's: existence must not leak. */
export const notFound = (resource: string): ApiError =>
  new ApiError(404, 'not_found', `No such ${resource}.`);

export const validationError = (details: readonly ErrorDetail[]): ApiError =>
  new ApiError(400, 'validation_error', 'The request has invalid fields.', { details });

/** What was thrown, which may be anything. */
export const asError = (thrown: unknown): Error =>
  thrown instanceof Error ? thrown : new Error(String(thrown));
