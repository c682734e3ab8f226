import type { RpcCall } from '../../src/chain/rpc.ts';
import type { Drill, Round } from './drill.ts';
import type { Interference, NodeReply } from './node-proxy.ts';
import { runDrills } from './run.ts';

const hex = (value: number): string => `0x${value.toString(16)}`;
const FINALITY_DEPTH = 2;
const NULL_REPLY: NodeReply = { result: null };

const headOf = async ({ bed }: Round): Promise<number> =>
  Number(await bed.node.call<string>('eth_blockNumber'));

/** A node that has not yet seen what is above `head`. */
function replicaAt(head: number): Interference {
  const height = (block: unknown): unknown => {
    if (block === 'latest') return hex(head);
    return block === 'finalized' ? hex(Math.max(head - FINALITY_DEPTH, 0)) : block;
  };
  const isUnknown = (block: unknown): boolean => typeof block === 'string' && Number(block) > head;
  return {
    request: (call) => {
      const { method, params = [] } = call;
      if (method === 'eth_getBlockByNumber') {
        return isUnknown(params[0]) ? NULL_REPLY : { method, params: [height(params[0]), params[1]] };
      }
      const takesBlockSecond = ['eth_call', 'eth_getBalance', 'eth_getTransactionCount'].includes(method);
      if (!takesBlockSecond) return call;
      return isUnknown(params[1])
        ? { error: { code: -32_000, message: 'header not found' } }
        : { method, params: [params[0], height(params[1])] };
    },
    reply: (call, reply) => {
      if (call.method === 'eth_getTransactionReceipt') {
        return isUnknown((reply.result as { blockNumber?: string } | null)?.blockNumber) ? NULL_REPLY : reply;
      }
      if (call.method !== 'eth_getLogs' || !Array.isArray(reply.result)) return reply;
      const logs = reply.result as { blockNumber: string }[];
      return logs.some(({ blockNumber }) => isUnknown(blockNumber))
        ? { error: { code: -32_000, message: 'unknown block' } }
        : reply;
    },
  };
}

const onReceipts = (lie: (reply: NodeReply) => NodeReply): Interference => ({
  reply: (call: RpcCall, reply) => (call.method === 'eth_getTransactionReceipt' ? lie(reply) : reply),
});

const DRILLS: readonly Drill[] = [
  {
    name: 'stale replica',
    cause: 'half of the exchanges are answered by a node that is one to six blocks behind',
    inject: async (round) => {
      round.bed.proxy.interfere = async () =>
        round.below(2) === 0 ? {} : replicaAt((await headOf(round)) - 1 - round.below(6));
      await round.pay();
      for (let i = 0; i < 12; i++) await round.step();
      await round.pay();
    },
    expect: 'paid',
    isQuick: true,
  },
  {
    name: 'lying receipt',
    cause:
      'receipts of transactions that are in no block, name a final one; or those of mined ones are withheld',
    inject: async (round) => {
      const { bed } = round;
      await round.pay(5);
      const isWithheld = round.below(2) === 0;
      const final = await bed.node.call<{ number: string; hash: string }>('eth_getBlockByNumber', [
        'finalized',
        false,
      ]);
      const invented = { blockNumber: final.number, blockHash: final.hash, status: '0x1', logs: [] };
      bed.proxy.interfere = () => onReceipts(() => (isWithheld ? NULL_REPLY : { result: invented }));
      await round.tick();
      if (!isWithheld) await bed.node.call('anvil_dropAllTransactions');
      for (let i = 2 + round.below(6); i > 0; i--) await round.step();
      bed.proxy.interfere = undefined;
    },
    expect: 'paid',
    isQuick: true,
  },
  {
    name: 'receipt with another status',
    cause: 'each receipt says the transaction failed, though its calls were paid',
    inject: async (round) => {
      round.bed.proxy.interfere = () =>
        onReceipts((reply) =>
          reply.result ? { result: { ...reply.result, status: '0x0', logs: [] } } : reply,
        );
      await round.pay();
      for (let i = 0; i < 8; i++) await round.step();
    },
    expect: 'paid',
    isQuick: false,
  },
  {
    name: 'finalized stalled',
    cause: 'the finalized block stays where it is, or steps back, for ten to twenty blocks',
    inject: async (round) => {
      const { bed } = round;
      const stalled = (await headOf(round)) - FINALITY_DEPTH - round.below(3);
      bed.proxy.interfere = () => ({
        request: ({ method, params = [] }) => ({
          method,
          params: params.map((each) => (each === 'finalized' ? hex(stalled) : each)),
        }),
      });
      const planned = await round.pay();
      for (let i = 10 + round.below(10); i > 0; i--) await round.step();
      const told = await bed.query('select from drill_outcomes where send_id = any($1)', [
        planned.map(({ sendId }) => sendId),
      ]);
      if (told.length > 0) throw new Error('settled what was not final');
      bed.proxy.interfere = undefined;
    },
    expect: 'paid',
    isQuick: true,
  },
  {
    name: 'reorganisation of a mined transaction',
    cause:
      'anvil_reorg of the one or two blocks above the finalized one, some empty afterwards, once or twice',
    inject: async (round) => {
      await round.pay();
      for (let times = 1 + round.below(2); times > 0; times--) {
        await round.tick();
        await round.bed.local.mine(1 + round.below(2));
        await round.tick();
        await round.bed.node.call('anvil_reorg', [1 + round.below(FINALITY_DEPTH), []]);
      }
    },
    expect: 'paid',
    isQuick: true,
  },
  {
    name: 'chain restarted',
    cause: 'anvil is stopped, or killed with what is in its pool, and the chain started again',
    inject: async (round) => {
      await round.pay();
      if (round.below(3) > 0) await round.tick();
      if (round.below(2) === 0) await round.bed.local.mine();
      if (round.below(3) > 0) await round.bed.killChain();
      await round.bed.restartChain();
    },
    expect: 'paid',
    isQuick: true,
  },
];

runDrills(DRILLS);
