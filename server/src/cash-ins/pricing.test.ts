import fc from 'fast-check';
import { expect, it } from 'vitest';
import { formatMinor } from '../kernel/money.ts';
import { type FeeSchedule, priceCashIn, toFeeSchedule } from './pricing.ts';

const SMALLEST_CENTS = 100n;
/** The least that a till takes. */
const LEAST_CENTS = 2_000n;
const LARGEST_CENTS = 100_000_00n;
const cents = fc.bigInt({ min: SMALLEST_CENTS, max: LARGEST_CENTS });
const deposits = fc.bigInt({ min: LEAST_CENTS, max: LARGEST_CENTS });

const DOCUMENTED: FeeSchedule = { fee_rate: '0.015', fee_fixed: 50n };
/** Any schedule that the settings take: shares below 1, and something left of the smallest deposit. */
const schedules = fc
  .bigInt({ min: 0n, max: 999_000n })
  .chain((millionths) =>
    fc.record({ millionths: fc.constant(millionths), fee_fixed: fixedBeside(millionths) }),
  )
  .map(({ millionths, fee_fixed }) => ({
    fee_rate: `0.${millionths.toString().padStart(6, '0')}`,
    fee_fixed,
  }));

const fixedBeside = (millionths: bigint) =>
  fc.bigInt({ min: 0n, max: LEAST_CENTS - (LEAST_CENTS * millionths + 999_999n) / 1_000_000n - 1n });

it.each([
  ['20.00', 2_000n, '0.80', '19.20'],
  ['100.00', 10_000n, '2.00', '98.00'],
  ['500.00', 50_000n, '8.00', '492.00'],
])('takes of $%s the fee of the documents', (_, grossMinor, fee, net) => {
  const price = priceCashIn(grossMinor, DOCUMENTED);
  expect(formatMinor(price.feeMinor, 'usd')).toBe(fee);
  expect(formatMinor(price.netMinor, 'usd')).toBe(net);
  expect(price.destination.asset).toBe('usdc');
  expect(formatMinor(price.destination.minor, 'usdc')).toBe(net);
});

it('splits every amount into fee and payout without a remainder, whatever the schedule', () => {
  fc.assert(
    fc.property(deposits, schedules, (grossMinor, schedule) => {
      const { feeMinor, netMinor, destination } = priceCashIn(grossMinor, schedule);
      expect(feeMinor + netMinor).toBe(grossMinor);
      expect(feeMinor >= schedule.fee_fixed).toBe(true);
      expect(netMinor > 0n).toBe(true);
      expect(destination).toEqual({ asset: 'usdc', minor: netMinor * 10_000n });
    }),
  );
});

it('takes 1.5 % and fifty cents, half a cent rounded up', () => {
  fc.assert(
    fc.property(cents, (grossMinor) => {
      const tenthsOfCents = grossMinor * 15n;
      expect(priceCashIn(grossMinor, DOCUMENTED).feeMinor).toBe((tenthsOfCents + 500n) / 1_000n + 50n);
    }),
  );
  expect(priceCashIn(1_100n, DOCUMENTED).feeMinor).toBe(67n);
  expect(priceCashIn(1_099n, DOCUMENTED).feeMinor).toBe(66n);
});

it('never charges more for less', () => {
  fc.assert(
    fc.property(deposits, schedules, (grossMinor, schedule) => {
      const [less, more] = [priceCashIn(grossMinor, schedule), priceCashIn(grossMinor + 1n, schedule)];
      expect(less.feeMinor <= more.feeMinor).toBe(true);
      expect(less.netMinor <= more.netMinor).toBe(true);
    }),
  );
});

it('publishes the schedule it charges by', () => {
  expect(toFeeSchedule(DOCUMENTED)).toEqual({
    feeCurrency: 'usd',
    entries: [
      { type: 'percentage', rate: '0.015' },
      { type: 'fixed', amount: '0.50' },
    ],
  });
});
