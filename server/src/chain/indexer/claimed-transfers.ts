import { type Header, toQuantity } from '../blocks.ts';
import type { NetworkConfig } from '../networks.ts';
import { type JsonRpc, RpcError } from '../rpc.ts';
import { type ClaimedTransfer, decodeClaimedTransfer, TOPICS, type WireLog } from '../token/logs.ts';

/** Which logs may be ignored transfers: our token's, for those of nothing, and the other tokens'. */
function filterOf({ tokenAddress, otherTokens }: NetworkConfig): object {
  const topics = [TOPICS.transfer];
  return otherTokens === 'all' ? { topics } : { address: [tokenAddress, ...otherTokens], topics };
}

/** In the given blocks, by hash. */
export async function claimedOfBlocks(
  rpc: JsonRpc,
  network: NetworkConfig,
  blocks: readonly Header[],
): Promise<ClaimedTransfer[]> {
  const replies = await rpc.batch<WireLog[]>(
    blocks.map(({ hash }) => ({
      method: 'eth_getLogs',
      params: [{ blockHash: hash, ...filterOf(network) }],
    })),
  );
  return replies.flatMap((reply) => {
    if (reply instanceof RpcError) throw reply;
    return decode(reply);
  });
}

/** In blocks `from` … `to`. Only for blocks deep enough that every node behind the address has them. */
export async function claimedOfRange(
  rpc: JsonRpc,
  network: NetworkConfig,
  from: number,
  to: number,
): Promise<ClaimedTransfer[]> {
  const range = { fromBlock: toQuantity(from), toBlock: toQuantity(to) };
  return decode(await rpc.call<WireLog[]>('eth_getLogs', [{ ...range, ...filterOf(network) }]));
}

const decode = (logs: readonly WireLog[]): ClaimedTransfer[] =>
  logs.map(decodeClaimedTransfer).filter((transfer) => transfer !== undefined);
