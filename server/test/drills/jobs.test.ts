import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll } from 'vitest';
import { Waker } from '../../src/db/waker.ts';
import { JOBS_CHANNEL, Jobs } from '../../src/jobs/jobs.ts';
import { assert } from '../../src/kernel/assert.ts';
import { ManualClock, SECOND_MS, systemClock } from '../../src/kernel/clock.ts';
import { asSuperuser, createTestDatabase, createTestProject, type TestDatabase } from '../postgres.ts';
import { poll } from './bed.ts';
import { randomBelow } from './drill.ts';
import {
  DRILL_TASK,
  type DrillPayload,
  type JobWorkerNews,
  type JobWorkerOptions,
  type JobWorkerOrder,
  MAX_ATTEMPTS,
} from './job-worker.ts';
import { inRounds } from './run.ts';

const WORKER = new URL('job-worker.fixture.ts', import.meta.url);
/** What a lost worker may cost: its jobs run elsewhere this long after, at the latest. */
const TAKEN_OVER_AFTER_MS = 30 * SECOND_MS;
const HELD_BY_THE_KILLED = 100;
const ROUND_LIMIT_MS = 60_000;

interface Worker {
  readonly child: ChildProcess;
  readonly gone: Promise<unknown>;
  /** Numbers of the jobs it has claimed, in order; one twice when it was claimed twice. */
  readonly claimed: readonly number[];
  order(order: JobWorkerOrder): void;
  kill(signal: NodeJS.Signals): void;
}

interface Effect {
  readonly n: number;
  readonly worker: string;
}

let database: TestDatabase;
let waker: Waker;
let project: string;
beforeAll(async () => {
  database = await createTestDatabase();
  waker = new Waker(database.db, JOBS_CHANNEL);
  project = await createTestProject(database.db);
  await asSuperuser(database.url, (client) =>
    client.query(
      'create table drill_effects (n integer not null, worker text not null); grant select, insert on drill_effects to oms_app',
    ),
  );
});
afterAll(async () => {
  waker.close();
  await database.drop();
});

/** One queue, its workers in processes of their own, and a clock that all of them follow. */
class Queue {
  readonly #clock = new ManualClock(systemClock.now());
  readonly #workers: Worker[] = [];

  /** Payloads numbered from 0, some as given. */
  async enqueue(count: number, poison: Readonly<Record<number, DrillPayload['poison']>> = {}): Promise<void> {
    const payloads = Array.from({ length: count }, (_, n): DrillPayload => {
      const kind = poison[n];
      return kind ? { n, poison: kind } : { n };
    });
    await database.db.tx(project, (tx) =>
      new Jobs(waker).enqueueMany(tx, DRILL_TASK, payloads, this.#clock.now()),
    );
  }

  async start(given: Pick<JobWorkerOptions, 'name' | 'concurrency' | 'isHolding'>): Promise<Worker> {
    const options: JobWorkerOptions = {
      ...given,
      databaseUrl: database.url,
      now: this.#clock.now().toISOString(),
    };
    const child = fork(WORKER, [JSON.stringify(options)], { execArgv: [] });
    const claimed: number[] = [];
    const ready = Promise.withResolvers<void>();
    child.on('message', (news: JobWorkerNews) => {
      if (news === 'ready') ready.resolve();
      else claimed.push(news.claimed);
    });
    const worker: Worker = {
      child,
      claimed,
      gone: once(child, 'exit'),
      // A worker that has just killed itself takes no more orders.
      order: (order) => void child.send(order, () => undefined),
      kill: (signal) => void child.kill(signal),
    };
    this.#workers.push(worker);
    await ready.promise;
    return worker;
  }

  /** For whoever runs; a frozen one learns of it when it is resumed. */
  advance(advanceMs: number): void {
    this.#clock.advance(advanceMs);
    for (const { child, order } of this.#workers) if (child.connected) order({ advanceMs });
  }

  /** Ends every worker that is left, in order: what they run is finished. */
  async stop(): Promise<void> {
    for (const { child, order } of this.#workers) if (child.connected) order('stop');
    await Promise.all(this.#workers.map(({ gone }) => gone));
  }

  /** Ends what a failed round has left, frozen or not. */
  clear(): void {
    for (const { child, kill } of this.#workers) {
      if (child.exitCode === null && child.signalCode === null) kill('SIGKILL');
    }
  }
}

const effects = (): Promise<Effect[]> =>
  asSuperuser(
    database.url,
    async (client) => (await client.query<Effect>('select n, worker from drill_effects')).rows,
  );

const openJobs = async (): Promise<number> =>
  (await asSuperuser(database.url, (client) => client.query('select from jobs where dead_at is null'))).rows
    .length;

/** One effect for each number below the count, but for those that are none; in sentences. */
async function missingOrDoubled(count: number, without: readonly number[] = []): Promise<string[]> {
  const found = await effects();
  const left = await openJobs();
  return [
    ...Array.from({ length: count }, (_, n) => {
      const times = found.filter((effect) => effect.n === n).length;
      const expected = without.includes(n) ? 0 : 1;
      return times === expected ? [] : [`job ${n} took effect ${times} times`];
    }).flat(),
    ...(left > 0 ? [`${left} jobs are still to be run`] : []),
  ];
}

/** Frozen with jobs in hand past their lease, resumed when another has run them. */
async function frozenPastItsLease(queue: Queue, below: (limit: number) => number): Promise<string[]> {
  const count = 10 + below(30);
  const held = 1 + below(count);
  await queue.enqueue(count);
  const frozen = await queue.start({ name: 'frozen', concurrency: held, isHolding: true });
  await poll(() => frozen.claimed.length === held);
  frozen.kill('SIGSTOP');
  // Whether it first learns that it may go on or that time has passed, its results come too late.
  if (below(2) === 0) frozen.order('release');
  queue.advance(TAKEN_OVER_AFTER_MS);
  await queue.start({ name: 'other', concurrency: 10, isHolding: false });
  await poll(async () => (await effects()).length === count);
  frozen.kill('SIGCONT');
  frozen.order('release');
  await queue.stop();
  const late = (await effects()).filter(({ worker }) => worker === 'frozen');
  return [
    ...(await missingOrDoubled(count)),
    ...late.map(({ n }) => `the result of job ${n} was recorded after its lease`),
  ];
}

/** Frozen at any instant of recording, sessions and row locks included, and resumed beside another. */
async function frozenWhileRecording(queue: Queue, below: (limit: number) => number): Promise<string[]> {
  const count = 10 + below(30);
  await queue.enqueue(count);
  const frozen = await queue.start({ name: 'frozen', concurrency: count, isHolding: true });
  await poll(() => frozen.claimed.length === count);
  frozen.order('release');
  const recorded = below(count);
  await poll(async () => (await effects()).length >= recorded);
  frozen.kill('SIGSTOP');
  queue.advance(TAKEN_OVER_AFTER_MS);
  const other = await queue.start({ name: 'other', concurrency: 10, isHolding: false });
  const rest = count - (await effects()).length;
  await poll(
    async () => other.claimed.length > 0 || rest === 0 || (await lockedJobs()) >= (await openJobs()),
  );
  frozen.kill('SIGCONT');
  await poll(async () => (await openJobs()) === 0);
  await queue.stop();
  return missingOrDoubled(count);
}

/** Jobs that a session holds, so that nobody else can claim them. */
async function lockedJobs(): Promise<number> {
  const [all, free] = await Promise.all(
    ['', 'for update skip locked'].map((lock) =>
      asSuperuser(database.url, (client) => client.query(`select from jobs where dead_at is null ${lock}`)),
    ),
  );
  return (all?.rows.length ?? 0) - (free?.rows.length ?? 0);
}

async function killedWithJobsInHand(queue: Queue, below: (limit: number) => number): Promise<string[]> {
  const count = HELD_BY_THE_KILLED + below(30);
  await queue.enqueue(count);
  const killed = await queue.start({ name: 'killed', concurrency: HELD_BY_THE_KILLED, isHolding: true });
  await poll(() => killed.claimed.length === HELD_BY_THE_KILLED);
  killed.kill('SIGKILL');
  await killed.gone;
  const other = await queue.start({ name: 'other', concurrency: 40, isHolding: false });
  await poll(async () => (await effects()).length === count - HELD_BY_THE_KILLED);
  const early = other.claimed.filter((n) => killed.claimed.includes(n));
  queue.advance(TAKEN_OVER_AFTER_MS);
  await poll(async () => (await effects()).length === count);
  await queue.stop();
  return [
    ...(await missingOrDoubled(count)),
    ...early.map((n) => `job ${n} was taken from a worker within its lease`),
  ];
}

/**
 * One job that fails each time, and one that takes its worker down, among others. A worker here has one job in hand:
 * what it has in hand besides would lose an attempt with it.
 */
async function poisoned(queue: Queue, below: (limit: number) => number): Promise<string[]> {
  const count = 10 + below(20);
  const throws = below(count);
  const kills = (throws + 1 + below(count - 1)) % count;
  await queue.enqueue(count, { [throws]: 'throws', [kills]: 'kills' });
  let last: Worker | undefined;
  await poll(async () => {
    if (!last || last.child.exitCode !== null || last.child.signalCode !== null) {
      last = await queue.start({ name: 'worker', concurrency: 1, isHolding: false });
    }
    queue.advance(SECOND_MS);
    return (await openJobs()) === 0;
  });
  await queue.stop();
  const { rows } = await asSuperuser(database.url, (client) =>
    client.query<{ n: number; attempts: number; last_error: string }>(
      `select (payload->>'n')::integer as n, attempts, last_error from jobs where dead_at is not null order by n`,
    ),
  );
  const listed = rows.map(({ n }) => n).join();
  const wanted = [throws, kills].sort((a, b) => a - b).join();
  return [
    ...(await missingOrDoubled(count, [throws, kills])),
    ...(listed === wanted ? [] : [`the list of dead jobs has ${listed}, not ${wanted}`]),
    ...rows.flatMap(({ n, attempts }) =>
      // A worker that was lost in the last attempt is found out by one more claim.
      attempts <= MAX_ATTEMPTS + 1 ? [] : [`job ${n} was tried ${attempts} times`],
    ),
  ];
}

const DRILLS: readonly {
  readonly name: string;
  readonly cause: string;
  readonly expect: string;
  readonly isQuick: boolean;
  run(queue: Queue, below: (limit: number) => number): Promise<string[]>;
}[] = [
  {
    name: 'two workers on one queue, one frozen past its lease and resumed',
    cause: 'SIGSTOP of a worker with jobs in hand; another runs them; SIGCONT',
    expect: 'each effect once, the late results fenced off',
    isQuick: true,
    run: frozenPastItsLease,
  },
  {
    name: 'two workers on one queue, one frozen while it records',
    cause: 'SIGSTOP of a worker amid its commits, past their lease; another works beside it; SIGCONT',
    expect: 'each effect once',
    isQuick: false,
    run: frozenWhileRecording,
  },
  {
    name: 'a worker killed with a hundred jobs in hand',
    cause: 'kill -9 of a worker that has claimed 100 jobs and finished none',
    expect: 'all run again, each effect once',
    isQuick: true,
    run: killedWithJobsInHand,
  },
  {
    name: 'poison jobs',
    cause: 'a job that fails each time and one that kills its worker, among others',
    expect: 'both in the list of dead jobs, all others done',
    isQuick: true,
    run: poisoned,
  },
];

for (const drill of DRILLS) {
  inRounds(drill, ROUND_LIMIT_MS, async (seed) => {
    await asSuperuser(database.url, (client) => client.query('truncate jobs, drill_effects'));
    const queue = new Queue();
    try {
      const found = await drill.run(queue, randomBelow(seed));
      assert((await openJobs()) === 0 || found.length > 0, 'an open job is a finding');
      return found;
    } finally {
      queue.clear();
    }
  });
}
