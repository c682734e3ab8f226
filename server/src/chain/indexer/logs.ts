import { assert } from '../../kernel/assert.ts';
import { type Header, toQuantity } from '../blocks.ts';
import { type JsonRpc, RpcError } from '../rpc.ts';
import { decodeTokenLog, TOKEN_LOG_TOPICS, type TokenLog, type WireLog } from '../token/logs.ts';

/** The token's transfers and used authorizations in the given blocks, by hash: a reorganised block is an error. */
export async function logsOfBlocks(
  rpc: JsonRpc,
  token: string,
  blocks: readonly Header[],
): Promise<TokenLog[]> {
  const replies = await rpc.batch<WireLog[]>(
    blocks.map(({ hash }) => ({
      method: 'eth_getLogs',
      params: [{ blockHash: hash, address: token, topics: [TOKEN_LOG_TOPICS] }],
    })),
  );
  return replies.flatMap((reply) => {
    if (reply instanceof RpcError) throw reply;
    return decode(token, reply);
  });
}

/** The same for blocks `from` … `to`. Only for blocks deep enough that every node behind the address has them. */
export async function logsOfRange(
  rpc: JsonRpc,
  token: string,
  from: number,
  to: number,
): Promise<TokenLog[]> {
  return decode(
    token,
    await rpc.call<WireLog[]>('eth_getLogs', [
      { fromBlock: toQuantity(from), toBlock: toQuantity(to), address: token, topics: [TOKEN_LOG_TOPICS] },
    ]),
  );
}

/** Throws when the node answers with another contract's logs: what they say is worth nothing. */
function decode(token: string, logs: readonly WireLog[]): TokenLog[] {
  const wanted = token.toLowerCase();
  assert(
    logs.every(({ address }) => address.toLowerCase() === wanted),
    'the node answered with logs that were not asked for',
  );
  return logs.map(decodeTokenLog).filter((log) => log !== undefined);
}
