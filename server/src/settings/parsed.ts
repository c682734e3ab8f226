import { must } from '../kernel/assert.ts';
import { type Asset, parseMinor } from '../kernel/money.ts';

/** An amount of the settings in an asset; the schema allows no decimals that its assets cannot hold. */
export const exactMinor = (text: string, asset: Asset): bigint =>
  must(parseMinor(text, asset), `${text} is not exact in ${asset}`);
