import type { CreditRailName } from '@openoms/contract/bank-reasons.ts';
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
const QUOTE = MAGIC_VALUES.filter(isOf('quote'));
const CASH_ORDER = MAGIC_VALUES.filter(isOf('cashOrder'));
const ACCOUNT_CHECK = MAGIC_VALUES.filter(isOf('accountCheck'));
const NUMBER_ORDER = MAGIC_VALUES.filter(isOf('numberOrder'));
const SCREENING = MAGIC_VALUES.filter(isOf('screening'));
const CHAIN = MAGIC_VALUES.filter(isOf('chain'));

const matches = ({ match, value }: MagicValueRow, text: string): boolean =>
  match === 'equals' ? text === value : text.endsWith(value);

/** What the scenario names, else the first row that the value matches. */
function magicOf<Kind extends MagicOutcome['kind']>(
  rows: readonly Found<Kind>[],
  scenario: string | undefined,
  isMet: (row: Found<Kind>) => boolean,
): Found<Kind> | undefined {
  return rows.find(({ name }) => name === scenario) ?? rows.find(isMet);
}

export const identityMagic = (
  scenario: string | undefined,
  lastName: string | null,
): OutcomeOf<'identity'> | undefined =>
  magicOf(IDENTITY, scenario, (row) => matches(row, lastName ?? ''))?.outcome;

/** Of an amount in dollars with two decimals. */
export const tillMagic = (scenario: string | undefined, amount: string): OutcomeOf<'till'> | undefined =>
  magicOf(TILL, scenario, (row) => matches(row, amount))?.outcome;

/** Of the ZIP code of a machine. */
export const cashOutMagic = (
  scenario: string | undefined,
  zipCode: string | undefined,
): OutcomeOf<'cashOut'> | undefined => magicOf(CASH_OUT, scenario, ({ value }) => value === zipCode)?.outcome;

/** The name under which the bank keeps what a payment or its account makes it do; those of other rails do nothing. */
export const bankMagic = (
  scenario: string | undefined,
  rail: CreditRailName,
  accountNumber: string,
): string | undefined => {
  const ofRail = BANK.filter((row) => row.outcome.rail === rail);
  return magicOf(ofRail, scenario, (row) => matches(row, accountNumber))?.name;
};

/** Of an amount to be paid, as the request would have it with two decimals or more. */
export const quoteMagic = (
  scenario: string | undefined,
  sourceAmount: string | undefined,
): OutcomeOf<'quote'> | undefined => magicOf(QUOTE, scenario, ({ value }) => value === sourceAmount)?.outcome;

/** Of an amount in dollars with two decimals. */
export const cashOrderMagic = (
  scenario: string | undefined,
  amount: string,
): OutcomeOf<'cashOrder'> | undefined =>
  magicOf(CASH_ORDER, scenario, (row) => matches(row, amount))?.outcome;

/** Of an account number, an IBAN or an address in EIP-55 form. */
export const accountCheckMagic = (
  scenario: string | undefined,
  number: string,
): OutcomeOf<'accountCheck'> | undefined =>
  magicOf(ACCOUNT_CHECK, scenario, (row) => matches(row, number))?.outcome;

export const numberOrderMagic = (
  scenario: string | undefined,
  operation: string,
  label: string | undefined,
): OutcomeOf<'numberOrder'> | undefined =>
  magicOf(NUMBER_ORDER, scenario, (row) => row.operation === operation && row.value === label)?.outcome;

/** Of an address, however it is written, or a name. */
export const screeningMagic = (
  scenario: string | undefined,
  party: string | null,
): OutcomeOf<'screening'> | undefined => magicOf(SCREENING, scenario, isNamed(party))?.outcome;

/** Of an address, however it is written. */
export const chainMagic = (scenario: string | undefined, to: string): OutcomeOf<'chain'> | undefined =>
  magicOf(CHAIN, scenario, isNamed(to))?.outcome;

const isNamed =
  (text: string | null) =>
  ({ value }: MagicValueRow): boolean =>
    value.toLowerCase() === text?.toLowerCase();

/** A name that is not in the table any more makes nothing happen. */
export const bankScenario = (name: string | null | undefined): BankScenario | undefined =>
  BANK.find((row) => row.name === name)?.outcome;
