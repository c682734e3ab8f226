import type { BankRailName } from '@openoms/contract/bank-reasons.ts';
import { MAGIC_VALUES, type MagicOutcome, type MagicValueRow } from '@openoms/contract/magic-values.ts';

type OutcomeOf<Kind extends MagicOutcome['kind']> = MagicOutcome & { readonly kind: Kind };
export type BankScenario = OutcomeOf<'bank'>;

interface Found<Kind extends MagicOutcome['kind']> extends MagicValueRow {
  readonly outcome: OutcomeOf<Kind>;
}

const isOf =
  <Kind extends MagicOutcome['kind']>(kind: Kind) =>
  (row: MagicValueRow): row is Found<Kind> =>
    row.outcome.kind === kind;

const IDENTITY = MAGIC_VALUES.filter(isOf('identity'));
const TILL = MAGIC_VALUES.filter(isOf('till'));
const CASH_OUT = MAGIC_VALUES.filter(isOf('cashOut'));
const BANK = MAGIC_VALUES.filter(isOf('bank'));

const matches = ({ match, value }: MagicValueRow, text: string): boolean =>
  match === 'equals' ? text === value : text.endsWith(value);

export const identityMagic = (lastName: string | null): OutcomeOf<'identity'> | undefined =>
  IDENTITY.find((row) => matches(row, lastName ?? ''))?.outcome;

/** Of an amount in dollars with two decimals. */
export const tillMagic = (amount: string): OutcomeOf<'till'> | undefined =>
  TILL.find((row) => matches(row, amount))?.outcome;

/** Whether a machine with this ZIP code is out of cash. */
export const cashOutMagic = (zipCode: string): OutcomeOf<'cashOut'> | undefined =>
  CASH_OUT.find(({ value }) => value === zipCode)?.outcome;

/** The name under which the bank keeps what an account makes it do. */
export const bankMagic = (rail: BankRailName, accountNumber: string): string | undefined =>
  BANK.find((row) => row.outcome.rail === rail && matches(row, accountNumber))?.name;

/** A name that is not in the table any more makes nothing happen. */
export const bankScenario = (name: string | null): BankScenario | undefined =>
  BANK.find((row) => row.name === name)?.outcome;
