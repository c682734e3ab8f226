import { createHmac, timingSafeEqual } from 'node:crypto';

const TOLERANCE_SECONDS = 300;

/** Whether a request with this `Webhook-Signature` and this raw body was signed with the secret, lately. */
export function isGenuine(header: string | undefined, body: Buffer, secret: string): boolean {
  const parts = (header ?? '').split(',').map((part) => part.trim());
  const time = parts.find((part) => part.startsWith('t='))?.slice(2) ?? '';
  // Written so that a time that is not a number is refused.
  if (!(Math.abs(Date.now() / 1_000 - Number(time)) <= TOLERANCE_SECONDS)) return false;
  const expected = createHmac('sha256', secret).update(`${time}.`).update(body).digest();
  // While a secret is rotated there are two, and either may be ours.
  const given = parts
    .filter((part) => part.startsWith('v1='))
    .map((part) => Buffer.from(part.slice(3), 'hex'));
  return given.some((mac) => mac.length === expected.length && timingSafeEqual(mac, expected));
}
