import { assert } from '../../kernel/assert.ts';
import { addressWord, bytes32Word, type Hex, uintWord } from './hex.ts';
import { keccakBytes, keccakOf } from './keccak.ts';
import { signDigest } from './secp256k1.ts';

/** The EIP-712 domain of a FiatToken. */
export interface TokenDomain {
  readonly name: string;
  readonly version: string;
  readonly chainId: number;
  readonly verifyingContract: string;
}

/** A transfer the holder's signature alone permits (EIP-3009). `value` in minor units, times in Unix seconds, exclusive. */
export interface TransferAuthorization {
  readonly from: string;
  readonly to: string;
  readonly value: bigint;
  readonly validAfter: bigint;
  readonly validBefore: bigint;
  /** 32 bytes. */
  readonly nonce: string;
}

const textHash = (text: string): Hex => `0x${keccakBytes(Buffer.from(text)).toString('hex')}`;

const DOMAIN_TYPE_HASH = textHash(
  'EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)',
);
const TRANSFER_TYPE_HASH = textHash(
  'TransferWithAuthorization(address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce)',
);

/**
 * The authorization nonce of a send: a function of the send's id alone, so that the token contract itself refuses to
 * pay a send twice. `attempt` counts from 1; a later one is for after the earlier is final and can never be used.
 */
export function authorizationNonce(sendId: string, attempt: number): Hex {
  assert(sendId !== '' && Number.isSafeInteger(attempt) && attempt >= 1, 'attempts count from 1');
  return textHash(attempt === 1 ? `oms:send:${sendId}` : `oms:send:${sendId}:${attempt}`);
}

/** EIP-712 `hashStruct(eip712Domain)`; compute once per token. */
export const domainSeparator = (domain: TokenDomain): Hex =>
  keccakOf(
    `${DOMAIN_TYPE_HASH}${bytes32Word(textHash(domain.name))}${bytes32Word(textHash(domain.version))}${uintWord(domain.chainId)}${addressWord(domain.verifyingContract)}`,
  );

/** The 32 bytes the holder signs. `separator` is `domainSeparator(domain)`. */
export function authorizationDigest(authorization: TransferAuthorization, separator: Hex): Hex {
  const structHash = keccakOf(`${TRANSFER_TYPE_HASH}${authorizationWords(authorization)}`);
  return keccakOf(`0x1901${bytes32Word(separator)}${structHash.slice(2)}`);
}

/** 65 bytes r, s, v in hex. */
export const signAuthorization = (
  privateKey: Uint8Array,
  authorization: TransferAuthorization,
  separator: Hex,
): Hex => signDigest(privateKey, authorizationDigest(authorization, separator));

/** The six fields as ABI words, the common part of the signed struct and the call. */
export const authorizationWords = (authorization: TransferAuthorization): string =>
  addressWord(authorization.from) +
  addressWord(authorization.to) +
  uintWord(authorization.value) +
  uintWord(authorization.validAfter) +
  uintWord(authorization.validBefore) +
  bytes32Word(authorization.nonce);
