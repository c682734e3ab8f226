import fc from 'fast-check';
import { expect, it } from 'vitest';
import { isRoutingNumber, withCheckDigit } from './routing-number.ts';

// Those of the Federal Reserve Banks of Boston, New York and San Francisco.
it.each(['011000015', '021001208', '121000374'])('takes %s', (number) => {
  expect(isRoutingNumber(number)).toBe(true);
  expect(withCheckDigit(number.slice(0, 8))).toBe(number);
});

it.each(['', '000000000', '011000016', '01100001', '0110000150', '01100001a', ' 11000015'])(
  'refuses "%s"',
  (text) => expect(isRoutingNumber(text)).toBe(false),
);

it('notices each digit that is wrong', () => {
  const eightDigits = fc.integer({ min: 1_000_000, max: 99_999_999 }).map((n) => String(n).padStart(8, '0'));
  fc.assert(
    fc.property(eightDigits, fc.nat(8), fc.integer({ min: 1, max: 9 }), (first, place, shift) => {
      const number = withCheckDigit(first);
      expect(isRoutingNumber(number)).toBe(true);
      const digit = (Number(number[place]) + shift) % 10;
      expect(isRoutingNumber(`${number.slice(0, place)}${digit}${number.slice(place + 1)}`)).toBe(false);
    }),
  );
});
