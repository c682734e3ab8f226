import { ApiError } from '../kernel/errors.ts';

export const MAX_BODY_BYTES = 256 * 1024;
const MAX_JSON_DEPTH = 20;
export const MAX_PATH_SEGMENT_LENGTH = 200;

/**
 * Refuses JSON nested deeper than the limit, which only serves to exhaust a parser or a validator, and text with
 * half of a surrogate pair (`"\\ud800"`), which no UTF-8 carries and PostgreSQL's jsonb refuses.
 */
export function requireStorable(value: unknown, depth = 1): void {
  if (typeof value === 'string' && !value.isWellFormed()) throw malformedText();
  if (typeof value !== 'object' || value === null) return;
  if (depth > MAX_JSON_DEPTH) {
    throw new ApiError(400, 'invalid_request', `The body is nested deeper than ${MAX_JSON_DEPTH} levels.`);
  }
  for (const [name, member] of Object.entries(value)) {
    if (!name.isWellFormed()) throw malformedText();
    requireStorable(member, depth + 1);
  }
}

const malformedText = (): ApiError =>
  new ApiError(400, 'invalid_request', 'The body has text that is not valid Unicode.');

/** JSON, or undefined for an empty body: clients send `Content-Type: application/json` on bodiless calls too. */
export function parseJsonBody(text: string): unknown {
  if (text.trim() === '') return undefined;
  try {
    return JSON.parse(text, refusePrototypeKeys);
  } catch (cause) {
    throw new ApiError(400, 'invalid_request', 'The body is not valid JSON.', { cause });
  }
}

/** Drops the one key that JSON.parse would let shadow an object's prototype. */
function refusePrototypeKeys(this: unknown, key: string, value: unknown): unknown {
  return key === '__proto__' ? undefined : value;
}
