import { hmacSha256, secretKey } from '../kernel/crypto.ts';

const SECRET_PREFIX = 'whsec_';

/**
 * The headers that let two kinds of verifier accept one request.
 *
 * The documents' scheme is `Webhook-Signature: t=<unix seconds>,v1=<hex>`: HMAC-SHA256 of `<t>.<body>` under the UTF-8
 * bytes of the whole secret. Standard Webhooks reads `webhook-id`, `webhook-timestamp` and a `webhook-signature` of
 * space-separated `v1,<base64>`: HMAC-SHA256 of `<id>.<t>.<body>` under the base64 decoding of what follows `whsec_`.
 * Header names do not differ by case, so one value carries both (docs/decisions/0004-one-signature-header.md).
 */
export function signatureHeaders(
  secret: string,
  deliveryId: string,
  body: string,
  at: Date,
): Record<string, string> {
  const timestamp = Math.floor(at.getTime() / 1_000);
  const omsKey = secretKey(Buffer.from(secret));
  const standardKey = secretKey(Buffer.from(secret.slice(SECRET_PREFIX.length), 'base64'));
  const oms = hmacSha256(omsKey, `${timestamp}.${body}`).toString('hex');
  const standard = hmacSha256(standardKey, `${deliveryId}.${timestamp}.${body}`).toString('base64');
  return {
    'webhook-id': deliveryId,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': `t=${timestamp},v1=${oms},std= v1,${standard}`,
  };
}

/** `whsec_` and 64 hex characters (contract 2.23). */
export const formatSecret = (hex64: string): string => SECRET_PREFIX + hex64;
