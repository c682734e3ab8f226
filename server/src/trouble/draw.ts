import { createHash } from 'node:crypto';

/** A whole: shares are counted in millionths. */
export const WHOLE_PPM = 1_000_000;
const DRAWN_BYTES = 6;
const SEED_BYTES = 4;

const digestOf = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Whether it happens at this place, counted from 0: the same for the same seed, and for the share of all places. */
export const isDrawn = (seed: bigint, place: bigint, sharePpm: number): boolean =>
  digestOf(`${seed}:${place}`).readUIntBE(0, DRAWN_BYTES) % WHOLE_PPM < sharePpm;

/** A seed for a rule that was given none: it follows from its id, and is below 2^31. */
export const seedOf = (ruleId: string): number => digestOf(ruleId).readUIntBE(0, SEED_BYTES) >>> 1;

/** "0.25" as 250,000 millionths; the contract has checked its form. */
export function toPpm(share: string): number {
  const [whole = '0', decimals = ''] = share.split('.');
  return Number(whole) * WHOLE_PPM + Number(decimals.padEnd(6, '0'));
}

export function fromPpm(sharePpm: number): string {
  if (sharePpm === WHOLE_PPM) return '1';
  return `0.${String(sharePpm).padStart(6, '0').replace(/0+$/, '')}`;
}
