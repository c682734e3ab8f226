import { CUT, isSubmission, startNodeProxy } from '../../test/drills/node-proxy.ts';
import type { RpcCall } from './rpc.ts';

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
    /** The node answers these with an error. */
    refused: (call: RpcCall) => boolean;
  };
  stop(): Promise<void>;
}

export async function startFaultyProxy(target: string): Promise<FaultyProxy> {
  const faults: FaultyProxy['faults'] = {
    down: false,
    dropRequests: 0,
    dropResponses: 0,
    refused: () => false,
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
      return faults.refused(call) ? { error: { code: -32_005, message: 'query exceeds limit' } } : call;
    },
    reply: (call, reply) => (takesOne(call, 'dropResponses') ? CUT : reply),
  });
  return { url: proxy.url, faults, stop: proxy.stop };
}
