import { bytesDigits, type Hex } from './hex.ts';
import { keccakBytes } from './keccak.ts';
import { rlpBytes, rlpList, rlpQuantity } from './rlp.ts';
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

/** EIP-2718's number for what EIP-1559 describes. */
const TYPE = Buffer.from([2]);

/** Signs with a 32-byte private key. The same key and fields always give the same bytes. */
export function signTransaction(privateKey: Uint8Array, transaction: TransactionToSign): SignedTransaction {
  const fields = fieldsOf(transaction);
  const unsigned = Buffer.concat([TYPE, rlpList(fields)]);
  const { r, s, yParity } = signDigestParts(privateKey, hexOf(keccakBytes(unsigned)));
  const signed = [...fields, rlpQuantity(yParity), rlpQuantity(BigInt(r)), rlpQuantity(BigInt(s))];
  const raw = Buffer.concat([TYPE, rlpList(signed)]);
  return { raw: hexOf(raw), hash: hexOf(keccakBytes(raw)) };
}

function fieldsOf(transaction: TransactionToSign): Buffer[] {
  const { chainId, nonce, gas, maxFeePerGas, maxPriorityFeePerGas, to, value, data } = transaction;
  const noAccessList = rlpList([]);
  return [
    ...[chainId, nonce, maxPriorityFeePerGas, maxFeePerGas, gas].map(rlpQuantity),
    bytesField(to),
    rlpQuantity(value ?? 0n),
    bytesField(data),
    noAccessList,
  ];
}

const bytesField = (hex = '0x'): Buffer => rlpBytes(Buffer.from(bytesDigits(hex), 'hex'));

const hexOf = (bytes: Buffer): Hex => `0x${bytes.toString('hex')}`;
