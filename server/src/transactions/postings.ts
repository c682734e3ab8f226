import { assert, must } from '../kernel/assert.ts';
import { costOf } from '../kernel/price.ts';
import {
  type AccountRef,
  bankClearing,
  cashPayable,
  conversion,
  custody,
  customerWallet,
  depositAddress,
  developerFees,
  gasFees,
  inFlight,
  omsFees,
  rounding,
  treasury,
} from '../ledger/chart.ts';
import type { TransferGroup, TransferRequest } from '../ledger/transfers.ts';
import type { NewTransaction, TransactionRow } from './store.ts';

/**
 * How the money of a transaction travels: `direct` from an address of ours to another address; `payout` from an address
 * of ours to the treasury, and from there through a bank or a cash network; `onRamp` from a bank to the treasury, and
 * from there to an address. Cash-ins post their own.
 */
export type Flow = 'direct' | 'payout' | 'onRamp' | 'cashIn';

type Row = NewTransaction | TransactionRow;

export function flowOf(row: Row): Flow {
  if (row.cash_in_id) return 'cashIn';
  if (row.virtual_account_id) return 'onRamp';
  return row.destination_asset === 'usd' ? 'payout' : 'direct';
}

const hold = (row: Row, name: string): string => `${row.transaction_id}.${name}`;
const group = (row: Row, name: string, transfers: TransferRequest[]): TransferGroup => ({
  groupId: `${row.transaction_id}.${name}`,
  transfers,
});
const post = (pendingId: string): TransferRequest => ({ kind: 'post', pendingId });
const release = (pendingId: string): TransferRequest => ({ kind: 'void', pendingId });

/** The account of the address that pays. */
function payer(row: Row): AccountRef {
  if (row.source_wallet_id) return customerWallet(row.source_wallet_id, row.source_asset);
  return depositAddress(must(row.deposit_address_id, 'a payer has an address of ours'), row.source_asset);
}

interface Movement {
  readonly debit: AccountRef;
  readonly credit: AccountRef;
  readonly minor: bigint;
}

/** The fees of a transaction, out of `from`; none of nothing. */
const feeLines = (row: Row, from: AccountRef): Movement[] =>
  [
    { debit: from, credit: omsFees(row.source_asset), minor: row.source_fee_oms },
    { debit: from, credit: developerFees(row.source_asset), minor: row.source_fee_developer ?? 0n },
    { debit: from, credit: gasFees(row.source_asset), minor: row.source_fee_gas ?? 0n },
  ].filter(({ minor }) => minor > 0n);

export const feesMinor = (row: Row): bigint =>
  row.source_fee_oms + (row.source_fee_developer ?? 0n) + (row.source_fee_gas ?? 0n);

const single = (movement: Movement): TransferRequest => ({ kind: 'single', ...movement });
const reverse = ({ debit, credit, minor }: Movement): TransferRequest =>
  single({ debit: credit, credit: debit, minor });

/** What of the net amount was exchanged; the rest is rounding. */
export const convertedMinor = (row: Row): bigint => {
  const { source_asset: source, destination_asset: destination, exchange_rate: exchangeRate } = row;
  if (source === destination) return row.destination_gross;
  return costOf({ asset: destination, minor: row.destination_gross }, { source, destination, exchangeRate });
};

/** From the customer's source money in flight to destination money in flight. */
function exchange(row: Row): Movement[] {
  const from = inFlight(row.sender_customer_id, row.source_asset);
  const converted = convertedMinor(row);
  const rest = row.source_gross - feesMinor(row) - converted;
  return [
    ...feeLines(row, from),
    { debit: from, credit: conversion(row.source_asset), minor: converted },
    {
      debit: conversion(row.destination_asset),
      credit: inFlight(row.sender_customer_id, row.destination_asset),
      minor: row.destination_gross,
    },
    ...(rest > 0n ? [{ debit: from, credit: rounding(row.source_asset), minor: rest }] : []),
  ];
}

/** Tokens of the payer's address to or from the treasury. */
const intoTreasury = (row: Row, minor: bigint): Movement => ({
  debit: treasury(row.source_network, row.source_asset),
  credit: custody(row.source_network, row.source_asset),
  minor,
});

const FEE_HOLDS = ['fee.0', 'fee.1', 'fee.2'] as const;

// direct

/** Holds what is sent and what is charged for it. Refused for lack of funds, nothing has happened. */
function directStart(row: Row): TransferRequest[] {
  const to = row.destination_wallet_id
    ? customerWallet(row.destination_wallet_id, row.destination_asset)
    : custody(row.destination_network, row.destination_asset);
  assert(row.source_gross - feesMinor(row) === row.destination_gross, 'one asset: the net amount arrives');
  const fees = feeLines(row, payer(row));
  return [
    {
      kind: 'pending',
      transferId: hold(row, 'principal'),
      debit: payer(row),
      credit: to,
      minor: row.destination_gross,
    },
    ...fees.map(
      (fee, index): TransferRequest => ({
        kind: 'pending',
        transferId: hold(row, must(FEE_HOLDS[index], 'three kinds of fees')),
        ...fee,
      }),
    ),
    ...(fees.length === 0
      ? []
      : [
          {
            kind: 'pending' as const,
            transferId: hold(row, 'fee.custody'),
            ...intoTreasury(row, feesMinor(row)),
          },
        ]),
  ];
}

const feeHolds = (row: Row): string[] => {
  const fees = feeLines(row, payer(row));
  return fees.length === 0
    ? []
    : [...FEE_HOLDS.slice(0, fees.length).map((name) => hold(row, name)), hold(row, 'fee.custody')];
};

/** The principal is final on chain. */
export const directDelivered = (row: TransactionRow): TransferGroup =>
  group(row, 'delivered', [post(hold(row, 'principal'))]);

/** Never debited: everything is free again. */
const directFailed = (row: TransactionRow): TransferGroup =>
  group(row, 'failed', [hold(row, 'principal'), ...feeHolds(row)].map(release));

/** The fees of a delivered transaction are final on chain. */
export const feesCollected = (row: TransactionRow): TransferGroup =>
  group(row, 'fees', feeHolds(row).map(post));

/** They can never be collected; the customer keeps them. */
export const feesWaived = (row: TransactionRow): TransferGroup =>
  group(row, 'fees', feeHolds(row).map(release));

// payout

function payoutStart(row: Row): TransferRequest[] {
  const flight = inFlight(row.sender_customer_id, row.source_asset);
  const minor = row.source_gross;
  return [
    { kind: 'pending', transferId: hold(row, 'pull'), debit: payer(row), credit: flight, minor },
    { kind: 'pending', transferId: hold(row, 'custody'), ...intoTreasury(row, minor) },
  ];
}

/** What is owed to whoever pays out in our name. */
const payable = (row: Row): AccountRef =>
  row.destination_location_id ? cashPayable('cash') : bankClearing('bank');

/** The treasury has the tokens: they are exchanged, and what the rail is to pay is held. */
export const payoutPulled = (row: TransactionRow): TransferGroup =>
  group(row, 'pulled', [
    post(hold(row, 'pull')),
    post(hold(row, 'custody')),
    ...exchange(row).map(single),
    {
      kind: 'pending',
      transferId: hold(row, 'payout'),
      debit: inFlight(row.sender_customer_id, row.destination_asset),
      credit: payable(row),
      minor: row.destination_gross,
    },
  ]);

/** Never debited. */
const payoutNotPulled = (row: TransactionRow): TransferGroup =>
  group(row, 'failed', [release(hold(row, 'pull')), release(hold(row, 'custody'))]);

/** The rail has paid. */
export const payoutSettled = (row: TransactionRow): TransferGroup =>
  group(row, 'settled', [post(hold(row, 'payout'))]);

/** The holds of what the treasury gives back to the address that had paid. */
function refundHolds(row: TransactionRow, minor: bigint): TransferRequest[] {
  const flight = inFlight(row.sender_customer_id, row.source_asset);
  const { debit, credit } = intoTreasury(row, minor);
  return [
    { kind: 'pending', transferId: hold(row, 'refund'), debit: flight, credit: payer(row), minor },
    { kind: 'pending', transferId: hold(row, 'refund.custody'), debit: credit, credit: debit, minor },
  ];
}

/** The rail never paid: the exchange and the fees are undone, and all of it goes back. */
export const payoutReversed = (row: TransactionRow): TransferGroup =>
  group(row, 'reversed', [
    release(hold(row, 'payout')),
    ...exchange(row).toReversed().map(reverse),
    ...refundHolds(row, row.source_gross),
  ]);

/** The rail's payment came back: what it had cost goes back; fees were earned. */
export const payoutReturned = (row: TransactionRow): TransferGroup => {
  const converted = convertedMinor(row);
  const usd = inFlight(row.sender_customer_id, row.destination_asset);
  return group(row, 'returned', [
    single({ debit: payable(row), credit: usd, minor: row.destination_gross }),
    single({ debit: usd, credit: conversion(row.destination_asset), minor: row.destination_gross }),
    single({
      debit: conversion(row.source_asset),
      credit: inFlight(row.sender_customer_id, row.source_asset),
      minor: converted,
    }),
    ...refundHolds(row, converted),
  ]);
};

const REFUND_HOLDS = ['refund', 'refund.custody'] as const;

/** The refund is final on chain. */
export const refundPaid = (row: TransactionRow): TransferGroup =>
  group(
    row,
    'refunded',
    REFUND_HOLDS.map((name) => post(hold(row, name))),
  );

/** The refund can never arrive: the money stays in flight, for a person to decide on. */
export const refundFailed = (row: TransactionRow): TransferGroup =>
  group(
    row,
    'refunded',
    REFUND_HOLDS.map((name) => release(hold(row, name))),
  );

// on-ramp

/**
 * The dollars are in flight since the bank took them in, which whoever took them booked: they are exchanged, and what the
 * chain has yet to confirm is held.
 */
function onRampStart(row: Row): TransferRequest[] {
  const flight = inFlight(row.sender_customer_id, row.destination_asset);
  const minor = row.destination_gross;
  const vault = treasury(row.destination_network, row.destination_asset);
  const exchanged = exchange(row).map(single);
  if (!row.destination_wallet_id) {
    return [
      ...exchanged,
      { kind: 'pending', transferId: hold(row, 'delivery'), debit: flight, credit: vault, minor },
    ];
  }
  const wallet = customerWallet(row.destination_wallet_id, row.destination_asset);
  const stored = custody(row.destination_network, row.destination_asset);
  return [
    ...exchanged,
    { kind: 'pending', transferId: hold(row, 'delivery'), debit: flight, credit: wallet, minor },
    { kind: 'pending', transferId: hold(row, 'custody'), debit: stored, credit: vault, minor },
  ];
}

const onRampHolds = (row: Row): string[] =>
  row.destination_wallet_id ? [hold(row, 'delivery'), hold(row, 'custody')] : [hold(row, 'delivery')];

export const onRampDelivered = (row: TransactionRow): TransferGroup =>
  group(row, 'delivered', onRampHolds(row).map(post));

/** The tokens can never arrive: exchange and fees are undone, the customer's dollars are in flight as before. */
const onRampFailed = (row: TransactionRow): TransferGroup =>
  group(row, 'failed', [...onRampHolds(row).map(release), ...exchange(row).toReversed().map(reverse)]);

/** What a transaction begins with. */
export function startOf(row: NewTransaction): TransferGroup {
  const flow = flowOf(row);
  assert(flow !== 'cashIn', 'cash-ins post their own');
  const start = { direct: directStart, payout: payoutStart, onRamp: onRampStart }[flow];
  return group(row, 'started', start(row));
}

/** What the failure of its first send undoes. */
export function failureOf(row: TransactionRow): TransferGroup {
  const flow = flowOf(row);
  assert(flow !== 'cashIn', 'cash-ins post their own');
  return { direct: directFailed, payout: payoutNotPulled, onRamp: onRampFailed }[flow](row);
}
