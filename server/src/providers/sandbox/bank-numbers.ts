import type { CreditRailName } from '@openoms/contract/bank-reasons.ts';
import type { VirtualAccountNumbers } from '../../bank/provider.ts';
import type { Tx } from '../../db/database.ts';
import { withAbaCheckDigit } from '../../kernel/check-digits.ts';
import type { Random } from '../../kernel/random.ts';
import { newYorkTime } from './bank-calendar.ts';

/** Made up, as is the bank: the first eight digits of a routing number of the twelfth Federal Reserve district. */
const OWN_ROUTING_DIGITS = '12399999';
/** Of those who send credits to us. */
const SENDING_ROUTING_DIGITS = '06199999';
/** Where a wire enters Fedwire: eight characters that name the sender's terminal. */
const OWN_SOURCE_ID = 'OPENOMS1';
const SENDING_SOURCE_ID = 'SNDBANK1';
const TRACE_SEQUENCES = 10_000_000;
const IMAD_SEQUENCES = 1_000_000;
const FIRST_ACCOUNT_NUMBER = 100_000_000_000;
const ACCOUNT_NUMBERS_END = 281_000_000_000_000;

/** Twelve to fifteen random digits: that two are alike is a matter of the account's unique key, not of hope. */
export const newAccountNumbers = (random: Random): VirtualAccountNumbers => ({
  bankName: 'OpenOMS Sandbox Bank',
  accountNumber: (
    FIRST_ACCOUNT_NUMBER + random.integer(ACCOUNT_NUMBERS_END - FIRST_ACCOUNT_NUMBER)
  ).toString(),
  routingNumber: withAbaCheckDigit(OWN_ROUTING_DIGITS),
  accountType: 'checking',
});

/**
 * ACH trace number: eight digits of the sending bank, seven of its sequence. Fedwire IMAD: cycle date, source, sequence.
 * SWIFT UETR: a UUID, version 4. RTP instruction id: date, sending bank, sequence.
 */
export function newReference(
  rail: CreditRailName,
  tx: Pick<Tx, 'now' | 'random'>,
  sender: 'us' | 'them',
): string {
  const { random } = tx;
  switch (rail) {
    case 'ach':
      return (
        (sender === 'us' ? OWN_ROUTING_DIGITS : SENDING_ROUTING_DIGITS) + sequence(random, TRACE_SEQUENCES)
      );
    case 'wire': {
      const cycleDate = newYorkTime(tx.now()).day.replaceAll('-', '');
      return (
        cycleDate + (sender === 'us' ? OWN_SOURCE_ID : SENDING_SOURCE_ID) + sequence(random, IMAD_SEQUENCES)
      );
    }
    case 'swift':
      return random.uuid();
    case 'rtp':
      return (
        newYorkTime(tx.now()).day.replaceAll('-', '') +
        SENDING_ROUTING_DIGITS +
        sequence(random, TRACE_SEQUENCES)
      );
  }
}

const sequence = (random: Random, count: number): string =>
  random
    .integer(count)
    .toString()
    .padStart(String(count - 1).length, '0');
