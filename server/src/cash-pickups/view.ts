import type { CashPickup } from '@openoms/contract/transactions.ts';
import type { Location } from '../cash-ins/service.ts';
import { must } from '../kernel/assert.ts';
import { toIsoSeconds } from '../kernel/clock.ts';
import { formatMinor } from '../kernel/money.ts';
import type { PickupTerms } from './provider.ts';
import type { PickupPlace, PickupRow } from './store.ts';

export const toPlace = (location: Location): PickupPlace => ({
  name: location.name,
  address: location.address,
  city: location.city,
  state: location.state,
  zipCode: location.zipCode,
  country: location.country,
  coordinates: { latitude: location.latitude, longitude: location.longitude },
});

/** As its transaction shows it, the code included. */
export const toCashPickup = (row: PickupRow, terms: PickupTerms): CashPickup => ({
  amount: formatMinor(row.amount, 'usd'),
  asset: 'usd',
  cashCode: terms.code,
  expiresAt: toIsoSeconds(terms.expiresAt),
  instructions: terms.instructions,
  phoneRequired: terms.phoneRequired,
  location: { ...must(row.location, 'cash is reserved where there is a place'), provider: terms.network },
});
