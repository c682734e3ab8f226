import { SET_STORAGE, SET_TOKEN_BALANCES } from './token-balances.ts';

/** What a JSON-RPC method means for the local chain's log. */
export type MethodKind =
  /** Goes to anvil as it is. */
  | 'read'
  /** A signed transaction: logged with the block that may include it. */
  | 'submit'
  /** Mines now. */
  | 'mine'
  /** Changes the chain by anvil's own powers: logged, then done. */
  | 'cheat'
  /** Changes balances of the token, likewise. */
  | 'setTokenBalances'
  | 'refused';

const READ_NAMESPACES = /^(eth|net|web3|txpool|debug|trace|ots|erigon|rpc)_/;
const ANVIL_READS = new Set([
  'anvil_nodeInfo',
  'anvil_metadata',
  'anvil_dumpState',
  'anvil_getAutomine',
  'anvil_getIntervalMining',
  'hardhat_getAutomine',
  'hardhat_metadata',
]);
const MINES = new Set(['evm_mine', 'anvil_mine', 'hardhat_mine']);

/** Cheats that give the same result each time they are replayed. */
const CHEATS = new Set([
  'anvil_setBalance',
  'anvil_addBalance',
  'anvil_setCode',
  'anvil_setNonce',
  'anvil_setStorageAt',
  'anvil_setCoinbase',
  'anvil_setNextBlockBaseFeePerGas',
  'anvil_dropTransaction',
  'anvil_dropAllTransactions',
  'anvil_removePoolTransactions',
  'anvil_reorg',
  'anvil_rollback',
  'hardhat_setBalance',
  'hardhat_setCode',
  'hardhat_setNonce',
  'hardhat_setStorageAt',
  'hardhat_setCoinbase',
  'hardhat_setNextBlockBaseFeePerGas',
  'hardhat_dropTransaction',
  'evm_snapshot',
  'evm_revert',
]);

/** Whether a logged call changes the state by itself, in no transaction that a block would repeat. */
export const setsState = (method: string): boolean =>
  /^(anvil|hardhat)_(set(Balance|Code|Nonce|StorageAt)|addBalance)$/.test(method) || method === SET_STORAGE;

/**
 * Refused is what would take mining or time out of the chain's hands, or cannot be replayed (transactions that anvil
 * signs with values of its own choice), and everything unknown.
 */
export function kindOf(method: string): MethodKind {
  if (method === 'eth_sendRawTransaction') return 'submit';
  if (MINES.has(method)) return 'mine';
  if (CHEATS.has(method)) return 'cheat';
  if (method === SET_TOKEN_BALANCES) return 'setTokenBalances';
  if (ANVIL_READS.has(method)) return 'read';
  if (method.startsWith('eth_send')) return 'refused';
  return READ_NAMESPACES.test(method) ? 'read' : 'refused';
}

/** Blocks to mine and, when the caller chose it, the first one's timestamp and the seconds between them. */
export interface MineRequest {
  readonly blocks: number;
  readonly timestamp?: number;
  readonly intervalSeconds?: number;
}

/** `evm_mine [timestamp | { timestamp, blocks }]`, `anvil_mine [blocks, intervalSeconds]`; undefined when malformed. */
export function parseMine(method: string, params: readonly unknown[]): MineRequest | undefined {
  const [first, second] = params;
  const given =
    method !== 'evm_mine'
      ? { blocks: first, intervalSeconds: second }
      : typeof first === 'object' && first !== null
        ? (first as Record<string, unknown>)
        : { timestamp: first };
  const blocks = quantityOf(given.blocks ?? 1);
  const timestamp = quantityOf('timestamp' in given ? given.timestamp : undefined);
  const intervalSeconds = quantityOf('intervalSeconds' in given ? given.intervalSeconds : undefined);
  if (blocks === undefined || [blocks, timestamp, intervalSeconds].some(Number.isNaN)) return undefined;
  return {
    blocks,
    ...(timestamp !== undefined && { timestamp }),
    ...(intervalSeconds !== undefined && { intervalSeconds }),
  };
}

/** A number, or one in hex or decimal digits; undefined when absent, NaN when it is something else. */
function quantityOf(value: unknown): number | undefined {
  if (value === undefined || value === null) return undefined;
  const number = typeof value === 'string' && value !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isSafeInteger(number) && number >= 0 ? number : Number.NaN;
}
