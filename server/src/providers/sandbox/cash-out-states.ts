import { one, type Tx } from '../../db/database.ts';
import { assert } from '../../kernel/assert.ts';
import { type ReservationRow, type ReservationStatus, updateReservation } from './cash-out-store.ts';

/** Of a reservation at the sandbox's network: a machine hands it out, or never will. */
export const RESERVATION_TRANSITIONS: Readonly<Record<ReservationStatus, readonly ReservationStatus[]>> = {
  open: ['collected', 'cancelled'],
  collected: [],
  cancelled: [],
};

/** The only writer of a reservation's status. */
export async function transitionReservation(
  tx: Tx,
  { pickup_id, status }: ReservationRow,
  to: ReservationStatus,
): Promise<ReservationRow> {
  assert(RESERVATION_TRANSITIONS[status].includes(to), `a reservation cannot go from ${status} to ${to}`);
  return one(await updateReservation(tx, pickup_id, status, to), 'reservation');
}
