import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  hkdfSync,
  type KeyObject,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto';
import { assert } from './assert.ts';

/** A 256-bit key derived for one named purpose (HKDF-SHA-256, RFC 5869). */
export const deriveKey = (root: KeyObject, purpose: string): Buffer =>
  Buffer.from(hkdfSync('sha256', root, 'openoms', purpose, 32));

export const secretKey = (bytes: Uint8Array): KeyObject => createSecretKey(bytes);

export const hmacSha256 = (key: KeyObject, data: string | Uint8Array): Buffer =>
  createHmac('sha256', key).update(data).digest();

export const equalBytes = (a: Uint8Array, b: Uint8Array): boolean =>
  a.byteLength === b.byteLength && timingSafeEqual(a, b);

export const randomHex = (bytes: number): string => randomBytes(bytes).toString('hex');

const VERSION = 1;
const IV_BYTES = 12;
const TAG_BYTES = 16;

/** AES-256-GCM: version byte, 12-byte random IV, 16-byte tag, ciphertext. `context` is authenticated, not stored. */
export function seal(key: KeyObject, plaintext: Uint8Array, context: string): Buffer {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(context));
  const body = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  return Buffer.concat([Buffer.from([VERSION]), iv, cipher.getAuthTag(), body]);
}

/** Opens what `seal` made; throws when the key, the context or a byte differs. */
export function unseal(key: KeyObject, sealed: Uint8Array, context: string): Buffer {
  assert(sealed[0] === VERSION && sealed.byteLength > IV_BYTES + TAG_BYTES, 'not a sealed value');
  const iv = sealed.subarray(1, 1 + IV_BYTES);
  const tag = sealed.subarray(1 + IV_BYTES, 1 + IV_BYTES + TAG_BYTES);
  const decipher = createDecipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(context)).setAuthTag(tag);
  return Buffer.concat([decipher.update(sealed.subarray(1 + IV_BYTES + TAG_BYTES)), decipher.final()]);
}
