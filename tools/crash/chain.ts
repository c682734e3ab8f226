import type pg from 'pg';
import type { JsonRpc } from '../../server/src/chain/rpc.ts';
import { decodeUint, encodeBalanceOf } from '../../server/src/chain/token/calls.ts';
import { TOPICS } from '../../server/src/chain/token/logs.ts';
import { must } from '../../server/src/kernel/assert.ts';
import { type Check, same, sameThings } from './check.ts';
import type { Done } from './done.ts';
import { endingOf } from './payment-books.ts';

interface Log {
  readonly topics: readonly [string, string, string];
  readonly data: string;
}

/** Every cash-in and payment is paid once on chain, and addresses hold what was paid in less what was sent on. */
export async function checkChain(
  client: pg.Client,
  rpc: JsonRpc,
  token: string,
  done: Done,
): Promise<Check[]> {
  const { rows } = await client.query<{ address: string }>('select address from treasuries');
  const treasury = must(rows[0], 'the treasury').address;
  const cashIns = [...done.orders, ...done.means, ...done.funding];
  const ends = done.payments.map((payment) => ({ ...payment, ...endingOf(payment) }));
  const refunds = ends.filter(({ refundMinor }) => refundMinor > 0n);
  const payers = [...new Set(ends.map(({ from }) => from))];
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
      [
        ...cashIns.map(({ address, netMinor }) => `${topicOf(address)} ${netMinor}`),
        ...refunds.map(({ from, refundMinor }) => `${topicOf(from)} ${refundMinor}`),
      ],
      await transfersFrom(treasury),
    ),
    sameThings(
      'transfers from payers',
      ends.flatMap(({ paidMinor, to }) =>
        // A transfer pays the recipient first and its fees then; a payout, the treasury.
        paidMinor.map(
          (minor, index) => `${topicOf(index === 0 && to !== undefined ? to : treasury)} ${minor}`,
        ),
      ),
      (await Promise.all(payers.map(transfersFrom))).flat(),
    ),
    sameThings(
      'transfers from outside',
      done.deposits.map(({ address, amountMinor }) => `${topicOf(address)} ${amountMinor}`),
      await transfersFrom(done.outsider),
    ),
    same('addresses with the right balance', expected.size, right),
  ];
}

function expectedBalances({
  orders,
  means,
  payments,
  funding,
  deposits,
  outsider,
}: Done): Map<string, bigint> {
  const balances = new Map<string, bigint>();
  const add = (address: string, minor: bigint): void => {
    const key = address.toLowerCase();
    balances.set(key, (balances.get(key) ?? 0n) + minor);
  };
  for (const { address, netMinor } of [...orders, ...means, ...funding]) add(address, netMinor);
  for (const payment of payments) {
    const { paidMinor, refundMinor } = endingOf(payment);
    add(payment.from, refundMinor - paidMinor.reduce((sum, minor) => sum + minor, 0n));
    if (payment.to !== undefined) add(payment.to, payment.arrivingMinor);
  }
  for (const { address, amountMinor } of deposits) {
    add(address, amountMinor);
    add(outsider, -amountMinor);
  }
  return balances;
}

const topicOf = (address: string): string => `0x${address.slice(2).toLowerCase().padStart(64, '0')}`;
