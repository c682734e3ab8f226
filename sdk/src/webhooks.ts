import type { WebhookEvent } from '@openoms/contract/events.ts';
import { WebhookVerificationError } from './errors.ts';

export type { WebhookEvent };

export interface VerifyInput {
  /** The raw body, exactly as received; parsed and printed again it would not verify. */
  readonly payload: string | Uint8Array;
  /** Value of the `Webhook-Signature` header. */
  readonly header: string | null | undefined;
  /** The whole `whsec_…` secret. */
  readonly secret: string;
  /** How far the signature's time may be from now; 300 when absent. */
  readonly toleranceSeconds?: number;
  /** The present when absent. */
  readonly now?: Date;
}

export interface SignInput {
  readonly payload: string | Uint8Array;
  /** One secret, or several as during a rotation. */
  readonly secret: string | readonly string[];
  readonly timestamp: Date;
}

const DEFAULT_TOLERANCE_SECONDS = 300;
const MAX_HEADER_LENGTH = 2_048;
const MAX_SIGNATURES = 10;
const HMAC = { name: 'HMAC', hash: 'SHA-256' };

const utf8 = new TextEncoder();

const toBytes = (payload: string | Uint8Array): Uint8Array =>
  typeof payload === 'string' ? utf8.encode(payload) : payload;

/** `<t>.` and the raw body. */
function signedBytes(timestamp: string, payload: string | Uint8Array): Uint8Array<ArrayBuffer> {
  const prefix = utf8.encode(`${timestamp}.`);
  const body = toBytes(payload);
  const bytes = new Uint8Array(prefix.byteLength + body.byteLength);
  bytes.set(prefix);
  bytes.set(body, prefix.byteLength);
  return bytes;
}

const importKey = (bytes: Uint8Array<ArrayBuffer>) =>
  crypto.subtle.importKey('raw', bytes, HMAC, false, ['sign', 'verify']);

interface SignatureHeader {
  readonly timestamp: string;
  readonly signatures: readonly Uint8Array<ArrayBuffer>[];
}

/** Reads `t=<unix seconds>,v1=<hex>[,v1=<hex>…]`; other schemes are ignored. */
function parseHeader(header: string | null | undefined): SignatureHeader {
  const parts = (header ?? '')
    .slice(0, MAX_HEADER_LENGTH)
    .split(',')
    .map((part) => part.trim());
  const timestamps = parts.filter((part) => /^t=[0-9]{1,12}$/.test(part));
  const signatures = parts.filter((part) => /^v1=[0-9a-fA-F]{64}$/.test(part)).slice(0, MAX_SIGNATURES);
  const [timestamp] = timestamps;
  if (timestamp === undefined || timestamps.length > 1 || signatures.length === 0) {
    throw new WebhookVerificationError('malformed_header', 'The signature header is absent or malformed.');
  }
  return {
    timestamp: timestamp.slice('t='.length),
    signatures: signatures.map((part) => fromHex(part.slice('v1='.length))),
  };
}

function fromHex(hex: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(hex.length / 2);
  for (let i = 0; i < bytes.byteLength; i++) bytes[i] = Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16);
  return bytes;
}

const toHex = (bytes: Uint8Array): string =>
  [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');

/**
 * Checks that a webhook request was signed with the secret, lately, and answers its event. Any one of several
 * signatures suffices; comparison is WebCrypto's, in constant time. Throws `WebhookVerificationError`.
 */
export async function verify(input: VerifyInput): Promise<WebhookEvent> {
  const { timestamp, signatures } = parseHeader(input.header);
  // The key is the UTF-8 bytes of the whole secret, its prefix included.
  const key = await importKey(utf8.encode(input.secret));
  const data = signedBytes(timestamp, input.payload);
  const matches = await Promise.all(
    signatures.map((signature) => crypto.subtle.verify('HMAC', key, signature, data)),
  );
  if (!matches.includes(true)) {
    throw new WebhookVerificationError('no_matching_signature', 'No signature matches the payload.');
  }
  const nowSeconds = Math.floor((input.now ?? new Date()).getTime() / 1_000);
  const awaySeconds = Math.abs(nowSeconds - Number(timestamp));
  // Written so that a tolerance that is not a number refuses.
  if (!(awaySeconds <= (input.toleranceSeconds ?? DEFAULT_TOLERANCE_SECONDS))) {
    throw new WebhookVerificationError('timestamp_out_of_tolerance', 'The signature is too old or too new.');
  }
  return parseEvent(input.payload);
}

function parseEvent(payload: string | Uint8Array): WebhookEvent {
  try {
    const event: unknown = JSON.parse(
      typeof payload === 'string' ? payload : new TextDecoder().decode(payload),
    );
    if (typeof event === 'object' && event !== null && 'event' in event && 'data' in event) {
      return event as WebhookEvent;
    }
  } catch {
    // Falls through to the refusal below.
  }
  throw new WebhookVerificationError('malformed_payload', 'The payload is not an event.');
}

/** The time of a signature as it is signed and sent: whole Unix seconds. */
const unixSeconds = (time: Date): string => String(Math.floor(time.getTime() / 1_000));

const secretsOf = ({ secret }: SignInput): readonly string[] =>
  typeof secret === 'string' ? [secret] : secret;

async function mac(key: Uint8Array<ArrayBuffer>, data: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.sign('HMAC', await importKey(key), data));
}

/** Makes the header value that `verify` accepts: for tests of a receiver. */
export async function sign(input: SignInput): Promise<string> {
  const timestamp = unixSeconds(input.timestamp);
  const data = signedBytes(timestamp, input.payload);
  const signatures = await Promise.all(
    secretsOf(input).map(async (secret) => `v1=${toHex(await mac(utf8.encode(secret), data))}`),
  );
  return [`t=${timestamp}`, ...signatures].join(',');
}

/** What follows `whsec_`, decoded as Standard Webhooks does. Throws when it is not base64. */
function standardKey(secret: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(secret.replace(/^whsec_/, '')), (byte) => byte.charCodeAt(0));
}

/** The part of the header that verifiers of Standard Webhooks read: `v1,<base64>[ v1,<base64>…]`. */
async function signStandard(input: SignInput, id: string): Promise<string> {
  const data = signedBytes(`${id}.${unixSeconds(input.timestamp)}`, input.payload);
  const signatures = await Promise.all(
    secretsOf(input).map(async (secret) => {
      const bytes = await mac(standardKey(secret), data);
      return `v1,${btoa(String.fromCharCode(...bytes))}`;
    }),
  );
  return signatures.join(' ');
}

/**
 * The headers of a delivery as OpenOMS sends them, for either kind of verifier: that of the header
 * `Webhook-Signature`, and that of Standard Webhooks. `id` is that of the delivery, as in the payload.
 */
export async function signedHeaders(
  input: SignInput & { readonly id: string },
): Promise<Record<'webhook-id' | 'webhook-timestamp' | 'webhook-signature', string>> {
  const [oms, standard] = await Promise.all([sign(input), signStandard(input, input.id)]);
  return {
    'webhook-id': input.id,
    'webhook-timestamp': unixSeconds(input.timestamp),
    'webhook-signature': `${oms},std= ${standard}`,
  };
}
