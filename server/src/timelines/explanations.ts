import { BANK_REASONS } from '@openoms/contract/bank-reasons.ts';
import { formatMinor } from '../kernel/money.ts';
import type { CashInRow, PayoutRow, PickupRow, TransactionRow } from './store.ts';

export interface Explanation {
  readonly title: string;
  readonly detail: string;
  readonly nextStep: string;
}

interface Told {
  readonly title: string;
  /** What it means; what was said of it comes after. */
  readonly meaning: string;
  readonly nextStep: string;
}

/** Every code a payment fails with, in words; a test holds it against the codes there are. */
export const FAILURES: Readonly<Record<string, Told>> = {
  recipient_blacklisted: {
    title: 'The token does not go to this address',
    meaning: 'The issuer of the token has the recipient’s address on its list of blocked addresses.',
    nextStep: 'Pay to another address. The address stays blocked until the issuer takes it off its list.',
  },
  sender_blacklisted: {
    title: 'The token does not leave this address',
    meaning: 'The issuer of the token has the paying address on its list of blocked addresses.',
    nextStep: 'Ask the issuer of the token about the address; no payment from it goes through until then.',
  },
  insufficient_onchain_balance: {
    title: 'The address holds too little on chain',
    meaning: 'The ledger says that the money is there, and the chain says that it is not.',
    nextStep: 'Look at the breaks of reconciliation for this address, then ask for the payment again.',
  },
  token_paused: {
    title: 'The token was paused',
    meaning: 'Its issuer had stopped all transfers.',
    nextStep: 'Ask for the payment again once transfers go through.',
  },
  authorization_rejected: {
    title: 'The token refused the transfer',
    meaning: 'The token contract refused the signed authorization, for good.',
    nextStep: 'Nothing was moved. Check that the network’s token is the configured one before trying again.',
  },
  payout_failed: {
    title: 'The payout was not paid',
    meaning: 'Who was to pay out refused, or sent the money back before it was settled.',
    nextStep:
      'Correct what the reason names, then make a new quote. All of the amount is given back, fees too.',
  },
  payout_returned: {
    title: 'The bank sent the payout back',
    meaning: 'It had arrived, and the receiving bank returned it.',
    nextStep: 'Correct the account before paying to it again. The amount is given back without the fees.',
  },
  cash_pickup_expired: {
    title: 'Nobody collected the cash',
    meaning: 'The time in which it could be collected ended.',
    nextStep: 'Make a new quote and tell the customer until when the cash waits. All of it is given back.',
  },
  provider_order_failed: {
    title: 'The cash network gave the order up',
    meaning: 'It declined the order, so no till takes cash for the code.',
    nextStep: 'Make a new cash-in, at another place if it happens again.',
  },
};

/** Why a cash network does not pay out; beside what it says itself. */
export const PICKUP_FAILURES: Readonly<Record<string, string>> = {
  out_of_cash: 'The machine had too little cash.',
  location_unavailable: 'The place pays out no more.',
};

const UNKNOWN: Told = {
  title: 'It failed',
  meaning: 'A provider ended it for a reason of its own.',
  nextStep: 'Read the message and the rows below; ask the provider if they do not say enough.',
};

interface Around {
  readonly payout: PayoutRow | undefined;
  readonly pickup: PickupRow | undefined;
}

/** What a bank's code means, as its rules have it. */
export function meaningOf(code: string): string | undefined {
  return BANK_REASONS.find((reason) => reason.code === code)?.title;
}

const isRetryable = (code: string): boolean =>
  BANK_REASONS.some((reason) => reason.code === code && reason.isRetryable);

/** Why it failed, or who is waited for; null of what is simply under way, or done. */
export function explanationOf(row: TransactionRow, around: Around): Explanation | null {
  if (row.status === 'failed') return failureOf(row, around);
  if (row.status === 'cashPickupReady') {
    const until = around.pickup?.expires_at;
    return {
      title: 'The cash waits for the customer',
      detail: `The code was given out${until ? `; it is good until ${timeText(until)}` : ''}.`,
      nextStep: 'The customer collects the cash with the code. Uncollected, all of it is given back.',
    };
  }
  if (row.status !== 'processing') return null;
  if (row.sub_status !== 'fundsPulled') {
    return {
      title: 'Waits for the chain',
      detail: 'The tokens are sent; what follows is booked once their block is final.',
      nextStep: 'Nothing is to be done; it goes on by itself.',
    };
  }
  const rail = row.destination_location_id ? 'cash network' : 'bank';
  return {
    title: `Waits for the ${rail}`,
    detail: `The tokens were taken in, and the ${rail} was asked to pay ${formatMinor(row.destination_gross, row.destination_asset)} ${row.destination_asset.toUpperCase()}.`,
    nextStep: `Nothing is to be done until the ${rail} reports.`,
  };
}

function failureOf(row: TransactionRow, { payout, pickup }: Around): Explanation {
  const told = FAILURES[row.error_code ?? ''] ?? UNKNOWN;
  const code = row.return_code ?? payout?.return_code ?? payout?.reject_code;
  const said = [
    told.meaning,
    code
      ? `The bank’s code is ${code}: ${meaningOf(code) ?? payout?.reason ?? 'not in its published list'}.`
      : '',
    pickup?.failure_code ? (PICKUP_FAILURES[pickup.failure_code] ?? `${pickup.failure_reason}.`) : '',
    !code && !pickup?.failure_code && row.error_message ? row.error_message : '',
    refundText(row),
  ];
  return {
    title: told.title,
    detail: said.filter(Boolean).join(' '),
    nextStep:
      code && isRetryable(code)
        ? 'The account may take the same payment another time: make a new quote. What was taken is given back.'
        : told.nextStep,
  };
}

function refundText(row: TransactionRow): string {
  if (row.refund === null || !row.refund_status) return '';
  const amount = `${formatMinor(row.refund, row.source_asset)} ${row.source_asset.toUpperCase()}`;
  if (row.refund_status === 'completed') return `${amount} went back to where they came from.`;
  if (row.refund_status === 'pending') return `${amount} are on their way back.`;
  return `${amount} could not be sent back: they lie in the account of money in flight, for a person to decide on.`;
}

export function explanationOfCashIn(row: CashInRow): Explanation | null {
  switch (row.status) {
    case 'pending':
      return {
        title: 'Waits for the cash',
        detail: `The code ${row.code} is good until ${timeText(row.code_expires_at)} at ${row.location_name}.`,
        nextStep: 'The customer pays at the till. In a sandbox, use the till of this project.',
      };
    case 'expired':
      return {
        title: 'The code has expired',
        detail: `Nobody paid before ${timeText(row.code_expires_at)}.`,
        nextStep: 'Refresh the cash-in for a new code, or leave it: nothing was taken.',
      };
    case 'processing':
      return {
        title: 'Waits for the chain',
        detail: 'The cash was taken; the tokens are on their way to the wallet.',
        nextStep: 'Nothing is to be done; it goes on by itself.',
      };
    case 'failed': {
      const told = FAILURES[row.error_code ?? ''] ?? UNKNOWN;
      const taken =
        row.deposited === null
          ? 'No cash was taken.'
          : `${formatMinor(row.deposited, 'usd')} USD were taken and lie in the account of money in flight, to be given back.`;
      return { title: told.title, detail: `${told.meaning} ${taken}`, nextStep: told.nextStep };
    }
    case 'completed':
      return null;
  }
}

const timeText = (at: Date): string => `${at.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
