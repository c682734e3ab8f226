import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Asset,
  applyRate,
  convert,
  decimalsOf,
  divide,
  formatMinor,
  isAsset,
  parseMinor,
  parseRate,
} from './money.ts';

const ASSETS = ['usd', 'usdc', 'usdt', 'eth'] as const;
const asset = fc.constantFrom<Asset>(...ASSETS);
/** The largest amount a client may write: 15 digits before the point. */
const LARGEST_WHOLE = 999_999_999_999_999n;

const amount = asset.chain((name) => {
  const unit = 10n ** BigInt(decimalsOf(name));
  return fc.record({
    asset: fc.constant(name),
    minor: fc.bigInt({ min: 0n, max: LARGEST_WHOLE * unit + (unit - 1n) }),
  });
});
const digits = (min: number, max: number): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: min, maxLength: max });
/** Whole numbers without leading zeros. */
const whole = fc.bigInt({ min: 0n, max: LARGEST_WHOLE }).map(String);

describe('amounts on the wire', () => {
  it('come back as they went, to the last unit', () => {
    fc.assert(
      fc.property(amount, (value) => {
        expect(parseMinor(formatMinor(value.minor, value.asset), value.asset)).toBe(value.minor);
      }),
    );
  });

  it('have at least two decimals and no zeros that say nothing', () => {
    fc.assert(
      fc.property(amount, (value) => {
        expect(formatMinor(value.minor, value.asset)).toMatch(/^(0|[1-9]\d*)\.\d\d(\d*[1-9])?$/);
      }),
    );
    expect(formatMinor(9_800n, 'usd')).toBe('98.00');
    expect(formatMinor(98_000_000n, 'usdc')).toBe('98.00');
    expect(formatMinor(123_456n, 'usdc')).toBe('0.123456');
    expect(formatMinor(1_500_000n, 'usdt')).toBe('1.50');
    expect(formatMinor(1n, 'eth')).toBe('0.000000000000000001');
    expect(formatMinor(-150n, 'usd')).toBe('-1.50');
    expect(formatMinor(-1n, 'usdc')).toBe('-0.000001');
  });

  it('mean exactly what they say, whatever their trailing zeros', () => {
    fc.assert(
      fc.property(asset, whole, fc.nat({ max: 18 }), digits(18, 18), (name, integer, length, fraction) => {
        const decimals = decimalsOf(name);
        const kept = fraction.slice(0, Math.min(length, decimals));
        const text = kept === '' ? integer : `${integer}.${kept}`;
        expect(parseMinor(text, name)).toBe(BigInt(integer + kept.padEnd(decimals, '0')));
      }),
    );
  });

  it('are refused rather than rounded when they have more decimals than the asset', () => {
    fc.assert(
      fc.property(
        asset,
        whole,
        fc.integer({ min: 1, max: 20 }),
        digits(40, 40),
        (name, integer, extra, fraction) => {
          expect(
            parseMinor(`${integer}.${fraction.slice(0, decimalsOf(name) + extra)}`, name),
          ).toBeUndefined();
        },
      ),
    );
    expect(parseMinor('1.000', 'usd')).toBeUndefined();
    expect(parseMinor('0.0000001', 'usdc')).toBeUndefined();
  });

  it.each([
    ['a sign', ['-1', '+1', '-0', '−1']],
    ['an exponent', ['1e3', '1E3', '1.0e-2', '1e']],
    ['leading zeros', ['01', '00', '007.50']],
    ['a missing part', ['', '.', '.5', '1.', '1..0']],
    ['separators and spaces', ['1,000', '1 000', ' 1', '1 ', '1\n', '1_000', '1,50']],
    ['other notations', ['0x10', '0b1', '1n', 'NaN', 'Infinity', '１', '١', '1.0.0', '$1']],
    ['more than 15 digits before the point', ['1000000000000000', '9'.repeat(1_000)]],
  ])('are refused with %s', (_, texts) => {
    for (const name of ASSETS) for (const text of texts) expect(parseMinor(text, name)).toBeUndefined();
  });

  it('are read from no other text', () => {
    fc.assert(
      fc.property(
        asset,
        fc.string({ unit: fc.constantFrom(...'0019..-+eE,_ x\n'), maxLength: 20 }),
        (name, text) => {
          const isAmount = /^(0|[1-9][0-9]{0,14})(\.[0-9]{1,18})?$/.test(text);
          if (!isAmount) expect(parseMinor(text, name)).toBeUndefined();
        },
      ),
    );
  });
});

describe('division', () => {
  const numerator = fc.bigInt({ min: 0n, max: 10n ** 40n });
  const denominator = fc.bigInt({ min: 1n, max: 10n ** 30n });

  it('rounds down, up or half up, as told', () => {
    fc.assert(
      fc.property(numerator, denominator, (n, d) => {
        const down = divide(n, d, 'down');
        const up = divide(n, d, 'up');
        const half = divide(n, d, 'halfUp');
        expect(down * d <= n && n < (down + 1n) * d).toBe(true);
        expect(up).toBe(n % d === 0n ? down : down + 1n);
        expect(half).toBe((n % d) * 2n >= d ? up : down);
      }),
    );
  });

  it('refuses negative amounts, whose rounding has no agreed direction', () => {
    expect(() => divide(-1n, 2n, 'down')).toThrow(/non-negative/);
    expect(() => divide(1n, 0n, 'down')).toThrow(/positive/);
    expect(() => divide(1n, -2n, 'down')).toThrow(/positive/);
  });
});

describe('rates', () => {
  it('are exact fractions', () => {
    expect(parseRate('0.015')).toEqual({ numerator: 15n, denominator: 1_000n });
    expect(parseRate('1.0')).toEqual({ numerator: 10n, denominator: 10n });
    expect(applyRate(10_000n, parseRate('0.015'), 'halfUp')).toBe(150n);
    expect(applyRate(33n, parseRate('0.5'), 'halfUp')).toBe(17n);
    expect(applyRate(33n, parseRate('0.5'), 'down')).toBe(16n);
    for (const text of ['-1', '1e-2', '', '0.0000000000000000001']) {
      expect(() => parseRate(text)).toThrow(/not a rate/);
    }
  });

  it('convert dollars to tokens without a trace of floating point', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 17n }), (cents) => {
        const tokens = convert({ asset: 'usd', minor: cents }, 'usdc', parseRate('1.0'), 'down');
        expect(tokens).toEqual({ asset: 'usdc', minor: cents * 10_000n });
        expect(convert(tokens, 'usd', parseRate('1.0'), 'down').minor).toBe(cents);
      }),
    );
  });

  it('never pay out more than came in when the payout rounds down', () => {
    const rate = { numerator: fc.bigInt({ min: 1n, max: 10n ** 18n }), denominator: fc.constant(10n ** 12n) };
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 15n }), fc.record(rate), (minor, exact) => {
        const out = convert({ asset: 'usdc', minor }, 'usd', exact, 'down').minor;
        expect(out * exact.denominator * 10_000n <= minor * exact.numerator).toBe(true);
      }),
    );
  });
});

it('knows its assets by their own names only', () => {
  expect(ASSETS.every(isAsset)).toBe(true);
  for (const name of ['USD', 'btc', '', 'toString', '__proto__', 'constructor']) {
    expect(isAsset(name)).toBe(false);
  }
});
