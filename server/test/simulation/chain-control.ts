import { keccak256 } from 'viem/utils';
import { DEPLOYER_KEY } from '../../src/chain/local/genesis.ts';
import { type JsonRpc, RpcError } from '../../src/chain/rpc.ts';
import { decodeBool, decodeUint, encodeBalanceOf, encodeTransfer } from '../../src/chain/token/calls.ts';
import { USDC_POLYGON } from '../../src/chain/token/contracts.ts';
import { addressWord, type Hex } from '../../src/chain/token/hex.ts';
import { addressOf } from '../../src/chain/token/secp256k1.ts';
import { signTransaction, type TransactionToSign } from '../../src/chain/token/transaction.ts';
import type { Clock } from '../../src/kernel/clock.ts';
import type { NodeView } from './node-view.ts';

const CHAIN_ID = 137;
const GAS = 200_000n;
const PLAIN_GAS = 21_000n;
/** Above any spike. */
const FEES = { maxFeePerGas: 10n ** 14n, maxPriorityFeePerGas: 10n ** 9n };
/** The finalized block of the local chain is the latest but two. */
const FINALITY_DEPTH = 2;
/** The chain forgets the states of older blocks. */
const MAX_STALL = 30;
const CALM_BASE_FEE = 10n ** 9n;

/** Selectors of FiatToken's owner functions, and of what they change. */
const TOKEN = {
  pause: '0x8456cb59',
  unpause: '0x3f4ba83a',
  blacklist: '0xf9f92be4',
  unBlacklist: '0x1a895266',
  paused: '0x5c975abb',
  isBlacklisted: '0xfe575a87',
} as const;

interface Block {
  readonly transactions: readonly string[];
}

/** The chain in the hands of the simulation: it alone mines, and it knows every transaction anyone submitted. */
export class ChainControl {
  readonly node: JsonRpc;
  /** The first block of the run. */
  readonly firstBlock: number;
  readonly #clock: Clock;
  readonly #raws = new Map<string, string>();
  #head: number;
  #timestamp = 0;
  #final: number;
  #stalledAt: number | undefined;
  #spike: { blocks: number; readonly baseFee: bigint } | undefined;

  constructor(node: JsonRpc, clock: Clock, head: number) {
    this.node = node;
    this.#clock = clock;
    this.#head = head;
    this.firstBlock = head + 1;
    this.#final = head - FINALITY_DEPTH;
  }

  get head(): number {
    return this.#head;
  }

  /** The highest block that anyone was told is final. */
  get final(): number {
    return this.#final;
  }

  get isStalled(): boolean {
    return this.#stalledAt !== undefined;
  }

  /** What a node so many blocks behind knows; undefined when that is everything. */
  view(blocksBehind: number): NodeView | undefined {
    if (blocksBehind === 0 && this.#stalledAt === undefined) return undefined;
    const head = this.#head - blocksBehind;
    return { head, finalized: Math.min(head - FINALITY_DEPTH, this.#stalledAt ?? head) };
  }

  /** Finality stands still, or steps back by so many blocks and stands still there. */
  stallFinality(blocksBack: number): void {
    this.#stalledAt ??= this.#final - blocksBack;
  }

  resumeFinality(): void {
    this.#stalledAt = undefined;
    this.#final = Math.max(this.#final, this.#head - FINALITY_DEPTH);
  }

  spikeBaseFee(baseFee: bigint, blocks: number): void {
    this.#spike = { baseFee, blocks };
  }

  async calmBaseFee(): Promise<void> {
    this.#spike = undefined;
    await this.#setBaseFee(CALM_BASE_FEE);
  }

  /** Remembers the bytes, to offer them again after a reorganisation. */
  noteSubmission(raw: string): void {
    this.#raws.set(keccak256(raw as Hex), raw);
  }

  async mine(blocks = 1): Promise<void> {
    for (let i = 0; i < blocks; i++) {
      if (this.#spike && this.#spike.blocks-- > 0) await this.#setBaseFee(this.#spike.baseFee);
      this.#timestamp = Math.max(this.#timestamp, Math.floor(this.#clock.now().getTime() / 1_000));
      await this.node.call('evm_mine', [this.#timestamp]);
      this.#head += 1;
    }
    if (this.#head - (this.#stalledAt ?? this.#head) > MAX_STALL) this.#stalledAt = undefined;
    if (this.#stalledAt === undefined) this.#final = Math.max(this.#final, this.#head - FINALITY_DEPTH);
  }

  /** How many blocks a reorganisation may take back now. */
  get reorganisable(): number {
    return this.#head - this.#final;
  }

  /**
   * Takes the last blocks back and puts others in their place, one more in number; of the transactions that were in
   * them those that `returns` says are offered again. The clock must have moved since the last block.
   */
  async reorganise(depth: number, returns: (hash: string) => boolean): Promise<void> {
    const gone: string[] = [];
    for (let number = this.#head - depth + 1; number <= this.#head; number++) {
      const { transactions } = await this.node.call<Block>('eth_getBlockByNumber', [
        `0x${number.toString(16)}`,
        false,
      ]);
      gone.push(...transactions);
    }
    await this.node.call('anvil_rollback', [depth]);
    this.#head -= depth;
    for (const hash of gone) {
      const raw = this.#raws.get(hash);
      if (raw !== undefined && returns(hash)) await this.#offer(raw);
    }
    await this.mine(depth + 1);
  }

  /** Whether the pool had it. */
  async drop(hash: string): Promise<boolean> {
    return (await this.node.call('anvil_dropTransaction', [hash])) !== null;
  }

  /** A call of any account into the pool; the transaction's hash. */
  async submit(key: Uint8Array, to: string, data: string, gas = GAS): Promise<string> {
    const nonce = await this.#count(key, 'pending');
    return this.#submit(key, { chainId: CHAIN_ID, nonce, gas, ...FEES, to, data });
  }

  /** The account's next nonce goes to a transaction that does nothing, in place of what the pool has under it. */
  async takeNonce(key: Uint8Array): Promise<void> {
    const nonce = await this.#count(key, 'latest');
    const fees = { ...FEES, maxPriorityFeePerGas: FEES.maxFeePerGas };
    await this.#submit(key, { chainId: CHAIN_ID, nonce, gas: PLAIN_GAS, ...fees, to: addressOf(key) });
  }

  transfer(key: Uint8Array, to: string, minor: bigint): Promise<string> {
    return this.submit(key, USDC_POLYGON, encodeTransfer(to, minor));
  }

  /** Of the account that owns, pauses and blacklists. */
  async govern(what: 'pause' | 'unpause' | 'blacklist' | 'unBlacklist', address?: string): Promise<void> {
    const argument = address === undefined ? '' : addressWord(address);
    await this.submit(DEPLOYER_KEY, USDC_POLYGON, `${TOKEN[what]}${argument}`);
  }

  async isPaused(): Promise<boolean> {
    return decodeBool(await this.#read(TOKEN.paused));
  }

  async isBlacklisted(address: string): Promise<boolean> {
    return decodeBool(await this.#read(`${TOKEN.isBlacklisted}${addressWord(address)}`));
  }

  async balance(address: string): Promise<bigint> {
    return decodeUint(await this.#read(encodeBalanceOf(address)));
  }

  async #count(key: Uint8Array, block: 'latest' | 'pending'): Promise<number> {
    return Number(await this.node.call<string>('eth_getTransactionCount', [addressOf(key), block]));
  }

  async #submit(key: Uint8Array, transaction: TransactionToSign): Promise<string> {
    const { raw, hash } = signTransaction(key, transaction);
    this.#raws.set(hash, raw);
    await this.#offer(raw);
    return hash;
  }

  #read(data: string): Promise<string> {
    return this.node.call<string>('eth_call', [{ to: USDC_POLYGON, data }, 'latest']);
  }

  async #offer(raw: string): Promise<void> {
    await this.node.call('eth_sendRawTransaction', [raw]).catch((error: unknown) => {
      // Its nonce is used meanwhile, or the pool has it: no matter for one who only tries.
      if (!(error instanceof RpcError)) throw error;
    });
  }

  async #setBaseFee(baseFee: bigint): Promise<void> {
    await this.node.call('anvil_setNextBlockBaseFeePerGas', [`0x${baseFee.toString(16)}`]);
  }
}
