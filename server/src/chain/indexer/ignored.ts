import type { Database } from '../../db/database.ts';
import { assert } from '../../kernel/assert.ts';
import { type Clock, SECOND_MS } from '../../kernel/clock.ts';
import type { Ids } from '../../kernel/ids.ts';
import type { Logger } from '../../kernel/log.ts';
import { AdvisoryLock } from '../advisory-lock.ts';
import { type Header, headers } from '../blocks.ts';
import { Loop } from '../loop.ts';
import type { NetworkConfig } from '../networks.ts';
import { type JsonRpc, RpcError, RpcTransportError } from '../rpc.ts';
import type { ClaimedTransfer } from '../token/logs.ts';
import { claimedOfBlocks, claimedOfRange } from './claimed-transfers.ts';
import {
  type IgnoredReason,
  type IgnoredTransfer,
  insertIgnored,
  listedUpTo,
  moveListed,
} from './ignored-store.ts';
import { type Cursor, chunksOf, findCursor, findWatched } from './store.ts';

/** Nothing waits for the list. */
const POLL_MS = 2 * SECOND_MS;
/** Blocks nearer to the settled one than this are read by their hashes, so that a node that lags is an error. */
const HASHED_DEPTH = 64;
const MAX_RANGE = 2_000;
const MAX_ITEMS_PER_TRANSACTION = 200;

/**
 * Lists the transfers to watched addresses that are no deposits. It reads behind the indexer, only what that has
 * settled, with a cursor, a lock and a loop of its own: whatever hostile contracts write into their logs, and however
 * much of it, keeps this list waiting and nothing that concerns money.
 */
export class IgnoredTransfers {
  readonly #db: Database;
  readonly #rpc: JsonRpc;
  readonly #clock: Clock;
  readonly #ids: Ids;
  readonly #log: Logger;
  readonly #network: NetworkConfig;
  readonly #lock: AdvisoryLock;
  readonly #loop: Loop;
  #range = MAX_RANGE;

  constructor(deps: {
    readonly db: Database;
    readonly rpc: JsonRpc;
    readonly clock: Clock;
    readonly ids: Ids;
    readonly log: Logger;
    readonly network: NetworkConfig;
    readonly leaseMs: number;
  }) {
    const { db, log, network, leaseMs } = deps;
    this.#db = db;
    this.#rpc = deps.rpc;
    this.#clock = deps.clock;
    this.#ids = deps.ids;
    this.#log = log;
    this.#network = network;
    this.#lock = new AdvisoryLock({ db, name: `ignored-transfers/${network.name}`, leaseMs, log });
    this.#loop = new Loop({ name: 'ignored transfers', tick: () => this.tick(), pollMs: POLL_MS, log });
  }

  start(): void {
    this.#loop.start();
  }

  async stop(): Promise<void> {
    await this.#loop.stop();
    await this.#lock.release();
  }

  /** Lists what one more stretch of settled blocks has. `progress`: there may be more to do at once. */
  async tick(): Promise<{ readonly progress: boolean }> {
    if (!(await this.#lock.hold())) return { progress: false };
    const settled = await findCursor(this.#db, this.#network.name);
    const listed = await listedUpTo(this.#db, this.#network.name, this.#network.startBlock);
    if (!settled || settled.number <= listed) return { progress: false };
    const { claimed, end } = await this.#readHalving(listed, settled);
    await this.#save(await this.#ignoredOf(claimed));
    await moveListed(this.#db, this.#network.name, listed, end);
    return { progress: true };
  }

  /** Fewer blocks at a time when the node finds them too much, down to one, and more again when it does not. */
  async #readHalving(listed: number, settled: Cursor): Promise<{ claimed: ClaimedTransfer[]; end: number }> {
    try {
      const read = await this.#read(listed, settled);
      this.#range = Math.min(this.#range * 2, MAX_RANGE);
      return read;
    } catch (error) {
      if (!(error instanceof RpcError || error instanceof RpcTransportError)) throw error;
      this.#range = Math.max(Math.floor(this.#range / 2), 1);
      throw error;
    }
  }

  async #read(listed: number, settled: Cursor): Promise<{ claimed: ClaimedTransfer[]; end: number }> {
    const deep = settled.number - HASHED_DEPTH;
    if (listed < deep) {
      const end = Math.min(listed + this.#range, deep);
      return { claimed: await claimedOfRange(this.#rpc, this.#network, listed + 1, end), end };
    }
    const blocks = (await this.#headersUpTo(listed, settled)).slice(0, this.#range);
    return {
      claimed: await claimedOfBlocks(this.#rpc, this.#network, blocks),
      end: listed + blocks.length,
    };
  }

  /** Throws unless they are a chain that ends in the settled block. */
  async #headersUpTo(listed: number, settled: Cursor): Promise<Header[]> {
    const numbers = Array.from({ length: settled.number - listed }, (_, i) => listed + 1 + i);
    const found = await headers(this.#rpc, numbers);
    return found.map((header, i) => {
      const hash = i === found.length - 1 ? settled.hash : found[i + 1]?.parentHash;
      assert(header && header.hash === hash, `the node has another block ${numbers[i]} than was settled`);
      return header;
    });
  }

  async #ignoredOf(claimed: readonly ClaimedTransfer[]): Promise<IgnoredTransfer[]> {
    const candidates = claimed.flatMap((transfer) => {
      const reason = this.#reasonOf(transfer);
      return reason ? { ...transfer, reason } : [];
    });
    const watched = await findWatched(
      this.#db,
      this.#network.name,
      candidates.map(({ to }) => to),
    );
    const ours = candidates.flatMap((transfer) => {
      const owner = watched.get(transfer.to);
      return owner ? { ...transfer, ...owner } : [];
    });
    const times = await this.#timesOf(ours);
    return ours.map((transfer) => {
      const time = times.get(transfer.blockHash);
      assert(time, `the node has another block ${transfer.blockNumber} than its logs are of`);
      return { ...transfer, id: this.#ids.next('ignoredTransfer'), blockTime: time };
    });
  }

  /** Undefined for what is the indexer's: real amounts of our token. */
  #reasonOf({ token, value }: ClaimedTransfer): IgnoredReason | undefined {
    if (token !== this.#network.tokenAddress.toLowerCase()) return 'wrong_token';
    return value === 0n ? 'zero_value' : undefined;
  }

  /** By block hash. */
  async #timesOf(transfers: readonly ClaimedTransfer[]): Promise<Map<string, Date>> {
    const numbers = [...new Set(transfers.map(({ blockNumber }) => blockNumber))];
    const found = await headers(this.#rpc, numbers);
    return new Map(
      found.flatMap((header) => (header ? [[header.hash, new Date(header.time * SECOND_MS)] as const] : [])),
    );
  }

  async #save(transfers: readonly IgnoredTransfer[]): Promise<void> {
    for (const [projectId, own] of Map.groupBy(transfers, (transfer) => transfer.projectId)) {
      for (const chunk of chunksOf(own, MAX_ITEMS_PER_TRANSACTION)) {
        await this.#db.tx(projectId, (tx) => insertIgnored(tx, this.#network.name, chunk, this.#clock.now()));
      }
    }
    if (transfers.length > 0) this.#log.info({ transfers: transfers.length }, 'ignored transfers listed');
  }
}
