import { once } from 'node:events';
import http from 'node:http';
import { parseTransaction, recoverTransactionAddress, type TransactionSerialized } from 'viem';
import type { RpcCall } from '../../src/chain/rpc.ts';
import { assert } from '../../src/kernel/assert.ts';

export interface NodeReply {
  readonly result?: unknown;
  readonly error?: { readonly code: number; readonly message: string };
}

/** The caller's connection is cut. */
export const CUT = Symbol('cut');
type Cut = typeof CUT;

/** What stands between the caller and the node during one exchange. */
export interface Interference {
  /** Another call to make instead, an answer without asking the node, or a cut before the node sees anything. */
  request?(call: RpcCall): RpcCall | NodeReply | Cut;
  /** Another answer, or a cut after the node has acted. */
  reply?(call: RpcCall, reply: NodeReply): NodeReply | Cut;
}

export interface NodeProxy {
  readonly url: string;
  /** The node's URL; it may change. */
  target: string;
  /** Asked at each exchange; undefined leaves it alone. */
  interfere: (() => Interference | Promise<Interference>) | undefined;
  stop(): Promise<void>;
}

const GWEI = 10n ** 9n;
const MIN_TIP = 25n * GWEI;
/** No transaction may ask for more gas on Polygon. */
const MAX_GAS = 33_500_000n;

interface Pooled {
  readonly raw: string;
  readonly hash: unknown;
  readonly maxFeePerGas: bigint;
  readonly tip: bigint;
}

/**
 * A JSON-RPC proxy in front of the local chain. It refuses what Polygon's nodes refuse and anvil takes: a tip below
 * 25 gwei, a replacement that does not offer 10 % more on both fees, more than 33.5 M gas. The rest is interference.
 */
export async function startNodeProxy(target: string): Promise<NodeProxy> {
  const pool = new Map<string, Pooled>();

  const ask = async (calls: readonly RpcCall[]): Promise<NodeReply[]> => {
    if (calls.length === 0) return [];
    const body = calls.map(({ method, params = [] }, id) => ({ jsonrpc: '2.0', id, method, params }));
    const reply = await fetch(proxy.target, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json' },
    });
    const replies = (await reply.json()) as (NodeReply & { id: number })[];
    return replies.toSorted((a, b) => a.id - b.id);
  };

  const refusal = async (raw: string): Promise<{ key: string; pooled: Pooled; refused?: NodeReply }> => {
    const serializedTransaction = raw as TransactionSerialized<'eip1559'>;
    const {
      nonce = 0,
      gas = 0n,
      maxFeePerGas = 0n,
      maxPriorityFeePerGas: tip = 0n,
    } = parseTransaction(serializedTransaction);
    const key = `${await recoverTransactionAddress({ serializedTransaction })}:${nonce}`;
    const pooled = { raw, hash: undefined, maxFeePerGas, tip };
    const refuse = (message: string) => ({ key, pooled, refused: { error: { code: -32_000, message } } });
    if (tip < MIN_TIP) return refuse('transaction underpriced: gas tip cap below minimum');
    if (gas > MAX_GAS) return refuse('transaction gas limit too high');
    const other = pool.get(key);
    if (!other || other.raw === raw) return { key, pooled };
    const [known] = await ask([{ method: 'eth_getTransactionByHash', params: [other.hash] }]);
    const isPooled = known?.result && (known.result as { blockNumber: unknown }).blockNumber === null;
    const isEnough = maxFeePerGas * 10n >= other.maxFeePerGas * 11n && tip * 10n >= other.tip * 11n;
    return isPooled && !isEnough ? refuse('replacement transaction underpriced') : { key, pooled };
  };

  const submit = async (call: RpcCall): Promise<NodeReply> => {
    const { key, pooled, refused } = await refusal(String(call.params?.[0]));
    if (refused) return refused;
    const [reply = {}] = await ask([call]);
    if (reply.result !== undefined) pool.set(key, { ...pooled, hash: reply.result });
    return reply;
  };

  const answer = async (calls: readonly RpcCall[]): Promise<NodeReply[] | Cut> => {
    const { request, reply } = (await proxy.interfere?.()) ?? {};
    const asked = calls.map((call) => request?.(call) ?? call);
    if (asked.includes(CUT)) return CUT;
    const reads = asked.filter((each): each is RpcCall => isCall(each) && !isSubmission(each));
    const answered = await ask(reads);
    const replies: NodeReply[] = [];
    for (const each of asked as (RpcCall | NodeReply)[]) {
      if (!isCall(each)) replies.push(each);
      else if (isSubmission(each)) replies.push(await submit(each));
      else replies.push(answered.shift() ?? {});
    }
    const final = replies.map((each, i) => reply?.(calls[i] ?? { method: '' }, each) ?? each);
    return final.includes(CUT) ? CUT : (final as NodeReply[]);
  };

  const server = http.createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const body = JSON.parse(Buffer.concat(chunks).toString()) as (RpcCall & { id: unknown })[];
    const calls = Array.isArray(body) ? body : [body];
    const replies = await answer(calls).catch(() => CUT);
    if (typeof replies === 'symbol') return request.socket.destroy();
    const wire = replies.map((reply, i) => ({ ...reply, jsonrpc: '2.0', id: calls[i]?.id }));
    response.end(JSON.stringify(Array.isArray(body) ? wire : wire[0]));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  assert(typeof address === 'object' && address !== null, 'a TCP server has an address');
  const proxy: NodeProxy = {
    url: `http://127.0.0.1:${address.port}`,
    target,
    interfere: undefined,
    stop: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
  return proxy;
}

const isCall = (each: RpcCall | NodeReply | Cut): each is RpcCall =>
  typeof each === 'object' && 'method' in each;

export const isSubmission = ({ method }: RpcCall): boolean => method === 'eth_sendRawTransaction';
