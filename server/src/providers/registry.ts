import type { CashNetwork } from '../cash-ins/provider.ts';
import type { EgressPolicy } from '../kernel/egress.ts';
import type { RateSource } from '../rates/provider.ts';
import { fileRates } from './rates/file-rates.ts';
import { oneToOne } from './rates/fixed-rates.ts';
import { httpRates } from './rates/http-rates.ts';
import { SandboxCashNetwork } from './sandbox/cash-network.ts';

/** A feed of exchange rates with a thousand pairs is smaller. */
const MAX_FEED_BYTES = 64 * 1024;

/** Who stands behind each port. */
export interface Providers {
  readonly cashNetwork: CashNetwork;
  readonly rateSource: RateSource;
}

/** As configured: one to one, a file, or a URL. */
export type RatesConfig =
  | { readonly kind: 'fixed' }
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'http'; readonly url: string };

export function rateSourceOf(config: RatesConfig, egress: EgressPolicy): RateSource {
  if (config.kind === 'file') return fileRates(config.path, MAX_FEED_BYTES);
  if (config.kind === 'http') return httpRates(config.url, MAX_FEED_BYTES, egress);
  return oneToOne();
}

export const sandboxProviders = (rateSource: RateSource = oneToOne()): Providers => ({
  cashNetwork: new SandboxCashNetwork(),
  rateSource,
});
