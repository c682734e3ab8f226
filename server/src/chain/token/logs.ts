import { must } from '../../kernel/assert.ts';
import { addressOfWord, type Hex, uintOf, wordAt } from './hex.ts';

/** Event topics: the hash of the event's signature; the tests recompute them from the contract's ABI. */
export const TOPICS = {
  /** Transfer(address indexed from, address indexed to, uint256 value) */
  transfer: '0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef',
  /** AuthorizationUsed(address indexed authorizer, bytes32 indexed nonce) */
  authorizationUsed: '0x98de503528ee59b575ef0c0a2576a82497bfc029a5685b209e9ec333479b10a5',
  /** AuthorizationCanceled(address indexed authorizer, bytes32 indexed nonce) */
  authorizationCanceled: '0x1cdd46ff242716cdaa72d159d339a485b3438398348d68f09d7c8c0a59353d81',
} as const;

/** Everything `decodeTokenLog` understands; the first element of an `eth_getLogs` topic filter. */
export const TOKEN_LOG_TOPICS: readonly Hex[] = Object.values(TOPICS);

/** A log as the node writes it. */
export interface WireLog {
  readonly address: string;
  readonly topics: readonly string[];
  readonly data: string;
  readonly blockNumber: string;
  readonly blockHash: string;
  readonly transactionHash: string;
  readonly logIndex: string;
}

interface LogPosition {
  readonly txHash: Hex;
  /** Within the block. */
  readonly logIndex: number;
  readonly blockNumber: number;
  readonly blockHash: Hex;
}

/** Addresses and hashes in lower case; `value` in minor units. */
export type TokenLog =
  | (LogPosition & {
      readonly kind: 'transfer';
      readonly from: Hex;
      readonly to: Hex;
      readonly value: bigint;
    })
  | (LogPosition & {
      readonly kind: 'authorizationUsed' | 'authorizationCanceled';
      readonly authorizer: Hex;
      readonly nonce: Hex;
    });

/** The meaning of a log of the token contract; undefined for any other event. The caller has filtered by address. */
export function decodeTokenLog(log: WireLog): TokenLog | undefined {
  const [topic, first, second] = log.topics;
  switch (topic) {
    case TOPICS.transfer:
      return {
        kind: 'transfer',
        ...positionOf(log),
        from: addressTopic(first),
        to: addressTopic(second),
        value: uintOf(wordAt(log.data, 0)),
      };
    case TOPICS.authorizationUsed:
    case TOPICS.authorizationCanceled:
      return {
        kind: topic === TOPICS.authorizationUsed ? 'authorizationUsed' : 'authorizationCanceled',
        ...positionOf(log),
        authorizer: addressTopic(first),
        nonce: lowerHex(must(second, 'an authorization log has two indexed fields')),
      };
    default:
      return undefined;
  }
}

/** A transfer that some contract says it made. Whoever wrote the contract chose every field. */
export interface ClaimedTransfer extends LogPosition {
  readonly token: Hex;
  readonly from: Hex;
  readonly to: Hex;
  readonly value: bigint;
}

/** The transfer a log of any contract says; undefined for every other shape, such as an NFT's with its fourth topic. */
export function decodeClaimedTransfer(log: WireLog): ClaimedTransfer | undefined {
  const [topic, from = '', to = '', ...more] = log.topics;
  if (topic !== TOPICS.transfer || more.length > 0) return undefined;
  if (!WORD.test(log.data) || !ADDRESS_WORD.test(from) || !ADDRESS_WORD.test(to)) return undefined;
  return {
    ...positionOf(log),
    token: lowerHex(log.address),
    from: addressTopic(from),
    to: addressTopic(to),
    value: BigInt(log.data),
  };
}

const WORD = /^0x[0-9a-fA-F]{64}$/;
const ADDRESS_WORD = /^0x0{24}[0-9a-fA-F]{40}$/;

const addressTopic = (topic: string | undefined): Hex =>
  addressOfWord(must(topic, 'the log lacks an indexed field').slice(2));

const positionOf = (log: WireLog): LogPosition => ({
  txHash: lowerHex(log.transactionHash),
  logIndex: Number(log.logIndex),
  blockNumber: Number(log.blockNumber),
  blockHash: lowerHex(log.blockHash),
});

const lowerHex = (value: string): Hex => value.toLowerCase() as Hex;
