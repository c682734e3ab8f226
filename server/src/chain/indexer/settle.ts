import { getAddress } from 'viem/utils';
import { type Database, PLATFORM, type Tx } from '../../db/database.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { Ids } from '../../kernel/ids.ts';
import type { NetworkName, TokenAsset } from '../networks.ts';
import type { Deposit, PaidSend, SettlementHandlers, WatchPurpose } from '../sends.ts';
import type { ExecutedSend, IncomingTransfer } from './effects.ts';
import { chunksOf } from './store.ts';

const MAX_ITEMS_PER_TRANSACTION = 200;
const ASSET: TokenAsset = 'usdc';

type DepositRow = Record<string, unknown> & {
  deposit_id: string;
  network: NetworkName;
  asset: TokenAsset;
  tx_hash: string;
  log_index: number;
  block_number: bigint;
  from_address: string;
  to_address: string;
  amount: bigint;
  purpose: WatchPurpose;
  resource_id: string;
  created_at: Date;
};

const DEPOSIT_COLUMNS = `deposit_id, network, asset, tx_hash, log_index, block_number, from_address, to_address,
  amount, purpose, resource_id, created_at`;

/**
 * Commits what blocks did, per project and in bounded transactions. Everything may be repeated: rows change by
 * `where status = from`, and the handlers are told of the rows that changed.
 */
export class Settlement {
  readonly #db: Database;
  readonly #clock: Clock;
  readonly #ids: Ids;
  readonly #network: NetworkName;
  readonly #handlers: SettlementHandlers;

  constructor(deps: {
    readonly db: Database;
    readonly clock: Clock;
    readonly ids: Ids;
    readonly network: NetworkName;
    readonly handlers: SettlementHandlers;
  }) {
    this.#db = deps.db;
    this.#clock = deps.clock;
    this.#ids = deps.ids;
    this.#network = deps.network;
    this.#handlers = deps.handlers;
  }

  /** Transfers in blocks that may still be reorganised away. */
  detect(incoming: readonly IncomingTransfer[]): Promise<void> {
    return this.#eachProject(incoming, async (tx, items) => {
      await this.#insertDetected(tx, items);
    });
  }

  /** Transfers in finalized blocks. */
  credit(incoming: readonly IncomingTransfer[]): Promise<void> {
    return this.#eachProject(incoming, async (tx, items) => {
      await this.#insertDetected(tx, items);
      const rows = await tx.query<DepositRow>(
        `update deposits set status = 'credited', credited_at = $5
         from unnest($2::text[], $3::integer[], $4::text[]) as final (in_tx, at_log, in_block)
         where project_id = $1 and network = $6 and tx_hash = in_tx and log_index = at_log
           and block_hash = in_block and status = 'detected'
         returning ${DEPOSIT_COLUMNS}`,
        [
          tx.scope,
          items.map(({ txHash }) => txHash),
          items.map(({ logIndex }) => logIndex),
          items.map(({ blockHash }) => blockHash),
          tx.now(),
          this.#network,
        ],
      );
      if (rows.length > 0) await this.#handlers.depositsCredited(tx, inOrder(rows));
    });
  }

  /** Our sends in finalized blocks. */
  pay(executed: readonly ExecutedSend[]): Promise<void> {
    return this.#eachProject(executed, async (tx, items) => {
      const rows = await tx.query<{
        send_id: string;
        network: NetworkName;
        asset: TokenAsset;
        amount: bigint;
        purpose: string;
        resource_id: string;
        tx_hash: string;
        block_number: bigint;
        log_index: number;
      }>(
        `update sends set status = 'paid', tx_hash = in_tx, block_number = in_block, log_index = at_log,
           settled_at = $6
         from unnest($2::text[], $3::text[], $4::bigint[], $5::integer[])
           as final (executed, in_tx, in_block, at_log)
         where project_id = $1 and send_id = executed and status in ('queued', 'relaying')
         returning send_id, network, asset, amount, purpose, resource_id, tx_hash, block_number, log_index`,
        [
          tx.scope,
          items.map(({ sendId }) => sendId),
          items.map(({ txHash }) => txHash),
          items.map(({ blockNumber }) => blockNumber),
          items.map(({ logIndex }) => logIndex),
          this.#clock.now(),
        ],
      );
      const paid = rows.map(
        (row): PaidSend => ({
          sendId: row.send_id,
          network: row.network,
          asset: row.asset,
          amountMinor: row.amount,
          purpose: row.purpose,
          resourceId: row.resource_id,
          txHash: row.tx_hash,
          blockNumber: row.block_number,
          logIndex: row.log_index,
        }),
      );
      if (paid.length > 0) await this.#handlers.sendsPaid(tx, paid);
    });
  }

  /** Deposits seen in blocks that are no longer part of the chain. */
  async orphanBlocks(hashes: readonly string[]): Promise<void> {
    const rows = await this.#db.tx(PLATFORM, (tx) =>
      tx.query<{ project_id: string; deposit_id: string }>(
        `select project_id, deposit_id from deposits
         where network = $1 and status = 'detected' and block_hash = any($2)`,
        [this.#network, hashes],
      ),
    );
    await this.#orphan(rows);
  }

  /** Whatever is still only detected at or below a finalized height, after crediting up to it, is in no final block. */
  async orphanUpTo(number: number): Promise<void> {
    const rows = await this.#db.tx(PLATFORM, (tx) =>
      tx.query<{ project_id: string; deposit_id: string }>(
        `select project_id, deposit_id from deposits
         where network = $1 and status = 'detected' and block_number <= $2`,
        [this.#network, number],
      ),
    );
    await this.#orphan(rows);
  }

  #orphan(rows: readonly { project_id: string; deposit_id: string }[]): Promise<void> {
    const items = rows.map((row) => ({ projectId: row.project_id, depositId: row.deposit_id }));
    return this.#eachProject(items, async (tx, chunk) => {
      const orphaned = await tx.query<DepositRow>(
        `update deposits set status = 'orphaned'
         where project_id = $1 and deposit_id = any($2) and status = 'detected' returning ${DEPOSIT_COLUMNS}`,
        [tx.scope, chunk.map(({ depositId }) => depositId)],
      );
      if (orphaned.length > 0) await this.#handlers.depositsOrphaned(tx, inOrder(orphaned));
    });
  }

  /** New rows, and those whose block came back. */
  async #insertDetected(tx: Tx, found: readonly IncomingTransfer[]): Promise<void> {
    // Blocks are read as often as it comes, and each reading would draw ids that nothing bears.
    const items = tx.draws ? await this.#withoutDetected(tx, found) : found;
    if (items.length === 0) return;
    const rows = await tx.query<DepositRow>(
      `insert into deposits (project_id, network, asset, status, created_at, deposit_id, tx_hash, log_index,
         block_number, block_hash, from_address, to_address, amount, purpose, resource_id)
       select $1, $2, $3, 'detected', $4, found.* from unnest($5::text[], $6::text[], $7::integer[], $8::bigint[],
         $9::text[], $10::text[], $11::text[], $12::numeric[], $13::text[], $14::text[])
         as found (id, in_tx, at_log, in_block, block_hash, sender, recipient, amount, purpose, resource)
       -- The world may have changed since these were read, and with it whose the addresses are.
       where exists (
           select from watched_addresses w
           where w.project_id = $1 and w.network = $2 and w.address = recipient and w.resource_id = resource)
         and in_block > coalesce((
           select max(c.since_block) from world_changes c where c.project_id = $1 and c.since_block is not null), -1)
       on conflict (network, tx_hash, log_index, block_hash)
         do update set status = 'detected' where deposits.status = 'orphaned'
       returning ${DEPOSIT_COLUMNS}`,
      [
        tx.scope,
        this.#network,
        ASSET,
        tx.now(),
        // A treasury is filled when it may be, and its deposits are shown to nobody: a seed has no say in them.
        items.map(({ purpose }) => this.#ids.next('deposit', purpose === 'treasury' ? undefined : tx)),
        items.map(({ txHash }) => txHash),
        items.map(({ logIndex }) => logIndex),
        items.map(({ blockNumber }) => blockNumber),
        items.map(({ blockHash }) => blockHash),
        items.map(({ from }) => from),
        items.map(({ to }) => to),
        items.map(({ amountMinor }) => amountMinor.toString()),
        items.map(({ purpose }) => purpose),
        items.map(({ resourceId }) => resourceId),
      ],
    );
    if (rows.length > 0) await this.#handlers.depositsDetected(tx, inOrder(rows));
  }

  async #withoutDetected(tx: Tx, items: readonly IncomingTransfer[]): Promise<readonly IncomingTransfer[]> {
    const known = await tx.query<{ tx_hash: string; log_index: number; block_hash: string }>(
      `select tx_hash, log_index, block_hash from deposits
       where project_id = $1 and network = $2 and tx_hash = any($3) and status <> 'orphaned'`,
      [tx.scope, this.#network, items.map(({ txHash }) => txHash)],
    );
    return items.filter(
      ({ txHash, logIndex, blockHash }) =>
        !known.some(
          (row) => row.tx_hash === txHash && row.log_index === logIndex && row.block_hash === blockHash,
        ),
    );
  }

  /** Goes on with the other projects when one fails, then throws: one tenant's bug delays the others as little as can be. */
  async #eachProject<T extends { readonly projectId: string }>(
    items: readonly T[],
    work: (tx: Tx, items: readonly T[]) => Promise<void>,
  ): Promise<void> {
    const failures: unknown[] = [];
    for (const [projectId, own] of Map.groupBy(items, (item) => item.projectId)) {
      // What a seeded project draws must not depend on what happened to come together.
      const size = (await this.#db.seeds.has(projectId)) ? 1 : MAX_ITEMS_PER_TRANSACTION;
      for (const chunk of chunksOf(own, size)) {
        try {
          await this.#db.tx(projectId, (tx) => work(tx, chunk));
        } catch (error) {
          failures.push(error);
        }
      }
    }
    if (failures.length > 0) throw failures[0];
  }
}

const inOrder = (rows: readonly DepositRow[]): Deposit[] =>
  rows
    .toSorted((a, b) => Number(a.block_number - b.block_number) || a.log_index - b.log_index)
    .map((row) => ({
      depositId: row.deposit_id,
      network: row.network,
      asset: row.asset,
      txHash: row.tx_hash,
      logIndex: row.log_index,
      blockNumber: row.block_number,
      from: getAddress(row.from_address),
      to: getAddress(row.to_address),
      amountMinor: row.amount,
      purpose: row.purpose,
      resourceId: row.resource_id,
      detectedAt: row.created_at,
    }));
