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
  };
  stop(): Promise<void>;
}

export async function startFaultyProxy(target: string): Promise<FaultyProxy> {
  const faults = { down: false, dropRequests: 0, dropResponses: 0 };
  const takesOne = (call: RpcCall, fault: 'dropRequests' | 'dropResponses'): boolean => {
    if (!isSubmission(call) || faults[fault] === 0) return false;
    faults[fault] -= 1;
    return true;
  };
  const proxy = await startNodeProxy(target);
  proxy.interfere = () => ({
    request: (call) => (faults.down || takesOne(call, 'dropRequests') ? CUT : call),
    reply: (call, reply) => (takesOne(call, 'dropResponses') ? CUT : reply),
  });
  return { url: proxy.url, faults, stop: proxy.stop };
}
