import type { CashNetwork } from '../cash-ins/service.ts';
import type { Jobs } from '../jobs/jobs.ts';
import type { Ids } from '../kernel/ids.ts';
import type { ProviderEvents } from '../providers/provider-events.ts';
import type { Transactions } from '../transactions/service.ts';

export interface CashPickupsDeps {
  readonly ids: Ids;
  readonly jobs: Jobs;
  readonly providerEvents: ProviderEvents;
  /** Where the places are looked up. */
  readonly locations: Pick<CashNetwork, 'find'>;
  /** Told what became of the cash; it is what orders it, so each is built with the other. */
  readonly transactions: () => Pick<
    Transactions,
    'pickupsReady' | 'pickupsExpired' | 'payoutsSettled' | 'payoutsFailed'
  >;
}

export const RESERVE_TASK = 'cash-pickups.reserve';
export const EXPIRE_TASK = 'cash-pickups.expire';
export interface PickupPayload {
  readonly pickupId: string;
}
