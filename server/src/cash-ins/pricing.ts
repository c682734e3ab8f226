import type { CashIn } from '@openoms/contract/cash-ins.ts';
import { type Amount, applyRate, convert, formatMinor, parseRate } from '../kernel/money.ts';

/** Cash-in fee: 1.5 % + $0.50 (contract section 5). */
const FEE_RATE = '0.015';
const FEE_FIXED_CENTS = 50n;
const FEE = parseRate(FEE_RATE);

/** usdc per usd. */
export const EXCHANGE_RATE = '1.0';
const RATE = parseRate(EXCHANGE_RATE);

export interface CashInPrice {
  readonly grossMinor: bigint;
  readonly feeMinor: bigint;
  readonly netMinor: bigint;
  readonly destination: Amount;
}

/**
 * What arrives for cash handed over, in cents. The fee rounds half up, the payout down. `gross = fee + net` holds
 * exactly; the amount must exceed the fee, which the minimum deposit sees to.
 */
export function priceCashIn(grossMinor: bigint): CashInPrice {
  const feeMinor = applyRate(grossMinor, FEE, 'halfUp') + FEE_FIXED_CENTS;
  const netMinor = grossMinor - feeMinor;
  return {
    grossMinor,
    feeMinor,
    netMinor,
    destination: convert({ asset: 'usd', minor: netMinor }, 'usdc', RATE, 'down'),
  };
}

export const FEE_SCHEDULE: NonNullable<CashIn['omsFeeSchedule']> = {
  feeCurrency: 'usd',
  entries: [
    { type: 'percentage', rate: FEE_RATE },
    { type: 'fixed', amount: formatMinor(FEE_FIXED_CENTS, 'usd') },
  ],
};
