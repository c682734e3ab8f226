import { createHash, randomBytes } from 'node:crypto';
import { Secret, TOTP } from 'otpauth';
import { encodeBase32 } from '../kernel/ids.ts';

/** RFC 6238 with what every authenticator takes: SHA-1, six digits, 30 seconds. */
const PERIOD_SECONDS = 30;
const DIGITS = 6;
/** RFC 4226 asks for 128 bits and recommends 160. */
const SECRET_BYTES = 20;
/** RFC 6238 5.2: one step either way, for clocks that differ. */
const WINDOW = 1;
const RECOVERY_CODES = 10;
const RECOVERY_CODE = /^[0-9a-hjkmnp-tv-z]{5}-[0-9a-hjkmnp-tv-z]{5}$/;

/** Base32, as authenticators take it. */
export const newSecret = (): string => new Secret({ size: SECRET_BYTES }).base32;

const totpOf = (secret: string, label: string): TOTP =>
  new TOTP({
    issuer: 'OpenOMS',
    label,
    algorithm: 'SHA1',
    digits: DIGITS,
    period: PERIOD_SECONDS,
    secret: Secret.fromBase32(secret),
  });

export const uriOf = (secret: string, email: string): string => totpOf(secret, email).toString();

/** The number of the 30 seconds that the code is of, so that it is taken once; undefined: it is of none near now. */
export function stepOf(secret: string, code: string, now: Date): number | undefined {
  const token = code.replaceAll(/\s/g, '');
  const delta = totpOf(secret, '').validate({ token, window: WINDOW, timestamp: now.getTime() });
  return delta === null ? undefined : Math.floor(now.getTime() / 1_000 / PERIOD_SECONDS) + delta;
}

/** 50 bits each: with ten tries in a quarter of an hour nobody guesses one. */
export const newRecoveryCodes = (): string[] =>
  Array.from({ length: RECOVERY_CODES }, () => {
    const text = encodeBase32(randomBytes(16)).slice(-10);
    return `${text.slice(0, 5)}-${text.slice(5)}`;
  });

/** Undefined for what is no recovery code. With the user's id, so that no table of hashes fits all users. */
export function hashOfRecoveryCode(userId: string, code: string): Buffer | undefined {
  const text = code.trim().toLowerCase();
  return RECOVERY_CODE.test(text) ? createHash('sha256').update(`${userId}:${text}`).digest() : undefined;
}
