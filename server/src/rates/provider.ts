/**
 * Who says what one asset is worth in another. A feed is read by the worker, outside any transaction; its JSON text is
 * judged by the slice, whatever source it comes from.
 */
export type RateSource = FixedRates | RateFeed;

/** Rates that never change, by pair such as `usd/usdc`; nothing is read. */
export interface FixedRates {
  readonly kind: 'fixed';
  readonly rates: Readonly<Record<string, string>>;
}

export interface RateFeed {
  readonly kind: 'feed';
  /** For logs; it tells neither path nor address. */
  readonly name: string;
  /** The feed as text. Throws when it cannot be had, is too large or takes too long. */
  read(): Promise<string>;
}
