import type { Tx } from '../../src/db/database.ts';
import {
  type AccountRef,
  bankClearing,
  conversion,
  custody,
  customerWallet,
  developerFees,
  gasFees,
  inFlight,
  omsFees,
  rounding,
  treasury,
} from '../../src/ledger/chart.ts';
import type { SendRow } from './books.ts';
import { costOf, type Flow, feesOf, type Price } from './prices.ts';

const NETWORK = 'polygon';

export interface PaymentRow {
  readonly transaction_id: string;
  readonly type: 'cryptoToCrypto' | 'cryptoToFiat';
  readonly status: string;
  readonly quote_id: string;
  readonly sender_customer_id: string;
  readonly source_wallet_id: string;
  readonly destination_wallet_id: string | null;
  readonly destination_address: string | null;
  readonly destination_network: string;
  readonly source_gross: bigint;
  readonly source_fee_oms: bigint;
  readonly source_fee_developer: bigint;
  readonly source_fee_gas: bigint;
  readonly destination_gross: bigint;
  readonly refund: bigint | null;
  readonly refund_status: string | null;
  readonly events: readonly string[];
  readonly payout_ids: readonly string[];
  readonly payouts: readonly ('queued' | 'submitted' | 'settled' | 'returned' | 'failed')[];
}

/** What is known of how far a payment has come, from its sends and the bank's payout; its own row is held against it. */
export interface Payment {
  readonly row: PaymentRow;
  readonly price: Price;
  readonly flow: Flow;
  readonly principal: SendRow | undefined;
  readonly fee: SendRow | undefined;
  readonly refund: SendRow | undefined;
  readonly payout: PaymentRow['payouts'][number] | undefined;
  readonly findings: readonly string[];
}

export const readPayments = (tx: Tx): Promise<PaymentRow[]> =>
  tx.query<PaymentRow>(
    `select transaction_id, type, status, quote_id, sender_customer_id, source_wallet_id, destination_wallet_id,
       destination_address, destination_network, source_gross, source_fee_oms, source_fee_developer, source_fee_gas,
       destination_gross, refund, refund_status,
       array(select split_part(type, '.', 3) from events e where e.project_id = t.project_id
         and e.resource_id = transaction_id order by sequence) events,
       array(select payout_id from bank_payouts p where p.project_id = t.project_id
         and p.resource_id = transaction_id order by payout_id) payout_ids,
       array(select status from bank_payouts p where p.project_id = t.project_id
         and p.resource_id = transaction_id order by payout_id) payouts
     from transactions t where project_id = $1 and cash_in_id is null order by transaction_id`,
    [tx.scope],
  );

const flowOf = ({ type, destination_network }: PaymentRow): Flow =>
  type === 'cryptoToCrypto' ? type : destination_network === 'ach' ? 'ach' : 'wire';

export const priceOf = (row: PaymentRow): Price => ({
  gross: row.source_gross,
  oms: row.source_fee_oms,
  developer: row.source_fee_developer,
  gas: row.source_fee_gas,
  arriving: row.destination_gross,
});

export function paymentsOf(rows: readonly PaymentRow[], sends: readonly SendRow[]): Payment[] {
  const byResource = Map.groupBy(sends, ({ resource_id }) => resource_id);
  return rows.map((row) => {
    const own = byResource.get(row.transaction_id) ?? [];
    const [principals, fees, refunds] = ['transaction', 'transaction-fee', 'transaction-refund'].map(
      (purpose) => own.filter((send) => send.purpose === purpose),
    );
    const findings = [principals, fees, refunds, row.payouts]
      .filter((each) => each && each.length > 1)
      .map((each) => `${row.transaction_id} has ${each?.length} sends of a purpose, or payouts`);
    return {
      row,
      price: priceOf(row),
      flow: flowOf(row),
      principal: principals?.[0],
      fee: fees?.[0],
      refund: refunds?.[0],
      payout: row.payouts[0],
      findings,
    };
  });
}

const isPaid = (send: SendRow | undefined): boolean => send?.status === 'paid';
const isFailed = (send: SendRow | undefined): boolean => send?.status === 'failed';
const isBack = ({ payout }: Payment): boolean => payout === 'failed' || payout === 'returned';
const isPayout = ({ flow }: Payment): boolean => flow !== 'cryptoToCrypto';

/** What a failed payout gives back: everything when the bank never paid, else what the money had cost. */
const refundOf = ({ payout, price, flow }: Payment): bigint =>
  payout === 'returned' ? costOf(flow, price.arriving) : price.gross;

/** Status and events of a payment that is so far. */
function expectedState(payment: Payment): { status: string; events: string[] } {
  const { principal, payout, refund } = payment;
  const begun = ['processing'];
  if (isFailed(principal)) return { status: 'failed', events: [...begun, 'failed'] };
  if (!isPaid(principal)) return { status: 'processing', events: begun };
  if (!isPayout(payment) || payout === 'settled') {
    return { status: 'completed', events: [...begun, 'completed'] };
  }
  if (!isBack(payment)) return { status: 'processing', events: begun };
  const returned = payout === 'returned' ? ['completed', 'returned'] : [];
  const refunded = isPaid(refund) ? ['refunded'] : [];
  return { status: 'failed', events: [...begun, ...returned, 'failed', ...refunded] };
}

/** Rows that are not where their sends and payouts are, and sends that should be there or should not, or are wrong. */
export function paymentFindings(payment: Payment, walletAddress: string, treasuryAddress: string): string[] {
  const { row, price, principal, fee, refund, payout } = payment;
  const found: string[] = [...payment.findings];
  const { status, events } = expectedState(payment);
  const id = row.transaction_id;
  if (row.status !== status) found.push(`${id} is ${row.status}, not ${status}`);
  if (row.events.join() !== events.join()) found.push(`${id}: ${row.events.join()}, not ${events.join()}`);
  if ((payout !== undefined) !== (isPayout(payment) && isPaid(principal))) {
    found.push(`${id}: payout ${payout}, tokens ${principal?.status}`);
  }
  const isDirect = !isPayout(payment);
  const to = isDirect ? (row.destination_address ?? '') : treasuryAddress;
  const moved = isDirect ? price.gross - feesOf(price) : price.gross;
  const hasFee = isDirect && isPaid(principal) && feesOf(price) > 0n;
  found.push(
    ...sendFindings(`${id} principal`, principal, { from: walletAddress, to, minor: moved }),
    ...sendFindings(
      `${id} fee`,
      fee,
      hasFee ? { from: walletAddress, to: treasuryAddress, minor: feesOf(price) } : undefined,
    ),
    ...sendFindings(
      `${id} refund`,
      refund,
      isBack(payment) ? { from: treasuryAddress, to: walletAddress, minor: refundOf(payment) } : undefined,
    ),
  );
  const refundStatus = !isBack(payment)
    ? null
    : isPaid(refund)
      ? 'completed'
      : isFailed(refund)
        ? 'failed'
        : 'pending';
  if (row.refund_status !== refundStatus)
    found.push(`${id}: refund ${row.refund_status}, not ${refundStatus}`);
  if (isBack(payment) && row.refund !== refundOf(payment)) {
    found.push(`${id} gives ${row.refund} back, not ${refundOf(payment)}`);
  }
  return found;
}

function sendFindings(
  what: string,
  send: SendRow | undefined,
  wanted: { readonly from: string; readonly to: string; readonly minor: bigint } | undefined,
): string[] {
  if (!wanted) return send ? [`${what} is sent, and should not be`] : [];
  if (!send) return [`${what} is not sent`];
  const isRight =
    send.from_address === wanted.from.toLowerCase() &&
    send.to_address === wanted.to.toLowerCase() &&
    send.amount === wanted.minor;
  return isRight ? [] : [`${what} of ${send.amount} goes from ${send.from_address} to ${send.to_address}`];
}

const feeLines = ({ oms, developer, gas }: Price): readonly (readonly [AccountRef, bigint])[] =>
  (
    [
      [omsFees('usdc'), oms],
      [developerFees('usdc'), developer],
      [gasFees('usdc'), gas],
    ] as const
  ).filter(([, minor]) => minor > 0n);

const restOf = ({ price, flow }: Payment): bigint =>
  price.gross - feesOf(price) - costOf(flow, price.arriving);

/** How many transfers each decision makes, by group. */
export function expectedTransfers(payment: Payment): [string, number][] {
  const { row, price, principal, fee, refund, payout } = payment;
  const group = (name: string, count: number): [string, number] => [`${row.transaction_id}.${name}`, count];
  const lines = feeLines(price).length;
  if (!isPayout(payment)) {
    const holds = lines === 0 ? 0 : lines + 1;
    return [
      group('started', 1 + holds),
      ...(isPaid(principal) ? [group('delivered', 1)] : []),
      ...(isFailed(principal) ? [group('failed', 1 + holds)] : []),
      ...(isPaid(fee) || isFailed(fee) ? [group('fees', holds)] : []),
    ];
  }
  const exchange = lines + 2 + (restOf(payment) > 0n ? 1 : 0);
  return [
    group('started', 2),
    ...(isFailed(principal) ? [group('failed', 2)] : []),
    ...(isPaid(principal) ? [group('pulled', 2 + exchange + 1)] : []),
    ...(payout === 'settled' || payout === 'returned' ? [group('settled', 1)] : []),
    ...(payout === 'failed' ? [group('reversed', 1 + exchange + 2)] : []),
    ...(payout === 'returned' ? [group('returned', 3 + 2)] : []),
    ...(isPaid(refund) || isFailed(refund) ? [group('refunded', 2)] : []),
  ];
}

/** Where movements and holds are added up. */
export interface Sums {
  move(debit: AccountRef, credit: AccountRef, minor: bigint): void;
  hold(debit: AccountRef, minor: bigint): void;
}

const stored = custody(NETWORK, 'usdc');
const vault = treasury(NETWORK, 'usdc');

export function bookPayment(sums: Sums, payment: Payment): void {
  if (isFailed(payment.principal)) return;
  const { row, price } = payment;
  const wallet = customerWallet(row.source_wallet_id, 'usdc');
  if (!isPaid(payment.principal)) sums.hold(wallet, price.gross);
  else if (isPayout(payment)) bookPayout(sums, payment, wallet);
  else bookDirect(sums, payment, wallet);
}

function bookDirect(sums: Sums, { row, price, fee }: Payment, wallet: AccountRef): void {
  const to = row.destination_wallet_id ? customerWallet(row.destination_wallet_id, 'usdc') : stored;
  sums.move(wallet, to, price.arriving);
  if (isFailed(fee) || feesOf(price) === 0n) return;
  if (!isPaid(fee)) {
    sums.hold(wallet, feesOf(price));
    return;
  }
  for (const [account, minor] of feeLines(price)) sums.move(wallet, account, minor);
  sums.move(vault, stored, feesOf(price));
}

function bookPayout(sums: Sums, payment: Payment, wallet: AccountRef): void {
  const { row, price, flow, payout, refund } = payment;
  const usdc = inFlight(row.sender_customer_id, 'usdc');
  const usd = inFlight(row.sender_customer_id, 'usd');
  const bank = bankClearing('bank');
  const cost = costOf(flow, price.arriving);
  sums.move(wallet, usdc, price.gross);
  sums.move(vault, stored, price.gross);
  if (payout !== 'failed') {
    for (const [account, minor] of feeLines(price)) sums.move(usdc, account, minor);
    if (restOf(payment) > 0n) sums.move(usdc, rounding('usdc'), restOf(payment));
  }
  if (!isBack(payment)) {
    sums.move(usdc, conversion('usdc'), cost);
    sums.move(conversion('usd'), usd, price.arriving);
    if (payout === 'settled') sums.move(usd, bank, price.arriving);
    else sums.hold(usd, price.arriving);
    return;
  }
  // Bank and exchange are as if nothing had been: what is left in flight goes back.
  if (isPaid(refund)) {
    sums.move(usdc, wallet, refundOf(payment));
    sums.move(stored, vault, refundOf(payment));
  } else if (!isFailed(refund)) sums.hold(usdc, refundOf(payment));
}

/** What a payment has added to a wallet on chain and taken from it. */
export function onChainMinor({ row, principal, fee, refund }: Payment, walletId: string): bigint {
  const paid = (send: SendRow | undefined): bigint => (send?.status === 'paid' ? send.amount : 0n);
  const taken = row.source_wallet_id === walletId ? paid(principal) + paid(fee) - paid(refund) : 0n;
  return (row.destination_wallet_id === walletId ? paid(principal) : 0n) - taken;
}

/** The ledger books what arrives by this send itself; else it is a deposit. */
export const booksArrival = ({ row, principal }: Payment, send: SendRow): boolean =>
  send !== principal || row.destination_wallet_id !== null || row.type === 'cryptoToFiat';
