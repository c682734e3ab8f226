import { fromQuantity, type Header, heads } from '../blocks.ts';
import { type JsonRpc, RpcError } from '../rpc.ts';
import type { Relayer } from './store.ts';

/** An account that pays gas, as the chain has it. */
export interface AccountView {
  readonly balance: bigint;
  /** Transactions of it in the chain: the nonce that comes next. */
  readonly latestCount: number;
  readonly finalizedCount: number;
}

/** What one tick goes by. Read before the receipts: a nonce that is final here has its receipt by then, if it is ours. */
export interface ChainView {
  readonly latest: Header;
  readonly finalized: Header;
  readonly accounts: ReadonlyMap<number, AccountView>;
}

export async function readChain(rpc: JsonRpc, relayers: readonly Relayer[]): Promise<ChainView> {
  const { latest, finalized } = await heads(rpc);
  const answers = await rpc.batch<string>(
    relayers.flatMap(({ address }) => [
      { method: 'eth_getBalance', params: [address, 'latest'] },
      { method: 'eth_getTransactionCount', params: [address, 'latest'] },
      { method: 'eth_getTransactionCount', params: [address, 'finalized'] },
    ]),
  );
  const values = answers.map((answer) => {
    if (answer instanceof RpcError) throw answer;
    return answer;
  });
  const accounts = new Map<number, AccountView>();
  relayers.forEach(({ index }, i) => {
    const [balance = '0x0', latestCount = '0x0', finalizedCount = '0x0'] = values.slice(i * 3, i * 3 + 3);
    accounts.set(index, {
      balance: BigInt(balance),
      latestCount: fromQuantity(latestCount),
      finalizedCount: fromQuantity(finalizedCount),
    });
  });
  return { latest, finalized, accounts };
}
