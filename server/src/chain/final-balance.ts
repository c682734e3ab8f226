import { must } from '../kernel/assert.ts';
import { headers } from './blocks.ts';
import { JsonRpc } from './rpc.ts';
import { balancesAt } from './token/balances.ts';

/** What the token contract says an address holds, at the last final block. */
export interface FinalBalance {
  readonly minor: bigint;
  readonly blockNumber: bigint;
}

/** Asks the chain now. Throws when it does not answer in time. */
export type AskFinalBalance = (address: string) => Promise<FinalBalance>;

/** For somebody who waits for it. */
const TIMEOUT_MS = 1_500;

export const finalBalancesOf =
  (url: string, token: string): AskFinalBalance =>
  async (address) => {
    // Asked now and then, by a person: no connection is kept for it.
    const rpc = new JsonRpc({ url, timeoutMs: TIMEOUT_MS });
    try {
      const [header] = await headers(rpc, ['finalized']);
      const blockNumber = BigInt(must(header, 'the node names a final block').number);
      const [minor] = await balancesAt(rpc, token, [address], blockNumber);
      return { minor: must(minor, 'a balance'), blockNumber };
    } finally {
      rpc.close();
    }
  };
