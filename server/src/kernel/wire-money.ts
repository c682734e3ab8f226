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

/** The fee lines of one side; only our own fee exists so far. */
export function feesDeducted(feeOmsMinor: bigint, asset: Asset): FeeLines {
  const zero = formatMinor(0n, asset);
  const oms = formatMinor(feeOmsMinor, asset);
  return { total: oms, developer: zero, oms, gas: zero };
}
