import type { Database } from '../../db/database.ts';
import { assert, must } from '../../kernel/assert.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { Ids } from '../../kernel/ids.ts';
import type { Logger } from '../../kernel/log.ts';
import { AdvisoryLock } from '../advisory-lock.ts';
import { type Header, headers, heads } from '../blocks.ts';
import { Loop } from '../loop.ts';
import type { NetworkConfig } from '../networks.ts';
import { type JsonRpc, RpcError, RpcTransportError } from '../rpc.ts';
import type { SettlementHandlers } from '../sends.ts';
import type { TokenLog } from '../token/logs.ts';
import { effectsOf } from './effects.ts';
import { logsOfBlocks, logsOfRange } from './logs.ts';
import { Settlement } from './settle.ts';
import {
  type Cursor,
  deleteBlocksAbove,
  findCursor,
  insertBlocks,
  insertCursor,
  listWindow,
  moveCursor,
  type WindowBlock,
} from './store.ts';

/** Blocks whose headers and logs are asked for in one exchange. */
const MAX_BLOCKS_PER_STEP = 64;
/** Below this depth under the finalized block, logs are read by height range: every node has had time to get there. */
const RANGE_DEPTH = 64;
const MAX_RANGE = 2_000;
const ZERO_HASH = `0x${'0'.repeat(64)}`;

/** The chain contradicts what was final. Nothing is settled until a person has looked. */
class FinalityViolated extends Error {
  override readonly name = 'FinalityViolated';
}

/**
 * Follows one chain. Two passes: up to `finalized` the effects are settled and the cursor moves (this pass alone
 * decides about money, and does not depend on the other); above it deposits are announced, block by block with a
 * check of each parent hash, and taken back when their block is reorganised away.
 */
export class Indexer {
  readonly #db: Database;
  readonly #rpc: JsonRpc;
  readonly #network: NetworkConfig;
  readonly #log: Logger;
  readonly #settlement: Settlement;
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
    readonly handlers: SettlementHandlers;
    readonly pollMs: number;
    readonly leaseMs: number;
  }) {
    const { db, log, network } = deps;
    this.#db = db;
    this.#rpc = deps.rpc;
    this.#network = network;
    this.#log = log;
    this.#settlement = new Settlement({ ...deps, network: network.name });
    this.#lock = new AdvisoryLock({ db, name: `indexer/${network.name}`, leaseMs: deps.leaseMs, log });
    this.#loop = new Loop({ name: 'indexer', tick: () => this.tick(), pollMs: deps.pollMs, log });
  }

  start(): void {
    this.#loop.start();
  }

  /** There may be a new block. */
  wake(): void {
    this.#loop.wake();
  }

  async stop(): Promise<void> {
    await this.#loop.stop();
    await this.#lock.release();
  }

  /** Takes one bounded step if this process is the active indexer. `progress`: there may be more to do at once. */
  async tick(): Promise<{ readonly progress: boolean }> {
    if (!(await this.#lock.hold())) return { progress: false };
    const { latest, finalized } = await heads(this.#rpc);
    const cursor = (await findCursor(this.#db, this.#network.name)) ?? (await this.#begin(finalized));
    if (!cursor) return { progress: false };
    if (finalized.number < cursor.number) {
      this.#log.warn(
        { finalized: finalized.number, settled: cursor.number },
        'finality went backwards, holding',
      );
      return { progress: false };
    }
    const settled = await this.#settleFinalized(cursor, finalized);
    if (settled.number < finalized.number) return { progress: true };
    const followed = await this.#followHead(settled, latest);
    return { progress: followed || settled.number > cursor.number };
  }

  /** The cursor before the configured first block; undefined until that block is final. */
  async #begin(finalized: Header): Promise<Cursor | undefined> {
    const number = this.#network.startBlock - 1;
    if (finalized.number < number) return undefined;
    const [header] = number < 0 ? [] : await headers(this.#rpc, [number]);
    const cursor = { number, hash: number < 0 ? ZERO_HASH : must(header, 'a final block has a header').hash };
    await insertCursor(this.#db, this.#network.name, cursor);
    return cursor;
  }

  async #settleFinalized(cursor: Cursor, finalized: Header): Promise<Cursor> {
    if (finalized.number === cursor.number) {
      if (finalized.hash !== cursor.hash) throw violation(cursor.number);
      return cursor;
    }
    const step =
      finalized.number - cursor.number > RANGE_DEPTH + MAX_BLOCKS_PER_STEP
        ? await this.#readRange(cursor, finalized)
        : await this.#readBlocks(cursor, finalized);
    const { incoming, executed } = await effectsOf(this.#db, this.#network.name, step.logs);
    await this.#settlement.pay(executed);
    await this.#settlement.credit(incoming);
    await this.#settlement.orphanUpTo(step.end.number);
    await moveCursor(this.#db, this.#network.name, cursor, step.end);
    return step.end;
  }

  /** Backfill: the range halves when the node finds it too much, and grows again. */
  async #readRange(cursor: Cursor, finalized: Header): Promise<{ logs: TokenLog[]; end: Cursor }> {
    const from = cursor.number + 1;
    const to = Math.min(cursor.number + this.#range, finalized.number - RANGE_DEPTH);
    const [base, end] = await headers(this.#rpc, [Math.max(cursor.number, 0), to]);
    if (cursor.number >= 0 && base?.hash !== cursor.hash) throw violation(cursor.number);
    try {
      const logs = await logsOfRange(this.#rpc, this.#network.tokenAddress, from, to);
      this.#range = Math.min(this.#range * 2, MAX_RANGE);
      return { logs, end: must(end, 'a final block has a header') };
    } catch (error) {
      if (!(error instanceof RpcError || error instanceof RpcTransportError)) throw error;
      this.#range = Math.max(Math.floor(this.#range / 2), 1);
      this.#log.warn({ error, range: this.#range }, 'log range refused, halved');
      throw error;
    }
  }

  async #readBlocks(cursor: Cursor, finalized: Header): Promise<{ logs: TokenLog[]; end: Cursor }> {
    const to = Math.min(cursor.number + MAX_BLOCKS_PER_STEP, finalized.number);
    const chain = await this.#linkedHeaders(cursor, to);
    const end = chain.at(-1);
    // Below finalized a broken link is no reorganisation but a changed past or a node that lags; both must hold us.
    if (!end || end.number !== to) throw violation((end ?? cursor).number);
    if (to === finalized.number && end.hash !== finalized.hash) throw violation(to);
    return { logs: await logsOfBlocks(this.#rpc, this.#network.tokenAddress, chain), end };
  }

  async #followHead(base: Cursor, latest: Header): Promise<boolean> {
    const top = (await this.#walkBack()) ?? base;
    if (latest.number <= top.number) return false;
    const to = Math.min(top.number + MAX_BLOCKS_PER_STEP, latest.number);
    const chain = await this.#linkedHeaders(top, to);
    if (chain.length === 0) return false;
    const logs = await logsOfBlocks(this.#rpc, this.#network.tokenAddress, chain);
    const { incoming } = await effectsOf(this.#db, this.#network.name, logs);
    await this.#settlement.detect(incoming);
    await insertBlocks(this.#db, this.#network.name, chain);
    return true;
  }

  /** Drops the blocks that the chain no longer has, and returns the highest one left. */
  async #walkBack(): Promise<WindowBlock | undefined> {
    const window = await listWindow(this.#db, this.#network.name);
    const top = window.at(-1);
    if (!top) return undefined;
    const [same] = await headers(this.#rpc, [top.number]);
    if (same?.hash === top.hash) return top;
    const canonical = await headers(
      this.#rpc,
      window.map(({ number }) => number),
    );
    const kept = window.findLastIndex(({ hash }, i) => canonical[i]?.hash === hash);
    const gone = window.slice(kept + 1);
    this.#log.warn({ from: gone[0]?.number, blocks: gone.length }, 'chain reorganised');
    await this.#settlement.orphanBlocks(gone.map(({ hash }) => hash));
    await deleteBlocksAbove(this.#db, this.#network.name, (gone[0]?.number ?? 0) - 1);
    return window[kept];
  }

  /** Headers after `base` up to height `to`, as far as each names the one before as its parent. */
  async #linkedHeaders(base: Cursor, to: number): Promise<Header[]> {
    assert(to - base.number <= MAX_BLOCKS_PER_STEP, 'too many blocks for one step');
    const found = await headers(
      this.#rpc,
      Array.from({ length: to - base.number }, (_, i) => base.number + 1 + i),
    );
    const chain: Header[] = [];
    let parent = base.hash;
    for (const header of found) {
      if (!header || header.parentHash !== parent) break;
      chain.push(header);
      parent = header.hash;
    }
    return chain;
  }
}

const violation = (number: number): FinalityViolated =>
  new FinalityViolated(`the chain no longer agrees with final block ${number}`);
