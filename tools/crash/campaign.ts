import { setTimeout as delay } from 'node:timers/promises';
import { OpenOMS } from '@openoms/sdk';
import { assert, must } from '../../server/src/kernel/assert.ts';
import { freePort } from '../../server/src/kernel/process.ts';
import { readSandboxEnv } from '../../server/src/supervisor/sandbox-env.ts';
import { newWallet, payIn } from './cash-in.ts';
import { type Blast, startRun } from './instance.ts';
import { seededRandom } from './random.ts';
import { startReceiver } from './receiver.ts';
import { type Check, type Expected, isAllDelivered, judge } from './verdict.ts';

export interface CampaignOptions {
  /** Below which the instance keeps everything; made by the caller. */
  readonly home: string;
  readonly kills: number;
  readonly cashIns: number;
  /** Decides amounts, instants of the kills and what they reach. */
  readonly seed: number;
  readonly report: (line: string) => void;
}

export interface CampaignResult {
  readonly checks: readonly Check[];
  /** Of the starts that got that far, from the spawn to the block, in milliseconds; the first is the cold one. */
  readonly startsMs: readonly number[];
}

/** Three deposits a day is the limit of a customer. */
const CASH_INS_PER_CUSTOMER = 3;
const MIN_CENTS = 2_000;
const MAX_CENTS = 45_000;
/** A kill comes up to so long after the spawn, in the middle of a start, or, more often, after it, amid the work. */
const MAX_STARTING_MS = 2_500;
const MAX_WORKING_MS = 1_000;
const WORKING_SHARE = 0.7;
const MAX_CLIENT_RETRIES = 10_000;
const MAX_RETRY_DELAY_MS = 300;
const POLL_MS = 250;
const COMPLETED_TIMEOUT_MS = 300_000;

/** Kills an instance at random instants while clients pay cash in, and judges what is left when all is done. */
export async function runCampaign(options: CampaignOptions): Promise<CampaignResult> {
  const { home, kills, seed, report } = options;
  const random = seededRandom(seed);
  const port = await freePort();
  const receiver = await startReceiver();
  const startsMs: number[] = [];
  let run = startRun(home, port);
  try {
    startsMs.push(await run.ready);
    const env = await readSandboxEnv(home);
    const oms = patientClient(env);
    const endpoint = await oms.webhooks.create({ url: receiver.url }, { idempotencyKey: 'endpoint' });
    receiver.trust(endpoint.secret);

    const orders = new Orders(options, oms, random);
    for (let kill = 1; kill <= kills; kill++) {
      orders.release(kill / kills);
      const blast: Blast = random() < 0.5 ? 'group' : 'everything';
      const isWorking = random() < WORKING_SHARE;
      const lifeMs = random() * (isWorking ? MAX_WORKING_MS : MAX_STARTING_MS);
      if (isWorking) await run.ready;
      await delay(lifeMs);
      await run.kill(blast);
      const since = isWorking ? 'ready' : 'the spawn';
      report(`kill ${kill}: ${blast}, ${Math.round(lifeMs)} ms after ${since}; ${orders.open} cash-ins open`);
      run = startRun(home, port);
      run.ready.then(
        (ms) => startsMs.push(ms),
        () => undefined,
      );
    }
    await run.ready;
    const expected = await orders.completed();
    const databaseUrl = must(env.OMS_DATABASE_URL, 'OMS_DATABASE_URL');
    await until(() => isAllDelivered(databaseUrl, receiver), COMPLETED_TIMEOUT_MS).catch(() => undefined);
    const checks = await judge({ home, env: await readSandboxEnv(home), orders: expected, receiver });
    const exitCode = await run.stop();
    return { checks: [...checks, { what: 'exit code', expected: '0', found: String(exitCode) }], startsMs };
  } catch (error) {
    throw new Error(`the campaign came to no end; the instance said: ${run.output()}`, { cause: error });
  } finally {
    await run.kill('everything');
    await receiver.close();
  }
}

/** A client that outlasts any number of crashes, each call under its one idempotency key. */
const patientClient = (env: Readonly<Record<string, string>>): OpenOMS =>
  new OpenOMS({
    baseUrl: must(env.OMS_BASE_URL, 'OMS_BASE_URL'),
    apiKey: must(env.OMS_API_KEY, 'OMS_API_KEY'),
    apiSecret: must(env.OMS_API_SECRET, 'OMS_API_SECRET'),
    maxRetries: MAX_CLIENT_RETRIES,
    delay: (durationMs) => delay(Math.min(durationMs, MAX_RETRY_DELAY_MS)),
  });

/** The cash-ins of a campaign, let loose bit by bit, so that each kill meets some in every state. */
class Orders {
  readonly #oms: OpenOMS;
  readonly #cents: readonly number[];
  readonly #placed: Promise<Expected>[] = [];
  readonly #wallets = new Map<number, ReturnType<typeof newWallet>>();
  #done = 0;

  constructor({ cashIns }: CampaignOptions, oms: OpenOMS, random: () => number) {
    this.#oms = oms;
    this.#cents = Array.from(
      { length: cashIns },
      () => MIN_CENTS + Math.floor(random() * (MAX_CENTS - MIN_CENTS)),
    );
  }

  /** Those that the till has not committed yet. */
  get open(): number {
    return this.#placed.length - this.#done;
  }

  /** Places orders until that share of all is placed. */
  release(share: number): void {
    const wanted = Math.ceil(this.#cents.length * share);
    for (let index = this.#placed.length; index < wanted; index++) {
      const placed = this.#place(index);
      placed.catch(() => undefined);
      this.#placed.push(placed);
    }
  }

  /** All orders, when each is completed. */
  async completed(): Promise<Expected[]> {
    this.release(1);
    const orders = await Promise.all(this.#placed);
    const unfinished = new Set(orders.map(({ cashInId }) => cashInId));
    await until(async () => {
      for (const id of unfinished) {
        const { status } = await this.#oms.cashIns.get(id);
        if (status === 'completed') unfinished.delete(id);
        else return false;
      }
      return true;
    }, COMPLETED_TIMEOUT_MS);
    return orders;
  }

  async #place(index: number): Promise<Expected> {
    const cents = must(this.#cents[index], 'an amount');
    const wallet = await this.#walletOf(Math.floor(index / CASH_INS_PER_CUSTOMER));
    const amount = `${Math.floor(cents / 100)}.${String(cents % 100).padStart(2, '0')}`;
    const cashInId = await payIn(this.#oms, wallet, amount, `order-${index}`);
    this.#done += 1;
    return { cashInId, address: wallet.address, netMinor: netMinorOf(cents) };
  }

  #walletOf(customer: number): ReturnType<typeof newWallet> {
    const known = this.#wallets.get(customer) ?? newWallet(this.#oms, `customer-${customer}`);
    this.#wallets.set(customer, known);
    return known;
  }
}

/** What arrives: the deposit less 1.5 %, rounded half up to cents, less 50 cents; 10,000 token units a cent. */
function netMinorOf(cents: number): bigint {
  const feeCents = (BigInt(cents) * 15n + 500n) / 1_000n + 50n;
  return (BigInt(cents) - feeCents) * 10_000n;
}

async function until(condition: () => Promise<boolean>, timeoutMs: number): Promise<void> {
  const deadlineMs = performance.now() + timeoutMs;
  while (!(await condition())) {
    assert(performance.now() < deadlineMs, `not done within ${timeoutMs} ms`);
    await delay(POLL_MS);
  }
}
