import type { Database } from '../../db/database.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { Logger } from '../../kernel/log.ts';
import { type JsonRpc, RpcError, RpcTransportError } from '../rpc.ts';
import { markSent } from './store.ts';

/** Nodes word it differently: geth and Bor "already known", anvil "transaction already imported". */
const KNOWN = /already (known|imported)|known transaction/i;

/** An attempt that is stored. */
export interface StoredAttempt {
  readonly batchId: string;
  readonly relayerIndex: number;
  readonly raw: string;
  readonly hash: string;
}

/**
 * Hands stored attempts to the node, beside the ticks, which need not wait for it: a node takes its time over 75 kB.
 * Those of one account go in the order they are given, that of their nonces; the accounts do not wait for each other.
 */
export class Broadcaster {
  readonly #db: Database;
  readonly #rpc: JsonRpc;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #tails = new Map<number, Promise<void>>();
  readonly #underWay = new Set<string>();
  #stopped = false;

  constructor(deps: {
    readonly db: Database;
    readonly rpc: JsonRpc;
    readonly clock: Clock;
    readonly log: Logger;
  }) {
    this.#db = deps.db;
    this.#rpc = deps.rpc;
    this.#clock = deps.clock;
    this.#log = deps.log;
  }

  /** Never fails: what the node has not got, the next ticks find out by asking for receipts, and send again. */
  start(attempt: StoredAttempt): void {
    const { batchId, relayerIndex } = attempt;
    this.#underWay.add(batchId);
    const turn = (this.#tails.get(relayerIndex) ?? Promise.resolve())
      .then(() => this.#submit(attempt))
      .catch((error: Error) => this.#log.warn({ batch: batchId, error }, 'broadcast failed'))
      .finally(() => this.#underWay.delete(batchId));
    this.#tails.set(relayerIndex, turn);
  }

  isUnderWay(batchId: string): boolean {
    return this.#underWay.has(batchId);
  }

  /** Waits until nothing is under way. */
  async settle(): Promise<void> {
    await Promise.all(this.#tails.values());
  }

  /** Waits for the calls under way; what is behind them the next process sends. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.settle();
  }

  async #submit({ batchId, raw, hash }: StoredAttempt): Promise<void> {
    if (this.#stopped) return;
    try {
      await this.#rpc.call('eth_sendRawTransaction', [raw]);
    } catch (error) {
      if (!(error instanceof RpcError || error instanceof RpcTransportError)) throw error;
      if (!KNOWN.test(error.message)) {
        this.#log.warn({ batch: batchId, tx: hash, reason: error.message }, 'broadcast not accepted');
        return;
      }
    }
    await markSent(this.#db, batchId, this.#clock.now());
  }
}
