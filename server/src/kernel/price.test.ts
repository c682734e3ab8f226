import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Asset, convert, parseRate } from './money.ts';
import { type Exchange, type FeeRules, type Price, priceFromDestination, priceFromSource } from './price.ts';

const RUNS = 10_000;

const decimal = (max: number, decimals: number) =>
  fc.integer({ min: 0, max }).map((value) => {
    const digits = value.toString().padStart(decimals + 1, '0');
    return `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
  });
const rule = fc
  .record({ share: decimal(24_999, 5), fixedMinor: fc.bigInt({ min: 0n, max: 5_000_000n }) })
  .map(({ share, fixedMinor }) => ({ rate: parseRate(share), fixedMinor }));
const rules: fc.Arbitrary<FeeRules> = fc.record({
  oms: rule,
  developer: fc.array(rule, { maxLength: 2 }),
  gasMinor: fc.bigInt({ min: 0n, max: 1_000_000n }),
});
const asset = fc.constantFrom<Asset>('usd', 'usdc', 'usdt');
const exchange: fc.Arbitrary<Exchange> = fc.record({
  source: asset,
  destination: asset,
  exchangeRate: fc.oneof(
    fc.constant('1.0'),
    decimal(3_000_000, 6).filter((rate) => Number(rate) > 0.000_1),
    decimal(400_000, 2).filter((rate) => Number(rate) > 0),
  ),
});
const minor = fc.bigInt({ min: 1n, max: 10n ** 15n });

/** What of the price is right whatever was fixed; answers what an amount of the source buys. */
function expectExact(price: Price, asked: FeeRules, by: Exchange): (minor: bigint) => bigint {
  const developer = price.developerFeesMinor.reduce((sum, fee) => sum + fee, 0n);
  expect(price.omsFeeMinor + developer + price.gasFeeMinor + price.netMinor).toBe(price.grossMinor);
  expect(price.convertedMinor + price.roundingMinor).toBe(price.netMinor);
  expect(price.roundingMinor).toBeGreaterThanOrEqual(0n);
  expect(price.gasFeeMinor).toBe(asked.gasMinor);
  const rate = parseRate(by.exchangeRate);
  const buys = (value: bigint) =>
    convert({ asset: by.source, minor: value }, by.destination, rate, 'down').minor;
  // What is converted is the least that buys what arrives.
  expect(buys(price.convertedMinor)).toBeGreaterThanOrEqual(price.destination.minor);
  expect(buys(price.convertedMinor - 1n)).toBeLessThan(price.destination.minor);
  return buys;
}

it('prices a fixed source so that nothing is lost but what is booked', () => {
  let priced = 0;
  fc.assert(
    fc.property(minor, rules, exchange, (grossMinor, asked, by) => {
      const price = priceFromSource(grossMinor, asked, by);
      if (!price) return;
      priced += 1;
      expect(price.grossMinor).toBe(grossMinor);
      const buys = expectExact(price, asked, by);
      expect(buys(price.netMinor)).toBe(price.destination.minor);
    }),
    { numRuns: RUNS },
  );
  expect(priced).toBeGreaterThan(RUNS / 2);
});

it('prices a fixed destination so that exactly that arrives, at the least gross amount', () => {
  let priced = 0;
  fc.assert(
    fc.property(minor, rules, exchange, (arrivingMinor, asked, by) => {
      const price = priceFromDestination(arrivingMinor, asked, by);
      if (!price) return;
      priced += 1;
      expect(price.destination).toEqual({ asset: by.destination, minor: arrivingMinor });
      expectExact(price, asked, by);
      expect(price.roundingMinor).toBe(0n);
      const less = priceFromSource(price.grossMinor - 1n, asked, by);
      expect(less === undefined || less.netMinor < price.netMinor).toBe(true);
    }),
    { numRuns: RUNS },
  );
  expect(priced).toBeGreaterThan(RUNS / 2);
});

const usdcToUsd: Exchange = { source: 'usdc', destination: 'usd', exchangeRate: '1.0' };
const NO_FEE = { rate: parseRate('0'), fixedMinor: 0n };

it("prices the documents' sample: 0.20 developer, 0.35 oms, 0.03 gas of 100.00 leave 99.42", () => {
  const asked: FeeRules = {
    oms: { rate: parseRate('0.0035'), fixedMinor: 0n },
    developer: [{ rate: parseRate('0.002'), fixedMinor: 0n }],
    gasMinor: 30_000n,
  };
  const price = priceFromSource(100_000_000n, asked, { ...usdcToUsd, destination: 'usdc' });
  expect(price).toMatchObject({ netMinor: 99_420_000n, destination: { asset: 'usdc', minor: 99_420_000n } });
});

it('keeps what is less than a cent apart', () => {
  const free: FeeRules = { oms: NO_FEE, developer: [], gasMinor: 0n };
  expect(priceFromSource(99_123_456n, free, usdcToUsd)).toMatchObject({
    destination: { asset: 'usd', minor: 9_912n },
    convertedMinor: 99_120_000n,
    roundingMinor: 3_456n,
  });
});

it('refuses what fees eat up', () => {
  const dear: FeeRules = { oms: { rate: parseRate('0.5'), fixedMinor: 50n }, developer: [], gasMinor: 0n };
  expect(priceFromSource(100n, dear, usdcToUsd)).toBeUndefined();
  expect(priceFromSource(9_999n, { ...dear, oms: NO_FEE }, usdcToUsd)).toBeUndefined();
  const all: FeeRules = { oms: { rate: parseRate('1'), fixedMinor: 0n }, developer: [], gasMinor: 0n };
  expect(priceFromDestination(100n, all, usdcToUsd)).toBeUndefined();
  expect(priceFromDestination(0n, dear, usdcToUsd)).toBeUndefined();
});
