import { ApiError } from '../kernel/errors.ts';

export const MAX_BODY_BYTES = 256 * 1024;
export const MAX_JSON_DEPTH = 20;
export const MAX_PATH_SEGMENT_LENGTH = 200;

/** Refuses JSON nested deeper than the limit: it only serves to exhaust a parser or a validator. */
export function requireShallow(value: unknown, depth = 1): void {
  if (typeof value !== 'object' || value === null) return;
  if (depth > MAX_JSON_DEPTH) {
    throw new ApiError(400, 'invalid_request', `The body is nested deeper than ${MAX_JSON_DEPTH} levels.`);
  }
  for (const member of Object.values(value)) requireShallow(member, depth + 1);
}

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
