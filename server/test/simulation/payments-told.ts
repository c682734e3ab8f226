import type { Facts } from './bed.ts';
import type { BankWord, Model, PaymentKnown, QuoteKnown } from './model.ts';
import { type Payment, priceOf } from './payment-books.ts';

/** Payments that clients and the bank were told of are there, and none that nobody asked for. */
export function paymentsTold(model: Model, payments: readonly Payment[], facts: Facts): string[] {
  const found: string[] = [];
  const quotes = new Map(model.quotes.flatMap((quote) => (quote.told ? [[quote.told.id, quote]] : [])));
  const byQuote = new Map<string, Payment>();
  for (const payment of payments) {
    const { transaction_id, quote_id } = payment.row;
    const quote = quotes.get(quote_id);
    const attempts = model.payments.filter((each) => each.quote === quote);
    if (byQuote.has(quote_id)) found.push(`${quote?.ref} has two transactions`);
    byQuote.set(quote_id, payment);
    if (!quote || attempts.length === 0) found.push(`${transaction_id}: nobody ordered it`);
    else found.push(...asQuoted(quote, payment, facts));
    found.push(...bankFindings(model, payment));
  }
  for (const payment of model.payments) found.push(...asTold(payment, byQuote));
  return found;
}

function asTold(
  { ref, quote, request, transactionId }: PaymentKnown,
  byQuote: Map<string, Payment>,
): string[] {
  const there = byQuote.get(quote.told?.id ?? '')?.row.transaction_id;
  if (transactionId !== undefined && there !== transactionId)
    return [`${ref} is ${there}, not ${transactionId}`];
  const isTaken = request?.final?.status === 409;
  return isTaken && there === undefined ? [`${ref} was refused as executed, and is not`] : [];
}

function asQuoted(quote: QuoteKnown, { row }: Payment, facts: Facts): string[] {
  const { ref, told, payer, target } = quote;
  const price = priceOf(row);
  const names = ['gross', 'oms', 'developer', 'gas', 'arriving'] as const;
  const found = names
    .filter((name) => price[name] !== told?.[name])
    .map((name) => `${ref}: ${name} ${price[name]}, told ${told?.[name]}`);
  if (row.source_wallet_id !== payer.walletId) found.push(`${ref} is paid by ${row.source_wallet_id}`);
  const recipient = facts.wallets.find(({ walletId }) => walletId === target.walletId);
  const address = recipient?.address ?? target.blockchainAddress;
  if (row.destination_address?.toLowerCase() !== address?.toLowerCase()) {
    found.push(`${ref} goes to ${row.destination_address}`);
  }
  if ((row.destination_wallet_id ?? undefined) !== target.walletId) {
    found.push(`${ref} goes to ${row.destination_wallet_id}`);
  }
  return found;
}

const SAID_BY: Readonly<Record<string, readonly BankWord[]>> = {
  failed: ['reject', 'return'],
  returned: ['return'],
};
const LEADS_TO: Readonly<Record<BankWord, readonly string[]>> = {
  settle: ['settled', 'returned'],
  reject: ['failed'],
  return: ['failed', 'returned'],
};

/** A payout is where the bank moved it. Settled it may be by itself. */
function bankFindings({ bankTried, bankTold }: Model, { row, payout }: Payment): string[] {
  if (payout === undefined) return [];
  const id = row.payout_ids[0] ?? '';
  const causes = SAID_BY[payout];
  const found: string[] = [];
  if (causes && !causes.some((word) => bankTried.get(id)?.has(word)))
    found.push(`${id} is ${payout} by nobody`);
  for (const word of bankTold.get(id) ?? []) {
    if (!LEADS_TO[word].includes(payout)) found.push(`${id} is ${payout} after ${word}`);
  }
  return found;
}
