import { ApiError } from '../kernel/errors.ts';
import { type Asset, formatMinor } from '../kernel/money.ts';
import { type Exchange, type Price, priceFromDestination, priceFromSource } from '../kernel/price.ts';
import type { FeeFlow, LimitName, ProjectSettings, Settings } from '../settings/service.ts';
import type { QuoteOrder } from './request.ts';

/** A priced order, with the fees as they are shown. */
export interface PricedOrder {
  readonly price: Price;
  readonly developerFees: { amount: string; flatFee: string; percentage: string }[];
  readonly gasCostMinor: bigint;
  readonly exchangeRate: string;
}

/**
 * Prices an order by the project's fees and a rate. Throws 422 `amount_out_of_range` when fees leave nothing, or outside
 * the limits of its kind.
 */
export function priceOrder(
  settings: Settings,
  values: ProjectSettings,
  order: QuoteOrder,
  payment: { readonly flow: FeeFlow; readonly exchangeRate: string },
): PricedOrder {
  const source: Asset = 'usdc';
  const fees = settings.feesOf(values, payment.flow, source);
  const developer = order.developerFees ?? [fees.developer].filter(chargesAnything);
  const gas = settings.gasFeeOf(values, source);
  const rules = { oms: fees.oms, developer, gasMinor: order.sponsorGas ? 0n : gas };
  const exchange: Exchange = {
    source,
    destination: order.destinationAsset,
    exchangeRate: payment.exchangeRate,
  };
  const priceBy = order.fixedSide === 'source' ? priceFromSource : priceFromDestination;
  const price = priceBy(order.fixedMinor, rules, exchange);
  if (!price) throw outOfRange(order, 'must leave something after fees');
  requireWithinLimits(settings, values, order, payment.flow, price);
  return {
    price,
    exchangeRate: payment.exchangeRate,
    developerFees: developer.map((rule, index) => ({
      amount: formatMinor(price.developerFeesMinor[index] ?? 0n, source),
      flatFee: formatMinor(rule.fixedMinor, source),
      percentage: percentageOf(rule.rate),
    })),
    gasCostMinor: order.sponsorGas ? settings.gasFeeOf(values, 'usd') : 0n,
  };
}

const chargesAnything = ({ rate, fixedMinor }: { rate: { numerator: bigint }; fixedMinor: bigint }) =>
  rate.numerator > 0n || fixedMinor > 0n;

/** The share as a decimal string; a rule's denominator is a power of ten. */
function percentageOf({ numerator, denominator }: { numerator: bigint; denominator: bigint }): string {
  const decimals = denominator.toString().length - 1;
  if (decimals === 0) return numerator.toString();
  const digits = numerator.toString().padStart(decimals + 1, '0');
  const fraction = digits.slice(-decimals).replace(/0+$/, '');
  const whole = digits.slice(0, -decimals);
  return fraction === '' ? whole : `${whole}.${fraction}`;
}

/** Which limits apply, by the fees that do. */
const limitOf = (flow: FeeFlow): LimitName => {
  if (flow === 'cashOut' || flow === 'cryptoToCrypto') return flow;
  return 'cryptoToFiat';
};

function requireWithinLimits(
  settings: Settings,
  values: ProjectSettings,
  order: QuoteOrder,
  flow: FeeFlow,
  price: Price,
): void {
  const isCash = flow === 'cashOut';
  const asset: Asset = isCash ? 'usd' : 'usdc';
  const { minMinor, maxMinor } = settings.limitsOf(values, limitOf(flow), asset);
  const amount = isCash ? price.destination.minor : price.grossMinor;
  if (amount < minMinor || amount > maxMinor) {
    const range = `${formatMinor(minMinor, asset)} to ${formatMinor(maxMinor, asset)} ${asset}`;
    throw outOfRange(order, isCash ? `must hand over ${range}` : `must take ${range}`);
  }
  const step = settings.cashOutStepOf(values);
  if (isCash && amount % step !== 0n) {
    throw outOfRange(order, `must hand over a multiple of ${formatMinor(step, 'usd')} usd`);
  }
}

const outOfRange = ({ fixedSide }: QuoteOrder, issue: string): ApiError =>
  new ApiError(422, 'amount_out_of_range', 'The amount is outside what this payment allows.', {
    details: [{ field: `${fixedSide}.amount`, issue }],
  });
