import { CUT, isSubmission, type NodeReply, startNodeProxy } from '../../test/drills/node-proxy.ts';
import { toQuantity } from './blocks.ts';
import type { RpcCall } from './rpc.ts';

/** As providers answer a call that costs them too much. */
export const REFUSED: NodeReply = { error: { code: -32_005, message: 'query exceeds limit' } };

/** A JSON-RPC proxy with Polygon's rules that fails on demand. Counters are used up by submissions of transactions. */
export interface FaultyProxy {
  readonly url: string;
  readonly faults: {
    /** Every connection is cut. */
    down: boolean;
    /** The node never sees so many submissions. */
    dropRequests: number;
    /** The node takes so many submissions, the client sees its connection cut. */
    dropResponses: number;
    /** What is answered without asking the node; undefined: nothing. */
    answer: (call: RpcCall) => NodeReply | undefined;
    /** No block above this one is final, however many come; undefined: the node's own word. */
    finalAt: number | undefined;
  };
  stop(): Promise<void>;
}

export async function startFaultyProxy(target: string): Promise<FaultyProxy> {
  const faults: FaultyProxy['faults'] = {
    down: false,
    dropRequests: 0,
    dropResponses: 0,
    answer: () => undefined,
    finalAt: undefined,
  };
  const takesOne = (call: RpcCall, fault: 'dropRequests' | 'dropResponses'): boolean => {
    if (!isSubmission(call) || faults[fault] === 0) return false;
    faults[fault] -= 1;
    return true;
  };
  const proxy = await startNodeProxy(target);
  proxy.interfere = () => ({
    request: (call) => {
      if (faults.down || takesOne(call, 'dropRequests')) return CUT;
      const answer = faults.answer(call);
      if (answer) return answer;
      const asksFinal = call.method === 'eth_getBlockByNumber' && call.params?.[0] === 'finalized';
      if (!asksFinal || faults.finalAt === undefined) return call;
      return { ...call, params: [toQuantity(faults.finalAt), false] };
    },
    reply: (call, reply) => (takesOne(call, 'dropResponses') ? CUT : reply),
  });
  return { url: proxy.url, faults, stop: proxy.stop };
}
