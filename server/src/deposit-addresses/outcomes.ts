import type { HoldReason } from '@openoms/contract/deposit-addresses.ts';
import type { Tx } from '../db/database.ts';
import { must } from '../kernel/assert.ts';
import { divide } from '../kernel/money.ts';
import type { TransactionRow } from '../transactions/service.ts';
import { type DepositChange, type DepositRow, type DepositStatus, lockSentOnBy } from './deposit-store.ts';
import type { DepositAddressesDeps } from './deps.ts';
import { transitionDeposits } from './states.ts';

/** What the transaction that sent a deposit on says of it. */
interface Outcome {
  readonly to: Exclude<DepositStatus, 'received'>;
  readonly reason?: HoldReason;
  /** What came back to the address of a payout, when that is not all of it. */
  readonly refundMinor?: bigint;
}

/** Something became of transactions that deposits were sent on by. */
export async function paymentsChanged(
  { events }: Pick<DepositAddressesDeps, 'events'>,
  tx: Tx,
  transactions: readonly TransactionRow[],
): Promise<void> {
  const byId = new Map(transactions.map((row) => [row.transaction_id, row]));
  const deposits = await lockSentOnBy(tx, [...byId.keys()]);
  const moves: { from: DepositStatus; to: Outcome['to']; change: DepositChange }[] = [];
  for (const [transactionId, own] of Map.groupBy(deposits, (each) => each.transaction_id ?? '')) {
    const { to, reason, refundMinor } = outcomeOf(must(byId.get(transactionId), 'it was asked for'));
    const shares = refundMinor === undefined ? undefined : sharesOf(own, refundMinor);
    own.forEach((deposit, index) => {
      if (deposit.status === to) return;
      const change = {
        deposit_id: deposit.deposit_id,
        ...(reason && { hold_reason: reason }),
        ...(shares && { remaining: must(shares[index], 'a share each') }),
      };
      moves.push({ from: deposit.status, to, change });
    });
  }
  for (const alike of Map.groupBy(moves, ({ from, to }) => `${from} ${to}`).values()) {
    const [first] = alike;
    if (!first) continue;
    await transitionDeposits(tx, events, {
      from: first.from,
      to: first.to,
      changes: alike.map(({ change }) => change),
      now: tx.now(),
    });
  }
}

function outcomeOf(row: TransactionRow): Outcome {
  if (row.status === 'completed') return { to: 'delivered' };
  if (row.status !== 'failed') return { to: 'processing' };
  if (row.refund_status === 'pending') return { to: 'returning' };
  if (row.refund_status === 'failed') return { to: 'failed' };
  if (row.refund_status === null) return { to: 'held', reason: 'transaction_failed' };
  return {
    to: 'held',
    reason: row.returned_at ? 'payout_returned' : 'transaction_failed',
    refundMinor: must(row.refund, 'a refund has an amount'),
  };
}

/**
 * Each deposit bears its part of what did not come back. What rounding leaves of one goes to the next, so that they sum
 * to the refund exactly and none exceeds what was sent on of it.
 */
export function sharesOf(deposits: readonly Pick<DepositRow, 'remaining'>[], refundMinor: bigint): bigint[] {
  const total = deposits.reduce((sum, { remaining }) => sum + remaining, 0n);
  let sentMinor = 0n;
  let sharedMinor = 0n;
  return deposits.map(({ remaining }) => {
    sentMinor += remaining;
    const shareMinor = divide(sentMinor * refundMinor, total, 'down') - sharedMinor;
    sharedMinor += shareMinor;
    return shareMinor;
  });
}
