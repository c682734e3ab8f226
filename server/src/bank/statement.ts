import type { StatementLine } from '@openoms/contract/reconciliation.ts';
import type { Tx } from '../db/database.ts';
import { toIsoSeconds } from '../kernel/clock.ts';
import { formatMinor } from '../kernel/money.ts';
import type { BankDeps } from './deps.ts';
import type { StatementEntry } from './provider.ts';
import {
  holdListedPayments,
  insertLine,
  type ListedPayment,
  type StatementLineRow,
} from './statement-store.ts';

/**
 * Compares a line of a statement with what the bank is known to have, and keeps it with the answer; undefined when it
 * was taken before. It moves no money and changes no payment.
 */
export async function applyStatementEntry(
  { ids, providerEvents }: BankDeps,
  tx: Tx,
  entry: StatementEntry,
): Promise<StatementLineRow | undefined> {
  const { provider, providerEventId, direction, amountMinor, reference } = entry;
  const news = await providerEvents.accept(tx, provider, [providerEventId], 'bank.statementLine');
  if (news.size === 0) return undefined;
  const payments = await holdListedPayments(tx, provider, reference, direction);
  const found = payments.find((payment) => causeOf(payment, amountMinor) === null) ?? payments[0];
  const cause = found ? causeOf(found, amountMinor) : 'unknown_reference';
  const row: StatementLineRow = {
    line_id: ids.next('statementLine', tx),
    provider,
    status: cause === null ? 'matched' : 'break',
    direction,
    amount: amountMinor,
    reference,
    cause,
    expected: found?.amount ?? null,
    payout_id: found?.payout_id ?? null,
    transaction_id: found?.transaction_id ?? null,
    credit_id: found?.credit_id ?? null,
    created_at: tx.now(),
  };
  await insertLine(tx, row);
  return row;
}

/** Why a line of this amount is not the payment's; null when it is. */
function causeOf(payment: ListedPayment, amountMinor: bigint): StatementLine['cause'] {
  if (!payment.moved) return 'not_expected';
  if (payment.amount !== amountMinor) return 'wrong_amount';
  return payment.is_listed ? 'listed_before' : null;
}

export const toStatementLine = (row: StatementLineRow): StatementLine => ({
  id: row.line_id,
  object: 'statementLine',
  status: row.status,
  direction: row.direction,
  amount: formatMinor(row.amount, 'usd'),
  currency: 'USD',
  reference: row.reference,
  cause: row.cause,
  expectedAmount: row.expected === null ? null : formatMinor(row.expected, 'usd'),
  transactionId: row.transaction_id,
  depositId: row.credit_id,
  createdAt: toIsoSeconds(row.created_at),
});
