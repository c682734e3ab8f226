import type { LoggedEvent } from '@openoms/contract/event-log.ts';
import { webhooks } from '@openoms/sdk';
import { reasonOf } from './connection.ts';

/** As the server waits for an endpoint. */
const TIMEOUT_MS = 15_000;
/** What is kept of an answer. */
const MAX_KEPT_BYTES = 1_024;

export interface Endpoint {
  /** Taken as it is, its query included. */
  readonly url: string;
  /** `whsec_` and what webhooks of the server have. */
  readonly secret: string;
}

export interface Delivery {
  /** The same in every attempt. */
  readonly id: string;
  /** From 1 on. */
  readonly attempt: number;
}

export interface Answer {
  /** 0 when none came. */
  readonly status: number;
  /** The beginning of the answer, or why none came. */
  readonly text: string;
  readonly durationMs: number;
}

export const isTaken = ({ status }: Answer): boolean => status >= 200 && status < 300;

/** What a webhook of the server is sent of the event. */
export const envelopeOf = ({ id, event, createdAt, sequence, data }: LoggedEvent, deliveryId: string) => ({
  id: deliveryId,
  event,
  eventId: id,
  createdAt,
  sequence,
  data,
});

/** Posts an event, signed and with the headers that the server sends. Throws only when the signal ends it. */
export async function post(
  { url, secret }: Endpoint,
  event: LoggedEvent,
  { id, attempt }: Delivery,
  signal: AbortSignal,
): Promise<Answer> {
  const payload = JSON.stringify(envelopeOf(event, id));
  const startedMs = performance.now();
  const answer = (status: number, text: string): Answer => ({
    status,
    text,
    durationMs: Math.round(performance.now() - startedMs),
  });
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  try {
    const signed = await webhooks.signedHeaders({ id, payload, secret, timestamp: new Date() });
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        ...signed,
        'content-type': 'application/json',
        'user-agent': 'OpenOMS-CLI/1',
        'webhook-attempt': String(attempt),
      },
      body: payload,
      redirect: 'manual',
      signal: AbortSignal.any([signal, timeout]),
    });
    return answer(response.status, await beginningOf(response));
  } catch (error) {
    signal.throwIfAborted();
    if (timeout.aborted) return answer(0, `no answer within ${TIMEOUT_MS / 1_000} s`);
    return answer(0, error instanceof Error ? reasonOf(error) : String(error));
  }
}

async function beginningOf({ body }: Response): Promise<string> {
  const kept: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body ?? []) {
    kept.push(chunk);
    bytes += chunk.byteLength;
    if (bytes >= MAX_KEPT_BYTES) break;
  }
  return Buffer.concat(kept).subarray(0, MAX_KEPT_BYTES).toString();
}
