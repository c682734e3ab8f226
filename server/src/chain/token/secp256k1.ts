import { createRequire } from 'node:module';
import { getAddress } from 'viem/utils';
import { assert } from '../../kernel/assert.ts';
import { bytesDigits, type Hex } from './hex.ts';
import { keccakBytes } from './keccak.ts';

/**
 * The part of the `secp256k1` package (libsecp256k1; elliptic where it has no binary) that is used; it ships no types.
 * Signatures are deterministic (RFC 6979) and have a low s, which FiatToken demands (EIP-2).
 */
interface Secp256k1 {
  ecdsaSign(digest: Uint8Array, privateKey: Uint8Array): { signature: Uint8Array; recid: number };
  ecdsaRecover(signature: Uint8Array, recid: number, digest: Uint8Array, compressed: boolean): Uint8Array;
  publicKeyCreate(privateKey: Uint8Array, compressed: boolean): Uint8Array;
}
const secp256k1 = createRequire(import.meta.url)('secp256k1') as Secp256k1;

const SIGNATURE_DIGITS = 130;
const V_OFFSET = 27;

export interface SignatureParts {
  readonly r: Hex;
  readonly s: Hex;
  readonly yParity: 0 | 1;
}

/** The account address of a private key (32 bytes), in EIP-55 form. */
export const addressOf = (privateKey: Uint8Array): Hex => getAddress(lowerAddressOf(privateKey));

/** The same in lower case, without the hash that makes the capitals. */
export const lowerAddressOf = (privateKey: Uint8Array): Hex =>
  addressOfPublicKey(secp256k1.publicKeyCreate(privateKey, false));

/** An account is the last 20 bytes of the hash of its public key, which comes behind one byte that names the format. */
const addressOfPublicKey = (publicKey: Uint8Array): Hex =>
  `0x${keccakBytes(publicKey.subarray(1)).toString('hex', 12)}`;

const bytesOf = (hex: string): Buffer => Buffer.from(bytesDigits(hex), 'hex');

const hexOf = (bytes: Uint8Array): Hex => `0x${Buffer.from(bytes).toString('hex')}`;

/** Signs a 32-byte digest. */
export function signDigestParts(privateKey: Uint8Array, digest: Hex): SignatureParts {
  const { signature, recid } = secp256k1.ecdsaSign(bytesOf(digest), privateKey);
  return {
    r: hexOf(signature.subarray(0, 32)),
    s: hexOf(signature.subarray(32)),
    yParity: recid === 0 ? 0 : 1,
  };
}

/** Signs a 32-byte digest: 65 bytes r, s, v in hex, with v 27 or 28. */
export function signDigest(privateKey: Uint8Array, digest: Hex): Hex {
  const { r, s, yParity } = signDigestParts(privateKey, digest);
  return `${r}${s.slice(2)}${(V_OFFSET + yParity).toString(16)}` as Hex;
}

/** The address, in EIP-55 form, whose key made the 65-byte signature; undefined when no key can have. */
export function recoverAddress(digest: Hex, signature: string): Hex | undefined {
  const { r, s, v } = splitSignature(signature);
  const compact = bytesOf(`0x${r}${s}`);
  try {
    return getAddress(
      addressOfPublicKey(secp256k1.ecdsaRecover(compact, v - V_OFFSET, bytesOf(digest), false)),
    );
  } catch {
    return undefined;
  }
}

/** r and s as ABI words without 0x, and v (27 or 28). */
export function splitSignature(signature: string): { r: string; s: string; v: number } {
  const digits = bytesDigits(signature);
  const v = Number.parseInt(digits.slice(128), 16);
  assert(digits.length === SIGNATURE_DIGITS && (v === 27 || v === 28), 'not a 65-byte signature r, s, v');
  return { r: digits.slice(0, 64), s: digits.slice(64, 128), v };
}
