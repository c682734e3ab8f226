import type { JsonRpc } from '../rpc.ts';
import { decodeAggregate3, decodeUint, encodeAggregate3, encodeBalanceOf } from './calls.ts';
import { MULTICALL3 } from './contracts.ts';

/** A balance costs some 10,000 gas, and nodes let a call burn 25 million or more. */
const BALANCES_PER_CALL = 500;

/**
 * What each address holds of the token after the given block, in minor units and in order. The node must still have
 * that block's state. Throws RpcError and RpcTransportError.
 */
export async function balancesAt(
  rpc: JsonRpc,
  token: string,
  holders: readonly string[],
  block: bigint,
): Promise<bigint[]> {
  const balances: bigint[] = [];
  for (let from = 0; from < holders.length; from += BALANCES_PER_CALL) {
    const calls = holders
      .slice(from, from + BALANCES_PER_CALL)
      .map((holder) => ({ target: token, callData: encodeBalanceOf(holder) }));
    const call = { to: MULTICALL3, data: encodeAggregate3(calls, false) };
    const returned = await rpc.call<string>('eth_call', [call, `0x${block.toString(16)}`]);
    balances.push(...decodeAggregate3(returned, calls.length).map(decodeUint));
  }
  return balances;
}
