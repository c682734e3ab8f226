import { assert } from '../../kernel/assert.ts';
import { authorizationWords, type TransferAuthorization } from './authorization.ts';
import {
  addressWord,
  bytes32Word,
  bytesWords,
  type Hex,
  uintOf,
  uintWord,
  WORD_DIGITS,
  wordAt,
} from './hex.ts';
import { splitSignature } from './secp256k1.ts';

/** Function selectors, first four bytes of the signature's hash; the tests recompute them from the contracts' ABIs. */
const SELECTORS = {
  /** transferWithAuthorization(address,address,uint256,uint256,uint256,bytes32,uint8,bytes32,bytes32) */
  transferWithAuthorization: '0xe3ee160e',
  /** authorizationState(address,bytes32) */
  authorizationState: '0xe94a0102',
  /** balanceOf(address) */
  balanceOf: '0x70a08231',
  /** transfer(address,uint256) */
  transfer: '0xa9059cbb',
  /** mint(address,uint256) */
  mint: '0x40c10f19',
  /** aggregate3((address,bool,bytes)[]) */
  aggregate3: '0x82ad56cb',
} as const;

const WORD_BYTES = WORD_DIGITS / 2;

/** The call that executes an authorization; `signature` is 65 bytes r, s, v. */
export function encodeTransferWithAuthorization(
  authorization: TransferAuthorization,
  signature: string,
): Hex {
  const { r, s, v } = splitSignature(signature);
  return `${SELECTORS.transferWithAuthorization}${authorizationWords(authorization)}${uintWord(v)}${r}${s}`;
}

/** Whether the authorizer's nonce is used or cancelled; read with `decodeBool`. */
export const encodeAuthorizationState = (authorizer: string, nonce: string): Hex =>
  `${SELECTORS.authorizationState}${addressWord(authorizer)}${bytes32Word(nonce)}`;

export const encodeBalanceOf = (holder: string): Hex => `${SELECTORS.balanceOf}${addressWord(holder)}`;

export const encodeTransfer = (to: string, minor: bigint): Hex =>
  `${SELECTORS.transfer}${addressWord(to)}${uintWord(minor)}`;

export const encodeMint = (to: string, minor: bigint): Hex =>
  `${SELECTORS.mint}${addressWord(to)}${uintWord(minor)}`;

export interface ContractCall {
  readonly target: string;
  readonly callData: string;
}

/** One call that makes many. With `allowFailure` a failing call leaves the others standing. */
export function encodeAggregate3(calls: readonly ContractCall[], allowFailure = true): Hex {
  const tuples = calls.map(
    ({ target, callData }) =>
      // The three fields of a tuple come first, so its bytes start after three words.
      addressWord(target) + uintWord(allowFailure ? 1 : 0) + uintWord(3 * WORD_BYTES) + bytesWords(callData),
  );
  let offset = calls.length * WORD_BYTES;
  const offsets = tuples.map((tuple) => {
    const at = uintWord(offset);
    offset += tuple.length / 2;
    return at;
  });
  return `${SELECTORS.aggregate3}${uintWord(WORD_BYTES)}${uintWord(calls.length)}${offsets.join('')}${tuples.join('')}`;
}

/** What the `count` calls of an aggregate3 returned, in order. Throws when one failed, and on anything else. */
export function decodeAggregate3(returned: string, count: number): Hex[] {
  assert(uintOf(wordAt(returned, 0)) === BigInt(WORD_BYTES), 'the call did not return an array');
  assert(uintOf(wordAt(returned, 1)) === BigInt(count), 'the call did not return a result for each call');
  return Array.from({ length: count }, (_, i): Hex => {
    // Offsets count from behind the length of the array, in bytes.
    const at = 2 + numberOf(wordAt(returned, 2 + i)) / WORD_BYTES;
    assert(uintOf(wordAt(returned, at)) === 1n, 'a call of the aggregate failed');
    const lengthBytes = numberOf(wordAt(returned, at + 2));
    const start = 2 + (at + 3) * WORD_DIGITS;
    const digits = returned.slice(start, start + 2 * lengthBytes);
    assert(digits.length === 2 * lengthBytes, 'the returned bytes are cut short');
    return `0x${digits}`;
  });
}

/** An offset or a length. */
function numberOf(word: string): number {
  const value = uintOf(word);
  assert(value <= BigInt(Number.MAX_SAFE_INTEGER), 'not an offset or a length');
  return Number(value);
}

/** A single uint256 as a call returned it. Throws when the call returned something else, such as nothing. */
export function decodeUint(returned: string): bigint {
  assert(returned.length === 2 + WORD_DIGITS, 'the call did not return one word');
  return uintOf(wordAt(returned, 0));
}

/** A single bool as a call returned it. */
export function decodeBool(returned: string): boolean {
  const value = decodeUint(returned);
  assert(value <= 1n, 'the call did not return a bool');
  return value === 1n;
}

/** A single string as a call returned it. */
export function decodeString(returned: string): string {
  assert(uintOf(wordAt(returned, 0)) === BigInt(WORD_BYTES), 'the call did not return a string');
  const lengthBytes = Number(uintOf(wordAt(returned, 1)));
  const start = 2 + 2 * WORD_DIGITS;
  const bytes = Buffer.from(returned.slice(start, start + 2 * lengthBytes), 'hex');
  assert(bytes.byteLength === lengthBytes, 'the returned string is cut short');
  return bytes.toString('utf8');
}
