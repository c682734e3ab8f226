import type { CashNetwork, Location, LocationQuery, Point } from '../../cash-ins/provider.ts';
import type { Random } from '../../kernel/random.ts';
import { CASH_LOCATIONS } from './cash-locations.ts';

const EARTH_RADIUS_MILES = 3958.8;
/** Without I and O, which read like digits. */
const CODE_LETTERS = 'ABCDEFGHJKLMNPQRSTUVWXYZ';
const CODE_LETTER_COUNT = 4;
const CODE_DIGITS = 6;

/** Whose machines pay out at the places that do; the tills beside them are another network's. */
export const CASH_OUT_PROVIDER = 'allpoint';
/** What a till reads: spaces, dashes and case do not matter. Stored codes have the form `ABCD 123456`. */
export function normalizeCode(code: string): string {
  const plain = code.replace(/[\s-]/g, '').toUpperCase();
  return `${plain.slice(0, CODE_LETTER_COUNT)} ${plain.slice(CODE_LETTER_COUNT)}`;
}

/** A few hundred made-up tills over the United States; no network behind them. */
export class SandboxCashNetwork implements CashNetwork {
  readonly name = 'sandbox-cash';
  readonly #byId = new Map(CASH_LOCATIONS.map((location) => [location.locationId, location]));

  nearest(query: LocationQuery): readonly { location: Location; distanceMiles: number }[] {
    const found = query.flow === 'cashIn' ? takingFrom(query.provider) : PAYING_OUT;
    return found
      .map((location) => ({ location, distanceMiles: distanceMiles(query, location) }))
      .sort((a, b) => a.distanceMiles - b.distanceMiles)
      .slice(0, query.limit);
  }

  find(locationId: string): Location | undefined {
    return this.#byId.get(locationId);
  }

  newCode(random: Random): string {
    const letters = Array.from(
      { length: CODE_LETTER_COUNT },
      () => CODE_LETTERS[random.integer(CODE_LETTERS.length)],
    );
    return `${letters.join('')} ${random.digits(CODE_DIGITS)}`;
  }
}

const takingFrom = (provider: Location['provider']): Location[] =>
  CASH_LOCATIONS.filter((location) => location.provider === provider && location.cashInAllowed);

/** The same, whichever provider is asked for: `greendot` is the one that the documents name for both flows. */
const PAYING_OUT: readonly Location[] = CASH_LOCATIONS.filter(({ cashOutAllowed }) => cashOutAllowed).map(
  (location) => ({ ...location, provider: CASH_OUT_PROVIDER }),
);

/** Great-circle distance (haversine). */
function distanceMiles(a: Point, b: Point): number {
  const rad = (degrees: number): number => (degrees * Math.PI) / 180;
  const dLat = rad(b.latitude - a.latitude);
  const dLon = rad(b.longitude - a.longitude);
  const h =
    Math.sin(dLat / 2) ** 2 + Math.cos(rad(a.latitude)) * Math.cos(rad(b.latitude)) * Math.sin(dLon / 2) ** 2;
  return 2 * EARTH_RADIUS_MILES * Math.asin(Math.min(1, Math.sqrt(h)));
}
