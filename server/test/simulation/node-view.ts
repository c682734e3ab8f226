import type { RpcCall } from '../../src/chain/rpc.ts';
import { RpcError } from '../../src/chain/rpc.ts';

/** What a node that is behind the others, or whose finality stands still, knows. */
export interface NodeView {
  readonly head: number;
  readonly finalized: number;
}

const TAKES_BLOCK_SECOND = new Set(['eth_call', 'eth_getBalance', 'eth_getTransactionCount']);
const UNKNOWN_BLOCK = -32_000;

const hex = (value: number): string => `0x${Math.max(value, 0).toString(16)}`;

/** The call that a node with the view would make of it, or its answer. */
export function askedAs(view: NodeView, call: RpcCall): RpcCall | { readonly result: unknown } | RpcError {
  const { method, params = [] } = call;
  const height = (block: unknown): unknown => {
    if (block === 'latest') return hex(view.head);
    return block === 'finalized' ? hex(view.finalized) : block;
  };
  if (method === 'eth_getBlockByNumber') {
    if (isAbove(view, params[0])) return { result: null };
    return { method, params: [height(params[0]), params[1]] };
  }
  if (!TAKES_BLOCK_SECOND.has(method)) return call;
  if (isAbove(view, params[1])) return new RpcError(UNKNOWN_BLOCK, 'header not found');
  return { method, params: [params[0], height(params[1])] };
}

/** The answer as such a node would give it. */
export function answeredAs(view: NodeView, call: RpcCall, result: unknown): unknown {
  if (call.method === 'eth_getTransactionReceipt') {
    return isAbove(view, (result as { blockNumber?: string } | null)?.blockNumber) ? null : result;
  }
  if (call.method !== 'eth_getLogs') return result;
  const logs = result as readonly { readonly blockNumber: string }[];
  return logs.some(({ blockNumber }) => isAbove(view, blockNumber))
    ? new RpcError(UNKNOWN_BLOCK, 'unknown block')
    : result;
}

const isAbove = (view: NodeView, block: unknown): boolean =>
  typeof block === 'string' && block.startsWith('0x') && Number(block) > view.head;
