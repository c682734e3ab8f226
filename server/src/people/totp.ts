import { createHash } from 'node:crypto';
import { Secret, TOTP } from 'otpauth';

/** RFC 6238 with what every authenticator takes: SHA-1, six digits, 30 seconds. */
const PERIOD_SECONDS = 30;
const DIGITS = 6;
/** RFC 6238 5.2: one step either way, for clocks that differ. */
const WINDOW = 1;
const RECOVERY_CODE = /^[0-9a-hjkmnp-tv-z]{5}-[0-9a-hjkmnp-tv-z]{5}$/;

const totpOf = (secret: string, label: string): TOTP =>
  new TOTP({
    issuer: 'OpenOMS',
    label,
    algorithm: 'SHA1',
    digits: DIGITS,
    period: PERIOD_SECONDS,
    secret: Secret.fromBase32(secret),
  });

/** The number of the 30 seconds that the code is of, so that it is taken once; undefined: it is of none near now. */
export function stepOf(secret: string, code: string, now: Date): number | undefined {
  const token = code.replaceAll(/\s/g, '');
  const delta = totpOf(secret, '').validate({ token, window: WINDOW, timestamp: now.getTime() });
  return delta === null ? undefined : Math.floor(now.getTime() / 1_000 / PERIOD_SECONDS) + delta;
}

/** Undefined for what is no recovery code. With the user's id, so that no table of hashes fits all users. */
export function hashOfRecoveryCode(userId: string, code: string): Buffer | undefined {
  const text = code.trim().toLowerCase();
  return RECOVERY_CODE.test(text) ? createHash('sha256').update(`${userId}:${text}`).digest() : undefined;
}
