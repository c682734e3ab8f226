import type { Database } from '../db/database.ts';
import { Waker } from '../db/waker.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Ids } from '../kernel/ids.ts';
import type { Logger } from '../kernel/log.ts';
import { Addresses, checkKeysAtStart, fillAddressPool } from './addresses.ts';
import { IgnoredTransfers } from './indexer/ignored.ts';
import { Indexer } from './indexer/indexer.ts';
import { checkNetwork, type NetworkConfig } from './networks.ts';
import { POLYGON_RELAYER, type RelayerSettings } from './relayer/fees.ts';
import { Relayer } from './relayer/relayer.ts';
import { JsonRpc } from './rpc.ts';
import { SENDS_CHANNEL, Sends, type SettlementHandlers } from './sends.ts';
import type { VaultClient } from './vault/client.ts';

const RPC_TIMEOUT_MS = 10_000;
const POOL_TARGET = 2_000;

export interface ChainOptions {
  readonly db: Database;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Logger;
  readonly network: NetworkConfig;
  readonly vault: VaultClient;
  readonly handlers: SettlementHandlers;
  readonly relayerSettings?: RelayerSettings;
  /** Default: one of its own for the network's URL. Closed when settlement stops. */
  readonly rpc?: JsonRpc;
}

/** Settlement on one network. `sends` and `addresses` are for slices, in any process; the rest is the worker's. */
export interface Chain {
  readonly sends: Sends;
  readonly addresses: Addresses;
  readonly rpc: JsonRpc;
  readonly indexer: Indexer;
  readonly ignoredTransfers: IgnoredTransfers;
  readonly relayer: Relayer;
  /** At start, before anything is signed: throws when the chain is not the configured one. */
  check(): Promise<void>;
  /** At start: throws when the signer's keys are not those of the address pool. */
  checkKeys(): Promise<void>;
  /** Tops up the addresses derived ahead; returns how many were added. */
  fillAddressPool(target?: number): Promise<number>;
  /** One tick of the relayer, the indexer and the list of ignored transfers; whether any made progress. */
  drainOnce(): Promise<boolean>;
  start(): Promise<void>;
  /** Waits for what is under way and closes the connections. */
  stop(): Promise<void>;
}

/** Wires settlement. Connects to nothing before it is used. */
export function createChain(options: ChainOptions): Chain {
  const { db, network, vault, relayerSettings: settings = POLYGON_RELAYER } = options;
  const rpc = options.rpc ?? new JsonRpc({ url: network.rpcUrl, timeoutMs: RPC_TIMEOUT_MS });
  const waker = new Waker(db, SENDS_CHANNEL);
  const indexer = new Indexer({ ...options, rpc, pollMs: settings.pollMs, leaseMs: settings.leaseMs });
  // While the relayer waits for blocks it looks for them more often than the indexer does by itself.
  const relayer = new Relayer({ ...options, rpc, waker, settings, onHead: () => indexer.wake() });
  const ignoredTransfers = new IgnoredTransfers({ ...options, rpc, leaseMs: settings.leaseMs });
  return {
    sends: new Sends({ ...options, waker }),
    addresses: new Addresses(options),
    rpc,
    indexer,
    ignoredTransfers,
    relayer,
    check: () => checkNetwork(rpc, network),
    checkKeys: () => checkKeysAtStart(vault, db),
    fillAddressPool: (target = POOL_TARGET) => fillAddressPool({ vault, db, target }),
    drainOnce: async () => {
      const relayed = await relayer.tick();
      const indexed = await indexer.tick();
      const listed = await ignoredTransfers.tick();
      return relayed.progress || indexed.progress || listed.progress;
    },
    start: async () => {
      await relayer.start();
      indexer.start();
      ignoredTransfers.start();
    },
    stop: async () => {
      waker.close();
      await relayer.stop();
      await indexer.stop();
      await ignoredTransfers.stop();
      rpc.close();
    },
  };
}
