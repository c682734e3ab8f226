import { type Database, one, PLATFORM, type Tx } from '../../db/database.ts';
import type { Header } from '../blocks.ts';
import type { NetworkName } from '../networks.ts';
import type { WatchPurpose } from '../sends.ts';

const MAX_LOOKUPS = 5_000;

/** Up to where all effects are committed. Number -1 is the state before the first block. */
export interface Cursor {
  readonly number: number;
  readonly hash: string;
}

export interface WindowBlock {
  readonly number: number;
  readonly hash: string;
}

export interface Watched {
  readonly projectId: string;
  readonly purpose: WatchPurpose;
  readonly resourceId: string;
}

export interface OwnAuthorization {
  readonly projectId: string;
  readonly sendId: string;
  readonly fromAddress: string;
  readonly toAddress: string;
  readonly amountMinor: bigint;
  readonly booksRecipient: boolean;
}

export async function findCursor(db: Database, network: NetworkName): Promise<Cursor | undefined> {
  const [row] = await db.tx(PLATFORM, (tx) =>
    tx.query<{ finalized_number: bigint; finalized_hash: string }>(
      'select finalized_number, finalized_hash from indexer_cursors where network = $1',
      [network],
    ),
  );
  return row && { number: Number(row.finalized_number), hash: row.finalized_hash };
}

export async function insertCursor(db: Database, network: NetworkName, cursor: Cursor): Promise<void> {
  await db.tx(PLATFORM, (tx) =>
    tx.query(
      `insert into indexer_cursors (network, finalized_number, finalized_hash) values ($1, $2, $3)
       on conflict (network) do nothing`,
      [network, cursor.number, cursor.hash],
    ),
  );
}

/** Forgets the unfinalized blocks that the cursor passes. Asserts that nobody else moved it. */
export async function moveCursor(
  db: Database,
  network: NetworkName,
  from: Cursor,
  to: Cursor,
): Promise<void> {
  await db.tx(PLATFORM, async (tx) => {
    const moved = await tx.query(
      `update indexer_cursors set finalized_number = $3, finalized_hash = $4
       where network = $1 and finalized_number = $2 returning network`,
      [network, from.number, to.number, to.hash],
    );
    one(moved, 'indexer cursor');
    await tx.query('delete from chain_blocks where network = $1 and number <= $2', [network, to.number]);
  });
}

/** The unfinalized blocks as last seen, lowest first. */
export async function listWindow(db: Database, network: NetworkName): Promise<WindowBlock[]> {
  const rows = await db.tx(PLATFORM, (tx) =>
    tx.query<{ number: bigint; hash: string }>(
      'select number, hash from chain_blocks where network = $1 order by number',
      [network],
    ),
  );
  return rows.map(({ number, hash }) => ({ number: Number(number), hash }));
}

/** The last block of which all deposits are announced, or more; -1 before the first. */
export async function findSeenUpTo(tx: Tx, network: NetworkName): Promise<number> {
  const rows = await tx.query<{ number: bigint }>(
    `select coalesce(greatest((select max(number) from chain_blocks where network = $1),
       (select finalized_number from indexer_cursors where network = $1)), -1) number`,
    [network],
  );
  return Number(one(rows, 'a number').number);
}

export interface AnnouncedRow {
  readonly blockNumber: number;
  readonly blockHash: string;
}

/**
 * Blocks above this one with deposits of the project that wait to be final, the lowest first: those whose transaction no
 * reorganisation has taken back before.
 */
export async function listAnnounced(tx: Tx, network: NetworkName, above: number): Promise<AnnouncedRow[]> {
  const rows = await tx.query<{ block_number: bigint; block_hash: string }>(
    `select distinct d.block_number, d.block_hash from deposits d
     where d.project_id = $1 and d.network = $2 and d.status = 'detected' and d.block_number > $3
       and d.purpose <> 'treasury' and not exists (
         select from deposits o where o.project_id = $1 and o.network = $2 and o.tx_hash = d.tx_hash
           and o.status = 'orphaned')
     order by d.block_number`,
    [tx.scope, network, above],
  );
  return rows.map((row) => ({ blockNumber: Number(row.block_number), blockHash: row.block_hash }));
}

export async function insertBlocks(
  db: Database,
  network: NetworkName,
  blocks: readonly Header[],
): Promise<void> {
  await db.tx(PLATFORM, (tx) =>
    tx.query(
      `insert into chain_blocks (network, number, hash, parent_hash)
       select $1, * from unnest($2::bigint[], $3::text[], $4::text[])`,
      [
        network,
        blocks.map(({ number }) => number),
        blocks.map(({ hash }) => hash),
        blocks.map(({ parentHash }) => parentHash),
      ],
    ),
  );
}

export async function deleteBlocksAbove(db: Database, network: NetworkName, number: number): Promise<void> {
  await db.tx(PLATFORM, (tx) =>
    tx.query('delete from chain_blocks where network = $1 and number > $2', [network, number]),
  );
}

/** Owners of those of the addresses that are watched, by address. */
export async function findWatched(
  db: Database,
  network: NetworkName,
  addresses: readonly string[],
): Promise<Map<string, Watched>> {
  const found = new Map<string, Watched>();
  for (const chunk of chunksOf([...new Set(addresses)], MAX_LOOKUPS)) {
    const rows = await db.tx(PLATFORM, (tx) =>
      tx.query<{ address: string; project_id: string; purpose: WatchPurpose; resource_id: string }>(
        `select address, project_id, purpose, resource_id from watched_addresses
         where network = $1 and address = any($2)`,
        [network, chunk],
      ),
    );
    for (const row of rows) {
      found.set(row.address, {
        projectId: row.project_id,
        purpose: row.purpose,
        resourceId: row.resource_id,
      });
    }
  }
  return found;
}

/** Those of the authorization nonces that are of our sends, by nonce. */
export async function findOwnAuthorizations(
  db: Database,
  network: NetworkName,
  nonces: readonly string[],
): Promise<Map<string, OwnAuthorization>> {
  const found = new Map<string, OwnAuthorization>();
  for (const chunk of chunksOf([...new Set(nonces)], MAX_LOOKUPS)) {
    const rows = await db.tx(PLATFORM, (tx) =>
      tx.query<{
        authorization_nonce: string;
        project_id: string;
        send_id: string;
        from_address: string;
        to_address: string;
        amount: bigint;
        books_recipient: boolean;
      }>(
        `select authorization_nonce, project_id, send_id, from_address, to_address, amount, books_recipient
         from sends
         where network = $1 and authorization_nonce = any($2)`,
        [network, chunk],
      ),
    );
    for (const row of rows) {
      found.set(row.authorization_nonce, {
        projectId: row.project_id,
        sendId: row.send_id,
        fromAddress: row.from_address,
        toAddress: row.to_address,
        amountMinor: row.amount,
        booksRecipient: row.books_recipient,
      });
    }
  }
  return found;
}

export function* chunksOf<T>(items: readonly T[], size: number): Generator<readonly T[]> {
  for (let start = 0; start < items.length; start += size) yield items.slice(start, start + size);
}
