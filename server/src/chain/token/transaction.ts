import { keccak256, serializeTransaction } from 'viem/utils';
import type { Hex } from './hex.ts';
import { signDigestParts } from './secp256k1.ts';

/** An EIP-1559 transaction. Fees in wei per gas. */
export interface TransactionToSign {
  readonly chainId: number;
  readonly nonce: number;
  readonly gas: bigint;
  readonly maxFeePerGas: bigint;
  readonly maxPriorityFeePerGas: bigint;
  /** Absent to create a contract. */
  readonly to?: string;
  /** Wei; default 0. */
  readonly value?: bigint;
  readonly data?: string;
}

/** The bytes for `eth_sendRawTransaction` and the hash they will be known by, which holds before any broadcast. */
export interface SignedTransaction {
  readonly raw: Hex;
  readonly hash: Hex;
}

/** Signs with a 32-byte private key. The same key and fields always give the same bytes. */
export function signTransaction(privateKey: Uint8Array, transaction: TransactionToSign): SignedTransaction {
  const { to, data, ...fields } = transaction;
  const unsigned = {
    type: 'eip1559' as const,
    ...fields,
    ...(to !== undefined && { to: to as Hex }),
    ...(data !== undefined && { data: data as Hex }),
  };
  const digest = keccak256(serializeTransaction(unsigned));
  const raw = serializeTransaction(unsigned, signDigestParts(privateKey, digest));
  return { raw, hash: keccak256(raw) };
}
