import type { CashIn } from '@openoms/contract/cash-ins.ts';
import { type Amount, applyRate, convert, formatMinor, parseRate } from '../kernel/money.ts';

/** usdc per usd. */
export const EXCHANGE_RATE = '1.0';
const RATE = parseRate(EXCHANGE_RATE);

/** What a cash-in is charged: the settings of its project when it was made, stored with it. */
export interface FeeSchedule {
  /** Share of the deposit, such as "0.015". */
  readonly fee_rate: string;
  /** Cents. */
  readonly fee_fixed: bigint;
}

export interface CashInPrice {
  readonly grossMinor: bigint;
  readonly feeMinor: bigint;
  readonly netMinor: bigint;
  readonly destination: Amount;
}

/**
 * What arrives for cash handed over, in cents. The fee rounds half up, the payout down. `gross = fee + net` holds
 * exactly; the amount must exceed the fee: the settings refuse a schedule that leaves nothing of the minimum deposit.
 */
export function priceCashIn(grossMinor: bigint, { fee_rate, fee_fixed }: FeeSchedule): CashInPrice {
  const feeMinor = applyRate(grossMinor, parseRate(fee_rate), 'halfUp') + fee_fixed;
  const netMinor = grossMinor - feeMinor;
  return {
    grossMinor,
    feeMinor,
    netMinor,
    destination: convert({ asset: 'usd', minor: netMinor }, 'usdc', RATE, 'down'),
  };
}

export const toFeeSchedule = ({
  fee_rate,
  fee_fixed,
}: FeeSchedule): NonNullable<CashIn['omsFeeSchedule']> => ({
  feeCurrency: 'usd',
  entries: [
    { type: 'percentage', rate: fee_rate },
    { type: 'fixed', amount: formatMinor(fee_fixed, 'usd') },
  ],
});
