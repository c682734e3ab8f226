import type { FailedSend, PaidSend, SendRequest } from '../chain/sends.ts';
import type { Tx } from '../db/database.ts';
import { assert, must } from '../kernel/assert.ts';
import type { TreasuryRow } from '../treasury/service.ts';
import type { TransactionsDeps } from './deps.ts';
import { type Failure, sendFailure } from './errors.ts';
import * as postings from './postings.ts';
import { recordNews, transition } from './states.ts';
import * as store from './store.ts';

/** Purposes of this slice's sends; their resource is the transaction. */
export const SEND_PURPOSES = ['transaction', 'transaction-fee', 'transaction-refund'] as const;
export type SendPurpose = (typeof SEND_PURPOSES)[number];

export const isOwnPurpose = (purpose: string): purpose is SendPurpose =>
  SEND_PURPOSES.some((own) => own === purpose);

/** The first send of a transaction, by its flow. */
export function principalSend(row: store.TransactionRow, treasury: TreasuryRow): SendRequest {
  const flow = postings.flowOf(row);
  const common = { network: 'polygon', asset: 'usdc', purpose: 'transaction' } as const;
  const resourceId = row.transaction_id;
  if (flow === 'onRamp') {
    return {
      ...common,
      resourceId,
      fromKeyIndex: treasury.key_index,
      fromAddress: treasury.address,
      to: must(row.destination_address, 'an on-ramp delivers to an address'),
      amountMinor: row.destination_gross,
      booksRecipient: row.destination_wallet_id !== null,
    };
  }
  const isDirect = flow === 'direct';
  return {
    ...common,
    resourceId,
    ...payerOf(row),
    to: isDirect ? must(row.destination_address, 'a delivery has an address') : treasury.address,
    amountMinor: isDirect ? row.destination_gross : row.source_gross,
    booksRecipient: !isDirect || row.destination_wallet_id !== null,
  };
}

const payerOf = (row: store.TransactionRow) => ({
  fromKeyIndex: must(row.source_key_index, 'a payer has a key'),
  fromAddress: must(row.source_address, 'a payer has an address'),
});

const feeSend = (row: store.TransactionRow, treasury: TreasuryRow): SendRequest => ({
  network: 'polygon',
  asset: 'usdc',
  purpose: 'transaction-fee',
  resourceId: row.transaction_id,
  ...payerOf(row),
  to: treasury.address,
  amountMinor: postings.feesMinor(row),
  booksRecipient: true,
});

const refundSend = (row: store.TransactionRow, treasury: TreasuryRow): SendRequest => ({
  network: 'polygon',
  asset: 'usdc',
  purpose: 'transaction-refund',
  resourceId: row.transaction_id,
  fromKeyIndex: treasury.key_index,
  fromAddress: treasury.address,
  to: must(row.source_address, 'a refund goes back to an address'),
  amountMinor: must(row.refund, 'a refund has an amount'),
  booksRecipient: true,
});

type Handler = (deps: TransactionsDeps, tx: Tx, rows: readonly Settled[]) => Promise<void>;

/** A transaction with the send of it that is decided. */
interface Settled<S = { readonly txHash?: string; readonly failureCode?: FailedSend['failureCode'] }> {
  readonly row: store.TransactionRow;
  readonly send: S;
}

/** Sends of transactions are final on chain. */
export async function sendsPaid(deps: TransactionsDeps, tx: Tx, sends: readonly PaidSend[]): Promise<void> {
  await eachPurpose(deps, tx, sends, {
    transaction: principalsPaid,
    'transaction-fee': async (_deps, _tx, settled) => {
      await deps.ledger.apply(tx, ...settled.map(({ row }) => postings.feesCollected(row)));
    },
    'transaction-refund': refundsPaid,
  });
}

/** Sends of transactions were never paid and never will be. */
export async function sendsFailed(
  deps: TransactionsDeps,
  tx: Tx,
  sends: readonly FailedSend[],
): Promise<void> {
  await eachPurpose(deps, tx, sends, {
    transaction: principalsFailed,
    'transaction-fee': async (_deps, _tx, settled) => {
      await deps.ledger.apply(tx, ...settled.map(({ row }) => postings.feesWaived(row)));
    },
    'transaction-refund': refundsFailed,
  });
}

async function eachPurpose(
  deps: TransactionsDeps,
  tx: Tx,
  sends: readonly (PaidSend | FailedSend)[],
  handlers: Readonly<Record<SendPurpose, Handler>>,
): Promise<void> {
  for (const purpose of SEND_PURPOSES) {
    const own = sends.filter((send) => send.purpose === purpose);
    if (own.length === 0) continue;
    const rows = await store.findTransactions(
      tx,
      own.map(({ resourceId }) => resourceId),
    );
    assert(rows.length === own.length, 'a transaction has one send of a purpose and is never deleted');
    await handlers[purpose](
      deps,
      tx,
      rows.map((row, index) => ({ row, send: must(own[index], 'a send per row') })),
    );
  }
}

async function principalsPaid(deps: TransactionsDeps, tx: Tx, settled: readonly Settled[]): Promise<void> {
  const of = (...flows: postings.Flow[]) => settled.filter(({ row }) => flows.includes(postings.flowOf(row)));
  const pulled = of('payout');
  if (pulled.length > 0) await payoutsPulled(deps, tx, pulled);
  const delivered = of('direct', 'onRamp');
  if (delivered.length === 0) return;
  await deps.ledger.apply(
    tx,
    ...delivered.map(({ row }) =>
      postings.flowOf(row) === 'direct' ? postings.directDelivered(row) : postings.onRampDelivered(row),
    ),
  );
  const completed = await transition(tx, deps.events, {
    from: 'processing',
    to: 'completed',
    outcomes: delivered.map(({ row, send }) => outcome(row, { tx_hash: hashOf(send) })),
    now: tx.now(),
  });
  const onRamps = completed.filter((row) => postings.flowOf(row) === 'onRamp');
  if (onRamps.length > 0) await deps.onRampsDelivered(tx, onRamps);
  await tellDepositAddresses(deps, tx, completed);
  // Fees are taken from what was delivered, never from what was not.
  const charged = of('direct').filter(({ row }) => postings.feesMinor(row) > 0n);
  if (charged.length === 0) return;
  const treasury = await deps.treasuries.get(tx);
  await deps.sends.requestSends(
    tx,
    charged.map(({ row }) => feeSend(row, treasury)),
  );
}

/** Who pays out what a transaction turns into fiat. */
export const railOf = (row: store.TransactionRow): 'bank' | 'cash' =>
  row.destination_location_id === null ? 'bank' : 'cash';

/** The treasury has the tokens; the rails are to pay. */
async function payoutsPulled(deps: TransactionsDeps, tx: Tx, pulled: readonly Settled[]): Promise<void> {
  await deps.ledger.apply(tx, ...pulled.map(({ row }) => postings.payoutPulled(row)));
  await store.updateProgress(
    tx,
    pulled.map(({ row, send }) => outcome(row, { sub_status: 'fundsPulled', source_tx_hash: hashOf(send) })),
    tx.now(),
  );
  for (const rail of ['bank', 'cash'] as const) {
    const orders = pulled
      .filter(({ row }) => railOf(row) === rail)
      .map(({ row }) => ({
        transactionId: row.transaction_id,
        customerId: row.sender_customer_id,
        network: row.destination_network,
        amountMinor: row.destination_gross,
        target:
          row.destination_location_id === null
            ? { externalAccountId: must(row.destination_external_account_id, 'a bank payout has an account') }
            : { locationId: row.destination_location_id },
      }));
    if (orders.length > 0) await deps.rails[rail].requestPayouts(tx, orders);
  }
}

async function principalsFailed(deps: TransactionsDeps, tx: Tx, settled: readonly Settled[]): Promise<void> {
  await deps.ledger.apply(tx, ...settled.map(({ row }) => postings.failureOf(row)));
  const rows = await transition(tx, deps.events, {
    from: 'processing',
    to: 'failed',
    outcomes: settled.map(({ row, send }) =>
      outcome(row, failed(sendFailure(must(send.failureCode, 'a failed send has a code')))),
    ),
    now: tx.now(),
  });
  await tellDepositAddresses(deps, tx, rows);
  const stranded = rows.filter((row) => postings.flowOf(row) === 'onRamp');
  if (stranded.length > 0) await deps.onRampsFailed(tx, stranded);
}

/** Those of the transactions that send deposits on are news to the deposits' slice. */
export async function tellDepositAddresses(
  deps: TransactionsDeps,
  tx: Tx,
  rows: readonly store.TransactionRow[],
): Promise<void> {
  const own = rows.filter((row) => row.deposit_address_id !== null);
  if (own.length > 0) await deps.depositPaymentsChanged(tx, own);
}

/** Gives failed transactions back what they had taken; the refund's own end comes later. */
export async function refund(
  deps: TransactionsDeps,
  tx: Tx,
  rows: readonly store.TransactionRow[],
): Promise<void> {
  const treasury = await deps.treasuries.get(tx);
  await deps.sends.requestSends(
    tx,
    rows.map((row) => refundSend(row, treasury)),
  );
  await tellDepositAddresses(deps, tx, rows);
}

async function refundsPaid(deps: TransactionsDeps, tx: Tx, settled: readonly Settled[]): Promise<void> {
  await deps.ledger.apply(tx, ...settled.map(({ row }) => postings.refundPaid(row)));
  const rows = await store.updateProgress(
    tx,
    settled.map(({ row, send }) =>
      outcome(row, { sub_status: 'refunded', refund_status: 'completed', refund_tx_hash: hashOf(send) }),
    ),
    tx.now(),
  );
  await recordNews(tx, deps.events, rows, () => 'refunded');
  await tellDepositAddresses(deps, tx, rows);
}

async function refundsFailed(deps: TransactionsDeps, tx: Tx, settled: readonly Settled[]): Promise<void> {
  await deps.ledger.apply(tx, ...settled.map(({ row }) => postings.refundFailed(row)));
  const rows = await store.updateProgress(
    tx,
    settled.map(({ row }) => outcome(row, { sub_status: 'refundFailed', refund_status: 'failed' })),
    tx.now(),
  );
  await tellDepositAddresses(deps, tx, rows);
}

export const outcome = (
  { transaction_id }: store.TransactionRow,
  changes: Omit<store.Outcome, 'transaction_id'>,
): store.Outcome => ({ transaction_id, ...changes });

export const failed = (failure: Failure) => ({
  error_code: failure.code,
  error_message: failure.message,
  error_recoverable: failure.recoverable,
});

const hashOf = ({ txHash }: Settled['send']): string => must(txHash, 'a paid send has a hash');
