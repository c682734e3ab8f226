import {
  type AccountRef,
  cashClearing,
  conversion,
  custody,
  customerWallet,
  inFlight,
  omsFees,
  treasury,
} from '../ledger/chart.ts';
import type { TransferRequest } from '../ledger/transfers.ts';
import type { CashInPrice } from './pricing.ts';
import type { CashInRow } from './store.ts';

const deliveryHold = (cashInId: string): string => `${cashInId}.delivery`;
const custodyHold = (cashInId: string): string => `${cashInId}.custody`;

/** None when a project charges nothing. */
const feePosting = (debit: AccountRef, credit: AccountRef, { feeMinor }: CashInPrice): TransferRequest[] =>
  feeMinor === 0n ? [] : [{ kind: 'single', debit, credit, minor: feeMinor }];

/**
 * The till took cash: the network owes us the whole, we earned the fee, the rest is converted and in flight to the
 * customer. What the chain has yet to confirm is held: the delivery, and the tokens' way out of the treasury.
 */
export function depositPostings(row: CashInRow, price: CashInPrice): TransferRequest[] {
  const { asset, minor } = price.destination;
  const network = row.destination_network;
  const usd = inFlight(row.customer_id, 'usd');
  const flight = inFlight(row.customer_id, asset);
  const postings: TransferRequest[] = [
    { kind: 'single', debit: cashClearing(row.provider), credit: usd, minor: price.grossMinor },
    ...feePosting(usd, omsFees('usd'), price),
    { kind: 'single', debit: usd, credit: conversion('usd'), minor: price.netMinor },
    { kind: 'single', debit: conversion(asset), credit: flight, minor },
  ];
  if (row.destination_wallet_id === null) {
    const delivery = { debit: flight, credit: treasury(network, asset), minor };
    return [...postings, { kind: 'pending', transferId: deliveryHold(row.cash_in_id), ...delivery }];
  }
  const delivery = { debit: flight, credit: customerWallet(row.destination_wallet_id, asset), minor };
  const move = { debit: custody(network, asset), credit: treasury(network, asset), minor };
  return [
    ...postings,
    { kind: 'pending', transferId: deliveryHold(row.cash_in_id), ...delivery },
    { kind: 'pending', transferId: custodyHold(row.cash_in_id), ...move },
  ];
}

const holdsOf = (row: CashInRow): string[] =>
  row.destination_wallet_id === null
    ? [deliveryHold(row.cash_in_id)]
    : [deliveryHold(row.cash_in_id), custodyHold(row.cash_in_id)];

/** The send is final on chain: the holds become real. */
export const deliveryPostings = (row: CashInRow): TransferRequest[] =>
  holdsOf(row).map((pendingId) => ({ kind: 'post', pendingId }));

/** The send can never be paid: the holds go, conversion and fee are undone, the customer's cash is in flight again. */
export function failurePostings(row: CashInRow, price: CashInPrice): TransferRequest[] {
  const { asset, minor } = price.destination;
  const usd = inFlight(row.customer_id, 'usd');
  return [
    ...holdsOf(row).map((pendingId): TransferRequest => ({ kind: 'void', pendingId })),
    { kind: 'single', debit: inFlight(row.customer_id, asset), credit: conversion(asset), minor },
    { kind: 'single', debit: conversion('usd'), credit: usd, minor: price.netMinor },
    ...feePosting(omsFees('usd'), usd, price),
  ];
}
