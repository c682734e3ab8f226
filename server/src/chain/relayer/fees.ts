/** How the relayer behaves; the defaults are for Polygon. Fees in wei per gas. */
export interface RelayerSettings {
  /** Accounts that pay gas, by index 0 … n-1. More give headroom, not order. */
  readonly relayers: number;
  /** Transfers in one transaction: at the gas below, as many as fit into what EIP-7825 allows a transaction. */
  readonly maxBatch: number;
  readonly maxInFlight: number;
  /**
   * Gas reserved per transfer, for a batch that runs out of it pays nobody. In full batches a transfer to a holder takes
   * 55.3 k and a first one 72.4 k (`npm run bench:settle`); at what Polygon charges since PIP-88 it is 63.7 k and 81.7 k
   * (`gas.test.ts`). docs/decisions/0009-gas-reserved-for-the-dearest.md
   */
  readonly gasPerTransfer: bigint;
  readonly gasBase: bigint;
  /** Polygon's validators ignore tips below 25 gwei. */
  readonly minTip: bigint;
  /** No attempt is signed above this; the signer has its own limit. */
  readonly maxFeeCeiling: bigint;
  /** An authorization is good for this long (15–30 min: long enough for a fee spike, short enough to retry after). */
  readonly validitySeconds: number;
  /** One that ends sooner is not relayed any more; it waits until it is finalized-dead. */
  readonly minValidSeconds: number;
  readonly resendAfterMs: number;
  readonly bumpAfterMs: number;
  readonly pollMs: number;
  /** The same while transactions are on their way. */
  readonly busyPollMs: number;
  /** A relayer or indexer that is frozen for longer than this gives way to another process. */
  readonly leaseMs: number;
}

const GWEI = 10n ** 9n;

export const POLYGON_RELAYER: RelayerSettings = {
  relayers: 1,
  maxBatch: 160,
  maxInFlight: 16,
  gasPerTransfer: 104_000n,
  gasBase: 100_000n,
  minTip: 25n * GWEI,
  maxFeeCeiling: 5_000n * GWEI,
  validitySeconds: 20 * 60,
  minValidSeconds: 60,
  resendAfterMs: 3_000,
  bumpAfterMs: 20_000,
  pollMs: 500,
  busyPollMs: 100,
  leaseMs: 20_000,
};

/** A send whose transactions were final this often without paying it is given up once its authorization is dead. */
export const MAX_RELAYS = 3;

/**
 * Authorizations of one send, one after the other. One that died for a cause that has passed, such as a pause of the
 * token, has a successor; so often and no more.
 */
export const MAX_AUTHORIZATIONS = 3;

/** Attempts of one batch that are kept apart; the last one is then resent until it is mined or superseded. */
export const MAX_ATTEMPTS_PER_BATCH = 12;

export interface Fees {
  readonly maxFeePerGas: bigint;
  readonly maxPriorityFeePerGas: bigint;
}

/** What a new transaction offers: room for the base fee to double. */
export function firstFees(baseFee: bigint, settings: RelayerSettings): Fees {
  const maxPriorityFeePerGas = settings.minTip;
  const wanted = baseFee * 2n + maxPriorityFeePerGas;
  const maxFeePerGas = wanted < settings.maxFeeCeiling ? wanted : settings.maxFeeCeiling;
  return {
    maxFeePerGas,
    maxPriorityFeePerGas: maxPriorityFeePerGas < maxFeePerGas ? maxPriorityFeePerGas : maxFeePerGas,
  };
}

/**
 * What a replacement offers: 12.5 % more on both (nodes ask for 10 %), or what the base fee asks if that is more.
 * Undefined when the ceiling leaves no room for a replacement that nodes would take.
 */
export function bumpedFees(last: Fees, baseFee: bigint, settings: RelayerSettings): Fees | undefined {
  const bumped = {
    maxFeePerGas: bump(last.maxFeePerGas),
    maxPriorityFeePerGas: bump(last.maxPriorityFeePerGas),
  };
  const wanted = baseFee * 2n + bumped.maxPriorityFeePerGas;
  const maxFeePerGas =
    wanted <= bumped.maxFeePerGas ? bumped.maxFeePerGas : min(wanted, settings.maxFeeCeiling);
  if (maxFeePerGas < bumped.maxFeePerGas || maxFeePerGas > settings.maxFeeCeiling) return undefined;
  return { maxFeePerGas, maxPriorityFeePerGas: bumped.maxPriorityFeePerGas };
}

/** Whether a miner would leave the attempt aside at this base fee, with a fifth of it as margin. */
export const isOutbid = (fees: Fees, baseFee: bigint): boolean =>
  (baseFee * 12n) / 10n > fees.maxFeePerGas - fees.maxPriorityFeePerGas;

const bump = (fee: bigint): bigint => (fee * 1_125n) / 1_000n + 1n;
const min = (a: bigint, b: bigint): bigint => (a < b ? a : b);
