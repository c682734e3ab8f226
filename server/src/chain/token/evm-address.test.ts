import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readEvmAddress } from './evm-address.ts';

/** From EIP-55. */
const CHECKSUMMED = [
  '0x52908400098527886E0F7030069857D2E4169EE7',
  '0xde709f2102306220921060314715629080e2fb77',
  '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed',
  '0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359',
];

describe('an address', () => {
  it.each(CHECKSUMMED)('is read with its checksum, and in one case without: %s', (address) => {
    expect(readEvmAddress(address)).toEqual({ address });
    expect(readEvmAddress(address.toLowerCase())).toEqual({ address });
    expect(readEvmAddress(`0x${address.slice(2).toUpperCase()}`)).toEqual({ address });
  });

  it('with one letter in the wrong case is refused', () => {
    const mixed = '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed';
    const letters = [...mixed].flatMap((letter, index) =>
      index > 1 && /[a-f]/i.test(letter) ? [index] : [],
    );
    fc.assert(
      fc.property(fc.constantFrom(...letters), (index) => {
        const letter = mixed[index] ?? '';
        const swapped = letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase();
        const wrong = mixed.slice(0, index) + swapped + mixed.slice(index + 1);
        expect(readEvmAddress(wrong)).toEqual({ issue: 'has a wrong EIP-55 checksum' });
      }),
    );
  });

  it('is 20 bytes other than zero', () => {
    expect(readEvmAddress(`0x${'0'.repeat(40)}`)).toEqual({ issue: 'is the zero address' });
    for (const text of [
      '',
      '0x',
      `0x${'1'.repeat(39)}`,
      `0x${'1'.repeat(41)}`,
      '1'.repeat(40),
      `0X${'1'.repeat(40)}`,
    ])
      expect(readEvmAddress(text), text).toEqual({ issue: 'is not an address' });
  });
});
