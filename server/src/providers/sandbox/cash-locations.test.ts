import { describe, expect, it } from 'vitest';
import { must } from '../../kernel/assert.ts';
import { CASH_LOCATIONS } from './cash-locations.ts';
import { SandboxCashNetwork } from './cash-network.ts';

const SACRAMENTO = { latitude: 38.495133, longitude: -121.505336 };
const STATES_AND_DC = 51;
const US_ZIP = /^\d{5}$/;
const LOCATION_ID = /^loc_[0-7][0-9a-hjkmnp-tv-z]{25}$/;

const distinct = <T>(values: readonly T[]): number => new Set(values).size;

describe('the cash locations of the sandbox', () => {
  it('cover every state with at least 300 places', () => {
    expect(CASH_LOCATIONS.length).toBeGreaterThanOrEqual(300);
    expect(distinct(CASH_LOCATIONS.map(({ state }) => state))).toBe(STATES_AND_DC);
    expect(CASH_LOCATIONS.some(({ city, zipCode }) => city === 'New York' && zipCode === '10001')).toBe(true);
  });

  it('have ids and references of their own', () => {
    expect(distinct(CASH_LOCATIONS.map(({ locationId }) => locationId))).toBe(CASH_LOCATIONS.length);
    expect(distinct(CASH_LOCATIONS.map(({ reference }) => reference))).toBe(CASH_LOCATIONS.length);
    expect(distinct(CASH_LOCATIONS.map((place) => `${place.latitude},${place.longitude}`))).toBe(
      CASH_LOCATIONS.length,
    );
    for (const place of CASH_LOCATIONS) expect(place.locationId).toMatch(LOCATION_ID);
  });

  it('are complete, take cash, and repeat their coordinates in the reference', () => {
    for (const place of CASH_LOCATIONS) {
      const { latitude, longitude, reference } = place;
      expect(Buffer.from(reference, 'base64').toString()).toMatch(
        new RegExp(`^GREENDOT-\\d+:lat=${latitude.toFixed(6)},lng=${longitude.toFixed(6)}$`),
      );
      expect(place.zipCode).toMatch(US_ZIP);
      expect(place).toMatchObject({ provider: 'greendot', country: 'US', cashInAllowed: true });
      expect(place.maxDepositMinor).toBe(place.name.startsWith('Walmart') ? 100_000n : 50_000n);
    }
  });

  it('keep their ids for ever: clients store them', () => {
    const [sample] = CASH_LOCATIONS;
    expect(sample).toEqual({
      locationId: 'loc_47xp918rtrwpvhq0d9q37r1mba',
      reference: 'R1JFRU5ET1QtMjQzNDpsYXQ9MzguNDk1MTMzLGxuZz0tMTIxLjUwNTMzNg==',
      name: 'CVS Pharmacy #4521',
      address: '1350 Florin Rd',
      city: 'Sacramento',
      state: 'CA',
      zipCode: '95822',
      ...SACRAMENTO,
      country: 'US',
      provider: 'greendot',
      cashInAllowed: true,
      cashOutAllowed: false,
      maxDepositMinor: 50_000n,
    });
    const newYork = must(
      CASH_LOCATIONS.find(({ zipCode }) => zipCode === '10001'),
      'a place in 10001',
    );
    expect(newYork.locationId).toBe('loc_3pjmmeyps3620m1gfnzx738vpq');
  });
});

describe('the sandbox cash network', () => {
  const network = new SandboxCashNetwork();

  it('lists the nearest places first, each with its distance', () => {
    const found = network.nearest({ ...SACRAMENTO, provider: 'greendot', flow: 'cashIn', limit: 100 });
    expect(found).toHaveLength(100);
    expect(found[0]).toEqual({ location: CASH_LOCATIONS[0], distanceMiles: 0 });
    const distances = found.map(({ distanceMiles }) => distanceMiles);
    expect(distances).toEqual(distances.toSorted((a, b) => a - b));
  });

  it('lists for a cash-out only the places that pay out', () => {
    const found = network.nearest({ ...SACRAMENTO, provider: 'greendot', flow: 'cashOut', limit: 20 });
    expect(found).toHaveLength(20);
    for (const { location } of found) expect(location.cashOutAllowed).toBe(true);
  });

  it('finds a place by its id and no other', () => {
    for (const place of CASH_LOCATIONS) expect(network.find(place.locationId)).toBe(place);
    expect(network.find('loc_00000000000000000000000000')).toBeUndefined();
  });
});
