import { createHash } from 'node:crypto';
import type { Location } from '../../cash-ins/provider.ts';
import { assert, must } from '../../kernel/assert.ts';
import { encodeBase32 } from '../../kernel/ids.ts';
import { NEIGHBOURHOODS } from './cash-locations.data.ts';

interface Chain {
  readonly name: string;
  readonly maxDepositMinor: bigint;
  readonly cashOutAllowed: boolean;
}

const PHARMACY: Chain = { name: 'CVS Pharmacy', maxDepositMinor: 50_000n, cashOutAllowed: false };
const CHAINS: readonly Chain[] = [
  PHARMACY,
  { name: 'Walgreens', maxDepositMinor: 50_000n, cashOutAllowed: false },
  { name: '7-Eleven', maxDepositMinor: 50_000n, cashOutAllowed: false },
  { name: 'Walmart Supercenter', maxDepositMinor: 100_000n, cashOutAllowed: true },
  { name: 'Family Dollar', maxDepositMinor: 50_000n, cashOutAllowed: false },
];

/** Tills lie within this of the middle of their ZIP code: about two miles. */
const MAX_OFFSET_DEGREES = 0.025;
const COORDINATE_DECIMALS = 6;
const LOWEST_HOUSE_NUMBER = 100;
const HOUSE_NUMBERS = 4_800;
const LOWEST_STORE_NUMBER = 1_000;
const STORE_NUMBERS = 9_000;

type Place = Pick<Location, 'name' | 'address' | 'city' | 'state' | 'zipCode' | 'latitude' | 'longitude'>;

/** The place that the contract's samples name (reference number 2434). */
const SAMPLE = toLocation(2434, PHARMACY, {
  name: `${PHARMACY.name} #4521`,
  address: '1350 Florin Rd',
  city: 'Sacramento',
  state: 'CA',
  zipCode: '95822',
  latitude: 38.495133,
  longitude: -121.505336,
});

/** Made-up tills in every state and the District of Columbia. The same in every process and every version. */
export const CASH_LOCATIONS: readonly Location[] = [
  SAMPLE,
  ...NEIGHBOURHOODS.trim().split('\n').flatMap(toNeighbourhood),
];

function toNeighbourhood(line: string): Location[] {
  const [state = '', city = '', zipCode = '', latitude, longitude, count, streets = '', first] =
    line.split('|');
  assert(first !== undefined, `a neighbourhood has eight columns: ${line}`);
  return Array.from({ length: Number(count) }, (_, index) => {
    const number = Number(first) + index;
    const digest = digestOf(number);
    const chain = pick(CHAINS, digest.readUInt32BE(0));
    const street = pick(streets.split(','), index);
    return toLocation(number, chain, {
      name: `${chain.name} #${LOWEST_STORE_NUMBER + (digest.readUInt32BE(4) % STORE_NUMBERS)}`,
      address: `${LOWEST_HOUSE_NUMBER + (digest.readUInt32BE(8) % HOUSE_NUMBERS)} ${street}`,
      city,
      state,
      zipCode,
      latitude: offset(Number(latitude), digest.readInt32BE(12)),
      longitude: offset(Number(longitude), digest.readInt32BE(16)),
    });
  });
}

function toLocation(number: number, chain: Chain, place: Place): Location {
  const point = `lat=${place.latitude.toFixed(COORDINATE_DECIMALS)},lng=${place.longitude.toFixed(COORDINATE_DECIMALS)}`;
  return {
    ...place,
    locationId: `loc_${encodeBase32(digestOf(number).subarray(-16))}`,
    reference: Buffer.from(`GREENDOT-${number}:${point}`).toString('base64'),
    country: 'US',
    provider: 'greendot',
    cashInAllowed: true,
    cashOutAllowed: chain.cashOutAllowed,
    maxDepositMinor: chain.maxDepositMinor,
  };
}

/** 32 bytes that look random and never change. */
function digestOf(number: number): Buffer {
  return createHash('sha256').update(`GREENDOT-${number}`).digest();
}

function pick<T>(choices: readonly T[], index: number): T {
  return must(choices[index % choices.length], 'a choice');
}

function offset(degrees: number, int32: number): number {
  return Number((degrees + (int32 / 2 ** 31) * MAX_OFFSET_DEGREES).toFixed(COORDINATE_DECIMALS));
}
