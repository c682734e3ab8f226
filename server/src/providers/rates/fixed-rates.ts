import type { FixedRates } from '../../rates/provider.ts';

const DOLLARS = ['usd', 'usdc', 'usdt'];

/** A dollar is a dollar, however it is held: the sandbox's rates, and a fair price where the operator redeems 1:1. */
export const oneToOne = (): FixedRates => ({
  kind: 'fixed',
  rates: Object.fromEntries(
    DOLLARS.flatMap((source) => DOLLARS.map((destination) => [`${source}/${destination}`, '1.0'])),
  ),
});
