import { setTimeout as delay } from 'node:timers/promises';
import { assert, must } from '../../src/kernel/assert.ts';
import { poll } from './bed.ts';
import type { Drill, Round } from './drill.ts';
import { CUT, isSubmission } from './node-proxy.ts';
import { runDrills } from './run.ts';

const MAX_CALLS = 20;
const BETWEEN_CALLS_MS = 1_000;

/** Another process relays; what it does is watched from its sockets. This one does nothing until `restartSettlement`. */
async function leaveToProcess(round: Round) {
  await round.bed.chain.stop();
  return round.bed.startProcess();
}

async function killedWhenSigned(round: Round, method: string): Promise<void> {
  const process = await leaveToProcess(round);
  let skip = round.below(2);
  round.bed.signerProxy.holdBack = (asked) => {
    if (asked !== method || skip-- > 0) return false;
    process.kill();
    return true;
  };
  let isGone = false;
  void process.gone.then(() => {
    isGone = true;
  });
  // A tick asks once for all its batches: the second time it is asked is another tick's.
  for (let calls = 0; !isGone && calls < MAX_CALLS; calls++) {
    await round.pay(6);
    await Promise.race([process.gone, delay(BETWEEN_CALLS_MS)]);
  }
  assert(isGone, `the process asked for ${method}`);
  round.bed.signerProxy.holdBack = undefined;
  await round.bed.restartSettlement();
}

/** The `skip + 1`-th submission ends or freezes the process that makes it. */
async function atSubmission(round: Round, isSeen: boolean, act: () => void): Promise<void> {
  let skip = round.below(2);
  const reached = Promise.withResolvers<void>();
  const hit = (): typeof CUT => {
    act();
    reached.resolve();
    return CUT;
  };
  round.bed.proxy.interfere = () => ({
    request: (call) => (!isSeen && isSubmission(call) && skip-- === 0 ? hit() : call),
    reply: (call, reply) => (isSeen && isSubmission(call) && skip-- === 0 ? hit() : reply),
  });
  await round.pay(6);
  await reached.promise;
  round.bed.proxy.interfere = undefined;
}

const DRILLS: readonly Drill[] = [
  {
    name: 'crash between sign and persist',
    cause: 'kill -9 of the relayer when its transaction comes signed from the signer',
    inject: (round) => killedWhenSigned(round, 'signRelay'),
    expect: 'paid',
    isQuick: true,
  },
  {
    name: 'crash when the authorizations are signed',
    cause: 'kill -9 of the relayer when the authorizations come signed from the signer',
    inject: (round) => killedWhenSigned(round, 'signTransfers'),
    expect: 'paid',
    isQuick: false,
  },
  {
    name: 'crash between persist and broadcast',
    cause: 'kill -9 of the relayer when its submission arrives; the node never sees it',
    inject: async (round) => {
      const process = await leaveToProcess(round);
      await atSubmission(round, false, process.kill);
      await process.gone;
      await round.bed.restartSettlement();
    },
    expect: 'paid',
    isQuick: true,
  },
  {
    name: 'crash after broadcast',
    cause: 'kill -9 of the relayer when the node has taken its submission',
    inject: async (round) => {
      const process = await leaveToProcess(round);
      await atSubmission(round, true, process.kill);
      await process.gone;
      await round.bed.restartSettlement();
    },
    expect: 'paid',
    isQuick: false,
  },
  {
    name: 'a worker frozen past its lease and resumed beside another',
    cause: 'SIGSTOP of the active relayer and indexer in mid-submission; the other takes over; SIGCONT',
    inject: async (round) => {
      const { bed } = round;
      const { child } = await leaveToProcess(round);
      await atSubmission(round, round.below(2) === 0, () => void child.kill('SIGSTOP'));
      await bed.restartSettlement();
      await round.pay();
      const [last] = round.sends.slice(-1);
      await poll(async () => {
        await round.step();
        const [row] = await bed.query<{ status: string }>('select status from sends where send_id = $1', [
          must(last, 'a send').sendId,
        ]);
        return row?.status !== 'queued';
      });
      child.kill('SIGCONT');
      await round.pay();
      await round.settle();
      child.kill('SIGKILL');
    },
    expect: 'paid',
    isQuick: true,
  },
  {
    name: 'signer killed',
    cause: 'kill -9 of the signer before or while it is asked; started again later',
    inject: async (round) => {
      await round.pay();
      if (round.below(2) === 0) await round.tick();
      await round.bed.killSigner();
      await round.pay();
      for (let i = 1 + round.below(5); i > 0; i--) await round.step();
      await round.bed.restartSigner();
    },
    expect: 'paid',
    isQuick: true,
  },
];

runDrills(DRILLS);
