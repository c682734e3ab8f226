import { parseTransaction } from 'viem';
import { PLATFORM } from '../../src/db/database.ts';
import { MINUTE_MS, SECOND_MS } from '../../src/kernel/clock.ts';
import type { Act } from './actors.ts';
import { shareOf } from './chance.ts';
import type { Run } from './run.ts';

const GWEI = 10n ** 9n;
const MAX_REORG = 6;
const RETURNING = 0.6;
const MAX_EXCHANGES_TO_CRASH = 30;

interface OpenAttempt {
  readonly hash: string;
  readonly raw: `0x${string}`;
}

/** What our relayers have on its way, as anyone who watches the pool sees it. */
const openAttempts = ({ ground }: Run): Promise<OpenAttempt[]> =>
  ground.db.tx(PLATFORM, (tx) =>
    tx.query<OpenAttempt>(
      `select hash, raw from relay_batches join relay_attempts using (batch_id)
       where status in ('signed', 'broadcast', 'mined') order by relayer_index, nonce, max_fee_per_gas`,
    ),
  );

export const mine: Act = async ({ chance, ground, trace }) => {
  const blocks = chance.between(1, 3);
  await ground.chain.mine(blocks);
  trace.add(`  ${blocks} blocks`);
  return true;
};

export const reorganise: Act = async (run) => {
  const { chain, clock } = run.ground;
  const most = Math.min(chain.reorganisable, MAX_REORG);
  if (most === 0) return false;
  const depth = run.chance.between(1, most);
  clock.advance(SECOND_MS);
  await chain.reorganise(depth, (hash) => shareOf(`${run.seed} ${hash}`) < RETURNING);
  run.trace.add(`  ${depth} blocks replaced`);
  return true;
};

export const dropTransaction: Act = async (run) => {
  const open = await openAttempts(run);
  if (open.length === 0) return false;
  const isDropped = await run.ground.chain.drop(run.chance.pick(open).hash);
  run.trace.add(`  ${isDropped ? 'dropped' : 'not in the pool'}`);
  return isDropped;
};

/** A stranger submits the same calls from an account of theirs, whether our node has ours or not. */
export const stranger: Act = async (run) => {
  const open = await openAttempts(run);
  if (open.length === 0) return false;
  const { to, data, gas } = parseTransaction(run.chance.pick(open).raw);
  if (!to || !data) return false;
  await run.ground.chain.submit(run.chance.pick(run.facts.outsiders), to, data, gas);
  return true;
};

/** Somebody else has a relayer's key too. */
export const takeNonce: Act = async ({ chance, ground, facts }) => {
  await ground.chain.takeNonce(chance.pick(facts.relayers));
  return true;
};

export const spikeBaseFee: Act = async ({ chance, ground, trace }) => {
  const gwei = chance.pick([60, 300, 2_000]);
  ground.chain.spikeBaseFee(BigInt(gwei) * GWEI, chance.between(1, 6));
  trace.add(`  to ${gwei} gwei`);
  return true;
};

export const pauseToken: Act = async (run) => {
  const { chain } = run.ground;
  const isPaused = await chain.isPaused();
  run.afflictions.add('token_paused');
  await chain.govern(isPaused ? 'unpause' : 'pause');
  run.trace.add(`  ${isPaused ? 'unpause' : 'pause'}`);
  return true;
};

export const blacklist: Act = async (run) => {
  const { chain } = run.ground;
  const { address } = run.chance.pick(run.facts.wallets);
  const isListed = await chain.isBlacklisted(address);
  run.blacklisted.add(address.toLowerCase());
  run.afflictions.add('sender_blacklisted');
  await chain.govern(isListed ? 'unBlacklist' : 'blacklist', address);
  run.trace.add(`  ${isListed ? 'off' : 'on'} the list`);
  return true;
};

export const stallFinality: Act = async ({ chance, ground, trace }) => {
  const { chain } = ground;
  if (chain.isStalled) chain.resumeFinality();
  else chain.stallFinality(chance.below(3));
  trace.add(`  ${chain.isStalled ? 'stalled' : 'resumed'}`);
  return true;
};

export const killSigner: Act = async (run) => {
  if (run.isSignerUp) await run.killSigner();
  else await run.startSigner();
  run.trace.add(`  ${run.isSignerUp ? 'back' : 'gone'}`);
  return true;
};

/** The integrator's endpoint answers with an error, or is well again. */
export const failEndpoint: Act = async ({ chance, ground, trace }) => {
  const status = chance.pick([204, 500, 503]);
  ground.receiver.answerWith({ status });
  trace.add(`  it answers ${status}`);
  return true;
};

/** The process will die at one of its next exchanges. */
export const crash: Act = async ({ chance, gate, trace }) => {
  const left = chance.below(MAX_EXCHANGES_TO_CRASH);
  const trouble = chance.happens(0.5) ? 'lost' : 'answer lost';
  gate.armCrash({ left, trouble });
  trace.add(`  in ${left} exchanges, ${trouble}`);
  return true;
};

export const wait: Act = async ({ chance, ground, trace }) => {
  const minutes = chance.pick([1, 1, 5, 21, 61]);
  ground.clock.advance(minutes * MINUTE_MS);
  trace.add(`  ${minutes} min`);
  return true;
};

export const runJobs: Act = async (run) => {
  await run.attempt('jobs', () => run.life.worker.drainJobs());
  return true;
};

export const relay: Act = async (run) => {
  await run.attempt('relayer', () => run.life.worker.chain.relayer.tick());
  return true;
};

export const index: Act = async (run) => {
  await run.attempt('indexer', () => run.life.worker.chain.indexer.tick());
  return true;
};
