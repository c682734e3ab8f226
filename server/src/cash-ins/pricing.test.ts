import fc from 'fast-check';
import { expect, it } from 'vitest';
import { formatMinor } from '../kernel/money.ts';
import { FEE_SCHEDULE, priceCashIn } from './pricing.ts';

const SMALLEST_CENTS = 100n;
const LARGEST_CENTS = 100_000_00n;
const cents = fc.bigInt({ min: SMALLEST_CENTS, max: LARGEST_CENTS });

it.each([
  ['20.00', 2_000n, '0.80', '19.20'],
  ['100.00', 10_000n, '2.00', '98.00'],
  ['500.00', 50_000n, '8.00', '492.00'],
])('takes of $%s the fee of the documents', (_, grossMinor, fee, net) => {
  const price = priceCashIn(grossMinor);
  expect(formatMinor(price.feeMinor, 'usd')).toBe(fee);
  expect(formatMinor(price.netMinor, 'usd')).toBe(net);
  expect(price.destination.asset).toBe('usdc');
  expect(formatMinor(price.destination.minor, 'usdc')).toBe(net);
});

it('splits every amount into fee and payout without a remainder', () => {
  fc.assert(
    fc.property(cents, (grossMinor) => {
      const { feeMinor, netMinor, destination } = priceCashIn(grossMinor);
      expect(feeMinor + netMinor).toBe(grossMinor);
      expect(netMinor > 0n).toBe(true);
      expect(destination).toEqual({ asset: 'usdc', minor: netMinor * 10_000n });
    }),
  );
});

it('takes 1.5 % and fifty cents, half a cent rounded up', () => {
  fc.assert(
    fc.property(cents, (grossMinor) => {
      const tenthsOfCents = grossMinor * 15n;
      expect(priceCashIn(grossMinor).feeMinor).toBe((tenthsOfCents + 500n) / 1_000n + 50n);
    }),
  );
  expect(priceCashIn(1_100n).feeMinor).toBe(67n);
  expect(priceCashIn(1_099n).feeMinor).toBe(66n);
});

it('never charges more for less', () => {
  fc.assert(
    fc.property(cents, (grossMinor) => {
      expect(priceCashIn(grossMinor).feeMinor <= priceCashIn(grossMinor + 1n).feeMinor).toBe(true);
      expect(priceCashIn(grossMinor).netMinor <= priceCashIn(grossMinor + 1n).netMinor).toBe(true);
    }),
  );
});

it('publishes the schedule it charges by', () => {
  expect(FEE_SCHEDULE).toEqual({
    feeCurrency: 'usd',
    entries: [
      { type: 'percentage', rate: '0.015' },
      { type: 'fixed', amount: '0.50' },
    ],
  });
});
