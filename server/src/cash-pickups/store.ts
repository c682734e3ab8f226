import type { CashPickup } from '@openoms/contract/transactions.ts';
import { type Tx, toJsonRows } from '../db/database.ts';
import { inOrderOf, qualified } from '../db/rows.ts';

export type PickupStatus = 'requested' | 'ready' | 'collected' | 'expired' | 'failed';

/** The place, but for whose machine stands there. */
export type PickupPlace = Omit<CashPickup['location'], 'provider'>;

export interface PickupRow {
  pickup_id: string;
  transaction_id: string;
  status: PickupStatus;
  location_id: string;
  location: PickupPlace | null;
  amount: bigint;
  provider: string | null;
  expires_at: Date | null;
  failure_code: string | null;
  failure_reason: string | null;
  created_at: Date;
  updated_at: Date;
}

const COLUMNS = `pickup_id, transaction_id, status, location_id, location, amount, provider, expires_at, failure_code,
  failure_reason, created_at, updated_at`;

export type NewPickup = Pick<
  PickupRow,
  'pickup_id' | 'transaction_id' | 'location_id' | 'location' | 'amount' | 'created_at'
>;

/** All of them `requested`. */
export async function insertPickups(tx: Tx, pickups: readonly NewPickup[]): Promise<void> {
  await tx.query(
    `insert into cash_pickups (project_id, pickup_id, transaction_id, status, location_id, location, amount, created_at,
       updated_at)
     select $1, pickup_id, transaction_id, 'requested', location_id, location, amount, created_at,
       created_at
     from jsonb_populate_recordset(null::cash_pickups, $2)`,
    [tx.scope, toJsonRows(pickups)],
  );
}

export async function findPickup(tx: Tx, pickupId: string): Promise<PickupRow | undefined> {
  const [row] = await tx.query<PickupRow>(
    `select ${COLUMNS} from cash_pickups where project_id = $1 and pickup_id = $2`,
    [tx.scope, pickupId],
  );
  return row;
}

export async function findPickupOf(tx: Tx, transactionId: string): Promise<PickupRow | undefined> {
  const [row] = await tx.query<PickupRow>(
    `select ${COLUMNS} from cash_pickups where project_id = $1 and transaction_id = $2`,
    [tx.scope, transactionId],
  );
  return row;
}

/** Locked in sorted order; unknown ones are left out. */
export function lockPickups(tx: Tx, pickupIds: readonly string[]): Promise<PickupRow[]> {
  return tx.query<PickupRow>(
    `select ${COLUMNS} from cash_pickups where project_id = $1 and pickup_id = any($2)
     order by pickup_id for no key update`,
    [tx.scope, pickupIds],
  );
}

/** What changes with the status; what is absent stays. */
export type PickupChange = Pick<PickupRow, 'pickup_id'> &
  Partial<Pick<PickupRow, 'provider' | 'expires_at' | 'failure_code' | 'failure_reason'>>;

/** Moves those that are in `from`, and answers them in the order of the changes. Only states.ts calls this. */
export async function updatePickups(
  tx: Tx,
  from: PickupStatus,
  to: PickupStatus,
  changes: readonly PickupChange[],
  now: Date,
): Promise<PickupRow[]> {
  const rows = await tx.query<PickupRow>(
    `update cash_pickups p set status = $3, updated_at = $5,
       provider = coalesce(p.provider, new.provider), expires_at = coalesce(new.expires_at, p.expires_at),
       failure_code = new.failure_code, failure_reason = new.failure_reason
     from jsonb_populate_recordset(null::cash_pickups, $4) new
     where p.project_id = $1 and p.pickup_id = new.pickup_id and p.status = $2
     returning ${qualified(COLUMNS, 'p')}`,
    [tx.scope, from, to, toJsonRows(changes), now],
  );
  return inOrderOf(
    changes.map(({ pickup_id }) => pickup_id),
    rows,
    'pickup_id',
  );
}

export interface NewContradiction {
  readonly provider: string;
  readonly provider_event_id: string;
  readonly kind: string;
  readonly pickup_id: string;
  /** The status it met, or that there is no such pickup. */
  readonly found: string;
}

export async function insertContradictions(
  tx: Tx,
  contradictions: readonly NewContradiction[],
  now: Date,
): Promise<void> {
  await tx.query(
    `insert into cash_pickup_contradictions (project_id, provider, provider_event_id, kind, pickup_id, found, created_at)
     select $1, provider, provider_event_id, kind, pickup_id, found, $3
     from jsonb_populate_recordset(null::cash_pickup_contradictions, $2)`,
    [tx.scope, toJsonRows(contradictions), now],
  );
}
