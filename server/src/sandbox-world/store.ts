import type { Actor } from '../audit/audit.ts';
import { one, type Tx } from '../db/database.ts';
import type { WorldRow } from '../db/project-clocks.ts';

export type ChangeKind = 'reset' | 'snapshot' | 'restore';

/** What a world is to become. */
export interface Wish {
  readonly kind: ChangeKind;
  /** Of the snapshot; undefined of a reset. */
  readonly snapshotName?: string | undefined;
  /** Where the clock stands after a reset. */
  readonly startsAt?: Date | undefined;
  /** What a reset has draws follow from; null: nothing any more, undefined: what they did. */
  readonly seed?: string | null | undefined;
}

export interface ChangeRow {
  project_id: string;
  change_id: string;
  kind: ChangeKind;
  snapshot_name: string | null;
  starts_at: Date | null;
  changes_seed: boolean;
  seed: string | null;
  actor: Actor;
  request_id: string | null;
  status: 'requested' | 'applied' | 'done' | 'refused';
  refusal: string | null;
  row_count: bigint | null;
}

const CHANGE = `project_id, change_id, kind, snapshot_name, starts_at, changes_seed, seed, actor, request_id, status,
  refusal, row_count`;

export interface NewChange extends Wish {
  readonly changeId: string;
  readonly requestKey: string;
  readonly actor: string;
  readonly requestId: string | undefined;
  readonly now: Date;
}

/** False when another change of the world is open. */
export async function insertChange(tx: Tx, change: NewChange): Promise<boolean> {
  const rows = await tx.query(
    `insert into world_changes (project_id, change_id, request_key, kind, snapshot_name, starts_at, changes_seed, seed,
       actor, request_id, status, requested_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'requested', $11)
     on conflict (project_id) where status in ('requested', 'applied') do nothing returning change_id`,
    [
      tx.scope,
      change.changeId,
      change.requestKey,
      change.kind,
      change.snapshotName ?? null,
      change.startsAt ?? null,
      change.seed !== undefined,
      change.seed ?? null,
      change.actor,
      change.requestId ?? null,
      change.now,
    ],
  );
  return rows.length === 1;
}

export async function findChange(tx: Tx, changeId: string): Promise<ChangeRow | undefined> {
  const [row] = await tx.query<ChangeRow>(
    `select ${CHANGE} from world_changes where project_id = $1 and change_id = $2`,
    [tx.scope, changeId],
  );
  return row;
}

export async function findChangeByKey(tx: Tx, requestKey: string): Promise<ChangeRow | undefined> {
  const [row] = await tx.query<ChangeRow>(
    `select ${CHANGE} from world_changes where project_id = $1 and request_key = $2`,
    [tx.scope, requestKey],
  );
  return row;
}

/** In the platform's scope: changes that are to be made or finished, the oldest first. */
export function listOpenChanges(tx: Tx): Promise<ChangeRow[]> {
  return tx.query<ChangeRow>(
    `select ${CHANGE} from world_changes where status in ('requested', 'applied') order by requested_at, change_id`,
  );
}

/** Locks the change, so that nobody else makes it. */
export async function lockChange(tx: Tx, changeId: string): Promise<ChangeRow> {
  const rows = await tx.query<ChangeRow>(
    `select ${CHANGE} from world_changes where project_id = $1 and change_id = $2 for update`,
    [tx.scope, changeId],
  );
  return one(rows, 'the change');
}

/** False when it is no longer asked for. */
export async function refuseChange(tx: Tx, changeId: string, refusal: string, now: Date): Promise<boolean> {
  const rows = await tx.query(
    `update world_changes set status = 'refused', refusal = $3, ended_at = $4
     where project_id = $1 and change_id = $2 and status = 'requested' returning change_id`,
    [tx.scope, changeId, refusal, now],
  );
  return rows.length === 1;
}

/**
 * In the platform's scope, so that whoever has the project alone is not waited for: the same, unless a worker is at it.
 */
export async function withdrawChange(
  tx: Tx,
  change: { projectId: string; changeId: string; refusal: string; now: Date },
): Promise<void> {
  await tx.query(
    `update world_changes set status = 'refused', refusal = $3, ended_at = $4
     where project_id = $1 and change_id = (
       select change_id from world_changes
       where project_id = $1 and change_id = $2 and status = 'requested' for update skip locked)`,
    [change.projectId, change.changeId, change.refusal, change.now],
  );
}

/** Its rows are changed; the balances of the addresses are to follow. */
export async function markApplied(
  tx: Tx,
  changeId: string,
  { rows, addresses }: { rows: bigint; addresses: readonly string[] },
): Promise<void> {
  await tx.query(
    `update world_changes set status = 'applied', row_count = $3, addresses = $4
     where project_id = $1 and change_id = $2`,
    [tx.scope, changeId, rows, addresses],
  );
}

/** `sinceBlock`: of a change that set balances, the last block before. */
export async function markDone(
  tx: Tx,
  changeId: string,
  { rows, sinceBlock, now }: { rows?: bigint; sinceBlock?: number; now: Date },
): Promise<void> {
  await tx.query(
    `update world_changes set status = 'done', row_count = coalesce($3, row_count), addresses = null, since_block = $4,
       ended_at = $5
     where project_id = $1 and change_id = $2`,
    [tx.scope, changeId, rows ?? null, sinceBlock ?? null, now],
  );
}

/** What keeps the world from being changed; undefined: nothing, and no job is begun before the transaction ends. */
export async function findUnrest(tx: Tx, now: Date): Promise<string | undefined> {
  const rows = await tx.query<{ unrest: string | null }>('select world_unrest($1, $2) unrest', [
    tx.scope,
    now,
  ]);
  return one(rows, 'an answer').unrest ?? undefined;
}

/** Whose incoming transfers are the project's, in lower case. */
export async function listAddresses(tx: Tx): Promise<string[]> {
  const rows = await tx.query<{ address: string }>(
    'select address from watched_addresses where project_id = $1 order by address',
    [tx.scope],
  );
  return rows.map((row) => row.address);
}

export interface AddressBalance {
  address: string;
  /** What the ledger says; 0 of an address that is no more the project's. */
  minor: bigint;
}

/** Of the addresses of the change, which is applied. */
export function listBalancesToSet(tx: Tx, changeId: string): Promise<AddressBalance[]> {
  return tx.query<AddressBalance>(
    `select listed.address, coalesce(
       case w.purpose when 'treasury' then a.debits_posted - a.credits_posted else a.credits_posted - a.debits_posted end,
       0) minor
     from world_changes c cross join lateral unnest(c.addresses) listed (address)
     left join watched_addresses w on w.project_id = $1 and w.address = listed.address
     left join lateral (
       select * from ledger_accounts l where l.project_id = $1 and l.account_id = case w.purpose
         when 'treasury' then 'treasury:' || w.network || ':usdc'
         when 'wallet' then 'customer_wallet:' || w.resource_id || ':usdc'
         else 'deposit_address:' || w.resource_id || ':usdc' end limit 1) a on true
     where c.project_id = $1 and c.change_id = $2`,
    [tx.scope, changeId],
  );
}

const CLOCK = 'stands_at, offset_ms, set_at, epoch, seed, address_space, drawn, addresses';

const countOf = (rows: readonly { count: bigint }[]): bigint => one(rows, 'a count').count;

/** Nothing is left of the world; how many rows it had. */
export async function emptyWorld(tx: Tx): Promise<bigint> {
  return countOf(await tx.query<{ count: bigint }>('select world_empty($1) count', [tx.scope]));
}

/** Copies the world and how its clock is set, which says `clockAt`. How many rows it has. */
export async function takeSnapshot(
  tx: Tx,
  { name, clock, clockAt, now }: { name: string; clock: WorldRow | undefined; clockAt: Date; now: Date },
): Promise<bigint> {
  await tx.query(
    `insert into sandbox_snapshots (project_id, name, shape, clock_at, stood_ms, seed, address_space, drawn, addresses,
       created_at)
     values ($1, $2, world_shape(), $3, $4, $5, $6, $7, $8, $9)`,
    [
      tx.scope,
      name,
      clock ? clockAt : null,
      clock?.stands_at ? now.getTime() - clock.set_at.getTime() : null,
      clock?.seed ?? null,
      clock?.address_space ?? null,
      clock?.drawn ?? 0n,
      clock?.addresses ?? 0n,
      now,
    ],
  );
  return countOf(await tx.query<{ count: bigint }>('select world_copy($1, $2) count', [tx.scope, name]));
}

/** Makes the world what it was. How many rows went or came. */
export async function putBack(tx: Tx, name: string): Promise<bigint> {
  return countOf(await tx.query<{ count: bigint }>('select world_put_back($1, $2) count', [tx.scope, name]));
}

/** False when there is none of that name. */
export async function forgetSnapshot(tx: Tx, name: string): Promise<boolean> {
  const rows = await tx.query<{ found: boolean }>('select world_forget($1, $2) found', [tx.scope, name]);
  return one(rows, 'an answer').found;
}

export interface SnapshotRow {
  name: string;
  row_count: bigint;
  is_restorable: boolean;
  clock_at: Date | null;
  stood_ms: bigint | null;
  seed: string | null;
  address_space: number | null;
  drawn: bigint;
  addresses: bigint;
  created_at: Date;
}

const SNAPSHOT = `name, row_count, shape = world_shape() is_restorable, clock_at, stood_ms, seed, address_space, drawn,
  addresses, created_at`;

export async function findSnapshot(tx: Tx, name: string): Promise<SnapshotRow | undefined> {
  const [row] = await tx.query<SnapshotRow>(
    `select ${SNAPSHOT} from sandbox_snapshots where project_id = $1 and name = $2`,
    [tx.scope, name],
  );
  return row;
}

/** Newest first. */
export function listSnapshots(tx: Tx): Promise<SnapshotRow[]> {
  return tx.query<SnapshotRow>(
    `select ${SNAPSHOT} from sandbox_snapshots where project_id = $1 order by snapshot_no desc`,
    [tx.scope],
  );
}

/** How the project's clock is set; undefined when it has none. */
export async function findClock(tx: Tx): Promise<WorldRow | undefined> {
  const [row] = await tx.query<WorldRow>(`select ${CLOCK} from project_clocks where project_id = $1`, [
    tx.scope,
  ]);
  return row;
}

/** Sets the project's clock, which may go back, and its draws; undefined for a project without a clock. */
export async function setClock(tx: Tx, clock: Omit<WorldRow, 'epoch'>): Promise<WorldRow | undefined> {
  const [row] = await tx.query<WorldRow>(
    `select ${CLOCK} from world_set_clock($1, $2, $3, $4, $5, $6, $7, $8)`,
    [
      tx.scope,
      clock.stands_at,
      clock.offset_ms,
      clock.set_at,
      clock.seed,
      clock.address_space,
      clock.drawn,
      clock.addresses,
    ],
  );
  return row;
}

/** In the platform's scope, so that whoever has the project alone is not waited for. */
export async function findStatus(
  tx: Tx,
  projectId: string,
  changeId: string,
): Promise<ChangeRow['status'] | undefined> {
  const [row] = await tx.query<{ status: ChangeRow['status'] }>(
    'select status from world_changes where project_id = $1 and change_id = $2',
    [projectId, changeId],
  );
  return row?.status;
}
