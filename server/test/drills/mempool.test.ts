import { parseTransaction } from 'viem';
import { DEPLOYER_KEY } from '../../src/chain/local/genesis.ts';
import { POLYGON_RELAYER } from '../../src/chain/relayer/fees.ts';
import type { RpcCall } from '../../src/chain/rpc.ts';
import { must } from '../../src/kernel/assert.ts';
import { MINUTE_MS, SECOND_MS } from '../../src/kernel/clock.ts';
import type { Drill, Round } from './drill.ts';
import { CUT, type Interference, isSubmission } from './node-proxy.ts';
import { runDrills } from './run.ts';

const OUTSIDE = `0x${'e1'.repeat(20)}`;
const GWEI = 10n ** 9n;
/** Long enough between blocks for a transaction to be resent and its fees to be raised. */
const ROUND_OF_FEES_MS = 8 * SECOND_MS;

interface OpenAttempt {
  readonly hash: string;
  readonly raw: string;
  readonly nonce: bigint;
  readonly relayer_index: number;
}

/** Open attempts, lowest nonce first. */
const openAttempts = ({ bed }: Round): Promise<OpenAttempt[]> =>
  bed.query<OpenAttempt>(
    `select hash, raw, nonce, relayer_index from relay_batches join relay_attempts using (batch_id)
     where status in ('signed', 'broadcast', 'mined') order by nonce`,
  );

/** The first `count` submissions go wrong. */
function failing(count: number, fault: Interference): () => Interference {
  let left = count;
  const takes = (call: RpcCall): boolean => isSubmission(call) && left-- > 0;
  return () => ({
    request: (call) => (fault.request && takes(call) ? fault.request(call) : call),
    reply: (call, reply) => (fault.reply && takes(call) ? fault.reply(call, reply) : reply),
  });
}

/** Relays what is queued; nothing of it reaches the node. */
async function relayIntoTheVoid(round: Round): Promise<void> {
  round.bed.proxy.interfere = () => ({ request: (call) => (isSubmission(call) ? CUT : call) });
  for (let i = 0; i < 4; i++) await round.tick();
  round.bed.proxy.interfere = undefined;
}

const setBaseFee = ({ bed }: Round, wei: bigint): Promise<unknown> =>
  bed.node.call('anvil_setNextBlockBaseFeePerGas', [`0x${wei.toString(16)}`]);

/**
 * A block whose base fee leaves no room to double below the ceiling, then some at one above all that we ever offer:
 * sends from before, still on their way, and from meanwhile wait.
 */
async function aboveTheCeiling(round: Round, blocks: number): Promise<void> {
  const { bed } = round;
  const { maxFeeCeiling } = POLYGON_RELAYER;
  await round.pay();
  if (round.below(2) === 0) await relayIntoTheVoid(round);
  await setBaseFee(round, (maxFeeCeiling * BigInt(60 + round.below(35))) / 100n);
  await bed.local.mine();
  const raised = maxFeeCeiling * BigInt(1 + round.below(3)) + 1n;
  for (let block = 0; block < blocks; block++) {
    await round.tick();
    await setBaseFee(round, raised);
    await bed.local.mine();
    if (block === 0) await round.pay();
    bed.advance(ROUND_OF_FEES_MS);
  }
  const ids = round.sends.map(({ sendId }) => sendId);
  const told = await bed.query('select from drill_outcomes where send_id = any($1)', [ids]);
  if (told.length > 0) throw new Error('paid or failed at fees above the ceiling');
}

/** An ordinary base fee again. */
async function feesFall(round: Round): Promise<void> {
  await setBaseFee(round, GWEI);
  await round.bed.local.mine();
}

const DRILLS: readonly Drill[] = [
  {
    name: 'dropped from the mempool',
    cause: 'anvil_dropTransaction on each of the relayed transactions, once or twice',
    inject: async (round) => {
      await round.pay();
      for (let times = 1 + round.below(2); times > 0; times--) {
        await round.tick();
        for (const { hash } of await openAttempts(round)) {
          await round.bed.node.call('anvil_dropTransaction', [hash]);
        }
        round.bed.advance(round.below(9_000));
      }
    },
    expect: 'paid',
    isQuick: true,
  },
  {
    name: 'request lost',
    cause: 'the connection is cut before the node sees the transaction, up to three times',
    inject: async (round) => {
      round.bed.proxy.interfere = failing(1 + round.below(3), { request: () => CUT });
      await round.pay();
    },
    expect: 'paid',
    isQuick: true,
  },
  {
    name: 'response lost',
    cause: 'the node takes the transaction and the connection is cut, up to three times',
    inject: async (round) => {
      round.bed.proxy.interfere = failing(1 + round.below(3), { reply: () => CUT });
      await round.pay();
    },
    expect: 'paid',
    isQuick: true,
  },
  {
    name: 'node down for a minute',
    cause: 'every connection is cut while the clock moves by a minute',
    inject: async (round) => {
      await round.pay();
      if (round.below(2) === 0) await round.tick();
      round.bed.proxy.interfere = () => ({ request: () => CUT });
      for (let i = 0; i < 4; i++) {
        await round.tick();
        round.bed.advance(MINUTE_MS / 4);
      }
      round.bed.proxy.interfere = undefined;
    },
    expect: 'paid',
    isQuick: true,
  },
  {
    name: 'nonce gap',
    cause: 'of several transactions in the pool the one with the lowest nonce is dropped',
    inject: async (round) => {
      await round.pay(5 + round.below(6));
      for (let i = 0; i < 4; i++) await round.tick();
      const [lowest] = await openAttempts(round);
      await round.bed.node.call('anvil_dropTransaction', [must(lowest, 'a transaction').hash]);
    },
    expect: 'paid',
    isQuick: true,
  },
  {
    name: 'base fee times ten',
    cause:
      'anvil_setNextBlockBaseFeePerGas to ten times and more what the transactions had bid on, for some blocks',
    inject: async (round) => {
      const { bed } = round;
      await round.pay();
      await round.tick();
      const head = await bed.node.call<{ baseFeePerGas: string }>('eth_getBlockByNumber', ['latest', false]);
      const raised = BigInt(head.baseFeePerGas) * BigInt(10 + round.below(20)) + 200n * GWEI;
      for (let blocks = 1 + round.below(4); blocks > 0; blocks--) {
        await bed.node.call('anvil_setNextBlockBaseFeePerGas', [`0x${raised.toString(16)}`]);
        await round.step();
      }
    },
    heal: feesFall,
    expect: 'paid',
    isQuick: true,
  },
  {
    name: 'fee ceiling',
    cause: 'the base fee is above the most we offer for four to ten blocks, and falls',
    inject: async (round) => {
      await aboveTheCeiling(round, 4 + round.below(7));
      await feesFall(round);
    },
    expect: 'paid',
    isQuick: true,
  },
  {
    name: 'fee ceiling until the authorizations end',
    cause: 'the base fee is above the most we offer until every authorization is dead, and falls',
    inject: async (round) => {
      await aboveTheCeiling(round, 4);
      round.bed.advance(21 * MINUTE_MS);
      for (let blocks = 3; blocks > 0; blocks--) {
        await setBaseFee(round, POLYGON_RELAYER.maxFeeCeiling * 2n);
        await round.step();
      }
      await feesFall(round);
    },
    expect: 'paid, renewed',
    isQuick: true,
  },
  {
    name: 'nonce taken by another holder of the key',
    cause: 'a foreign transaction of the relayer is mined with the nonce of a stored batch',
    inject: async (round) => {
      await round.pay();
      await relayIntoTheVoid(round);
      const [lowest] = await openAttempts(round);
      const { relayer_index, nonce } = must(lowest, 'a stored batch');
      const key = await round.bed.relayerKey(relayer_index);
      await round.bed.submitAs(key, OUTSIDE, '0x', { gas: 21_000n, nonce: Number(nonce) });
      await round.bed.local.mine(1 + round.below(4));
    },
    expect: 'paid',
    isQuick: true,
  },
  {
    name: 'a stranger relays our authorization first',
    cause: 'the same calls are mined in a transaction of another account, before or without ours',
    inject: async (round) => {
      await round.pay();
      await relayIntoTheVoid(round);
      for (const { raw } of await openAttempts(round)) {
        const { to, data, gas } = parseTransaction(raw as `0x${string}`);
        if (!to || !data) throw new Error('a relay transaction calls Multicall3');
        await round.bed.submitAs(DEPLOYER_KEY, to, data, gas === undefined ? {} : { gas });
      }
      await round.bed.local.mine(1 + round.below(4));
    },
    expect: 'paid',
    isQuick: true,
  },
  {
    name: 'duplicate send in two batches',
    cause: 'the superuser queues sends again whose batch is on its way, as after restoring a backup',
    inject: async (round) => {
      await round.pay();
      await round.tick();
      await round.bed.asSuperuser(
        `update sends set status = 'queued', batch_id = null where status = 'relaying'`,
      );
      if (round.below(2) === 0) await round.bed.local.mine();
    },
    expect: 'paid',
    isQuick: true,
  },
  {
    name: 'relayers without gas',
    cause: 'anvil_setBalance to zero before relaying, or between relaying and mining; refilled later',
    inject: async (round) => {
      const { bed } = round;
      const setBalances = async (wei: bigint): Promise<void> => {
        for (const index of [0, 1]) {
          const address = await bed.vault.relayerAddress(index);
          await bed.node.call('anvil_setBalance', [address, `0x${wei.toString(16)}`]);
        }
      };
      const isInFlight = round.below(2) === 0;
      await round.pay();
      if (isInFlight) await relayIntoTheVoid(round);
      await setBalances(0n);
      for (let i = 0; i < 3; i++) await round.step();
      const open = await openAttempts(round);
      if (!isInFlight && open.length > 0) throw new Error('relayed without gas money');
      await setBalances(10n ** 24n);
    },
    expect: 'paid',
    isQuick: true,
  },
];

runDrills(DRILLS);
