import { assert } from './assert.ts';
import { type Amount, type Asset, applyRate, convert, parseRate, type Rate } from './money.ts';

/** A fee on the source: a share of the gross amount and a fixed part, in minor units of the source asset. */
export interface FeeRule {
  readonly rate: Rate;
  readonly fixedMinor: bigint;
}

/** What is deducted from the source before conversion. */
export interface FeeRules {
  readonly oms: FeeRule;
  /** One line each. */
  readonly developer: readonly FeeRule[];
  readonly gasMinor: bigint;
}

/** What is exchanged, and at which rate: destination per source, a decimal string. */
export interface Exchange {
  readonly source: Asset;
  readonly destination: Asset;
  readonly exchangeRate: string;
}

/**
 * A priced payment. `gross = fees + net` and `net = converted + rounding` hold exactly; `converted` is what the
 * destination amount costs at the rate, to the minor unit, and `rounding` the rest, worth less than one minor unit of the
 * destination.
 */
export interface Price {
  readonly grossMinor: bigint;
  readonly omsFeeMinor: bigint;
  /** A line per rule, in their order. */
  readonly developerFeesMinor: readonly bigint[];
  readonly gasFeeMinor: bigint;
  readonly netMinor: bigint;
  readonly convertedMinor: bigint;
  readonly roundingMinor: bigint;
  readonly destination: Amount;
}

/** Fees by rules could move a net amount by at most this much around its estimate. */
const MAX_ADJUSTMENTS = 64;

/** Fees round half up, what arrives rounds down. Undefined when fees leave nothing that arrives. */
export function priceFromSource(grossMinor: bigint, rules: FeeRules, exchange: Exchange): Price | undefined {
  const { source, destination, exchangeRate } = exchange;
  const netMinor = grossMinor - feesOf(grossMinor, rules).totalMinor;
  if (netMinor <= 0n) return undefined;
  const arriving = convert({ asset: source, minor: netMinor }, destination, parseRate(exchangeRate), 'down');
  if (arriving.minor <= 0n) return undefined;
  return priceOf(grossMinor, rules, arriving, costOf(arriving, exchange));
}

function priceOf(grossMinor: bigint, rules: FeeRules, destination: Amount, convertedMinor: bigint): Price {
  const fees = feesOf(grossMinor, rules);
  const netMinor = grossMinor - fees.totalMinor;
  assert(netMinor >= convertedMinor, 'a net amount covers what arrives');
  return {
    grossMinor,
    omsFeeMinor: fees.omsMinor,
    developerFeesMinor: fees.developerMinor,
    gasFeeMinor: rules.gasMinor,
    netMinor,
    convertedMinor,
    roundingMinor: netMinor - convertedMinor,
    destination,
  };
}

/**
 * What has to be paid so that exactly this arrives: the least gross amount, rounded up. Undefined when nothing is to
 * arrive or the shares eat up everything. Where a minor unit of the source buys several of the destination, the net is the
 * least that buys them.
 */
export function priceFromDestination(
  arrivingMinor: bigint,
  rules: FeeRules,
  exchange: Exchange,
): Price | undefined {
  const netMinor = costOf({ asset: exchange.destination, minor: arrivingMinor }, exchange);
  if (arrivingMinor <= 0n || netMinor <= 0n) return undefined;
  const grossMinor = grossFor(netMinor, rules);
  if (grossMinor === undefined) return undefined;
  return priceOf(grossMinor, rules, { asset: exchange.destination, minor: arrivingMinor }, netMinor);
}

/** What an amount of the destination costs of the source at the rate, rounded up. */
export function costOf(arriving: Amount, { source, exchangeRate }: Exchange): bigint {
  const { numerator, denominator } = parseRate(exchangeRate);
  return convert(arriving, source, { numerator: denominator, denominator: numerator }, 'up').minor;
}

function feesOf(grossMinor: bigint, rules: FeeRules) {
  const fee = ({ rate, fixedMinor }: FeeRule) => applyRate(grossMinor, rate, 'halfUp') + fixedMinor;
  const omsMinor = fee(rules.oms);
  const developerMinor = rules.developer.map(fee);
  const totalMinor = developerMinor.reduce((sum, each) => sum + each, omsMinor + rules.gasMinor);
  return { omsMinor, developerMinor, totalMinor };
}

/**
 * The least gross amount whose net is exactly `netMinor`. It exists: from one gross amount to the next the net grows by at
 * most one, so on its way up it meets every value.
 */
function grossFor(netMinor: bigint, rules: FeeRules): bigint | undefined {
  const all = [rules.oms, ...rules.developer];
  const fixedMinor = all.reduce((sum, { fixedMinor }) => sum + fixedMinor, rules.gasMinor);
  const denominator = all.reduce((product, { rate }) => product * rate.denominator, 1n);
  const shares = all.reduce((sum, { rate }) => sum + (denominator / rate.denominator) * rate.numerator, 0n);
  if (shares >= denominator) return undefined;
  const estimate = ((netMinor + fixedMinor) * denominator) / (denominator - shares);
  // Each line rounds by half a unit at most, which moves the gross amount by that over one less the shares.
  const slack = (BigInt(all.length + 1) * denominator) / (denominator - shares) + 1n;
  const netOf = (grossMinor: bigint) => grossMinor - feesOf(grossMinor, rules).totalMinor;
  let low = estimate > slack ? estimate - slack : 0n;
  let high = estimate + slack;
  // The net is not quite monotonic, so bisection only comes near; the steps after it are exact.
  while (high - low > BigInt(MAX_ADJUSTMENTS)) {
    const middle = (low + high) / 2n;
    if (netOf(middle) + BigInt(all.length) < netMinor) low = middle;
    else high = middle;
  }
  for (let grossMinor = low; grossMinor <= estimate + slack; grossMinor++) {
    if (netOf(grossMinor) === netMinor) return grossMinor;
  }
  return undefined;
}
