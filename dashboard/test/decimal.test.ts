import { describe, expect, it } from 'vitest';
import { compareDecimals, formatDecimal, formatShare, sumOf } from '../src/components/decimal.ts';

describe('amounts', () => {
  it.each([
    ['0.00', '0.00'],
    ['1234567.5', '1,234,567.50'],
    ['-1234.50', '−1,234.50'],
    ['0.123456789012345678', '0.123456789012345678'],
    ['999999999999999999999.10', '999,999,999,999,999,999,999.10'],
    ['100.000000', '100.00'],
  ])('shows %s as %s, not a digit less', (amount, shown) => {
    expect(formatDecimal(amount)).toBe(shown);
  });

  it.each([
    [['0.1', '0.2'], '0.30'],
    [['99999999999999999.99', '0.01'], '100000000000000000.00'],
    [['1.00', '-1.50'], '-0.50'],
    [[], '0.00'],
  ])('sums %j exactly', (amounts, sum) => {
    expect(sumOf(amounts)).toBe(sum);
  });

  it('orders by value, not by text', () => {
    expect(['10.00', '9.5', '-1.00', '9.50'].toSorted(compareDecimals)).toEqual([
      '-1.00',
      '9.5',
      '9.50',
      '10.00',
    ]);
  });

  it.each([
    ['0.9831', '98.31 %'],
    ['1', '100 %'],
    ['0.015', '1.5 %'],
    ['0', '0 %'],
  ])('shows the share %s as %s', (share, shown) => {
    expect(formatShare(share)).toBe(shown);
  });
});
