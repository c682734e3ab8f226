import type { CreditRailName } from '../bank/provider.ts';
import type { ReceivedCredit, ReturnedBankCredit } from '../bank/service.ts';
import type { Tx } from '../db/database.ts';
import { backoffMs } from '../jobs/jobs.ts';
import { assert, must } from '../kernel/assert.ts';
import { addMs } from '../kernel/clock.ts';
import type { TransactionRow } from '../transactions/service.ts';
import type { DepositReason, DepositRow } from './deposit-store.ts';
import * as depositStore from './deposit-store.ts';
import { RETRY_TASK, type RetryPayload, type VirtualAccountsDeps } from './deps.ts';
import { orderDeposits, type Placed } from './ordering.ts';
import * as postings from './postings.ts';
import { recordDeposits, transitionDeposits } from './states.ts';
import * as store from './store.ts';

/** What holds a deposit until time or a refill cures it; it is tried again by itself. */
const PASSING: ReadonlySet<DepositReason> = new Set([
  'customer_not_eligible',
  'rate_unavailable',
  'treasury_short',
]);

/** Deposits that are decided in one go. */
const MAX_AT_ONCE = 200;

/** A credit with the hash of the number it came to. */
interface HashedCredit {
  readonly credit: ReceivedCredit;
  readonly hash: Buffer;
}

/** Why a credit goes back, in the words of its rail: Nacha's return reason codes, or ISO 20022's. */
const REASONS = {
  unplaced: { ach: 'R03', other: 'AC01', text: 'No such account' },
  account_deleted: { ach: 'R02', other: 'AC04', text: 'Account closed' },
  delivery_failed: { ach: 'R17', other: 'MS03', text: 'The money could not be delivered' },
} as const;
type ReturnCause = keyof typeof REASONS;

/**
 * Money came in. All of it is booked; what is for an active account is converted and on its way in the same commit, what
 * is for a paused one or cannot be converted is held, and what is for a closed one or none goes back.
 */
export async function creditsReceived(
  deps: VirtualAccountsDeps,
  tx: Tx,
  credits: readonly HashedCredit[],
): Promise<void> {
  for (let start = 0; start < credits.length; start += MAX_AT_ONCE) {
    await receiveSome(deps, tx, credits.slice(start, start + MAX_AT_ONCE));
  }
}

async function receiveSome(
  deps: VirtualAccountsDeps,
  tx: Tx,
  credits: readonly HashedCredit[],
): Promise<void> {
  const accounts = await store.holdByNumber(
    tx,
    credits.map(({ hash }) => hash),
  );
  const byHash = new Map(accounts.map((row) => [row.account_number_hash.toString('hex'), row]));
  const accountOf = (hash: Buffer) => byHash.get(hash.toString('hex'));
  await refuseUnplaced(
    deps,
    tx,
    credits.filter(({ hash }) => !accountOf(hash)).map(({ credit }) => credit),
  );
  const placed = await takeIn(
    deps,
    tx,
    credits.flatMap(({ credit, hash }) => {
      const account = accountOf(hash);
      return account ? [{ credit, account }] : [];
    }),
  );
  const of = (status: store.VirtualAccountStatus) =>
    placed.filter(({ account }) => account.status === status);
  await decide(deps, tx, 'received', of('active'));
  await hold(
    deps,
    tx,
    'received',
    of('paused').map(({ row }) => ({ row, reason: 'account_paused' })),
  );
  await sendBack(
    deps,
    tx,
    'received',
    of('deleted').map(({ row }) => row),
    'account_deleted',
  );
}

async function refuseUnplaced(
  deps: VirtualAccountsDeps,
  tx: Tx,
  credits: readonly ReceivedCredit[],
): Promise<void> {
  if (credits.length === 0) return;
  await deps.ledger.apply(tx, ...credits.map(postings.unplacedReceived));
  await returnCredits(deps, tx, credits, 'unplaced');
}

async function takeIn(
  { events, ledger }: VirtualAccountsDeps,
  tx: Tx,
  credits: readonly { readonly credit: ReceivedCredit; readonly account: store.VirtualAccountRow }[],
): Promise<Placed[]> {
  if (credits.length === 0) return [];
  const now = tx.now();
  const rows = await depositStore.insertDeposits(
    tx,
    credits.map(({ credit, account }) => ({
      credit_id: credit.creditId,
      virtual_account_id: account.virtual_account_id,
      customer_id: account.customer_id,
      rail: credit.rail,
      amount: credit.amountMinor,
      sender_name: credit.senderName,
      memo: credit.memo ?? null,
      reference: referenceOf(credit),
      created_at: now,
    })),
  );
  await recordDeposits(tx, events, rows);
  await ledger.apply(tx, ...rows.map(postings.received));
  return rows.map((row, index) => ({ row, account: must(credits[index], 'a row per credit').account }));
}

function referenceOf({ reference }: ReceivedCredit): string {
  if ('traceNumber' in reference) return reference.traceNumber;
  if ('imad' in reference) return reference.imad;
  return 'uetr' in reference ? reference.uetr : reference.instructionId;
}

/** An account is active and holds money that may be converted by now. */
export async function tryHeld(
  deps: VirtualAccountsDeps,
  tx: Tx,
  account: store.VirtualAccountRow,
): Promise<void> {
  await eachHeld(tx, account, (rows) =>
    decide(
      deps,
      tx,
      'held',
      rows.map((row) => ({ row, account })),
    ),
  );
}

/** An account is closed: what it holds goes back. */
export async function returnHeld(
  deps: VirtualAccountsDeps,
  tx: Tx,
  account: store.VirtualAccountRow,
): Promise<void> {
  await eachHeld(tx, account, (rows) => sendBack(deps, tx, 'held', rows, 'account_deleted'));
}

async function eachHeld(
  tx: Tx,
  { virtual_account_id }: store.VirtualAccountRow,
  work: (rows: readonly DepositRow[]) => Promise<void>,
): Promise<void> {
  let after = '';
  for (;;) {
    const rows = await depositStore.lockHeld(tx, virtual_account_id, { after, limit: MAX_AT_ONCE });
    if (rows.length > 0) await work(rows);
    const last = rows.at(-1);
    if (!last || rows.length < MAX_AT_ONCE) return;
    after = last.credit_id;
  }
}

/** The next try of one deposit. Nothing happens when it is held for another reason by now, or no longer. */
export async function retry(
  deps: VirtualAccountsDeps,
  tx: Tx,
  { creditId, tries }: RetryPayload,
): Promise<void> {
  const known = must(await depositStore.findDeposit(tx, creditId), 'a deposit is never deleted');
  const account = await store.holdVirtualAccount(tx, known.virtual_account_id);
  const row = must(await depositStore.lockDeposit(tx, creditId), 'a deposit is never deleted');
  if (row.status !== 'held' || row.tries !== tries || row.reason === null || !PASSING.has(row.reason)) return;
  if (account.status === 'active') return decide(deps, tx, 'held', [{ row, account }]);
  // Resuming the account tries it again.
  await hold(deps, tx, 'held', [{ row, reason: 'account_paused' }]);
}

/** Of each: a transaction that delivers it, or a reason to hold it. */
async function decide(
  deps: VirtualAccountsDeps,
  tx: Tx,
  from: 'received' | 'held',
  placed: readonly Placed[],
): Promise<void> {
  if (placed.length === 0) return;
  const { events, transactions, screener } = deps;
  const orders = await orderDeposits(deps, tx, placed);
  const started = orders.flatMap(({ row, order }) =>
    typeof order === 'string' ? [] : [{ row, transaction: order }],
  );
  const outcomes = await transactions.execute(
    tx,
    started.map(({ transaction }) => transaction),
  );
  const isStarted = (index: number) => outcomes[index] !== 'insufficient_funds';
  await transitionDeposits(tx, events, {
    from,
    to: 'processing',
    changes: started
      .filter((_, index) => isStarted(index))
      .map(({ row, transaction }) => ({
        creditId: row.credit_id,
        transactionId: transaction.transaction_id,
      })),
    now: tx.now(),
  });
  await screener.look(
    tx,
    started
      .filter((_, index) => isStarted(index))
      .map(({ row, transaction }) => ({
        transactionId: transaction.transaction_id,
        party: row.sender_name,
      })),
  );
  const waiting = orders.flatMap(({ row, order }) =>
    typeof order === 'string' ? [{ row, reason: order }] : [],
  );
  const short = started
    .filter((_, index) => !isStarted(index))
    .map(({ row }) => ({ row, reason: 'treasury_short' as const }));
  await hold(deps, tx, from, [...waiting, ...short]);
}

/** What waits for something that passes has a job to try it again. */
async function hold(
  { events, jobs }: VirtualAccountsDeps,
  tx: Tx,
  from: 'received' | 'held',
  held: readonly { readonly row: DepositRow; readonly reason: DepositReason }[],
): Promise<void> {
  const now = tx.now();
  await transitionDeposits(tx, events, {
    from,
    to: 'held',
    // What waits on for the same thing is no news.
    changes: held
      .filter(({ row, reason }) => row.reason !== reason)
      .map(({ row, reason }) => ({ creditId: row.credit_id, reason })),
    now,
  });
  const passing = held.filter(({ reason }) => PASSING.has(reason)).map(({ row }) => row.credit_id);
  if (passing.length === 0) return;
  const rows = await depositStore.countTries(tx, passing);
  for (const [tries, ofTries] of Map.groupBy(rows, (row) => row.tries)) {
    const payloads: RetryPayload[] = ofTries.map((row) => ({ creditId: row.credit_id, tries }));
    await jobs.enqueueMany(tx, RETRY_TASK, payloads, addMs(now, backoffMs(tries)));
  }
}

async function sendBack(
  deps: VirtualAccountsDeps,
  tx: Tx,
  from: 'received' | 'held' | 'processing',
  rows: readonly DepositRow[],
  reason: 'account_deleted' | 'delivery_failed',
): Promise<void> {
  if (rows.length === 0) return;
  await transitionDeposits(tx, deps.events, {
    from,
    to: 'returning',
    changes: rows.map((row) => ({ creditId: row.credit_id, reason })),
    now: tx.now(),
  });
  await returnCredits(
    deps,
    tx,
    rows.map((row) => ({ creditId: row.credit_id, rail: row.rail })),
    reason,
  );
}

async function returnCredits(
  { bank }: VirtualAccountsDeps,
  tx: Tx,
  credits: readonly { readonly creditId: string; readonly rail: CreditRailName }[],
  cause: ReturnCause,
): Promise<void> {
  const { ach, other, text } = REASONS[cause];
  for (const [code, ofCode] of Map.groupBy(credits, ({ rail }) => (rail === 'ach' ? ach : other))) {
    await bank.returnCredits(
      tx,
      ofCode.map(({ creditId }) => creditId),
      { code, text },
    );
  }
}

/** The bank has sent back what was asked for. */
export async function creditsReturned(
  { events, ledger, transactions }: VirtualAccountsDeps,
  tx: Tx,
  credits: readonly ReturnedBankCredit[],
): Promise<void> {
  const found = await depositStore.findDeposits(
    tx,
    credits.map(({ creditId }) => creditId),
  );
  const ours = new Set(found.map((row) => row.credit_id));
  const unplaced = credits.filter(({ creditId }) => !ours.has(creditId));
  await ledger.apply(tx, ...found.map(postings.returned), ...unplaced.map(postings.unplacedReturned));
  await transitionDeposits(tx, events, {
    from: 'returning',
    to: 'returned',
    changes: found.map((row) => ({ creditId: row.credit_id })),
    now: tx.now(),
  });
  const transactionIds = found.flatMap((row) => row.transaction_id ?? []);
  if (transactionIds.length > 0) await transactions.onRampsReturned(tx, transactionIds);
}

/** The tokens are final at their destinations. */
export async function delivered(
  { events }: VirtualAccountsDeps,
  tx: Tx,
  transactions: readonly TransactionRow[],
): Promise<void> {
  const rows = await depositsOf(tx, transactions);
  await transitionDeposits(tx, events, {
    from: 'processing',
    to: 'delivered',
    changes: rows.map((row) => ({ creditId: row.credit_id })),
    now: tx.now(),
  });
}

/** The tokens can never arrive: the dollars go back to their senders. */
export async function failed(
  deps: VirtualAccountsDeps,
  tx: Tx,
  transactions: readonly TransactionRow[],
): Promise<void> {
  await sendBack(deps, tx, 'processing', await depositsOf(tx, transactions), 'delivery_failed');
}

async function depositsOf(tx: Tx, transactions: readonly TransactionRow[]): Promise<DepositRow[]> {
  const rows = await depositStore.findByTransactions(
    tx,
    transactions.map((row) => row.transaction_id),
  );
  assert(rows.length === transactions.length, 'an on-ramp has its deposit');
  return rows;
}
