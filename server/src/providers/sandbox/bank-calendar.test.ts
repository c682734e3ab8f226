import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bankHolidays, isBankingDay, isReturnInTime, newYorkTime, settlesAt } from './bank-calendar.ts';

/** As the Federal Reserve Banks publish them; a holiday on a Saturday is missing, for they are open then. */
const PUBLISHED: Readonly<Record<number, string>> = {
  2024: '01-01 01-15 02-19 05-27 06-19 07-04 09-02 10-14 11-11 11-28 12-25',
  2025: '01-01 01-20 02-17 05-26 06-19 07-04 09-01 10-13 11-11 11-27 12-25',
  2026: '01-01 01-19 02-16 05-25 06-19 09-07 10-12 11-11 11-26 12-25',
  2027: '01-01 01-18 02-15 05-31 07-05 09-06 10-11 11-11 11-25',
  2028: '01-17 02-21 05-29 06-19 07-04 09-04 10-09 11-23 12-25',
  2029: '01-01 01-15 02-19 05-28 06-19 07-04 09-03 10-08 11-12 11-22 12-25',
  2030: '01-01 01-21 02-18 05-27 06-19 07-04 09-02 10-14 11-11 11-28 12-25',
};

describe('the banking calendar', () => {
  it.each(Object.entries(PUBLISHED))('has the holidays of %s', (year, days) => {
    expect(bankHolidays(Number(year))).toEqual(days.split(' ').map((day) => `${year}-${day}`));
  });

  it('is open on the Friday before a holiday that falls on a Saturday', () => {
    expect(['2026-07-03', '2027-06-18', '2027-12-24', '2027-12-31'].map(isBankingDay)).toEqual(
      Array(4).fill(true),
    );
  });

  it('reads the clock of New York in winter, in summer and across both changes', () => {
    expect(newYorkTime(new Date('2026-01-15T04:59:00Z'))).toEqual({
      day: '2026-01-14',
      minute: 23 * 60 + 59,
    });
    expect(newYorkTime(new Date('2026-07-15T04:00:00Z'))).toEqual({ day: '2026-07-15', minute: 0 });
    expect(newYorkTime(new Date('2026-03-08T07:00:00Z')).minute).toBe(3 * 60);
    expect(newYorkTime(new Date('2026-11-01T06:00:00Z')).minute).toBe(60);
  });
});

/** 2026-03-08 and 2026-11-01 are the Sundays on which New York changes its clocks. */
describe('a payment settles', () => {
  it.each([
    ['ACH before the cut-off, the next morning', 'ach', '2026-01-13T21:44:00Z', '2026-01-14T13:30:00.000Z'],
    ['ACH after the cut-off, a day later', 'ach', '2026-01-13T21:45:00Z', '2026-01-15T13:30:00.000Z'],
    ['ACH of a Friday on Monday', 'ach', '2026-01-09T15:00:00Z', '2026-01-12T13:30:00.000Z'],
    ['ACH of a Saturday on Tuesday', 'ach', '2026-01-10T15:00:00Z', '2026-01-13T13:30:00.000Z'],
    ['ACH over a holiday', 'ach', '2026-01-16T15:00:00Z', '2026-01-20T13:30:00.000Z'],
    ['ACH over the change to summer time', 'ach', '2026-03-06T15:00:00Z', '2026-03-09T12:30:00.000Z'],
    ['ACH over the change to winter time', 'ach', '2026-10-30T15:00:00Z', '2026-11-02T13:30:00.000Z'],
    ['ACH over the end of a year', 'ach', '2026-12-31T15:00:00Z', '2027-01-04T13:30:00.000Z'],
    ['a wire within minutes', 'wire', '2026-07-15T15:00:00Z', '2026-07-15T15:10:00.000Z'],
    ['a wire until the cut-off', 'wire', '2026-07-15T22:44:00Z', '2026-07-15T22:54:00.000Z'],
    ['a wire after it the next morning', 'wire', '2026-07-15T22:45:00Z', '2026-07-16T13:10:00.000Z'],
    ['a wire before the desk opens', 'wire', '2026-07-15T08:00:00Z', '2026-07-15T13:10:00.000Z'],
    ['a wire of a Saturday on Monday', 'wire', '2026-07-18T15:00:00Z', '2026-07-20T13:10:00.000Z'],
    ['SWIFT at noon of the next day', 'swift', '2026-07-15T18:00:00Z', '2026-07-16T16:00:00.000Z'],
    ['SWIFT of the late afternoon a day later', 'swift', '2026-07-15T19:00:00Z', '2026-07-17T16:00:00.000Z'],
  ] as const)('%s', (_, rail, now, expected) => {
    expect(settlesAt(rail, new Date(now)).toISOString()).toBe(expected);
  });

  it('on a banking day, after it was submitted, within eight days', () => {
    const start = Date.UTC(2024, 0, 1);
    const end = Date.UTC(2030, 11, 20);
    const rail = fc.constantFrom('ach', 'wire', 'swift');
    fc.assert(
      fc.property(rail, fc.integer({ min: start, max: end }), (by, atMs) => {
        const settles = settlesAt(by, new Date(atMs));
        expect(isBankingDay(newYorkTime(settles).day)).toBe(true);
        expect(settles.getTime()).toBeGreaterThan(atMs);
        expect(settles.getTime() - atMs).toBeLessThan(8 * 24 * 3_600_000);
      }),
    );
  });
});

describe('a return', () => {
  const settled = new Date('2026-01-16T13:30:00Z');

  it('is in time for two banking days', () => {
    expect(isReturnInTime('two_banking_days', settled, new Date('2026-01-21T23:00:00Z'))).toBe(true);
    expect(isReturnInTime('two_banking_days', settled, new Date('2026-01-22T13:00:00Z'))).toBe(false);
  });

  it('of the receiver’s word is in time for sixty days', () => {
    expect(isReturnInTime('sixty_days', settled, new Date('2026-03-17T23:00:00Z'))).toBe(true);
    expect(isReturnInTime('sixty_days', settled, new Date('2026-03-18T13:00:00Z'))).toBe(false);
  });

  it('over a rail without such rules is always in time', () => {
    expect(isReturnInTime(undefined, settled, new Date('2027-01-01T00:00:00Z'))).toBe(true);
  });
});
