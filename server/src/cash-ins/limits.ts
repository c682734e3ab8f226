import { DAY_MS } from '../kernel/clock.ts';
import { ApiError } from '../kernel/errors.ts';
import { formatMinor } from '../kernel/money.ts';

/** Limits of the cash network, in cents (contract 2.16). Windows are rolling. */
export const MIN_DEPOSIT_CENTS = 2_000n;

export const WINDOWS = [
  { name: 'day', durationMs: DAY_MS, maxCents: 150_000n, maxCount: 3n },
  { name: 'week', durationMs: 7 * DAY_MS, maxCents: 350_000n, maxCount: 12n },
  { name: 'month', durationMs: 30 * DAY_MS, maxCents: 500_000n, maxCount: 20n },
] as const;

export type WindowName = (typeof WINDOWS)[number]['name'];

/** What a customer deposited within a window. */
export interface Usage {
  readonly cents: bigint;
  readonly count: bigint;
}

/** Throws 422 `amount_out_of_range` outside the limits of one deposit at one place. */
export function requireInRange(field: string, cents: bigint, maxCents: bigint): void {
  if (cents >= MIN_DEPOSIT_CENTS && cents <= maxCents) return;
  const range = `${formatMinor(MIN_DEPOSIT_CENTS, 'usd')} to ${formatMinor(maxCents, 'usd')} USD`;
  throw new ApiError(422, 'amount_out_of_range', `A cash deposit here is ${range}.`, {
    details: [{ field, issue: `must be ${range}` }],
  });
}

/** Throws 422 `limit_exceeded` naming every window the deposit would exceed. */
export function requireWithinLimits(
  field: string,
  cents: bigint,
  usage: Readonly<Record<WindowName, Usage>>,
): void {
  const exceeded = WINDOWS.filter(
    ({ name, maxCents, maxCount }) =>
      usage[name].cents + cents > maxCents || usage[name].count + 1n > maxCount,
  );
  if (exceeded.length === 0) return;
  throw new ApiError(422, 'limit_exceeded', 'The customer would exceed a deposit limit.', {
    details: exceeded.map(({ name, maxCents, maxCount }) => ({
      field,
      issue: `exceeds ${formatMinor(maxCents, 'usd')} USD or ${maxCount} deposits per ${name}`,
    })),
  });
}
