import type { KeyObject } from 'node:crypto';
import { hmacSha256, secretKey } from '../kernel/crypto.ts';

const SECRET_PREFIX = 'whsec_';

/** One signing secret in the forms that the two schemes take it. */
export interface SigningKey {
  readonly oms: KeyObject;
  readonly standard: KeyObject;
}

export const signingKeyOf = (secret: string): SigningKey => ({
  oms: secretKey(Buffer.from(secret)),
  standard: secretKey(Buffer.from(secret.slice(SECRET_PREFIX.length), 'base64')),
});

/**
 * The value of `Webhook-Signature`, which lets two kinds of verifier accept one request.
 *
 * The documents' scheme is `t=<unix seconds>,v1=<hex>`: HMAC-SHA256 of `<t>.<body>` under the UTF-8 bytes of the whole
 * secret. Standard Webhooks reads `webhook-id`, `webhook-timestamp` and a `webhook-signature` of space-separated
 * `v1,<base64>`: HMAC-SHA256 of `<id>.<t>.<body>` under the base64 decoding of what follows `whsec_`. Header names do not
 * differ by case, so one value carries both (docs/decisions/0004-one-signature-header.md). During a rotation each scheme
 * has a signature of each secret.
 */
export function signatureOf(
  keys: readonly SigningKey[],
  deliveryId: string,
  timestamp: number,
  body: string,
): string {
  const oms = keys.map((key) => `v1=${hmacSha256(key.oms, `${timestamp}.${body}`).toString('hex')}`);
  const signed = `${deliveryId}.${timestamp}.${body}`;
  const standard = keys.map((key) => `v1,${hmacSha256(key.standard, signed).toString('base64')}`);
  return `t=${timestamp},${oms.join(',')},std= ${standard.join(' ')}`;
}

/** What a request carries besides its body. */
export const headersOf = (
  deliveryId: string,
  attempt: number,
  timestamp: number,
  signature: string,
): Record<string, string> => ({
  'content-type': 'application/json',
  'user-agent': 'OpenOMS-Webhooks/1',
  'webhook-id': deliveryId,
  'webhook-timestamp': String(timestamp),
  'webhook-signature': signature,
  'webhook-attempt': String(attempt),
});

/** `whsec_` and 64 hex characters (contract 2.23). */
export const formatSecret = (hex64: string): string => SECRET_PREFIX + hex64;
