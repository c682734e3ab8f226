import { assert } from './assert.ts';

/**
 * Money is an asset and an integer count of its minor units. Decimal strings exist only at the edge.
 * Decimals per asset: usd 2 (ISO 4217), usdc and usdt 6 (their token contracts), eth 18.
 */
const DECIMALS = { usd: 2, usdc: 6, usdt: 6, eth: 18 } as const;

export type Asset = keyof typeof DECIMALS;
export const ASSETS = Object.keys(DECIMALS) as readonly Asset[];

export interface Amount {
  readonly asset: Asset;
  readonly minor: bigint;
}

export const isAsset = (value: string): value is Asset => Object.hasOwn(DECIMALS, value);

export const decimalsOf = (asset: Asset): number => DECIMALS[asset];

const MAX_INTEGER_DIGITS = 15;
const DECIMAL = /^(0|[1-9][0-9]*)(?:\.([0-9]+))?$/;

/**
 * Reads a wire amount. Refuses signs, exponents, leading zeros and more decimals than the asset has;
 * it never rounds. Returns undefined for anything else than an exact, non-negative amount.
 */
export function parseMinor(text: string, asset: Asset): bigint | undefined {
  const match = DECIMAL.exec(text);
  if (!match) return undefined;
  const [, integer = '', fraction = ''] = match;
  const decimals = DECIMALS[asset];
  if (integer.length > MAX_INTEGER_DIGITS || fraction.length > decimals) return undefined;
  return BigInt(integer + fraction.padEnd(decimals, '0'));
}

/** The wire form: at least two decimals, no trailing zeros beyond them ("98.00", "0.123456", "-1.50"). */
export function formatMinor(minor: bigint, asset: Asset): string {
  const decimals = DECIMALS[asset];
  const digits = (minor < 0n ? -minor : minor).toString().padStart(decimals + 1, '0');
  const fraction = digits.slice(-decimals).replace(/0+$/, '').padEnd(2, '0');
  return `${minor < 0n ? '-' : ''}${digits.slice(0, -decimals)}.${fraction}`;
}

export type Rounding = 'down' | 'up' | 'halfUp';

/** numerator / denominator of non-negative integers, with the rounding named by the caller. */
export function divide(numerator: bigint, denominator: bigint, rounding: Rounding): bigint {
  assert(numerator >= 0n && denominator > 0n, 'divide takes non-negative by positive');
  const quotient = numerator / denominator;
  const remainder = numerator % denominator;
  if (remainder === 0n || rounding === 'down') return quotient;
  if (rounding === 'up') return quotient + 1n;
  return remainder * 2n >= denominator ? quotient + 1n : quotient;
}

/** A rate such as "0.015" as an exact fraction. */
export interface Rate {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

const MAX_RATE_DECIMALS = 18;

export function parseRate(text: string): Rate {
  const match = DECIMAL.exec(text);
  const fraction = match?.[2] ?? '';
  assert(match && fraction.length <= MAX_RATE_DECIMALS, `not a rate: ${text}`);
  return { numerator: BigInt(`${match[1]}${fraction}`), denominator: 10n ** BigInt(fraction.length) };
}

/** Units of `minor` times the rate, rounded as told. */
export const applyRate = (minor: bigint, rate: Rate, rounding: Rounding): bigint =>
  divide(minor * rate.numerator, rate.denominator, rounding);

/** The same value in another asset's minor units at the given rate (destination per source). */
export function convert(source: Amount, to: Asset, rate: Rate, rounding: Rounding): Amount {
  const numerator = source.minor * rate.numerator * 10n ** BigInt(DECIMALS[to]);
  const denominator = rate.denominator * 10n ** BigInt(DECIMALS[source.asset]);
  return { asset: to, minor: divide(numerator, denominator, rounding) };
}
