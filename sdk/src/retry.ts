import type { OmsError } from './errors.ts';

const BASE_DELAY_MS = 250;
const MAX_DELAY_MS = 8_000;

/** A server that asks for a longer wait gets no retry: the caller decides whether to wait that long. */
const MAX_RETRY_AFTER_MS = 60_000;

/**
 * Whether the same request, with the same idempotency key, may succeed later: no answer, 408, 429, 5xx, or
 * the first request with this key still running.
 */
export const isRetryable = ({ status, code }: OmsError): boolean =>
  code === 'connection_failed' ||
  code === 'timeout' ||
  status === 408 ||
  status === 429 ||
  status >= 500 ||
  (status === 409 && code === 'idempotency_in_progress');

/** Reads `Retry-After` as seconds or as an HTTP date; undefined when absent or unreadable. */
export function parseRetryAfterMs(header: string | null, nowMs: number): number | undefined {
  if (header === null) return undefined;
  if (/^[0-9]{1,9}$/.test(header)) return Number(header) * 1_000;
  const atMs = Date.parse(header);
  return Number.isNaN(atMs) ? undefined : Math.max(0, atMs - nowMs);
}

/**
 * How long to wait before retry number `retry` (from 0): exponential with equal jitter, so that clients that
 * failed together do not return together; never less than the server asked. Undefined: do not retry.
 */
export function retryDelayMs(
  retry: number,
  retryAfterMs: number | undefined,
  random: () => number,
): number | undefined {
  const ceilingMs = Math.min(MAX_DELAY_MS, BASE_DELAY_MS * 2 ** retry);
  const backoffMs = Math.round(ceilingMs / 2 + (ceilingMs / 2) * random());
  if (retryAfterMs === undefined) return backoffMs;
  return retryAfterMs > MAX_RETRY_AFTER_MS ? undefined : Math.max(retryAfterMs, backoffMs);
}
