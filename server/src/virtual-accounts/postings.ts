import { bankClearing, bankUnplaced, inFlight } from '../ledger/chart.ts';
import type { TransferGroup } from '../ledger/transfers.ts';
import type { DepositRow } from './deposit-store.ts';

/** One bank stands behind all numbers. */
const BANK = bankClearing('bank');

interface Credit {
  readonly creditId: string;
  /** USD cents. */
  readonly amountMinor: bigint;
}

const movement = (
  name: string,
  { creditId }: Credit,
  transfer: Parameters<typeof single>[0],
): TransferGroup => ({
  groupId: `${creditId}.${name}`,
  transfers: [single(transfer)],
});

const single = (transfer: Omit<Extract<TransferGroup['transfers'][number], { kind: 'single' }>, 'kind'>) => ({
  kind: 'single' as const,
  ...transfer,
});

/** The bank has the money and the customer has it in flight, whatever becomes of it: converted, held or sent back. */
export const received = (row: DepositRow): TransferGroup =>
  movement('received', toCredit(row), {
    debit: BANK,
    credit: inFlight(row.customer_id, 'usd'),
    minor: row.amount,
  });

/** The bank has sent it back. */
export const returned = (row: DepositRow): TransferGroup =>
  movement('returned', toCredit(row), {
    debit: inFlight(row.customer_id, 'usd'),
    credit: BANK,
    minor: row.amount,
  });

/** Money for no account that there is or was. */
export const unplacedReceived = (credit: Credit): TransferGroup =>
  movement('received', credit, { debit: BANK, credit: bankUnplaced('bank'), minor: credit.amountMinor });

export const unplacedReturned = (credit: Credit): TransferGroup =>
  movement('returned', credit, { debit: bankUnplaced('bank'), credit: BANK, minor: credit.amountMinor });

const toCredit = (row: DepositRow): Credit => ({ creditId: row.credit_id, amountMinor: row.amount });
