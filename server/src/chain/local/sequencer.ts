import type { Clock } from '../../kernel/clock.ts';
import { asError } from '../../kernel/errors.ts';
import { assertOutsideTransaction } from '../../kernel/outside.ts';
import { fromQuantity, toQuantity } from '../blocks.ts';
import { type JsonRpc, RpcError } from '../rpc.ts';
import { encodeMint } from '../token/calls.ts';
import { USDC_POLYGON } from '../token/contracts.ts';
import type { Hex } from '../token/hex.ts';
import { signTransaction } from '../token/transaction.ts';
import { KEPT_STATES } from './anvil.ts';
import type { ChainLog, LogEntry } from './chain-log.ts';
import { DEPLOYER, DEPLOYER_FEES, DEPLOYER_KEY, USUAL_BASE_FEE } from './genesis.ts';
import { type MineRequest, setsState } from './methods.ts';
import { balancesCall, callAnvil, type LoggedCall, type TokenBalance } from './token-balances.ts';

const MAX_QUEUED = 10_000;
const MAX_BLOCKS_PER_REQUEST = 1_000;
/** Unix seconds, in the year 36812: what anvil would refuse must not get into the log. */
const MAX_TIMESTAMP = 2 ** 40;
const MINT_GAS = 150_000n;
/** JSON-RPC: invalid params; and, by EIP-1474, limit exceeded and resource unavailable. */
const INVALID_PARAMS = -32_602;
const LIMIT_EXCEEDED = -32_005;
const RESOURCE_UNAVAILABLE = -32_002;

interface Tip {
  readonly number: number;
  readonly hash: string;
  readonly timestamp: number;
  /** Transactions in the pool that the next block could include. */
  readonly pending: number;
}

/**
 * Everything that changes the chain passes here, one at a time, so that the log and anvil see the same order.
 * Transactions are logged with the block that may include them, blocks and cheats before they happen: nobody can see
 * a change that a crash would undo. When log or anvil fails midway the chain stops, for only a replay knows the truth.
 */
export class Sequencer {
  readonly #rpc: JsonRpc;
  readonly #log: ChainLog;
  readonly #clock: Clock;
  readonly #chainId: number;
  readonly #onFailure: (error: Error) => void;
  #failure: Error | undefined;
  #tail: Promise<unknown> = Promise.resolve();
  #queued = 0;
  #closed: Error | undefined;
  /** Accepted by anvil since the last entry was logged. */
  #accepted: LogEntry[] = [];
  #timestamp = 0;
  #wantsBlock = false;
  #changes = 0;
  #heldBaseFee: bigint | undefined;
  #startHeight = 0;
  /** Calls that changed the state on top of this block, the last few blocks' only. */
  #stateCalls: { readonly call: LoggedCall; readonly height: number }[] = [];

  constructor(deps: {
    readonly rpc: JsonRpc;
    readonly log: ChainLog;
    readonly clock: Clock;
    readonly chainId: number;
    /** Called once, with what made the chain unable to go on. */
    readonly onFailure: (error: Error) => void;
  }) {
    this.#rpc = deps.rpc;
    this.#log = deps.log;
    this.#clock = deps.clock;
    this.#chainId = deps.chainId;
    this.#onFailure = deps.onFailure;
  }

  /** Takes the chain over from the replay. */
  start(): Promise<void> {
    return this.#exclusive(async () => {
      const tip = await this.#tip();
      this.#timestamp = tip.timestamp;
      this.#wantsBlock = tip.pending > 0;
      this.#startHeight = tip.number;
    });
  }

  /** The last block before this run, up to which nothing can be taken back. */
  get startHeight(): number {
    return this.#startHeight;
  }

  /** Whether a block would include something or make something visible. */
  get wantsBlock(): boolean {
    return this.#wantsBlock;
  }

  /** How often something has come since the start that a block includes or makes visible. */
  get changes(): number {
    return this.#changes;
  }

  /** Hands a signed transaction to anvil; its hash. Throws RpcError when anvil refuses it, and nothing is logged. */
  submit(raw: string): Promise<Hex> {
    return this.#exclusive(() => this.#submit(raw));
  }

  /** Mints tokens with the deployer's key; the transaction's hash. */
  mint(to: string, minor: bigint): Promise<Hex> {
    return this.#exclusive(async () => {
      const count = await this.#rpc.call<Hex>('eth_getTransactionCount', [DEPLOYER, 'pending']);
      const { raw } = signTransaction(DEPLOYER_KEY, {
        chainId: this.#chainId,
        nonce: Number(count),
        gas: MINT_GAS,
        ...DEPLOYER_FEES,
        to: USDC_POLYGON,
        data: encodeMint(to, minor),
      });
      return this.#submit(raw);
    });
  }

  /** Adds to the account's native balance at once, without a transaction. */
  fund(address: string, wei: bigint): Promise<void> {
    return this.#exclusive(async () => {
      const balance = BigInt(await this.#rpc.call<Hex>('eth_getBalance', [address, 'latest']));
      await this.#cheat({
        method: 'anvil_setBalance',
        params: [address, `0x${(balance + wei).toString(16)}`],
      });
    });
  }

  /** One of anvil's own powers; its result. Throws RpcError when anvil refuses, which a replay repeats. */
  cheat(method: string, params: readonly unknown[]): Promise<unknown> {
    return this.#exclusive(() => this.#cheat({ method, params }));
  }

  /** Makes the balances of the token those given, between two blocks; the number of the first of the two. */
  setTokenBalances(balances: readonly TokenBalance[]): Promise<number> {
    return this.#exclusive(async () => {
      const call = await balancesCall(this.#rpc, balances);
      if (call) await this.#cheat(call);
      return Number(await this.#rpc.call<Hex>('eth_blockNumber'));
    });
  }

  /**
   * Mines. Without a timestamp blocks carry the clock's time, or their parent's when the clock is behind it: anvil lets
   * neighbours share a second, so chain time never runs ahead under load. Throws RpcError for a timestamp in the past.
   */
  mine(request: MineRequest): Promise<void> {
    return this.#exclusive(() => this.#mine(request));
  }

  /**
   * From the block on that is mined now, each block has this base fee (wei per gas). Undefined: one more has the usual
   * fee, from which it goes its own way again.
   */
  holdBaseFee(wei: bigint | undefined): Promise<void> {
    return this.#exclusive(async () => {
      this.#heldBaseFee = wei ?? USUAL_BASE_FEE;
      try {
        await this.#mine({ blocks: 1 });
      } finally {
        this.#heldBaseFee = wei;
      }
    });
  }

  /**
   * Replaces the blocks from this one up, at least `depth` of them, by empty ones; what they held is in the pool again, in
   * its order and before what was there, and logged: nobody would send it again after a crash. State that was set without
   * a transaction is set again. Throws RpcError when anvil cannot go back so far.
   */
  reorganise(from: number, depth: number): Promise<void> {
    return this.#exclusive(async () => {
      const missing = from + depth - 1 - (await this.#height());
      if (missing > 0) await this.#mine({ blocks: missing });
      const height = await this.#height();
      const hashes = [...(await this.#transactionsIn(from, height)), ...(await this.#pooled())];
      const held = await this.#rawOf(hashes);
      await this.#cheat({ method: 'anvil_reorg', params: [height - from + 1, []] });
      // anvil would take the later nonces, which are in its pool already, first, and throw them away.
      await this.#cheat({ method: 'anvil_dropAllTransactions', params: [] });
      const lost = this.#stateCalls.filter((each) => each.height >= from);
      this.#stateCalls = this.#stateCalls.filter((each) => each.height < from);
      for (const { call } of lost) await this.#cheat(call);
      for (const raw of held) await this.#submit(raw).catch(ignoreRefusal);
      await this.#append([]);
    });
  }

  /** Lets what is queued finish, logs the transactions in the pool for the next start, and refuses all further work. */
  async close(reason: Error): Promise<void> {
    const flushed = this.#exclusive(async () => void (await this.#append([]))).catch(() => undefined);
    this.#closed ??= reason;
    await flushed;
  }

  async #submit(raw: string): Promise<Hex> {
    const hash = await this.#rpc.call<Hex>('eth_sendRawTransaction', [raw]);
    this.#accepted.push({ kind: 'transaction', payload: { raw } });
    this.#wantsBlock = true;
    this.#changes += 1;
    return hash;
  }

  async #cheat(call: LoggedCall): Promise<unknown> {
    // PostgreSQL's jsonb has no NUL character, and no call has a use for one.
    if (JSON.stringify(call.params).includes('\\u0000'))
      throw new RpcError(INVALID_PARAMS, 'NUL in parameters');
    await this.#append([{ kind: 'call', payload: call }]);
    try {
      return await callAnvil(this.#rpc, call);
    } finally {
      const { number: height, timestamp } = await this.#tip();
      this.#timestamp = timestamp;
      this.#wantsBlock = true;
      this.#changes += 1;
      if (setsState(call.method)) {
        const recent = this.#stateCalls.filter((each) => each.height > height - KEPT_STATES);
        this.#stateCalls = [...recent, { call, height }];
      }
    }
  }

  async #mine({ blocks, timestamp, intervalSeconds = 0 }: MineRequest): Promise<void> {
    if (blocks > MAX_BLOCKS_PER_REQUEST) {
      throw new RpcError(INVALID_PARAMS, `at most ${MAX_BLOCKS_PER_REQUEST} blocks at once`);
    }
    if (timestamp !== undefined && timestamp < this.#timestamp) {
      throw new RpcError(INVALID_PARAMS, `the timestamp is before the last block's, ${this.#timestamp}`);
    }
    const now = Math.floor(this.#clock.now().getTime() / 1_000);
    const first = timestamp ?? Math.max(this.#timestamp, now);
    if (first + blocks * intervalSeconds > MAX_TIMESTAMP) {
      throw new RpcError(INVALID_PARAMS, `timestamps go up to ${MAX_TIMESTAMP}`);
    }
    const timestamps = Array.from({ length: blocks }, (_, index) => first + index * intervalSeconds);
    const fee = this.#heldBaseFee;
    const setFee = fee && { method: 'anvil_setNextBlockBaseFeePerGas', params: [toQuantity(fee)] };
    const seqs = await this.#append(
      timestamps.flatMap((time): LogEntry[] => [
        ...(setFee ? [{ kind: 'call', payload: setFee } as const] : []),
        { kind: 'block', payload: { timestamp: time } },
      ]),
    );
    const mined: { seq: string; hash: string }[] = [];
    for (const [index, seq] of seqs.entries()) {
      if (setFee) await this.#rpc.call(setFee.method, setFee.params).catch(asFailure);
      await this.#rpc.call('evm_mine', [timestamps[index]]).catch(asFailure);
      const tip = await this.#tip();
      this.#timestamp = tip.timestamp;
      this.#wantsBlock = tip.pending > 0;
      mined.push({ seq, hash: tip.hash });
    }
    await this.#log.recordHashes(mined);
  }

  /** Logs what was accepted so far and the entries, in one commit. */
  async #append(entries: readonly LogEntry[]): Promise<string[]> {
    const accepted = this.#accepted;
    this.#accepted = [];
    const all = [...accepted, ...entries];
    return all.length === 0 ? [] : this.#log.append(all);
  }

  async #height(): Promise<number> {
    return fromQuantity(await this.#rpc.call<Hex>('eth_blockNumber'));
  }

  /** Their hashes, in the order of the blocks. */
  async #transactionsIn(from: number, to: number): Promise<Hex[]> {
    const blocks = await this.#rpc.batch<{ transactions: readonly Hex[] }>(
      Array.from({ length: to - from + 1 }, (_, index) => ({
        method: 'eth_getBlockByNumber',
        params: [toQuantity(from + index), false],
      })),
    );
    return blocks.flatMap((block) => ('transactions' in block ? block.transactions : []));
  }

  /** Hashes of what waits for a block, each account's in the order of its nonces. */
  async #pooled(): Promise<Hex[]> {
    type ByAccount = Readonly<Record<string, Readonly<Record<string, { readonly hash: Hex }>>>>;
    const { pending, queued } = await this.#rpc.call<{ pending: ByAccount; queued: ByAccount }>(
      'txpool_content',
    );
    return [...Object.values(pending), ...Object.values(queued)].flatMap((byNonce) =>
      Object.entries(byNonce)
        .toSorted(([one], [other]) => Number(one) - Number(other))
        .map(([, { hash }]) => hash),
    );
  }

  async #rawOf(hashes: readonly Hex[]): Promise<Hex[]> {
    const raws = await this.#rpc.batch<Hex>(
      hashes.map((hash) => ({ method: 'eth_getRawTransactionByHash', params: [hash] })),
    );
    return raws.filter((raw): raw is Hex => !(raw instanceof RpcError));
  }

  async #tip(): Promise<Tip> {
    const [block, pool] = await this.#rpc.batch<Record<string, unknown>>([
      { method: 'eth_getBlockByNumber', params: ['latest', false] },
      { method: 'txpool_status' },
    ]);
    if (block === undefined || block instanceof RpcError)
      throw new Error('anvil does not tell its last block');
    if (pool === undefined || pool instanceof RpcError) throw new Error('anvil does not tell its pool');
    return {
      number: Number(block.number),
      hash: String(block.hash),
      timestamp: Number(block.timestamp),
      pending: Number(pool.pending),
    };
  }

  #exclusive<T>(work: () => Promise<T>): Promise<T> {
    assertOutsideTransaction('the local chain');
    if (this.#closed) return Promise.reject(new RpcError(RESOURCE_UNAVAILABLE, this.#closed.message));
    if (this.#queued >= MAX_QUEUED) {
      return Promise.reject(new RpcError(LIMIT_EXCEEDED, `${MAX_QUEUED} operations are waiting already`));
    }
    this.#queued += 1;
    const turn = this.#tail.then(() => this.#run(work));
    this.#tail = turn.catch(() => undefined);
    return turn;
  }

  async #run<T>(work: () => Promise<T>): Promise<T> {
    try {
      if (this.#failure) throw new RpcError(RESOURCE_UNAVAILABLE, this.#failure.message);
      return await work();
    } catch (error) {
      if (error instanceof RpcError) throw error;
      const failure = asError(error);
      if (!this.#failure) this.#onFailure(failure);
      this.#failure ??= failure;
      throw failure;
    } finally {
      this.#queued -= 1;
    }
  }
}

/** What no longer fits, such as a transaction that is too cheap by now, is gone, as from the pool of any node. */
function ignoreRefusal(error: unknown): void {
  if (!(error instanceof RpcError)) throw error;
}

/** A refusal of what the log already says has happened is no answer for the caller but the end of the chain. */
function asFailure(error: unknown): never {
  throw new Error('anvil did not do what the log says', { cause: error });
}
