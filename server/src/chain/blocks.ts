import { assert } from '../kernel/assert.ts';
import { type JsonRpc, RpcError } from './rpc.ts';

/** What of a block header is used. Times are Unix seconds. */
export interface Header {
  readonly number: number;
  readonly hash: string;
  readonly parentHash: string;
  readonly time: number;
  /** Wei per gas (EIP-1559). */
  readonly baseFeePerGas: bigint;
}

interface WireHeader {
  readonly number: string;
  readonly hash: string;
  readonly parentHash: string;
  readonly timestamp: string;
  readonly baseFeePerGas?: string;
}

/** Several headers in one exchange; undefined for a block the node does not have. */
export async function headers(
  rpc: JsonRpc,
  blocks: readonly (number | 'latest' | 'finalized')[],
): Promise<(Header | undefined)[]> {
  const found = await rpc.batch<WireHeader | null>(
    blocks.map((block) => ({
      method: 'eth_getBlockByNumber',
      params: [typeof block === 'number' ? toQuantity(block) : block, false],
    })),
  );
  return found.map((header) => {
    if (header instanceof RpcError) throw header;
    return header ? fromWire(header) : undefined;
  });
}

/** The heads of the chain. Throws when the node names none, as one that is syncing may. */
export async function heads(rpc: JsonRpc): Promise<{ readonly latest: Header; readonly finalized: Header }> {
  const [latest, finalized] = await headers(rpc, ['latest', 'finalized']);
  if (!latest || !finalized) throw new RpcError(0, 'the node names no latest or finalized block');
  return { latest, finalized };
}

const fromWire = (wire: WireHeader): Header => ({
  number: fromQuantity(wire.number),
  hash: wire.hash,
  parentHash: wire.parentHash,
  time: fromQuantity(wire.timestamp),
  baseFeePerGas: BigInt(wire.baseFeePerGas ?? '0x0'),
});

export const toQuantity = (value: number | bigint): string => `0x${value.toString(16)}`;

export function fromQuantity(quantity: string): number {
  const value = Number(quantity);
  assert(Number.isSafeInteger(value) && value >= 0, 'not a quantity');
  return value;
}
