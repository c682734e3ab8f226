import { type ChildProcess, fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../server/src/db/embedded/start.ts';
import { migrate } from '../../server/src/db/migrate.ts';
import { ensureEventDays } from '../../server/src/events/retention.ts';
import { silentLogger } from '../../server/src/kernel/log.ts';
import { endChild } from '../../server/src/kernel/process.ts';
import { type Check, same } from '../crash/check.ts';
import { seededRandom } from '../crash/random.ts';
import { until } from '../crash/until.ts';
import { Endpoints } from './endpoints.ts';
import { createEndpoint, createEngine, createProject, type Engine } from './engine.ts';
import { Producer } from './producer.ts';
import { judge } from './verdict.ts';

export interface StormOptions {
  /** Everything is kept below it; made by the caller. */
  readonly dir: string;
  readonly events: number;
  /** Of the processes that deliver. */
  readonly kills: number;
  /** Of PostgreSQL. */
  readonly databaseKills: number;
  /** Decides what is recorded, what fails, and what is killed when. */
  readonly seed: number;
  readonly report: (line: string) => void;
}

export interface StormResult {
  readonly checks: readonly Check[];
  readonly events: number;
  readonly deliveries: number;
  /** Requests beyond one for each delivery that was taken. */
  readonly repeated: number;
  readonly refused: number;
  /** Deliveries taken per second, from the first event to the last. */
  readonly perSecond: number;
  readonly seconds: number;
  /** The longest time without a request to the endpoint that subscribes to everything. */
  readonly longestPauseMs: number;
}

const WORKERS = 2;
const MAX_START_DELAY_MS = 500;
const END_TIMEOUT_MS = 10_000;
const FINISHED_TIMEOUT_MS = 120_000;
const TICK_MS = 10;
/** When the switched endpoint goes off and comes back, as shares of the events. */
const OFF_AT = 0.25;
const ON_AT = 0.6;

/** Events under kills of those who deliver and of the database, then what must hold of all that was committed. */
export async function runStorm(options: StormOptions): Promise<StormResult> {
  const { dir, seed } = options;
  const endpoints = new Endpoints(seededRandom(seed));
  const bed = await Bed.open(join(dir, 'postgres'));
  try {
    const origin = await endpoints.start();
    const projectId = await createProject(bed.engine);
    const ids = new Map<string, string>();
    for (const { name, events, inOrder } of endpoints.list) {
      const body = { url: `${origin}${name}`, events: [...events], inOrder };
      ids.set(name, await createEndpoint(bed.engine, projectId, body));
    }
    const turn = (name: string, enabled: boolean) =>
      insist(() =>
        bed.engine.db.tx(projectId, (tx) => bed.engine.webhooks.update(tx, ids.get(name) ?? '', { enabled })),
      );
    const producer = new Producer(bed.engine, projectId, seededRandom(seed + 1));
    const startedMs = performance.now();
    bed.startWorkers(seededRandom(seed + 2));
    const producing = producer.run(options.events, () => endpoints.all.arrivals.length);
    await Promise.all([producing, strike(options, bed, producer, turn)]);
    endpoints.beGood();
    // What waits for its next attempt is due at once.
    for (const { name } of endpoints.list) {
      await turn(name, false);
      await turn(name, true);
    }
    await until('everything is delivered', () => bed.isDelivered(projectId), FINISHED_TIMEOUT_MS).catch(
      (error: Error) => options.report(error.message),
    );
    const seconds = (performance.now() - startedMs) / 1_000;
    const left = await bed.stopWorkers();
    const checks = await judge({ engine: bed.engine, projectId, endpoints, made: producer.made });
    return {
      checks: [...checks, same('processes that had to be killed at the end', 0, left)],
      ...summaryOf(endpoints, seconds),
    };
  } finally {
    await endpoints.stop();
    await bed.close();
  }
}

type Turn = (name: string, enabled: boolean) => Promise<void>;

/** Kills and switches, each once so many events are recorded. */
async function strike(options: StormOptions, bed: Bed, producer: Producer, turn: Turn): Promise<void> {
  const { events, kills, databaseKills, report } = options;
  const random = seededRandom(options.seed + 3);
  const spread = (count: number, index: number): number => ((index + random()) / count) * events * 0.98;
  const plan: { at: number; what: string; work: () => Promise<void> }[] = [
    { at: OFF_AT * events, what: 'an endpoint goes off', work: () => turn('switched', false) },
    { at: ON_AT * events, what: 'the endpoint comes back', work: () => turn('switched', true) },
    ...Array.from({ length: kills }, (_, index) => ({
      at: spread(kills, index),
      what: 'kill of a worker',
      work: () => bed.killWorker(),
    })),
    ...Array.from({ length: databaseKills }, (_, index) => ({
      at: spread(databaseKills, index),
      what: 'kill of the database',
      work: () => bed.killDatabase(),
    })),
  ];
  for (const { at, what, work } of plan.toSorted((a, b) => a.at - b.at)) {
    while (producer.recorded < at) await delay(TICK_MS);
    await work();
    report(`${what} at ${producer.recorded} events`);
  }
}

/** The database may be down. */
async function insist(work: () => Promise<unknown>): Promise<void> {
  for (;;) {
    try {
      await work();
      return;
    } catch {
      await delay(TICK_MS);
    }
  }
}

/** The database and the processes that deliver. */
class Bed {
  readonly engine: Engine;
  readonly #dir: string;
  readonly #keyHex: string;
  #postgres: EmbeddedPostgres;
  #workers: ChildProcess[] = [];
  #random: () => number = () => 0;
  readonly #atExit = (): void => {
    for (const worker of this.#workers) worker.kill('SIGKILL');
    process.kill(this.#postgres.pid, 'SIGQUIT');
  };

  private constructor(dir: string, postgres: EmbeddedPostgres, keyHex: string) {
    this.#dir = dir;
    this.#postgres = postgres;
    this.#keyHex = keyHex;
    this.engine = createEngine({ databaseUrl: postgres.url, keyHex });
    process.once('exit', this.#atExit);
  }

  static async open(dir: string): Promise<Bed> {
    const postgres = await startEmbeddedPostgres({ dir, log: silentLogger });
    await migrate(postgres.url);
    const bed = new Bed(dir, postgres, randomBytes(32).toString('hex'));
    await ensureEventDays(bed.engine);
    return bed;
  }

  startWorkers(random: () => number): void {
    this.#random = random;
    this.#workers = Array.from({ length: WORKERS }, () => this.#startWorker());
  }

  async killWorker(): Promise<void> {
    const index = Math.floor(this.#random() * this.#workers.length);
    const worker = this.#workers[index];
    if (!worker) return;
    const gone = once(worker, 'exit');
    worker.kill('SIGKILL');
    await gone;
    await delay(this.#random() * MAX_START_DELAY_MS);
    this.#workers[index] = this.#startWorker();
  }

  async killDatabase(): Promise<void> {
    process.kill(this.#postgres.pid, 'SIGKILL');
    await this.#postgres.exited;
    this.#postgres = await startEmbeddedPostgres({ dir: this.#dir, log: silentLogger });
  }

  async isDelivered(projectId: string): Promise<boolean> {
    const rows = await this.engine.db.tx(projectId, (tx) =>
      tx.query(
        `select where exists (select from event_outbox where project_id = $1)
           or exists (select from webhook_queue where project_id = $1)`,
        [projectId],
      ),
    );
    return rows.length === 0;
  }

  /** How many did not end by themselves. */
  async stopWorkers(): Promise<number> {
    const ended = await Promise.all(
      this.#workers.splice(0).map(async (worker) => {
        worker.send('stop');
        await Promise.race([once(worker, 'exit'), delay(END_TIMEOUT_MS, undefined, { ref: false })]);
        const isGone = worker.exitCode !== null;
        await endChild(worker, { timeoutMs: 0 });
        return isGone;
      }),
    );
    return ended.filter((isGone) => !isGone).length;
  }

  async close(): Promise<void> {
    process.off('exit', this.#atExit);
    for (const worker of this.#workers)
      await endChild(worker, { signal: 'SIGKILL', timeoutMs: END_TIMEOUT_MS });
    await this.engine.close();
    await this.#postgres.stop();
    await rm(this.#dir, { recursive: true, force: true, maxRetries: 5 });
  }

  #startWorker(): ChildProcess {
    const script = fileURLToPath(new URL('./delivery.ts', import.meta.url));
    return fork(script, [this.#postgres.url, this.#keyHex], { execArgv: [] });
  }
}

function summaryOf({ list, all }: Endpoints, seconds: number): Omit<StormResult, 'checks'> {
  const arrivals = list.flatMap((endpoint) => endpoint.arrivals);
  const taken = arrivals.filter(({ isTaken }) => isTaken);
  const deliveries = new Set(taken.map(({ deliveryId }) => deliveryId)).size;
  const pauses = all.arrivals.map(({ atMs }, index) => atMs - (all.arrivals[index - 1]?.atMs ?? atMs));
  return {
    events: new Set(all.arrivals.map(({ eventId }) => eventId)).size,
    deliveries,
    repeated: taken.length - deliveries,
    refused: arrivals.length - taken.length,
    perSecond: deliveries / seconds,
    seconds,
    longestPauseMs: pauses.reduce((longest, pause) => Math.max(longest, pause), 0),
  };
}
