import { type Asset, decimalsOf, formatMinor } from './money.ts';

/** Fees of one side as decimal strings of its asset; `total = developer + oms + gas` (contract section 5). */
export interface FeeLines {
  readonly total: string;
  readonly developer: string;
  readonly oms: string;
  readonly gas: string;
}

const RATE_DECIMALS = 6n;

/** `destination.amountNet / source.amountGross`, cut after six decimals: what is shown never promises too much. */
export function effectiveRate(
  source: { asset: Asset; grossMinor: bigint },
  destination: { asset: Asset; netMinor: bigint },
): string {
  const scale = 10n ** RATE_DECIMALS;
  const numerator = destination.netMinor * 10n ** BigInt(decimalsOf(source.asset)) * scale;
  const denominator = source.grossMinor * 10n ** BigInt(decimalsOf(destination.asset));
  const digits = (numerator / denominator).toString().padStart(Number(RATE_DECIMALS) + 1, '0');
  const fraction = digits.slice(-Number(RATE_DECIMALS)).replace(/0+$/, '') || '0';
  return `${digits.slice(0, -Number(RATE_DECIMALS))}.${fraction}`;
}

/** What was deducted on one side, in minor units of its asset. */
export interface FeesMinor {
  readonly developer: bigint;
  readonly oms: bigint;
  readonly gas: bigint;
}

const NO_FEES: FeesMinor = { developer: 0n, oms: 0n, gas: 0n };

/** The fee lines of one side. */
export function feesDeducted(fees: Partial<FeesMinor>, asset: Asset): FeeLines {
  const { developer, oms, gas } = { ...NO_FEES, ...fees };
  return {
    total: formatMinor(developer + oms + gas, asset),
    developer: formatMinor(developer, asset),
    oms: formatMinor(oms, asset),
    gas: formatMinor(gas, asset),
  };
}
