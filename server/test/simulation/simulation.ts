import { PLATFORM } from '../../src/db/database.ts';
import { MINUTE_MS, SECOND_MS } from '../../src/kernel/clock.ts';
import { Ledger } from '../../src/ledger/ledger.ts';
import type { Act } from './actors.ts';
import * as actors from './actors.ts';
import * as bank from './bank.ts';
import type { Bed } from './bed.ts';
import { Chance } from './chance.ts';
import { Oracle } from './oracle.ts';
import * as payments from './payments.ts';
import { Run } from './run.ts';
import { Trace } from './trace.ts';
import * as weather from './weather.ts';

export interface Outcome {
  readonly seed: number;
  /** What was wrong, in sentences; none when all is well. */
  readonly findings: readonly string[];
  /** The step log. */
  readonly lines: readonly string[];
  /** Two runs of a seed have the same. */
  readonly digest: string;
}

const MIN_STEPS = 22;
const MAX_STEPS = 34;
/** Seconds that go by with each step. */
const MAX_STEP_SECONDS = 6;
/** A run has each kind of weather or not, so that it also meets the rest undisturbed. */
const PRESENT = 0.45;
const MAX_DRAIN_ROUNDS = 90;
/** Rounds without a change after which only time can help. */
const PATIENCE = 4;
const STORM_ROUNDS = 3;
const STORM_BLOCKS = 3;
/** Of finding something to do in a step. */
const MAX_TRIES = 20;
const MAX_REQUESTS_ANSWERED = 5;

interface Weighted {
  readonly name: string;
  readonly act: Act;
  readonly weight: number;
}

const ACTORS: readonly Weighted[] = [
  { name: 'a customer asks for a code', act: actors.createCashIn, weight: 10 },
  { name: 'a till reads a code', act: actors.authorize, weight: 10 },
  { name: 'a till commits', act: actors.commit, weight: 8 },
  { name: 'tills commit together', act: actors.commitTogether, weight: 5 },
  { name: 'two tills commit at once', act: actors.commitTwice, weight: 2 },
  { name: 'a client asks again', act: actors.repeat, weight: 5 },
  { name: 'a customer refreshes a code', act: actors.refresh, weight: 3 },
  { name: 'the cash network reports', act: actors.report, weight: 5 },
  { name: 'a customer pays', act: payments.pay, weight: 8 },
  { name: 'clients ask for quotes', act: payments.askForQuotes, weight: 4 },
  { name: 'a client executes a quote', act: payments.execute, weight: 4 },
  { name: 'clients execute together', act: payments.executeTogether, weight: 5 },
  { name: 'a quote is executed twice at once', act: payments.executeTwice, weight: 2 },
  { name: 'money is spent twice at once', act: payments.spendTwice, weight: 2 },
  { name: 'the bank decides', act: bank.decide, weight: 6 },
  { name: 'the bank repeats itself', act: bank.repeatNews, weight: 3 },
  { name: 'a deposit arrives', act: actors.receive, weight: 8 },
  { name: 'jobs run', act: weather.runJobs, weight: 6 },
  { name: 'the relayer ticks', act: weather.relay, weight: 16 },
  { name: 'the indexer ticks', act: weather.index, weight: 12 },
  { name: 'blocks are mined', act: weather.mine, weight: 18 },
];

const WEATHER: readonly Weighted[] = [
  { name: 'the chain is reorganised', act: weather.reorganise, weight: 8 },
  { name: 'a transaction is dropped', act: weather.dropTransaction, weight: 6 },
  { name: 'a stranger relays', act: weather.stranger, weight: 6 },
  { name: 'a nonce is taken', act: weather.takeNonce, weight: 5 },
  { name: 'the base fee rises', act: weather.spikeBaseFee, weight: 4 },
  { name: 'the token is paused or goes on', act: weather.pauseToken, weight: 5 },
  { name: 'a wallet is blacklisted or not', act: weather.blacklist, weight: 4 },
  { name: 'finality stalls or goes on', act: weather.stallFinality, weight: 5 },
  { name: 'the signer dies or is back', act: weather.killSigner, weight: 5 },
  { name: 'an endpoint subscribes', act: actors.subscribe, weight: 8 },
  { name: 'the endpoint fails or is well', act: weather.failEndpoint, weight: 3 },
  { name: 'the settings change', act: payments.changeSettings, weight: 5 },
  { name: 'a bank corrects an account', act: bank.notify, weight: 3 },
  { name: 'a crash is near', act: weather.crash, weight: 10 },
  { name: 'time goes by', act: weather.wait, weight: 5 },
];

/** Runs one seed from the bed's state to the end, and looks at everything after each step. */
export async function simulate(bed: Bed, seed: number): Promise<Outcome> {
  const trace = new Trace();
  const run = await Run.begin(bed, seed, trace);
  payments.recall(run);
  try {
    const oracle = new Oracle(run.ground, run.model, new Ledger());
    const findings = (await live(run, oracle)) ?? (await settle(run, oracle));
    for (const finding of findings) trace.add(`FINDING ${finding}`);
    return { seed, findings, lines: trace.lines, digest: trace.digest() };
  } finally {
    await run.end();
  }
}

/** The steps; what is wrong after one of them ends the run. */
async function live(run: Run, oracle: Oracle): Promise<string[] | undefined> {
  const { chance, ground } = run;
  const swarm = new Chance(`${run.seed} weather`);
  const acts = [...ACTORS, ...WEATHER.filter(() => swarm.happens(PRESENT))];
  const steps = chance.between(MIN_STEPS, MAX_STEPS);
  for (let step = 1; step <= steps; step++) {
    await take(run, acts, step);
    await run.revive();
    ground.clock.advance(chance.between(1, MAX_STEP_SECONDS) * SECOND_MS);
    const found = [...run.unexpected, ...(await oracle.afterStep())];
    if (found.length > 0) return found;
  }
  return storm(run, oracle);
}

/** The processes go through with what was begun, while everything still fails. */
async function storm(run: Run, oracle: Oracle): Promise<string[] | undefined> {
  for (let round = 1; round <= STORM_ROUNDS; round++) {
    run.trace.begin(`storm ${round}`);
    await weather.relay(run);
    await weather.index(run);
    await weather.runJobs(run);
    await bank.decide(run);
    await run.revive();
    await run.ground.chain.mine(STORM_BLOCKS);
    run.ground.clock.advance(MAX_STEP_SECONDS * SECOND_MS);
    const found = [...run.unexpected, ...(await oracle.afterStep())];
    if (found.length > 0) return found;
  }
  return undefined;
}

/** One step: the first that there is something to do for. */
async function take(run: Run, acts: readonly Weighted[], step: number): Promise<void> {
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const { name, act } = pickWeighted(acts, run.chance);
    run.trace.begin(`${step}. ${name}`);
    if (await act(run)) return;
    run.trace.withdraw();
  }
}

function pickWeighted(acts: readonly Weighted[], chance: Chance): Weighted {
  const total = acts.reduce((sum, { weight }) => sum + weight, 0);
  let point = chance.below(total);
  for (const each of acts) {
    point -= each.weight;
    if (point < 0) return each;
  }
  throw new Error('the point is below the total');
}

/** Heals every fault, lets everything come to rest, and looks at what is left. */
async function settle(run: Run, oracle: Oracle): Promise<string[]> {
  const { trace, ground } = run;
  trace.add('all is healed');
  await heal(run);
  await answerAll(run);
  const open = await drain(run);
  if (run.unexpected.length > 0) return run.unexpected;
  if (open) return [`still open after ${MAX_DRAIN_ROUNDS} rounds: ${open}`];
  const found = await oracle.atEnd((send) => run.isCause(send));
  const balances = await Promise.all(run.facts.wallets.map(({ address }) => ground.chain.balance(address)));
  trace.add(`wallets hold ${balances.join(', ')} at block ${ground.chain.head}`);
  return found;
}

async function heal(run: Run): Promise<void> {
  const { chain, receiver } = run.ground;
  run.faults.isOn = false;
  receiver.answerWith({ status: 204 });
  run.gate.disarm();
  await run.startSigner();
  chain.resumeFinality();
  await chain.calmBaseFee();
  await chain.mine();
  if (await chain.isPaused()) await chain.govern('unpause');
  for (const { address } of run.facts.wallets) {
    if (await chain.isBlacklisted(address)) await chain.govern('unBlacklist', address);
  }
  await chain.mine();
}

/** Nobody is left without an answer. */
async function answerAll(run: Run): Promise<void> {
  const { model } = run;
  for (let round = 0; round < MAX_REQUESTS_ANSWERED; round++) {
    const keyed = model.requests.filter(({ call, final }) => call.key !== undefined && !final);
    for (const request of keyed) await run.send(request);
  }
}

/** Lets the processes work until there is nothing left to do; what is, when there is no end to it. */
async function drain(run: Run): Promise<string | undefined> {
  const { clock, chain } = run.ground;
  let before = '';
  let hasJobs = true;
  let unchanged = 0;
  for (let round = 0; round < MAX_DRAIN_ROUNDS; round++) {
    if (hasJobs) await run.attempt('jobs', () => run.life.worker.drainJobs());
    await run.attempt('settlement', () => run.life.worker.chain.drainOnce());
    const open = await openWork(run);
    if (open?.includes('payments')) await bank.decideAll(run);
    if (open === undefined || run.unexpected.length > 0) return undefined;
    hasJobs = open.includes('jobs');
    unchanged = open === before ? unchanged + 1 : 0;
    before = open;
    await chain.mine(3);
    clock.advance(2 * SECOND_MS);
    if (unchanged >= PATIENCE) {
      clock.advance(21 * MINUTE_MS);
      unchanged = 0;
    }
  }
  return before;
}

/** Whatever is not in a final state, and what the indexer has not seen. */
async function openWork(run: Run): Promise<string | undefined> {
  const { db, chain } = run.ground;
  const [own] = await db.tx(run.facts.caller.projectId, (tx) =>
    tx.query<Record<string, bigint>>(
      `select count(*) payments from transactions where status = 'processing' or refund_status = 'pending'`,
    ),
  );
  const [row] = await db.tx(PLATFORM, (tx) =>
    tx.query<Record<string, bigint>>(
      `select (select count(*) from sends where status in ('queued', 'relaying')) sends,
         (select count(*) from relay_batches where status in ('signed', 'broadcast', 'mined')) batches,
         (select count(*) from deposits where status = 'detected') deposits,
         (select count(*) from jobs) + (select count(*) from event_outbox)
           + (select count(*) from webhook_queue where state = 'due') jobs,
         (select ${chain.head} - 2 - finalized_number from indexer_cursors) blocks`,
    ),
  );
  const open = Object.entries({ ...own, ...row }).filter(([, count]) => count > 0n);
  return open.length === 0 ? undefined : open.map(([what, count]) => `${count} ${what}`).join(', ');
}
