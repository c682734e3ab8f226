import { mkdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import type pg from 'pg';
import type { Clock } from '../../kernel/clock.ts';
import type { Logger } from '../../kernel/log.ts';
import type { JsonRpc } from '../rpc.ts';
import { USDC_POLYGON } from '../token/contracts.ts';
import { readTokenDomain } from '../token/domain.ts';
import type { Hex } from '../token/hex.ts';
import { ANVIL_VERSION, type Anvil, endOrphanedAnvil, findAnvilBinary, startAnvil } from './anvil.ts';
import { ChainLog, type GenesisEntry } from './chain-log.ts';
import { LocalChainError } from './errors.ts';
import { Gateway } from './gateway.ts';
import { BLOCK_GAS_LIMIT, genesisEntries } from './genesis.ts';
import { LazyMiner } from './lazy-miner.ts';
import { type Replayed, replay } from './replay.ts';
import { Sequencer } from './sequencer.ts';
import { ChainTrouble, type ChainTroubleSource } from './trouble.ts';

const POLYGON_CHAIN_ID = 137;
const DEFAULT_BLOCK_INTERVAL_MS = 250;
/** Of chains whose log does not say: it is in every block's hash, so they keep it. */
const UNRECORDED_BLOCK_GAS_LIMIT = 60_000_000;
/** The finalized block is the latest but two, so the third empty block makes a transaction final. */
const DEFAULT_TRAILING_BLOCKS = 3;

export interface LocalChainOptions {
  /** The database with the table local_chain_log. One connection stays taken while the chain runs. */
  readonly store: pg.Pool;
  /** For anvil's pid file and log; made when absent. */
  readonly dir: string;
  readonly clock: Clock;
  readonly log: Logger;
  /** Default 137, Polygon's. */
  readonly chainId?: number;
  /** Default 250. */
  readonly blockIntervalMs?: number;
  /** Empty blocks mined after the last wanted one. Default 3. */
  readonly trailingBlocks?: number;
  /** `lazy` (default): a block per interval while there is something to mine; `manual`: only when told. */
  readonly mining?: 'lazy' | 'manual';
  /** What is to go wrong. Default: nothing. */
  readonly trouble?: ChainTroubleSource;
  /** On 127.0.0.1; default any free one. */
  readonly port?: number;
  /** Default: the binary of the npm package for this platform. */
  readonly anvilBinary?: string;
}

export interface LocalChain {
  /** Of its JSON-RPC over HTTP. */
  readonly url: string;
  readonly chainId: number;
  /** The token contract's address, in EIP-55 form. */
  readonly usdc: Hex;
  /** Mines now; default one block. It includes what is pending and fits. */
  mine(blocks?: number): Promise<void>;
  /** Queues a mint of tokens in minor units; the transaction's hash. */
  mintUsdc(to: string, minor: bigint): Promise<Hex>;
  /** Adds wei to the account's native balance, at once. */
  fundGas(address: string, wei: bigint): Promise<void>;
  /** Transactions in the pool that the next block could include. */
  pendingCount(): Promise<number>;
  /** Ends the chain; its blocks and its pool are there again at the next start. */
  stop(): Promise<void>;
  /** Settles when the chain has ended; with the cause when it was not stopped. */
  readonly exited: Promise<{ readonly error: Error | undefined }>;
}

/**
 * Starts the local chain: a new one when the log is empty, otherwise the logged one with the same blocks and hashes.
 * Throws LocalChainError when it cannot run here, when another process runs it, or when the log does not replay.
 */
export async function startLocalChain(options: LocalChainOptions): Promise<LocalChain> {
  const startedMs = performance.now();
  const chainId = options.chainId ?? POLYGON_CHAIN_ID;
  const dir = resolve(options.dir);
  const binary = options.anvilBinary ?? findAnvilBinary(process.platform, process.arch);
  await mkdir(dir, { recursive: true });
  // The lock comes first: until it is ours, the anvil that the pid file names may be another process's.
  const log = await ChainLog.open(options.store);
  let anvil: Anvil | undefined;
  try {
    await endOrphanedAnvil(dir, options.log);
    const genesis = await ensureGenesis(log, chainId, options.clock);
    const { timestamp, blockGasLimit = UNRECORDED_BLOCK_GAS_LIMIT } = genesis.payload;
    anvil = await startAnvil({ binary, dir, chainId, genesisTimestamp: timestamp, blockGasLimit });
    const replayed = await replay(log, anvil.rpc, genesis);
    await readTokenDomain(anvil.rpc, USDC_POLYGON);
    const chain = await open({ ...options, chainId }, log, anvil);
    report(options.log, chain.url, anvil.pid, replayed, startedMs);
    return chain;
  } catch (error) {
    await anvil?.stop();
    log.close();
    throw error;
  }
}

async function ensureGenesis(log: ChainLog, chainId: number, clock: Clock): Promise<GenesisEntry> {
  const found = await log.findGenesis();
  if (found === undefined) {
    const timestamp = Math.floor(clock.now().getTime() / 1_000);
    const options = { chainId, timestamp, anvil: ANVIL_VERSION, blockGasLimit: BLOCK_GAS_LIMIT };
    await log.append(await genesisEntries(options));
    return ensureGenesis(log, chainId, clock);
  }
  if (found.payload.chainId === chainId) return found;
  throw new LocalChainError(
    `The local chain in this database has chain id ${found.payload.chainId}, not ${chainId}; configure that one, or begin with an empty database.`,
  );
}

async function open(
  options: LocalChainOptions & { readonly chainId: number },
  log: ChainLog,
  anvil: Anvil,
): Promise<LocalChain> {
  const { rpc } = anvil;
  const exited = Promise.withResolvers<{ error: Error | undefined }>();
  let ending: Promise<void> | undefined;
  const end = (error?: Error): Promise<void> => {
    ending ??= shutDown(error).finally(() => exited.resolve({ error }));
    return ending;
  };
  const fail = (error: Error): void => {
    if (ending) return;
    options.log.error({ error }, 'the local chain has ended');
    end(error).catch((cause: Error) =>
      options.log.error({ error: cause }, 'the local chain did not end cleanly'),
    );
  };

  const sequencer = new Sequencer({
    rpc,
    log,
    clock: options.clock,
    chainId: options.chainId,
    onFailure: fail,
  });
  const trouble =
    options.trouble && new ChainTrouble({ source: options.trouble, rpc, sequencer, log: options.log });
  const gateway = new Gateway({ rpc, sequencer, trouble });
  const miner = new LazyMiner({
    sequencer,
    intervalMs: options.blockIntervalMs ?? DEFAULT_BLOCK_INTERVAL_MS,
    trailingBlocks: options.trailingBlocks ?? DEFAULT_TRAILING_BLOCKS,
    log: options.log,
  });
  const shutDown = async (error?: Error): Promise<void> => {
    miner.stop();
    await sequencer.close(error ?? new LocalChainError('the local chain has stopped'));
    await gateway.close();
    await anvil.stop();
    log.close();
  };

  await sequencer.start();
  await trouble?.start();
  const url = await gateway.listen(options.port ?? 0);
  void log.lost.then((error) => fail(new Error('the log of the local chain is lost', { cause: error })));
  void anvil.exited.then(() => fail(new LocalChainError('anvil ended on its own')));
  if (options.mining !== 'manual') miner.start();
  return {
    url,
    chainId: options.chainId,
    usdc: USDC_POLYGON,
    mine: (blocks = 1) => sequencer.mine({ blocks }),
    mintUsdc: (to, minor) => sequencer.mint(to, minor),
    fundGas: (address, wei) => sequencer.fund(address, wei),
    pendingCount: () => pendingCount(rpc),
    stop: () => end(),
    exited: exited.promise,
  };
}

async function pendingCount(rpc: JsonRpc): Promise<number> {
  return Number((await rpc.call<{ pending: string }>('txpool_status')).pending);
}

function report(log: Logger, url: string, anvilPid: number, replayed: Replayed, startedMs: number): void {
  const durationMs = Math.round(performance.now() - startedMs);
  log.info({ url, anvilPid, ...replayed, durationMs }, 'the local chain is ready');
}
