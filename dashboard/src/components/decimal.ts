/** Amounts are decimal strings, and stay text: no number could hold all of them exactly. */

const DECIMAL = /^(-?)(\d+)(?:\.(\d+))?$/;

/** Groups of three digits, and at least two decimals; zeros beyond them are left out. Nothing is rounded. */
export function formatDecimal(amount: string): string {
  const match = DECIMAL.exec(amount);
  if (!match) return amount;
  const [, sign = '', whole = '', decimals = ''] = match;
  const grouped = whole.replace(/\B(?=(\d{3})+(?!\d))/g, ',');
  return `${sign === '-' ? '−' : ''}${grouped}.${decimals.replace(/0+$/, '').padEnd(2, '0')}`;
}

/** How many digits are behind the point of an amount that is formatted. */
export const decimalsOf = (text: string): number => text.split('.')[1]?.length ?? 0;

/** As many as the amounts of a column have at most, so that they can stand with their points below each other. */
export const placesOf = (amounts: readonly string[]): number =>
  amounts.reduce((most, amount) => Math.max(most, decimalsOf(formatDecimal(amount))), 0);

export const isZero = (amount: string): boolean => /^-?0+(\.0+)?$/.test(amount);

export const isNegative = (amount: string): boolean => amount.startsWith('-') && !isZero(amount);

const SCALE = 18;

/** In units of 10^-18. */
function unitsOf(amount: string): bigint {
  const [, sign = '', whole = '0', decimals = ''] = DECIMAL.exec(amount) ?? [];
  const units = BigInt(whole + decimals.slice(0, SCALE).padEnd(SCALE, '0'));
  return sign === '-' ? -units : units;
}

/** The exact sum, with two decimals or more. */
export function sumOf(amounts: readonly string[]): string {
  const units = amounts.reduce((sum, amount) => sum + unitsOf(amount), 0n);
  const digits = (units < 0n ? -units : units).toString().padStart(SCALE + 1, '0');
  const decimals = digits.slice(-SCALE).replace(/0+$/, '').padEnd(2, '0');
  return `${units < 0n ? '-' : ''}${digits.slice(0, -SCALE)}.${decimals}`;
}

export function compareDecimals(a: string, b: string): number {
  const difference = unitsOf(a) - unitsOf(b);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

/** A share as the server writes it, `0.9831`, as per cent: `98.31 %`. */
export function formatShare(share: string): string {
  const [, , whole = '0', decimals = ''] = DECIMAL.exec(share) ?? [];
  const padded = decimals.padEnd(2, '0');
  const percent = `${whole}${padded.slice(0, 2)}`.replace(/^0+(?=\d)/, '');
  const rest = padded.slice(2).replace(/0+$/, '');
  return `${percent}${rest && `.${rest}`} %`;
}
