import { BANK_REASONS } from '@openoms/contract/bank-reasons.ts';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../db/database.ts';
import { isAbaRoutingNumber } from '../kernel/check-digits.ts';
import { systemRandom } from '../kernel/random.ts';
import type { BankRail, OutgoingPayment, ReturnedCredit } from './provider.ts';

/** A bank that has an account of ours, and a look into its books. */
export interface RailUnderTest {
  readonly rail: BankRail;
  readonly db: Database;
  readonly projectId: string;
  /** A payment that the bank takes, ordered on our side and not yet submitted. */
  newPayment(): Promise<OutgoingPayment>;
  /** The same to an account that no bank can be found for. */
  newHopelessPayment(): Promise<OutgoingPayment>;
  /** A credit that came in and that we have decided to send back. */
  newReturn(): Promise<ReturnedCredit>;
  /** Lets the bank finish what it can. */
  finish(): Promise<void>;
  /** How many times money left our account under this id, by the bank's own books. */
  timesPaid(id: string): Promise<number>;
}

/** What every bank must hold to, whoever it is; `BankRail` in provider.ts says it in words. */
export function describeBankRail(name: string, open: () => Promise<RailUnderTest>): void {
  describe(`${name} as a bank rail`, () => {
    let bed: RailUnderTest;
    beforeAll(async () => {
      bed = await open();
    });

    it('pays once however often it is asked, and answers alike', async () => {
      const payment = await bed.newPayment();
      const first = await bed.rail.submit(payment);
      const again = await bed.rail.submit(payment);
      await bed.finish();
      const late = await bed.rail.submit(payment);
      expect(first.outcome).toBe('accepted');
      expect([again, late]).toEqual([first, first]);
      expect(await bed.timesPaid(payment.payoutId)).toBe(1);
    });

    it('pays once when it is asked at the same time', async () => {
      const payment = await bed.newPayment();
      const answers = await Promise.all(Array.from({ length: 8 }, () => bed.rail.submit(payment)));
      await bed.finish();
      expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
      expect(await bed.timesPaid(payment.payoutId)).toBe(1);
    });

    it('pays once though the account changed between two submissions', async () => {
      const payment = await bed.newPayment();
      const first = await bed.rail.submit(payment);
      const moved = { ...payment, details: { ...payment.details, accountNumber: '999888777' } };
      expect(await bed.rail.submit(moved)).toEqual(first);
      await bed.finish();
      expect(await bed.timesPaid(payment.payoutId)).toBe(1);
    });

    it('names each accepted payment by a reference of the rail, and says when it settles', async () => {
      const [one, two] = [await bed.newPayment(), await bed.newPayment()];
      const [first, second] = [await bed.rail.submit(one), await bed.rail.submit(two)];
      if (first.outcome !== 'accepted' || second.outcome !== 'accepted') throw new Error('both are taken');
      expect(first.reference).not.toBe(second.reference);
      expect(first.effectiveAt).toBeInstanceOf(Date);
      await bed.finish();
    });

    it('refuses what it cannot route, for ever and with a code that has a meaning', async () => {
      const payment = await bed.newHopelessPayment();
      const first = await bed.rail.submit(payment);
      expect(await bed.rail.submit(payment)).toEqual(first);
      if (first.outcome !== 'rejected') throw new Error('it is refused');
      const meaning = BANK_REASONS.find(({ code }) => code === first.code);
      expect(meaning?.uses).toContain('rejection');
      expect(meaning?.rails).toContain(payment.rail);
      expect(first.reason).not.toBe('');
      await bed.finish();
      expect(await bed.timesPaid(payment.payoutId)).toBe(0);
    });

    it('sends a credit back once however often it is asked', async () => {
      const credit = await bed.newReturn();
      await Promise.all([bed.rail.returnCredit(credit), bed.rail.returnCredit(credit)]);
      await bed.finish();
      await bed.rail.returnCredit(credit);
      await bed.finish();
      expect(await bed.timesPaid(credit.creditId)).toBe(1);
    });

    it('gives each account a number of its own at a routable bank', () => {
      const accounts = Array.from({ length: 100 }, () => bed.rail.newAccount(systemRandom));
      expect(new Set(accounts.map(({ accountNumber }) => accountNumber)).size).toBe(100);
      for (const account of accounts) {
        expect(isAbaRoutingNumber(account.routingNumber)).toBe(true);
        expect(account.accountNumber).toMatch(/^[0-9]{4,17}$/);
        expect(account.bankName).not.toBe('');
      }
    });

    it('is not called inside a transaction', async () => {
      const payment = await bed.newPayment();
      const inside = bed.db.tx(bed.projectId, () => bed.rail.submit(payment));
      await expect(inside).rejects.toThrow(/inside a database transaction/);
      await bed.rail.submit(payment);
      await bed.finish();
    });
  });
}
