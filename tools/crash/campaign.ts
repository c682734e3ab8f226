import pg from 'pg';
import { must } from '../../server/src/kernel/assert.ts';
import { freePort } from '../../server/src/kernel/process.ts';
import { readSandboxEnv } from '../../server/src/supervisor/sandbox-env.ts';
import { Bank } from './bank.ts';
import { unfinished } from './books.ts';
import { atMost, type Check, same } from './check.ts';
import type { Done } from './done.ts';
import { type Kill, Killing } from './killing.ts';
import { Orders } from './orders.ts';
import { Outsider } from './outsider.ts';
import { Payments } from './payments.ts';
import { type FoundProcess, killQuietly, processesOf } from './processes.ts';
import { seededRandom } from './random.ts';
import { type Receiver, startReceiver } from './receiver.ts';
import { countParts, ONE_OF_EACH } from './targets.ts';
import { startTraffic, type Traffic } from './traffic.ts';
import { inTime, until } from './until.ts';
import { judge } from './verdict.ts';
import { Wire } from './wire.ts';

export interface CampaignOptions {
  /** Below which the instance keeps everything; made by the caller. */
  readonly home: string;
  readonly kills: number;
  readonly cashIns: number;
  /** Transfers from outside to customers' wallets. */
  readonly deposits: number;
  /** Of customers, to wallets, addresses and bank accounts. */
  readonly payments: number;
  /** Decides amounts, the instants of the kills and what they hit. */
  readonly seed: number;
  readonly report: (line: string) => void;
}

export interface CampaignResult {
  readonly checks: readonly Check[];
  readonly kills: readonly Kill[];
  /** From the spawn to the block, in milliseconds; the first is the cold one. */
  readonly startsMs: readonly number[];
  readonly traffic: Pick<Traffic, 'reads' | 'pages' | 'endpoints' | 'health'>;
  /** Requests that went out twice at once. */
  readonly twins: number;
  /** Starts that ended because one of their parts was killed before all was up. */
  readonly cutShort: number;
}

const ENDPOINT = '/all';
/** From the last kill or start on, all work is done within this. */
const FINISHED_WITHIN_MS = 60_000;
/** Work that is late is waited for, to tell late from lost. */
const FINISHED_TIMEOUT_MS = 120_000;
/** From the last kill on, until clients, the outside and the bank have done their part. */
const DONE_TIMEOUT_MS = 90_000;
const MAX_ODDITIES_SHOWN = 3;

/** Kills an instance at random instants while clients use it in all their ways, and judges what is left. */
export async function runCampaign(options: CampaignOptions): Promise<CampaignResult> {
  const { home, seed } = options;
  const receiver = await startReceiver();
  // Each its own sequence, so that what clients do does not change what is killed.
  const killing = new Killing(home, await freePort(), seededRandom(seed));
  try {
    return await underFire(options, killing, receiver);
  } catch (error) {
    throw new Error(`the campaign came to no end; the instance said: ${killing.run.output()}`, {
      cause: error,
    });
  } finally {
    for (const { pid } of await processesOf(home)) killQuietly(pid, 'SIGKILL');
    await receiver.close();
  }
}

async function underFire(
  options: CampaignOptions,
  killing: Killing,
  receiver: Receiver,
): Promise<CampaignResult> {
  await killing.run.ready;
  const load = await startLoad(options, receiver);
  const { orders, outsider, payments, traffic, wire } = load;
  for (let index = 1; index <= options.kills; index++) {
    // Half while the instance comes back, half while the kill is coming.
    orders.release((index - 0.5) / options.kills);
    const plan = await killing.plan();
    orders.release(index / options.kills);
    outsider.release(index / options.kills, orders.wallets);
    payments.release(index / options.kills, orders.wallets);
    const kill = await killing.strike(plan);
    const open = `${orders.open} cash-ins, ${outsider.open} deposits and ${payments.open} payments open`;
    options.report(`kill ${index}: ${describe(kill)}; ${open}`);
  }
  await killing.healed();
  const checks = await afterwards(options.home, killing, load, receiver);
  const { kills, startsMs, cutShort } = killing;
  return { checks, kills, startsMs, cutShort, traffic, twins: wire.twins };
}

/** What clients do; all of it goes on until it is told to end. */
interface Load {
  readonly wire: Wire;
  readonly orders: Orders;
  readonly outsider: Outsider;
  readonly bank: Bank;
  readonly payments: Payments;
  readonly traffic: Traffic;
}

/** An endpoint for every event, an outsider with tokens, and the clients' traffic. */
async function startLoad(options: CampaignOptions, receiver: Receiver): Promise<Load> {
  const { home, cashIns, deposits, payments: count, seed } = options;
  const env = await readSandboxEnv(home);
  const wire = new Wire(seededRandom(seed + 1));
  const oms = wire.client(env);
  const url = receiver.urlOf(ENDPOINT);
  const { secret } = await oms.webhooks.create({ url }, { idempotencyKey: 'endpoint' });
  receiver.trust(ENDPOINT, secret);
  const outsider = new Outsider(env, deposits, seededRandom(seed + 2));
  await outsider.prepare(oms);
  const orders = new Orders(oms, cashIns, seededRandom(seed + 3));
  const bank = await Bank.open(home);
  const payments = new Payments({ oms, bank, count, random: seededRandom(seed + 5) });
  await payments.prepare();
  const baseUrl = must(env.OMS_BASE_URL, 'OMS_BASE_URL');
  const traffic = startTraffic({ oms, orders, receiver, baseUrl, random: seededRandom(seed + 4) });
  return { wire, orders, outsider, bank, payments, traffic };
}

/** Lets all work come to its end, judges it, and stops the instance. */
async function afterwards(
  home: string,
  killing: Killing,
  { wire, orders, outsider, bank, payments, traffic }: Load,
  receiver: Receiver,
): Promise<Check[]> {
  const trafficEnded = traffic.stop();
  const done: Done = {
    orders: await inTime('every cash-in is committed', orders.committed(), DONE_TIMEOUT_MS),
    funding: outsider.funding,
    means: payments.funding,
    payments: await inTime('the bank has decided every payment', payments.decided(), DONE_TIMEOUT_MS),
    deposits: await inTime('every deposit is mined', outsider.mined(), DONE_TIMEOUT_MS),
    outsider: outsider.address,
    wire,
    receiver,
    endpoint: ENDPOINT,
  };
  await trafficEnded;
  outsider.close();
  await bank.close();
  const env = await readSandboxEnv(home);
  const left = await untilFinished(must(env.OMS_DATABASE_URL, 'OMS_DATABASE_URL'), receiver);
  const finishedMs = Math.round(performance.now() - killing.lastMs);
  return [
    same('instances that ended by themselves', '', killing.gaveUp.map(lastLineOf).join('; ')),
    same('work left', '', left),
    atMost('ms from the last kill or start to the end of all work', FINISHED_WITHIN_MS, finishedMs),
    same('oddities clients met', '', traffic.oddities.slice(0, MAX_ODDITIES_SHOWN).join('; ')),
    ...(await judge(home, env, done)),
    same('processes at the end', ONE_OF_EACH, await countParts(home, killing.run.pid)),
    same('exit code', 0, String(await killing.run.stop())),
    same('processes left after that', '', (await processesOf(home)).map(toCommandLine).join()),
  ];
}

const lastLineOf = (text: string): string => text.trim().split('\n').at(-1) ?? '';
const toCommandLine = ({ commandLine }: FoundProcess): string => commandLine;

function describe({ victims, afterMs, isAmidHealing }: Kill): string {
  const since = isAmidHealing ? 'after the kill before' : 'after all was well';
  return `${victims.join(' and ')}, ${afterMs} ms ${since}`;
}

/** Until nothing is left to do and every event has been delivered; what is left at the limit. */
async function untilFinished(databaseUrl: string, receiver: Receiver): Promise<string> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  let left = '';
  const look = async (): Promise<boolean> => {
    const { rows } = await client.query<{ event_id: string }>('select event_id from events');
    const delivered = new Set(
      receiver.deliveries.filter(({ endpoint }) => endpoint === ENDPOINT).map(({ eventId }) => eventId),
    );
    const untold = rows.filter((row) => !delivered.has(row.event_id)).length;
    left = [await unfinished(client), untold > 0 ? `${untold} events untold` : ''].filter(Boolean).join(', ');
    return left === '';
  };
  await until('all work is finished', look, FINISHED_TIMEOUT_MS).catch(() => undefined);
  await client.end();
  return left;
}
