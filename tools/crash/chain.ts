import type pg from 'pg';
import type { JsonRpc } from '../../server/src/chain/rpc.ts';
import { decodeUint, encodeBalanceOf } from '../../server/src/chain/token/calls.ts';
import { TOPICS } from '../../server/src/chain/token/logs.ts';
import { must } from '../../server/src/kernel/assert.ts';
import { type Check, same, sameThings } from './check.ts';
import type { Done } from './done.ts';

interface Log {
  readonly topics: readonly [string, string, string];
  readonly data: string;
}

/** Every cash-in is paid once on chain, and addresses hold what was paid in less what was sent on. */
export async function checkChain(
  client: pg.Client,
  rpc: JsonRpc,
  token: string,
  done: Done,
): Promise<Check[]> {
  const { rows } = await client.query<{ address: string }>('select address from treasuries');
  const treasury = must(rows[0], 'the treasury').address;
  const cashIns = [...done.orders, ...done.funding];
  const transfersFrom = async (from: string): Promise<string[]> => {
    const topics = [TOPICS.transfer, topicOf(from)];
    const filter = { address: token, fromBlock: '0x0', toBlock: 'latest', topics };
    const logs = await rpc.call<readonly Log[]>('eth_getLogs', [filter]);
    return logs.map((log) => `${log.topics[2]} ${BigInt(log.data)}`);
  };
  const expected = expectedBalances(done);
  let right = 0;
  for (const [address, minor] of expected) {
    const call = { to: token, data: encodeBalanceOf(address) };
    if (decodeUint(await rpc.call<string>('eth_call', [call, 'latest'])) === minor) right += 1;
  }
  return [
    sameThings(
      'transfers from the treasury',
      cashIns.map(({ address, netMinor }) => `${topicOf(address)} ${netMinor}`),
      await transfersFrom(treasury),
    ),
    sameThings(
      'transfers from outside',
      done.deposits.map(({ address, amountMinor }) => `${topicOf(address)} ${amountMinor}`),
      await transfersFrom(done.outsider),
    ),
    same('addresses with the right balance', expected.size, right),
  ];
}

function expectedBalances({ orders, funding, deposits, outsider }: Done): Map<string, bigint> {
  const balances = new Map<string, bigint>();
  const add = (address: string, minor: bigint): void => {
    const key = address.toLowerCase();
    balances.set(key, (balances.get(key) ?? 0n) + minor);
  };
  for (const { address, netMinor } of [...orders, ...funding]) add(address, netMinor);
  for (const { address, amountMinor } of deposits) {
    add(address, amountMinor);
    add(outsider, -amountMinor);
  }
  return balances;
}

const topicOf = (address: string): string => `0x${address.slice(2).toLowerCase().padStart(64, '0')}`;
