import type { Customer } from '@openoms/contract/customers.ts';
import type { Transaction } from '@openoms/contract/transactions.ts';
import { wordsOf } from '../../components/status.tsx';

/** What people call a customer; the id when nothing is known. */
export function nameOf(
  customer: Pick<Customer, 'id' | 'firstName' | 'middleName' | 'lastName' | 'email' | 'externalId'>,
) {
  const { firstName, middleName, lastName, email, externalId, id } = customer;
  return [firstName, middleName, lastName].filter(Boolean).join(' ') || email || externalId || id;
}

const NETWORKS: Readonly<Record<string, string>> = {
  ach: 'ACH',
  wire: 'Wire',
  swift: 'SWIFT',
  rtp: 'RTP',
  cash: 'Cash',
  card: 'Card',
  usBank: 'US bank',
};

export const networkName = (network: string): string => NETWORKS[network] ?? wordsOf(network);

export const TYPE_NAMES = {
  fiatToCrypto: 'Fiat to crypto',
  cryptoToFiat: 'Crypto to fiat',
  cryptoToCrypto: 'Crypto to crypto',
} as const satisfies Record<Transaction['type'], string>;

/** What kind of payment it is, as one speaks of it. */
export function kindOf(transaction: Transaction): string {
  const { type, cashInId, virtualAccountId, depositAddressId, source, destination } = transaction;
  if (type === 'fiatToCrypto') {
    if (cashInId !== undefined || source.network === 'cash') return 'Cash-in';
    return virtualAccountId === undefined ? 'Pay-in' : 'Bank deposit';
  }
  if (type === 'cryptoToFiat') return destination.network === 'cash' ? 'Cash payout' : 'Bank payout';
  return depositAddressId === undefined ? 'Transfer' : 'Forwarded deposit';
}

/** Options of a filter, with the words of `names` or of the values themselves. */
export const optionsOf = <const Value extends string>(
  values: readonly Value[],
  names?: Readonly<Partial<Record<Value, string>>>,
) => values.map((value) => ({ value, label: names?.[value] ?? wordsOf(value) }));
