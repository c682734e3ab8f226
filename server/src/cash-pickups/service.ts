import type { Tx } from '../db/database.ts';
import { must } from '../kernel/assert.ts';
import type { PayoutOrder, PayoutRail } from '../transactions/service.ts';
import { applyPickupEvents } from './apply-events.ts';
import { type CashPickupsDeps, type PickupPayload, RESERVE_TASK } from './deps.ts';
import type { PickupEvent, PickupOrder } from './provider.ts';
import * as store from './store.ts';
import { toPlace } from './view.ts';

/** Cash to be reserved; `isPlaceGone` when nobody needs to be asked. */
export interface PickupToReserve extends PickupOrder {
  readonly isPlaceGone: boolean;
}

/** Cash that customers collect at a machine: reserved with a network, then collected, or expired and given back. */
export class CashPickups implements PayoutRail {
  readonly #deps: CashPickupsDeps;

  constructor(deps: CashPickupsDeps) {
    this.#deps = deps;
  }

  async requestPayouts(tx: Tx, orders: readonly PayoutOrder[]): Promise<void> {
    const { ids, jobs, locations } = this.#deps;
    const pickups = orders.map(({ transactionId, amountMinor, target }): store.NewPickup => {
      const locationId = must('locationId' in target ? target.locationId : undefined, 'cash has a place');
      const location = locations.find(locationId);
      return {
        pickup_id: ids.next('cashPickup', tx),
        transaction_id: transactionId,
        location_id: locationId,
        location: location?.cashOutAllowed ? toPlace(location) : null,
        amount: amountMinor,
        created_at: tx.now(),
      };
    });
    await store.insertPickups(tx, pickups);
    const payloads = pickups.map(({ pickup_id }): PickupPayload => ({ pickupId: pickup_id }));
    await jobs.enqueueMany(tx, RESERVE_TASK, payloads);
  }

  /** Results of a cash network; see apply-events.ts. */
  applyPickupEvents(tx: Tx, events: readonly PickupEvent[]): Promise<void> {
    return applyPickupEvents(this.#deps, tx, events);
  }

  /** Undefined when the network has answered. */
  async findToReserve(tx: Tx, pickupId: string): Promise<PickupToReserve | undefined> {
    const row = await store.findPickup(tx, pickupId);
    return row?.status === 'requested'
      ? { ...toOrder(tx, row), isPlaceGone: row.location === null }
      : undefined;
  }

  /** Undefined when it was collected, or is over otherwise. */
  async findToExpire(tx: Tx, pickupId: string): Promise<PickupOrder | undefined> {
    const row = await store.findPickup(tx, pickupId);
    return row?.status === 'ready' ? toOrder(tx, row) : undefined;
  }

  /** Whose cash it is. */
  async transactionOf(tx: Tx, pickupId: string): Promise<string> {
    return must(await store.findPickup(tx, pickupId), 'a pickup is never deleted').transaction_id;
  }

  /** The pickup of a transaction; undefined before its tokens were pulled, and for every other kind. */
  findOf(tx: Tx, transactionId: string): Promise<store.PickupRow | undefined> {
    return store.findPickupOf(tx, transactionId);
  }
}

const toOrder = (tx: Tx, row: store.PickupRow): PickupOrder => ({
  projectId: tx.scope,
  pickupId: row.pickup_id,
  locationId: row.location_id,
  amountMinor: row.amount,
});
