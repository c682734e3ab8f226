import { assert } from '../../kernel/assert.ts';

export type Hex = `0x${string}`;

const WORD_BITS = 256n;
const ADDRESS = /^0x[0-9a-fA-F]{40}$/;
const BYTES32 = /^0x[0-9a-fA-F]{64}$/;
const BYTES = /^0x(?:[0-9a-fA-F]{2})*$/;
export const WORD_DIGITS = 64;

/*
 * The words of the contract ABI as hex digits without 0x, to be joined. By hand because a batch of 250 transfers
 * encodes ten times faster so than through an ABI description. A malformed argument is a bug and throws.
 */

export function uintWord(value: bigint | number): string {
  const integer = BigInt(value);
  assert(integer >= 0n && integer >> WORD_BITS === 0n, 'not a uint256');
  return integer.toString(16).padStart(WORD_DIGITS, '0');
}

export function addressWord(address: string): string {
  assert(ADDRESS.test(address), 'not an address');
  return address.slice(2).toLowerCase().padStart(WORD_DIGITS, '0');
}

export function bytes32Word(value: string): string {
  assert(BYTES32.test(value), 'not 32 bytes');
  return value.slice(2).toLowerCase();
}

/** Length, then the bytes padded to whole words. */
export function bytesWords(value: string): string {
  const digits = bytesDigits(value);
  const padded = Math.ceil(digits.length / WORD_DIGITS) * WORD_DIGITS;
  return uintWord(digits.length / 2) + digits.padEnd(padded, '0');
}

export function bytesDigits(value: string): string {
  assert(BYTES.test(value), 'not bytes in hex');
  return value.slice(2);
}

/** The n-th word of ABI-encoded data, as digits. */
export function wordAt(data: string, index: number): string {
  const start = 2 + index * WORD_DIGITS;
  const word = data.slice(start, start + WORD_DIGITS);
  assert(word.length === WORD_DIGITS, 'the data ends before the word');
  return word;
}

export const uintOf = (word: string): bigint => BigInt(`0x${word}`);

/** The address in a word, in lower case. */
export function addressOfWord(word: string): Hex {
  assert(word.startsWith('0'.repeat(24)), 'not an address word');
  return `0x${word.slice(24).toLowerCase()}`;
}
