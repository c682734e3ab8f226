import type pg from 'pg';
import { type Check, same, sameThings } from './check.ts';
import type { Payment } from './payments.ts';

/** One to one here: a cent is so much of the token. */
const TOKEN_PER_CENT = 10_000n;

/** What became of a payment, in the words of its API. */
interface Ending {
  readonly status: 'completed' | 'failed';
  readonly events: readonly string[];
  /** What went back to the payer, in the token's unit. */
  readonly refundMinor: bigint;
  /** Transfers that left the payer's address. */
  readonly paidMinor: readonly bigint[];
  readonly isPayout: boolean;
}

export function endingOf({ kind, grossMinor, feesMinor, arrivingMinor }: Payment): Ending {
  const whole = { isPayout: true, paidMinor: [grossMinor] };
  switch (kind) {
    case 'wallet':
    case 'outside': {
      const paidMinor = [arrivingMinor, feesMinor];
      return { status: 'completed', events: ['completed'], refundMinor: 0n, paidMinor, isPayout: false };
    }
    case 'settle':
      return { ...whole, status: 'completed', events: ['completed'], refundMinor: 0n };
    case 'reject':
    case 'return':
      return { ...whole, status: 'failed', events: ['failed', 'refunded'], refundMinor: grossMinor };
    case 'returnLate': {
      const events = ['completed', 'returned', 'failed', 'refunded'];
      return { ...whole, status: 'failed', events, refundMinor: arrivingMinor * TOKEN_PER_CENT };
    }
  }
}

/** Every accepted payment has come to the end that bank and token gave it, once, and was told of step by step. */
export async function checkPayments(client: pg.Client, payments: readonly Payment[]): Promise<Check[]> {
  const textsOf = async (sql: string): Promise<string[]> =>
    (await client.query<{ text: string }>(sql)).rows.map(({ text }) => text);
  const ends = payments.map((payment) => ({ ...payment, ...endingOf(payment) }));
  return [
    sameThings(
      'payments by their end and what went back',
      ends.map(({ transactionId, status, refundMinor }) => `${transactionId} ${status} ${refundMinor}`),
      await textsOf(
        `select transaction_id || ' ' || status || ' ' ||
           case when refund_status = 'completed' then refund else 0 end as text
         from transactions where quote_id is not null`,
      ),
    ),
    sameThings(
      'events of payments',
      ends.map(({ transactionId, events }) => `${transactionId} ${['processing', ...events].join(' ')}`),
      await textsOf(
        `select resource_id || ' ' || string_agg(split_part(type, '.', 3), ' ' order by sequence) as text
         from events where type like 'transaction.crypto%' group by resource_id`,
      ),
    ),
    sameThings(
      'sends of payments that were paid',
      ends.flatMap(({ transactionId, paidMinor, refundMinor }) =>
        [...paidMinor, ...(refundMinor > 0n ? [refundMinor] : [])].map(
          (minor) => `${transactionId} ${minor}`,
        ),
      ),
      await textsOf(
        `select resource_id || ' ' || amount as text from sends
         where purpose like 'transaction%' and status = 'paid'`,
      ),
    ),
    sameThings(
      'payouts at the bank',
      ends
        .filter(({ isPayout }) => isPayout)
        .map(
          ({ transactionId, kind, arrivingMinor }) => `${transactionId} ${arrivingMinor} ${AT_BANK[kind]}`,
        ),
      await textsOf(
        `select resource_id || ' ' || s.amount || ' ' || s.status as text
         from sandbox_bank_payments s join bank_payouts on payout_id = payment_id`,
      ),
    ),
    same(
      'quotes accepted',
      payments.length,
      (await textsOf(`select count(*)::text as text from quotes where status = 'accepted'`)).join(),
    ),
  ];
}

const AT_BANK: Readonly<Record<string, string>> = {
  settle: 'settled',
  reject: 'rejected',
  return: 'returned',
  returnLate: 'returned',
};
