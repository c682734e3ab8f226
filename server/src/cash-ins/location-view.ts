import type { CashLocation } from '@openoms/contract/cash-locations.ts';
import type { Location } from './provider.ts';

export const toCashLocation = ({
  location,
  distanceMiles,
}: {
  location: Location;
  distanceMiles: number;
}): CashLocation => ({
  id: location.locationId,
  object: 'cashLocation',
  cashLocationReference: location.reference,
  locationReference: location.reference,
  name: location.name,
  provider: location.provider,
  address: location.address,
  city: location.city,
  state: location.state,
  zipCode: location.zipCode,
  country: location.country,
  coordinates: { latitude: location.latitude, longitude: location.longitude },
  distance: distanceMiles.toFixed(1),
  distanceUnit: 'mi',
  hours: null,
  cashInAllowed: location.cashInAllowed,
  cashOutAllowed: location.cashOutAllowed,
});
