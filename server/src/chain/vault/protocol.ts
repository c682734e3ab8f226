import { MAX_INDEX, MAX_PAGED_INDEX, PUBLIC_KEY_SET } from './keys.ts';

/** What may be asked of the signer, and its wire form: one JSON object a line, amounts as decimal strings. */

/** A payment to authorize. The signer works out the sender, the authorization nonce and the digest itself. */
export interface TransferToSign {
  readonly sendId: string;
  /** Numbers the authorizations of one send, from 1. */
  readonly attempt: number;
  /** Which key set the sender's key is of (`PUBLIC_KEY_SET` or from 0), and its index there. */
  readonly keySet: number;
  readonly keyIndex: number;
  readonly to: string;
  /** Minor units of the token. */
  readonly value: bigint;
  /** Unix seconds, exclusive at both ends (EIP-3009). */
  readonly validAfter: number;
  readonly validBefore: number;
}

export interface SignedTransfer extends TransferToSign {
  /** 65 bytes: r, s, v. */
  readonly signature: string;
}

export interface TokenRef {
  readonly chainId: number;
  readonly contract: string;
}

export interface RelayToSign extends TokenRef {
  readonly relayerIndex: number;
  readonly nonce: number;
  readonly gas: bigint;
  readonly maxFeePerGas: bigint;
  readonly maxPriorityFeePerGas: bigint;
  readonly transfers: readonly SignedTransfer[];
}

/** A signed transaction: its raw bytes and hash, and what it does (call to `to` with `dataBytes` bytes of data). */
export interface SignedRelay {
  readonly raw: string;
  readonly hash: string;
  readonly to: string;
  readonly dataBytes: number;
}

export type RefusalCode =
  | 'invalid_request'
  | 'token_not_allowed'
  | 'unknown_key_set'
  | 'over_limit'
  | 'over_daily_limit'
  | 'other_digest_signed'
  | 'fee_over_limit';

export type TransferSignature = { readonly signature: string } | { readonly refused: RefusalCode };

export const MAX_TRANSFERS_PER_REQUEST = 1_000;
export const MAX_ADDRESSES_PER_REQUEST = 10_000;
export const MAX_KEY_SETS = 1_000;

/** The signer understood and said no. */
export class Refused extends Error {
  override readonly name = 'Refused';
  readonly code: RefusalCode;

  constructor(code: RefusalCode, message: string) {
    super(message);
    this.code = code;
  }
}

type Wire = Record<string, unknown>;

const SEND_ID = /^[a-z0-9_]{1,64}$/;
const ADDRESS = /^0x[0-9a-fA-F]{40}$/;
const SIGNATURE = /^0x[0-9a-f]{130}$/;
const DECIMAL = /^(0|[1-9][0-9]{0,77})$/;
const MAX_ATTEMPT = 999_999_999;

export const transferToWire = (transfer: TransferToSign): Wire => ({
  ...transfer,
  value: transfer.value.toString(),
});

export const relayToWire = (relay: RelayToSign): Wire => ({
  ...relay,
  gas: relay.gas.toString(),
  maxFeePerGas: relay.maxFeePerGas.toString(),
  maxPriorityFeePerGas: relay.maxPriorityFeePerGas.toString(),
  transfers: relay.transfers.map(transferToWire),
});

/** Parses what a client sent, field by field. Throws Refused('invalid_request'). */
export function transferFromWire(wire: unknown): TransferToSign {
  const item = record(wire);
  const isPublic = item.keySet === PUBLIC_KEY_SET;
  return {
    sendId: text(item.sendId, SEND_ID, 'sendId'),
    attempt: positive(item.attempt, MAX_ATTEMPT, 'attempt'),
    keySet: isPublic ? PUBLIC_KEY_SET : integer(item.keySet, MAX_KEY_SETS - 1, 'keySet'),
    keyIndex: integer(item.keyIndex, isPublic ? MAX_PAGED_INDEX : MAX_INDEX, 'keyIndex'),
    to: text(item.to, ADDRESS, 'to').toLowerCase(),
    value: BigInt(text(item.value, DECIMAL, 'value')),
    validAfter: integer(item.validAfter, Number.MAX_SAFE_INTEGER, 'validAfter'),
    validBefore: integer(item.validBefore, Number.MAX_SAFE_INTEGER, 'validBefore'),
  };
}

const signedTransferFromWire = (wire: unknown): SignedTransfer => ({
  ...transferFromWire(wire),
  signature: text(record(wire).signature, SIGNATURE, 'signature'),
});

export function tokenFromWire(wire: Wire): TokenRef {
  return {
    chainId: integer(wire.chainId, Number.MAX_SAFE_INTEGER, 'chainId'),
    contract: text(wire.contract, ADDRESS, 'contract').toLowerCase(),
  };
}

export function relayFromWire(wire: Wire): RelayToSign {
  return {
    ...tokenFromWire(wire),
    relayerIndex: integer(wire.relayerIndex, 2 ** 31 - 1, 'relayerIndex'),
    nonce: integer(wire.nonce, Number.MAX_SAFE_INTEGER, 'nonce'),
    gas: BigInt(text(wire.gas, DECIMAL, 'gas')),
    maxFeePerGas: BigInt(text(wire.maxFeePerGas, DECIMAL, 'maxFeePerGas')),
    maxPriorityFeePerGas: BigInt(text(wire.maxPriorityFeePerGas, DECIMAL, 'maxPriorityFeePerGas')),
    transfers: list(wire.transfers, MAX_TRANSFERS_PER_REQUEST, 'transfers').map(signedTransferFromWire),
  };
}

export function list(value: unknown, maxLength: number, field: string): unknown[] {
  if (!Array.isArray(value) || value.length > maxLength) throw invalid(field);
  return value;
}

export function integer(value: unknown, max: number, field: string): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0 || value > max)
    throw invalid(field);
  return value;
}

function positive(value: unknown, max: number, field: string): number {
  const found = integer(value, max, field);
  if (found === 0) throw invalid(field);
  return found;
}

export function record(value: unknown): Wire {
  if (typeof value !== 'object' || value === null) throw invalid('request');
  return value as Wire;
}

function text(value: unknown, pattern: RegExp, field: string): string {
  if (typeof value !== 'string' || !pattern.test(value)) throw invalid(field);
  return value;
}

const invalid = (field: string): Refused => new Refused('invalid_request', `invalid ${field}`);
