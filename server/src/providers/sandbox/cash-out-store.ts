import type { Tx } from '../../db/database.ts';

export type ReservationStatus = 'open' | 'collected' | 'cancelled';

export interface ReservationRow {
  pickup_id: string;
  status: ReservationStatus;
  location_id: string;
  amount: bigint;
  code: string;
  expires_at: Date;
  created_at: Date;
}

const COLUMNS = 'pickup_id, status, location_id, amount, code, expires_at, created_at';

/** Nothing when the network has a reservation of this id. */
export async function insertReservation(tx: Tx, row: Omit<ReservationRow, 'status'>): Promise<void> {
  await tx.query(
    `insert into sandbox_cash_pickups (project_id, pickup_id, status, location_id, amount, code, expires_at, created_at)
     values ($1, $2, 'open', $3, $4, $5, $6, $7) on conflict (project_id, pickup_id) do nothing`,
    [tx.scope, row.pickup_id, row.location_id, row.amount, row.code, row.expires_at, row.created_at],
  );
}

export async function lockReservation(tx: Tx, pickupId: string): Promise<ReservationRow | undefined> {
  const [row] = await tx.query<ReservationRow>(
    `select ${COLUMNS} from sandbox_cash_pickups where project_id = $1 and pickup_id = $2 for no key update`,
    [tx.scope, pickupId],
  );
  return row;
}

/** Only cash-out-states.ts calls this. */
export async function updateReservation(
  tx: Tx,
  pickupId: string,
  from: ReservationStatus,
  to: ReservationStatus,
): Promise<ReservationRow[]> {
  return tx.query<ReservationRow>(
    `update sandbox_cash_pickups set status = $4 where project_id = $1 and pickup_id = $2 and status = $3
     returning ${COLUMNS}`,
    [tx.scope, pickupId, from, to],
  );
}
