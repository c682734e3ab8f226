import { must } from '../../kernel/assert.ts';
import { type JsonRpc, type RpcCall, RpcError } from '../rpc.ts';
import { USDC_POLYGON } from '../token/contracts.ts';
import { addressWord, type Hex, uintWord } from '../token/hex.ts';
import { keccakOf } from '../token/keccak.ts';

/** Method of the gateway: `[[address, minor units in hex], …]`; answers the number of the last block before it, in hex. */
export const SET_TOKEN_BALANCES = 'oms_setTokenBalances';
/** Method of the log alone: a contract and `[[slot, word], …]` of its storage. */
export const SET_STORAGE = 'oms_setStorage';

/** Where FiatToken v2.2 keeps `balanceAndBlacklistStates`: the highest bit is the blacklist's, the rest the balance. */
const BALANCES_SLOT = 9;
const BLACKLIST_BIT = 1n << 255n;
/** Further behind, all blocks count. */
const MAX_BLOCKS_ASKED = 64;

export interface TokenBalance {
  readonly address: string;
  readonly minor: bigint;
}

/** A call of the log. */
export interface LoggedCall {
  readonly method: string;
  readonly params: readonly unknown[];
}

/** What makes the balances those given; undefined when they are. Accounts on the blacklist stay there. */
export async function balancesCall(
  rpc: JsonRpc,
  balances: readonly TokenBalance[],
): Promise<LoggedCall | undefined> {
  const slots = balances.map(({ address }) =>
    keccakOf(`0x${addressWord(address)}${uintWord(BALANCES_SLOT)}`),
  );
  const words = await rpc.batch<Hex>(
    slots.map((slot) => ({ method: 'eth_getStorageAt', params: [USDC_POLYGON, slot, 'latest'] })),
  );
  const changes = balances.flatMap(({ minor }, index) => {
    const word = words[index];
    if (word === undefined || word instanceof RpcError) throw new Error('anvil does not tell a balance');
    const before = BigInt(word);
    const after = (before & BLACKLIST_BIT) | minor;
    return before === after ? [] : [[must(slots[index], 'a slot each'), `0x${uintWord(after)}`]];
  });
  return changes.length === 0 ? undefined : { method: SET_STORAGE, params: [USDC_POLYGON, changes] };
}

/** Does what the log says. Throws RpcError when anvil refuses. */
export async function callAnvil(rpc: JsonRpc, { method, params }: LoggedCall): Promise<unknown> {
  if (method !== SET_STORAGE) return rpc.call(method, params);
  const [contract, changes] = params as [string, readonly [Hex, Hex][]];
  const outcomes = await rpc.batch(
    changes.map(([slot, word]) => ({ method: 'anvil_setStorageAt', params: [contract, slot, word] })),
  );
  const refused = outcomes.find((outcome) => outcome instanceof RpcError);
  if (refused) throw refused;
  return true;
}

/** Of `SET_TOKEN_BALANCES`; undefined when malformed. */
export function parseTokenBalances(params: readonly unknown[]): TokenBalance[] | undefined {
  const [list] = params;
  if (!Array.isArray(list)) return undefined;
  const balances: TokenBalance[] = [];
  for (const item of list) {
    const [address, minor] = Array.isArray(item) ? (item as unknown[]) : [];
    if (typeof address !== 'string' || !/^0x[0-9a-fA-F]{40}$/.test(address)) return undefined;
    if (typeof minor !== 'string' || !/^0x[0-9a-fA-F]{1,63}$/.test(minor)) return undefined;
    balances.push({ address, minor: BigInt(minor) });
  }
  return balances;
}

/** The balances of the local chain's token, over its RPC. */
export class LocalBalances {
  readonly #rpc: JsonRpc;

  constructor(rpc: JsonRpc) {
    this.#rpc = rpc;
  }

  /** The last block after the given one that has transactions, or will have those in the pool; that one if there is none. */
  async lastBlockOfUse(after: number): Promise<number> {
    const [head, pool] = await this.#all<unknown>([
      { method: 'eth_blockNumber' },
      { method: 'txpool_status' },
    ]);
    const { pending } = pool as { pending: Hex };
    const last = Number(head);
    if (Number(pending) > 0) return last + 1;
    if (last - after > MAX_BLOCKS_ASKED) return last;
    const numbers = Array.from({ length: Math.max(last - after, 0) }, (_, index) => after + 1 + index);
    const counts = await this.#all<Hex>(
      numbers.map((number) => ({
        method: 'eth_getBlockTransactionCountByNumber',
        params: [`0x${number.toString(16)}`],
      })),
    );
    return numbers.findLast((_, index) => Number(counts[index]) > 0) ?? after;
  }

  async #all<T>(calls: readonly RpcCall[]): Promise<T[]> {
    const outcomes = await this.#rpc.batch<T>(calls);
    return outcomes.map((outcome) => {
      if (outcome instanceof RpcError) throw outcome;
      return outcome;
    });
  }

  /** Sets them all between two blocks; the number of the first of the two. */
  async set(balances: readonly TokenBalance[]): Promise<number> {
    const list = balances.map(({ address, minor }) => [address, `0x${minor.toString(16)}`]);
    return Number(await this.#rpc.call<Hex>(SET_TOKEN_BALANCES, [list]));
  }
}
