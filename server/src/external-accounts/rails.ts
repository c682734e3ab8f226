import {
  type DetailField,
  type DetailName,
  type ExternalAccountNetwork,
  type ExternalAccountType,
  fieldsIn,
  RAILS,
  type Rail,
} from '@openoms/contract/external-account-rails.ts';
import type { ExternalAccountSchemas } from '@openoms/contract/external-accounts.ts';
import { readEvmAddress } from '../chain/token/evm-address.ts';
import { must } from '../kernel/assert.ts';
import { isAbaRoutingNumber, isCardNumber, isIban } from '../kernel/check-digits.ts';
import type { ErrorDetail } from '../kernel/errors.ts';

export type Details = Readonly<Partial<Record<DetailName, string>>>;

/** Two capitals, as an IBAN begins. */
const COUNTRY_LETTERS = 2;
const SHOWN_CHARACTERS = 4;

/** The schema of each rail in each of its countries. */
const SCHEMAS: ExternalAccountSchemas['data'] = RAILS.flatMap((rail) =>
  (rail.countries ?? [null]).map((country) => ({
    type: rail.type,
    network: rail.network,
    ...(country !== null && { country }),
    currency: rail.currency,
    fields: fieldsIn(rail, country).map(({ enum: values, ...field }) => ({
      ...field,
      path: `bankDetails.${field.name}`,
      type: 'string' as const,
      ...(values && { enum: [...values] }),
    })),
  })),
);

export const listSchemas = (filter: {
  readonly country?: string | undefined;
  readonly currency?: string | undefined;
}): ExternalAccountSchemas['data'] =>
  SCHEMAS.filter(
    ({ country, currency }) =>
      (filter.country === undefined || filter.country === country) &&
      (filter.currency === undefined || filter.currency === currency),
  );

/** The rail that schema-valid details are meant for, by the rule that the contract's `Rail` states. */
export function railOf(type: ExternalAccountType, network: ExternalAccountNetwork, details: Details): Rail {
  const rails = RAILS.filter((rail) => rail.type === type && rail.network === network);
  const { country } = details;
  const named = rails.find(
    ({ fields, countries }) =>
      country !== undefined && fields.some(({ name }) => name === 'country') && countries?.includes(country),
  );
  return must(named ?? rails[0], `a rail for ${type} by ${network}`);
}

/** Where the account is; null for an address. */
export const countryOf = (rail: Rail, details: Details): string | null =>
  details.country ?? details.iban?.slice(0, COUNTRY_LETTERS) ?? rail.countries?.[0] ?? null;

/** The details that the rail knows, and what is wrong with them. */
export function readDetails(rail: Rail, given: Details): { details: Details; issues: ErrorDetail[] } {
  const details: Partial<Record<DetailName, string>> = {};
  const issues: ErrorDetail[] = [];
  for (const field of rail.fields) {
    const value = given[field.name];
    if (value === undefined && !field.required) continue;
    const issue = value === undefined ? 'is required' : issueOf(field, value);
    if (issue !== undefined) issues.push({ field: `bankDetails.${field.name}`, issue });
    if (value !== undefined)
      details[field.name] = field.check === 'eip55-address' ? checksummed(value) : value;
  }
  return { details, issues };
}

const checksummed = (text: string): string => readEvmAddress(text).address ?? text;

function issueOf(field: DetailField, value: string): string | undefined {
  const { pattern, maxLength, enum: values, check } = field;
  if (values && !values.includes(value)) return `must be one of ${values.join(',')}`;
  if (pattern !== undefined && !new RegExp(pattern, 'u').test(value)) return 'has the wrong form';
  if (maxLength !== undefined && [...value].length > maxLength)
    return `must NOT have more than ${maxLength} characters`;
  return check && !CHECKS[check](value) ? `is not a valid ${check}` : undefined;
}

const CHECKS: Readonly<Record<NonNullable<DetailField['check']>, (value: string) => boolean>> = {
  'routing-number': isAbaRoutingNumber,
  iban: isIban,
  'card-number': isCardNumber,
  'eip55-address': (value) => readEvmAddress(value).address !== undefined,
};

/** A card is good until the end of its month. */
export function expiryIssues({ expiryMonth, expiryYear }: Details, now: Date): ErrorDetail[] {
  if (expiryMonth === undefined || expiryYear === undefined) return [];
  const isExpired = `${expiryYear}-${expiryMonth}` < now.toISOString().slice(0, 'YYYY-MM'.length);
  return isExpired ? [{ field: 'bankDetails.expiryYear', issue: 'is past: the card has expired' }] : [];
}

/** What of the details may be shown, and what is kept sealed: null when there is nothing to seal. */
export function partDetails(
  rail: Rail,
  details: Details,
): { display: Readonly<Record<string, string>>; sealed: Details | null } {
  const display: Record<string, string> = {};
  const sealed: Partial<Record<DetailName, string>> = {};
  for (const { name, storage } of rail.fields) {
    const value = details[name];
    if (value === undefined) continue;
    const last = value.slice(-SHOWN_CHARACTERS);
    if (storage === 'plain') display[name] = value;
    else if (storage === 'masked') {
      display[name] = `****${last}`;
      sealed[name] = value;
    } else {
      // The one number that is never kept is a card's.
      display.brand = cardBrand(value);
      display.last4 = last;
    }
  }
  return { display, sealed: Object.keys(sealed).length === 0 ? null : sealed };
}

const BRANDS: readonly (readonly [brand: string, prefix: RegExp])[] = [
  ['visa', /^4/],
  ['mastercard', /^(5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720)/],
  ['discover', /^(6011|64[4-9]|65)/],
];

/** By the issuer's range of numbers; `other` for one not known here. */
const cardBrand = (cardNumber: string): string =>
  BRANDS.find(([, prefix]) => prefix.test(cardNumber))?.[0] ?? 'other';
