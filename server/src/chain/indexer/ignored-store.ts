import { type Database, one, PLATFORM, type Tx } from '../../db/database.ts';
import type { NetworkName } from '../networks.ts';
import type { ClaimedTransfer } from '../token/logs.ts';
import type { Watched } from './store.ts';

/** Our token, but nothing of it; or not our token. */
export type IgnoredReason = 'wrong_token' | 'zero_value';

export interface IgnoredTransfer extends ClaimedTransfer, Watched {
  readonly id: string;
  readonly reason: IgnoredReason;
  readonly blockTime: Date;
}

/** The block up to which everything is listed; starts before `startBlock`. */
export async function listedUpTo(db: Database, network: NetworkName, startBlock: number): Promise<number> {
  return db.tx(PLATFORM, async (tx) => {
    await tx.query(
      `insert into ignored_transfer_cursors (network, listed_number) values ($1, $2)
       on conflict (network) do nothing`,
      [network, startBlock - 1],
    );
    const rows = await tx.query<{ listed_number: bigint }>(
      'select listed_number from ignored_transfer_cursors where network = $1',
      [network],
    );
    return Number(one(rows, 'the cursor').listed_number);
  });
}

/** Asserts that nobody else moved it. */
export async function moveListed(
  db: Database,
  network: NetworkName,
  from: number,
  to: number,
): Promise<void> {
  const moved = await db.tx(PLATFORM, (tx) =>
    tx.query(
      `update ignored_transfer_cursors set listed_number = $3
       where network = $1 and listed_number = $2 returning network`,
      [network, from, to],
    ),
  );
  one(moved, 'the cursor of ignored transfers');
}

/** In the scope of their project; those that are listed already stay as they are. */
export async function insertIgnored(
  tx: Tx,
  network: NetworkName,
  transfers: readonly IgnoredTransfer[],
  at: Date,
): Promise<void> {
  await tx.query(
    `insert into ignored_transfers (project_id, network, created_at, ignored_transfer_id, reason, token, from_address,
       to_address, amount, tx_hash, log_index, block_number, block_hash, block_time, purpose, resource_id)
     select $1, $2, $3, * from unnest($4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::numeric[],
       $10::text[], $11::integer[], $12::bigint[], $13::text[], $14::timestamptz[], $15::text[], $16::text[])
     on conflict (network, tx_hash, log_index) do nothing`,
    [
      tx.scope,
      network,
      at,
      transfers.map(({ id }) => id),
      transfers.map(({ reason }) => reason),
      transfers.map(({ token }) => token),
      transfers.map(({ from }) => from),
      transfers.map(({ to }) => to),
      transfers.map(({ value }) => value.toString()),
      transfers.map(({ txHash }) => txHash),
      transfers.map(({ logIndex }) => logIndex),
      transfers.map(({ blockNumber }) => blockNumber),
      transfers.map(({ blockHash }) => blockHash),
      transfers.map(({ blockTime }) => blockTime),
      transfers.map(({ purpose }) => purpose),
      transfers.map(({ resourceId }) => resourceId),
    ],
  );
}
