import type { SendFailureCode } from '../chain/sends.ts';

/** Why a transaction failed; `code` is stable, `message` is public. */
export interface Failure {
  readonly code: string;
  readonly message: string;
  /** The same payment may succeed when asked for again. */
  readonly recoverable: boolean;
}

const SEND_FAILURES: Readonly<Record<SendFailureCode, Omit<Failure, 'code'>>> = {
  recipient_blacklisted: { message: 'The token refuses transfers to the recipient.', recoverable: false },
  sender_blacklisted: { message: 'The token refuses transfers from the source.', recoverable: false },
  insufficient_onchain_balance: {
    message: 'The source address does not hold the amount on chain.',
    recoverable: true,
  },
  token_paused: { message: 'The token was paused; no transfer was possible.', recoverable: true },
  authorization_rejected: { message: 'The token refused the transfer.', recoverable: false },
};

/** Nothing was debited, or it stays where it was. */
export const sendFailure = (code: SendFailureCode): Failure => ({ code, ...SEND_FAILURES[code] });

/** The rail did not pay: refused, or sent back before it was settled. */
export const payoutFailure = (rail: 'bank' | 'cash', reason: string, recoverable: boolean): Failure => ({
  code: 'payout_failed',
  message: `The ${rail === 'bank' ? 'bank' : 'cash network'} did not pay: ${reason}`,
  recoverable,
});

/** The bank had paid, and the money came back. */
export const payoutReturn = (reason: string, recoverable: boolean): Failure => ({
  code: 'payout_returned',
  message: `The bank sent the payout back: ${reason}`,
  recoverable,
});

export const PICKUP_EXPIRED: Failure = {
  code: 'cash_pickup_expired',
  message: 'The cash was not collected in time.',
  recoverable: true,
};
