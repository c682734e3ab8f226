import { randomInt, randomUUID } from 'node:crypto';
import type { BankRailName } from '@openoms/contract/bank-reasons.ts';
import type { VirtualAccountNumbers } from '../../bank/provider.ts';
import { withAbaCheckDigit } from '../../kernel/check-digits.ts';
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
export const newAccountNumbers = (): VirtualAccountNumbers => ({
  bankName: 'OpenOMS Sandbox Bank',
  accountNumber: randomInt(FIRST_ACCOUNT_NUMBER, ACCOUNT_NUMBERS_END).toString(),
  routingNumber: withAbaCheckDigit(OWN_ROUTING_DIGITS),
  accountType: 'checking',
});

/**
 * ACH trace number: eight digits of the sending bank, seven of its sequence. Fedwire IMAD: cycle date, source, sequence.
 * SWIFT UETR: a UUID, version 4.
 */
export function newReference(rail: BankRailName, now: Date, sender: 'us' | 'them'): string {
  switch (rail) {
    case 'ach':
      return (sender === 'us' ? OWN_ROUTING_DIGITS : SENDING_ROUTING_DIGITS) + sequence(TRACE_SEQUENCES);
    case 'wire': {
      const cycleDate = newYorkTime(now).day.replaceAll('-', '');
      return cycleDate + (sender === 'us' ? OWN_SOURCE_ID : SENDING_SOURCE_ID) + sequence(IMAD_SEQUENCES);
    }
    case 'swift':
      return randomUUID();
  }
}

const sequence = (count: number): string =>
  randomInt(count)
    .toString()
    .padStart(String(count - 1).length, '0');
