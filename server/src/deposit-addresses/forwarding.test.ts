import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DepositRow } from './deposit-store.ts';
import { grouped } from './forwarding.ts';
import { sharesOf } from './outcomes.ts';

const amount = fc.bigInt({ min: 1n, max: 300n });
const sum = (minors: readonly bigint[]): bigint => minors.reduce((total, minor) => total + minor, 0n);
const rowsOf = (minors: readonly bigint[]) => minors.map((remaining) => ({ remaining }) as DepositRow);

describe('what is sent on together', () => {
  it('is within the limits, each deposit once, and waits only when it has to', () => {
    fc.assert(
      fc.property(fc.array(amount), amount, amount, (minors, a, b) => {
        const [minMinor, maxMinor] = a < b ? [a, b] : [b, a];
        const rows = rowsOf(minors);
        const { groups, tooSmall, tooLarge } = grouped(rows, { minMinor, maxMinor });
        expect(new Set([...groups.flat(), ...tooSmall, ...tooLarge])).toEqual(new Set(rows));
        expect([...groups.flat(), ...tooSmall, ...tooLarge]).toHaveLength(rows.length);
        for (const group of groups) {
          const total = sum(group.map(({ remaining }) => remaining));
          expect(total >= minMinor && total <= maxMinor).toBe(true);
        }
        for (const { remaining } of tooLarge) expect(remaining).toBeGreaterThan(maxMinor);
        for (const { remaining } of tooSmall) expect(remaining).toBeLessThan(minMinor);
        const small = sum(minors.filter((minor) => minor < minMinor));
        if (small >= minMinor && small <= maxMinor) expect(tooSmall).toEqual([]);
      }),
    );
  });
});

describe('what comes back of a payout', () => {
  it('is shared to the last minor unit, and nobody gets more than was sent on', () => {
    const minors = fc.array(amount, { minLength: 1 });
    fc.assert(
      fc.property(minors, fc.nat({ max: 1_000_000 }), (sent, millionths) => {
        const refund = (sum(sent) * BigInt(millionths)) / 1_000_000n;
        const shares = sharesOf(rowsOf(sent), refund);
        expect(sum(shares)).toBe(refund);
        shares.forEach((share, index) => {
          expect(share).toBeGreaterThanOrEqual(0n);
          expect(share).toBeLessThanOrEqual(sent[index] ?? 0n);
        });
      }),
    );
  });
});
