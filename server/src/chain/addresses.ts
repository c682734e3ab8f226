import { getAddress } from 'viem/utils';
import { type Database, PLATFORM, type Tx } from '../db/database.ts';
import type { AddressPlace } from '../db/draws.ts';
import { assert } from '../kernel/assert.ts';
import type { Clock } from '../kernel/clock.ts';
import { ApiError } from '../kernel/errors.ts';
import type { NetworkName } from './networks.ts';
import type { WatchPurpose } from './sends.ts';
import { type VaultClient, VaultUnavailable } from './vault/client.ts';
import { type Keys, PUBLIC_KEY_SET, publicKeys } from './vault/keys.ts';

const REFILL_CHUNK = 1_000;
const MAX_START_ATTEMPTS = 5;
/** Shown to a client while the signer has derived no address ahead. */
const DRY_POOL_RETRY_SECONDS = 1;

/** New addresses come from the newest key set alone; the older ones only keep signing for theirs. */
const CURRENT_KEY_SET = '(select max(key_set) from address_pool where key_set >= 0)';

/** A seeded project's addresses are of the public keys: a space of so many, from the first index that is paged. */
const SPACE_SIZE = 2n ** 20n;
const FIRST_PUBLIC_INDEX = 2n ** 31n;

export const noAddressReady = (): ApiError =>
  new ApiError(503, 'provider_unavailable', 'No address is ready; try again.', {
    retryAfterSeconds: DRY_POOL_RETRY_SECONDS,
  });

/** An address whose key the signer can derive. */
export interface PoolAddress {
  readonly keyIndex: bigint;
  /** In EIP-55 form. */
  readonly address: string;
}

/** Addresses derived ahead, and those whose incoming transfers are deposits. */
export class Addresses {
  readonly #clock: Clock;
  #publicKeys: Keys | undefined;

  constructor(deps: { readonly clock: Clock }) {
    this.#clock = deps.clock;
  }

  /**
   * The lowest free address that no other transaction is taking; the next of its own for a seeded project. Throws 503
   * when the pool has run dry.
   */
  async takeAddress(tx: Tx): Promise<PoolAddress> {
    if (tx.draws) return this.#takePublicAddress(tx, tx.draws.nextAddress());
    const [row] = await tx.query<{ key_index: bigint; address: string }>(
      `update address_pool set taken_at = $1
       where taken_at is null and key_index = (
         select key_index from address_pool where taken_at is null and key_set = ${CURRENT_KEY_SET}
         order by key_index limit 1 for update skip locked)
       returning key_index, address`,
      [this.#clock.now()],
    );
    if (!row) throw noAddressReady();
    return { keyIndex: row.key_index, address: getAddress(row.address) };
  }

  /** Derived on the spot, for everyone has the keys. One that was taken before the project began anew is taken again. */
  async #takePublicAddress(tx: Tx, { space, place }: AddressPlace): Promise<PoolAddress> {
    assert(place < SPACE_SIZE, 'the project has taken all its addresses');
    this.#publicKeys ??= publicKeys();
    const keyIndex = FIRST_PUBLIC_INDEX + BigInt(space) * SPACE_SIZE + place;
    const address = this.#publicKeys.address('wallet', Number(keyIndex));
    await tx.query(
      `insert into address_pool (key_set, key_index, address, taken_at) values ($1, $2, $3, $4)
       on conflict (key_index) do nothing`,
      [PUBLIC_KEY_SET, keyIndex, address, this.#clock.now()],
    );
    return { keyIndex, address: getAddress(address) };
  }

  /** Whether a wallet could be made now. */
  async hasFree(tx: Tx): Promise<boolean> {
    const rows = await tx.query(
      `select from address_pool where taken_at is null and key_set = ${CURRENT_KEY_SET} limit 1`,
    );
    return rows.length > 0;
  }

  /** From now on transfers to the address are deposits of the scope's resource. An address has one owner. */
  async watch(
    tx: Tx,
    watched: {
      readonly address: string;
      readonly network: NetworkName;
      readonly purpose: WatchPurpose;
      readonly resourceId: string;
    },
  ): Promise<void> {
    await tx.query(
      `insert into watched_addresses (project_id, network, address, purpose, resource_id, created_at)
       values ($1, $2, $3, $4, $5, $6)`,
      [
        tx.scope,
        watched.network,
        watched.address.toLowerCase(),
        watched.purpose,
        watched.resourceId,
        this.#clock.now(),
      ],
    );
  }
}

/**
 * Tops the pool up to `target` free addresses once it is below half of that; returns how many were added.
 * Any number of processes may do it at once. Throws when the signer's keys are not those of the pool.
 */
export async function fillAddressPool(options: {
  readonly vault: VaultClient;
  readonly db: Database;
  readonly target: number;
}): Promise<number> {
  const { vault, db, target } = options;
  const { keySet, free, next } = await poolState(db);
  if (free * 2 >= target) return 0;
  await checkSameKeys(vault, db);
  let added = 0;
  while (free + added < target) {
    const count = Math.min(REFILL_CHUNK, target - free - added);
    const addresses = await vault.addresses(keySet, Number(next) + added, count);
    await insertAddresses(db, keySet, next + BigInt(added), addresses);
    added += count;
  }
  return added;
}

/**
 * Makes the signer's key set the one that new addresses come from; its sealed seed must be there already. Older sets go
 * on signing for the addresses they gave. Answers the first of the new addresses' indexes.
 */
export async function startKeySet(options: {
  readonly vault: VaultClient;
  readonly db: Database;
  readonly keySet: number;
}): Promise<bigint> {
  const { vault, db, keySet } = options;
  await checkSameKeys(vault, db);
  for (let attempt = 1; attempt <= MAX_START_ATTEMPTS; attempt++) {
    const { next } = await poolState(db);
    const addresses = await vault.addresses(keySet, Number(next), REFILL_CHUNK);
    // A filler of the set before may have taken these indexes meanwhile.
    if (await insertAddresses(db, keySet, next, addresses)) return next;
  }
  throw new Error('the address pool keeps being filled; try again');
}

/** The newest key set of the pool; undefined while the pool is empty. */
export async function findCurrentKeySet(db: Database): Promise<number | undefined> {
  const [row] = await db.tx(PLATFORM, (tx) =>
    tx.query<{ key_set: number | null }>(`select ${CURRENT_KEY_SET} as key_set`),
  );
  return row?.key_set ?? undefined;
}

/** An address of the pool, in lower case. */
export interface KnownAddress {
  readonly keySet: number;
  readonly keyIndex: number;
  readonly address: string;
}

/** The first and the last address of each key set: enough to tell whether seeds are those of the pool. */
export async function listKnownAddresses(db: Database): Promise<readonly KnownAddress[]> {
  const rows = await db.tx(PLATFORM, (tx) =>
    tx.query<{ key_set: number; key_index: bigint; address: string }>(
      // Two look-ups for each set: min and max by group would read every address there is (a million: 0.12 s).
      `select key_set, key_index, address from address_pool where key_index in (
         select key_index from generate_series(0, ${CURRENT_KEY_SET}) as sets (key_set)
         cross join lateral (
           (select key_index from address_pool p where p.key_set = sets.key_set order by key_index limit 1)
           union all
           (select key_index from address_pool p where p.key_set = sets.key_set order by key_index desc limit 1)
         ) as ends)
       order by key_index`,
    ),
  );
  return rows.map((row) => ({
    keySet: row.key_set,
    keyIndex: Number(row.key_index),
    address: row.address,
  }));
}

async function poolState(db: Database): Promise<{ keySet: number; free: number; next: bigint }> {
  const [row] = await db.tx(PLATFORM, (tx) =>
    tx.query<{ key_set: number; free: bigint; next: bigint }>(
      `select coalesce(${CURRENT_KEY_SET}, 0) as key_set,
         (select count(*) from address_pool where taken_at is null and key_set = ${CURRENT_KEY_SET}) as free,
         coalesce((select max(key_index) + 1 from address_pool where key_index < ${FIRST_PUBLIC_INDEX}), 0) as next`,
    ),
  );
  assert(row, 'a select without a table gives one row');
  return { keySet: row.key_set, free: Number(row.free), next: row.next };
}

/**
 * Rows are never deleted and the key is the index, whatever the set, so an index that two fillers derive at once is one
 * row. Whether the first of them is from this call.
 */
async function insertAddresses(
  db: Database,
  keySet: number,
  from: bigint,
  addresses: readonly string[],
): Promise<boolean> {
  const rows = await db.tx(PLATFORM, (tx) =>
    tx.query<{ key_index: bigint }>(
      `insert into address_pool (key_set, key_index, address)
       select $1, $2 + position - 1, address
       from unnest($3::text[]) with ordinality as derived (address, position)
       on conflict (key_index) do nothing
       returning key_index`,
      [keySet, from, addresses],
    ),
  );
  return rows.some((row) => row.key_index === from);
}

/**
 * The same at start; a signer that is not there yet is no failure, for the pool is not filled without asking again.
 */
export async function checkKeysAtStart(vault: VaultClient, db: Database): Promise<void> {
  await checkSameKeys(vault, db).catch((error: unknown) => {
    if (!(error instanceof VaultUnavailable)) throw error;
  });
}

/** Other seeds over an old database would hand out addresses whose keys nobody has under their index. */
async function checkSameKeys(vault: VaultClient, db: Database): Promise<void> {
  for (const { keySet, keyIndex, address } of await listKnownAddresses(db)) {
    const [derived] = await vault.addresses(keySet, keyIndex, 1);
    assert(
      derived === address,
      `the signer's key set ${keySet} is not the one the address pool was filled from`,
    );
  }
}
