import { getAddress } from 'viem/utils';
import { type Database, one, PLATFORM, type Tx } from '../db/database.ts';
import { assert } from '../kernel/assert.ts';
import type { Clock } from '../kernel/clock.ts';
import type { NetworkName } from './networks.ts';
import type { WatchPurpose } from './sends.ts';
import type { VaultClient } from './vault/client.ts';
import { ONLY_KEY_SET } from './vault/protocol.ts';

const REFILL_CHUNK = 1_000;

/** An address whose key the signer can derive. */
export interface PoolAddress {
  readonly keyIndex: bigint;
  /** In EIP-55 form. */
  readonly address: string;
}

/** Addresses derived ahead, and those whose incoming transfers are deposits. */
export class Addresses {
  readonly #clock: Clock;

  constructor(deps: { readonly clock: Clock }) {
    this.#clock = deps.clock;
  }

  /** The lowest free address that no other transaction is taking; undefined when the pool has run dry. */
  async takeAddress(tx: Tx): Promise<PoolAddress | undefined> {
    const [row] = await tx.query<{ key_index: bigint; address: string }>(
      `update address_pool set taken_at = $1
       where taken_at is null and key_index = (
         select key_index from address_pool where taken_at is null
         order by key_index limit 1 for update skip locked)
       returning key_index, address`,
      [this.#clock.now()],
    );
    return row && { keyIndex: row.key_index, address: getAddress(row.address) };
  }

  /** Whether a wallet could be made now. */
  async hasFree(tx: Tx): Promise<boolean> {
    const rows = await tx.query('select from address_pool where taken_at is null limit 1');
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
  const { free, next } = await poolState(db);
  if (free * 2 >= target) return 0;
  await checkSameKeys(vault, db);
  let added = 0;
  while (free + added < target) {
    const count = Math.min(REFILL_CHUNK, target - free - added);
    const addresses = await vault.addresses(ONLY_KEY_SET, Number(next) + added, count);
    await insertAddresses(db, next + BigInt(added), addresses);
    added += count;
  }
  return added;
}

async function poolState(db: Database): Promise<{ free: number; next: bigint }> {
  const [row] = await db.tx(PLATFORM, (tx) =>
    tx.query<{ free: bigint; next: bigint }>(
      `select (select count(*) from address_pool where taken_at is null) as free,
         coalesce((select max(key_index) + 1 from address_pool), 0) as next`,
    ),
  );
  assert(row, 'a select without a table gives one row');
  return { free: Number(row.free), next: row.next };
}

/** Rows are never deleted and the key is the index, so an index that two fillers derive at once is one row. */
async function insertAddresses(db: Database, from: bigint, addresses: readonly string[]): Promise<void> {
  await db.tx(PLATFORM, (tx) =>
    tx.query(
      `insert into address_pool (key_index, address)
       select $1 + position - 1, address from unnest($2::text[]) with ordinality as derived (address, position)
       on conflict (key_index) do nothing`,
      [from, addresses],
    ),
  );
}

/** Another seed over an old database would hand out addresses whose keys nobody has under their index. */
async function checkSameKeys(vault: VaultClient, db: Database): Promise<void> {
  const rows = await db.tx(PLATFORM, (tx) =>
    tx.query<{ address: string }>('select address from address_pool where key_index = 0'),
  );
  if (rows.length === 0) return;
  const [derived] = await vault.addresses(ONLY_KEY_SET, 0, 1);
  assert(
    derived === one(rows, 'address 0').address,
    "the signer's seed is not the one the address pool was filled from",
  );
}
