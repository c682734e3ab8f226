import { assert } from '../../kernel/assert.ts';

/*
 * Recursive Length Prefix, the encoding of transactions (Ethereum's Yellow Paper, appendix B), on buffers: a batch of
 * 75 kB is encoded twice to be signed. The tests compare with viem, whose encoder goes by hex.
 */

const SHORT_STRING = 0x80;
const SHORT_LIST = 0xc0;
/** Added to the code for short, with the number of bytes that the length takes. */
const LONG = 55;

export function rlpBytes(bytes: Buffer): Buffer {
  const [first = SHORT_STRING] = bytes;
  return bytes.byteLength === 1 && first < SHORT_STRING
    ? bytes
    : Buffer.concat([prefix(SHORT_STRING, bytes.byteLength), bytes]);
}

/** A number: without leading zeros, so zero is no bytes. */
export function rlpQuantity(value: bigint | number): Buffer {
  assert(value >= 0, 'not a quantity');
  return rlpBytes(bigEndian(value));
}

export function rlpList(encoded: readonly Buffer[]): Buffer {
  const bytes = encoded.reduce((sum, { byteLength }) => sum + byteLength, 0);
  return Buffer.concat([prefix(SHORT_LIST, bytes), ...encoded]);
}

function prefix(short: number, bytes: number): Buffer {
  if (bytes <= LONG) return Buffer.from([short + bytes]);
  const length = bigEndian(bytes);
  return Buffer.concat([Buffer.from([short + LONG + length.byteLength]), length]);
}

function bigEndian(value: bigint | number): Buffer {
  if (BigInt(value) === 0n) return Buffer.alloc(0);
  const digits = value.toString(16);
  return Buffer.from(digits.length % 2 === 0 ? digits : `0${digits}`, 'hex');
}
