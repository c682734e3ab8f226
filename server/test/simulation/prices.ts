/** What payments cost here, written down anew, not taken from the product. */

/** USD per USDC. */
export const RATE = '0.9987';
const RATE_PARTS = 9_987n;
const RATE_WHOLE = 10_000n;
const USDC_PER_CENT = 10_000n;
const MICROS = 1_000_000n;
const GAS_MINOR = 30_000n;

export type Flow = 'cryptoToCrypto' | 'ach' | 'wire';

interface Fee {
  readonly millionths: bigint;
  readonly fixedMinor: bigint;
}

/** Of the project and its developer. */
type Schedule = Readonly<Record<Flow, { readonly oms: Fee; readonly developer: Fee }>>;

const FREE: Fee = { millionths: 0n, fixedMinor: 0n };
const FEES: Schedule = {
  cryptoToCrypto: {
    oms: { millionths: 3_500n, fixedMinor: 50_000n },
    developer: { millionths: 2_000n, fixedMinor: 0n },
  },
  ach: {
    oms: { millionths: 10_000n, fixedMinor: 250_000n },
    developer: { millionths: 1_234n, fixedMinor: 100_001n },
  },
  wire: { oms: { millionths: 2_000n, fixedMinor: 400_000n }, developer: FREE },
};

const asDecimal = (millionths: bigint): string => {
  const digits = millionths.toString().padStart(7, '0');
  return `${digits.slice(0, -6)}.${digits.slice(-6)}`;
};

const partyFees = (party: 'oms' | 'developer') =>
  Object.fromEntries(
    Object.entries(FEES).map(([flow, fees]) => [
      flow,
      { percentage: asDecimal(fees[party].millionths), fixed: asDecimal(fees[party].fixedMinor) },
    ]),
  );

/** The same for the product's settings. Without them wallets pay each other for nothing. */
export const FEE_SETTINGS = { fees: partyFees('oms'), developerFees: partyFees('developer'), gasFee: '0.03' };
export const NO_TRANSFER_FEES = {
  fees: { cryptoToCrypto: null },
  developerFees: { cryptoToCrypto: null },
  gasFee: '0.00',
};

/** Minor units of the source, but for `arriving`: of the destination. */
export interface Price {
  readonly gross: bigint;
  readonly oms: bigint;
  readonly developer: bigint;
  readonly gas: bigint;
  readonly arriving: bigint;
}

export interface Asked {
  readonly flow: Flow;
  readonly side: 'source' | 'destination';
  /** Of that side. */
  readonly minor: bigint;
  readonly sponsorsGas: boolean;
}

export const feesOf = ({ oms, developer, gas }: Price): bigint => oms + developer + gas;

const part = ({ millionths, fixedMinor }: Fee, gross: bigint): bigint =>
  (gross * millionths + MICROS / 2n) / MICROS + fixedMinor;

/** What arrives of a net amount, rounded down. */
const arrivingOf = (flow: Flow, net: bigint): bigint =>
  flow === 'cryptoToCrypto' ? net : (net * RATE_PARTS) / (RATE_WHOLE * USDC_PER_CENT);

/** What arrives costs so much, rounded up. */
export function costOf(flow: Flow, arriving: bigint): bigint {
  if (flow === 'cryptoToCrypto') return arriving;
  return (arriving * USDC_PER_CENT * RATE_WHOLE + RATE_PARTS - 1n) / RATE_PARTS;
}

/** What is wrong with a price, under the fees of the base or, from some time on, without those between wallets. */
export function priceFindings(asked: Asked, price: Price): string[] {
  const found = [true, false].map((hasFees) => underFees(asked, price, hasFees));
  return found.some((each) => each.length === 0) ? [] : (found[0] ?? []);
}

function underFees({ flow, side, minor, sponsorsGas }: Asked, price: Price, hasFees: boolean): string[] {
  const isFree = !hasFees && flow === 'cryptoToCrypto';
  const { oms, developer } = isFree ? { oms: FREE, developer: FREE } : FEES[flow];
  const gas = sponsorsGas || !hasFees ? 0n : GAS_MINOR;
  const netOf = (gross: bigint): bigint => gross - part(oms, gross) - part(developer, gross) - gas;
  const net = netOf(price.gross);
  const expected = { oms: part(oms, price.gross), developer: part(developer, price.gross), gas };
  const found = (['oms', 'developer', 'gas'] as const)
    .filter((name) => price[name] !== expected[name])
    .map((name) => `${name} ${price[name]}, not ${expected[name]}`);
  if (side === 'source') {
    if (price.gross !== minor) found.push(`takes ${price.gross}, not ${minor}`);
    if (price.arriving !== arrivingOf(flow, net)) {
      found.push(`${price.arriving} arrives, not ${arrivingOf(flow, net)}`);
    }
    return found;
  }
  if (price.arriving !== minor) found.push(`${price.arriving} arrives, not ${minor}`);
  const cost = costOf(flow, minor);
  if (net !== cost) found.push(`leaves ${net}, not ${cost}`);
  if (netOf(price.gross - 1n) === cost) found.push(`takes ${price.gross}, and one less would do`);
  return found;
}

/** A decimal string in minor units of six decimals, or of two. */
export function minorOf(text: string, decimals: 6 | 2): bigint {
  const [whole = '', fraction = ''] = text.split('.');
  return BigInt(whole + fraction.padEnd(decimals, '0'));
}

export const usdcOf = (minor: bigint): string => asDecimal(minor);

export const dollarsOf = (cents: bigint): string =>
  `${cents / 100n}.${String(cents % 100n).padStart(2, '0')}`;
