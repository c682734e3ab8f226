import { parseRate, type Rate } from '../kernel/money.ts';

/** How far a rate may be from its reference: a fifth. */
const MAX_MOVE: Rate = { numerator: 1n, denominator: 5n };
const DOLLARS = ['usd', 'usdc', 'usdt'];

/** What the first rate of a pair is compared with: one dollar is about another. Undefined for other pairs. */
export const firstReference = (pair: string): string | undefined =>
  pair.split('/').every((asset) => DOLLARS.includes(asset)) ? '1.0' : undefined;

/** Whether the rate is further from the reference than a feed may move it. */
export function isAbsurd(rate: string, reference: string): boolean {
  const [a, b] = [parseRate(rate), parseRate(reference)];
  const [left, right] = [a.numerator * b.denominator, b.numerator * a.denominator];
  const distance = left > right ? left - right : right - left;
  return distance * MAX_MOVE.denominator > right * MAX_MOVE.numerator;
}
