import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isAbaRoutingNumber, isCardNumber, isIban, withAbaCheckDigit } from './check-digits.ts';

const RUNS = { numRuns: 500 };

/** The text with the character at a place replaced. */
const withChange = (text: string, index: number, character: string): string =>
  text.slice(0, index) + character + text.slice(index + 1);

const swapped = (text: string, index: number): string =>
  text.slice(0, index) + text.charAt(index + 1) + text.charAt(index) + text.slice(index + 2);

/** Any one digit of the text changed to another. */
const wrongDigit = (text: string) =>
  fc
    .tuple(fc.nat(text.length - 1), fc.integer({ min: 1, max: 9 }))
    .filter(([index]) => /[0-9]/.test(text.charAt(index)))
    .map(([index, by]) => withChange(text, index, String((Number(text.charAt(index)) + by) % 10)));

describe('a routing number', () => {
  const REAL = ['021000021', '011401533', '091000019', '122105155', '321081669'];

  it.each(REAL)('of a bank is right: %s', (number) => {
    expect(isAbaRoutingNumber(number)).toBe(true);
    fc.assert(
      fc.property(wrongDigit(number), (wrong) => {
        expect(isAbaRoutingNumber(wrong)).toBe(false);
      }),
      RUNS,
    );
  });

  it('is made of its first eight digits', () => {
    for (const number of REAL) expect(withAbaCheckDigit(number.slice(0, 8))).toBe(number);
  });

  it('tells two neighbours swapped, unless they differ by five', () => {
    for (const number of REAL)
      for (let index = 0; index < 8; index++) {
        const difference = Math.abs(Number(number[index]) - Number(number[index + 1]));
        expect(isAbaRoutingNumber(swapped(number, index))).toBe(difference % 5 === 0);
      }
  });

  it('has nine digits, not all of them zero', () => {
    for (const wrong of ['', '02100002', '0210000210', '02100002A', '000000000', '٠٢١٠٠٠٠٢١'])
      expect(isAbaRoutingNumber(wrong), wrong).toBe(false);
  });
});

describe('an IBAN', () => {
  /** Examples of the registry. */
  const REAL = [
    'DE89370400440532013000',
    'GB29NWBK60161331926819',
    'FR1420041010050500013M02606',
    'NO9386011117947',
    'MT84MALT011000012345MTLCAST001S',
    'BR1800360305000010009795493C1',
  ];

  it.each(REAL)('of the registry is right: %s', (iban) => {
    expect(isIban(iban)).toBe(true);
    fc.assert(
      fc.property(wrongDigit(iban), (wrong) => {
        expect(isIban(wrong)).toBe(false);
      }),
      RUNS,
    );
  });

  it('tells two neighbours swapped', () => {
    for (const iban of REAL)
      for (let index = 4; index < iban.length - 1; index++) {
        if (iban[index] !== iban[index + 1]) expect(isIban(swapped(iban, index))).toBe(false);
      }
  });

  it('agrees with the definition over whole numbers', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[A-Z]{2}[0-9]{2}[0-9A-Z]{11,30}$/), (text) => {
        const rearranged = text.slice(4) + text.slice(0, 4);
        const number = [...rearranged].map((each) => Number.parseInt(each, 36)).join('');
        const isAssigned = !['00', '01', '99'].includes(text.slice(2, 4));
        expect(isIban(text)).toBe(BigInt(number) % 97n === 1n && isAssigned);
      }),
      { numRuns: 2_000 },
    );
  });

  it('is written in capitals and without spaces', () => {
    for (const wrong of [
      '',
      'de89370400440532013000',
      'DE89 3704 0044 0532 0130 00',
      'DE89',
      '89DE370400440532013000',
    ])
      expect(isIban(wrong), wrong).toBe(false);
  });
});

describe('a card number', () => {
  it.each(['4242424242424242', '5555555555554444', '6011111111111117', '378282246310005'])(
    'is right: %s',
    (number) => {
      expect(isCardNumber(number)).toBe(true);
      fc.assert(
        fc.property(wrongDigit(number), (wrong) => {
          expect(isCardNumber(wrong)).toBe(false);
        }),
        RUNS,
      );
    },
  );

  it('has 12 to 19 digits, not all of them zero', () => {
    for (const wrong of ['', '4242 4242 4242 4242', '0'.repeat(16), '18', '4'.repeat(20)])
      expect(isCardNumber(wrong), wrong).toBe(false);
  });
});
