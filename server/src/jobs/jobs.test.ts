import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  asSuperuser,
  createTestDatabase,
  createTestProject,
  type TestDatabase,
} from '../../test/postgres.ts';
import type { Tx } from '../db/database.ts';
import { Waker } from '../db/waker.ts';
import { addMs, type Clock, DAY_MS, ManualClock, SECOND_MS, systemClock } from '../kernel/clock.ts';
import { silentLogger } from '../kernel/log.ts';
import { assertOutsideTransaction } from '../kernel/outside.ts';
import { backoffMs, JOBS_CHANNEL, type Job, Jobs, type Task } from './jobs.ts';
import { JobRunner } from './runner.ts';

/** What a worker that is gone may cost: its jobs run elsewhere this long after, at the latest. */
const TAKEN_OVER_AFTER_MS = 30 * SECOND_MS;
const DEADLINE_MS = 20_000;
const WORKER = fileURLToPath(new URL('../../test/blocked-worker.ts', import.meta.url));

interface Numbered {
  readonly n: number;
}
interface JobRow {
  attempts: number;
  last_error: string | null;
  dead_at: Date | null;
}

let database: TestDatabase;
let waker: Waker;
let project: string;
let clock: ManualClock;
let runners: JobRunner[];

beforeAll(async () => {
  database = await createTestDatabase({ maxConnections: 20, clock: { now: () => clock.now() } });
  waker = new Waker(database.db, JOBS_CHANNEL);
  await asSuperuser(database.url, (client) =>
    client.query(
      'create table results (n integer not null, runner text not null); grant all on results to oms_app',
    ),
  );
});
afterAll(async () => {
  waker.close();
  await database.drop();
});
beforeEach(async () => {
  await asSuperuser(database.url, (client) => client.query('truncate jobs, results'));
  project = await createTestProject(database.db);
  clock = new ManualClock(systemClock.now());
  runners = [];
});
afterEach(() => Promise.all(runners.map((runner) => runner.stop())));

function newRunner(task: Task<Numbered>, options: { clock?: Clock; concurrency?: number } = {}): JobRunner {
  const runner = new JobRunner({
    db: database.db,
    clock: options.clock ?? clock,
    waker,
    log: silentLogger,
    concurrency: options.concurrency ?? 10,
  });
  runner.register(task);
  return runner;
}

function start(runner: JobRunner): JobRunner {
  runners.push(runner);
  runner.start();
  return runner;
}

const keep = (tx: Tx, n: number, runner = 'any'): Promise<unknown> =>
  tx.query('insert into results (n, runner) values ($1, $2)', [n, runner]);

/** Writes the job's number to the results, once the parts given were done. */
const task = (parts: Partial<Task<Numbered>> = {}, runner?: string): Task<Numbered> => ({
  name: 'test',
  maxAttempts: 3,
  retryDelayMs: () => SECOND_MS,
  record: async (tx, job) => void (await keep(tx, job.payload.n, runner)),
  ...parts,
});

const enqueue = (count: number, runAt?: Date): Promise<void> =>
  database.db.tx(project, (tx) =>
    new Jobs(waker).enqueueMany(
      tx,
      'test',
      Array.from({ length: count }, (_, n) => ({ n })),
      runAt,
    ),
  );

async function results(): Promise<number[]> {
  const { rows } = await asSuperuser(database.url, (client) =>
    client.query<Numbered>('select n from results order by n'),
  );
  return rows.map(({ n }) => n);
}

const jobRows = (): Promise<JobRow[]> =>
  database.db.tx(project, (tx) =>
    tx.query<JobRow>('select attempts, last_error, dead_at from jobs order by job_id'),
  );

const numbers = (count: number): number[] => Array.from({ length: count }, (_, n) => n);

function gate(): { readonly opened: Promise<void>; open(): void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { opened: promise, open: resolve };
}

describe('a job', () => {
  it('exists if and only if the transaction that caused it commits', async () => {
    const runner = newRunner(task());
    await expect(
      database.db.tx(project, async (tx) => {
        await new Jobs(waker).enqueue(tx, 'test', { n: 1 });
        throw new Error('changed my mind');
      }),
    ).rejects.toThrow('changed my mind');
    expect(await runner.drain()).toBe(0);
    await database.db.tx(project, (tx) => new Jobs(waker).enqueue(tx, 'test', { n: 2 }));
    expect(await runner.drain()).toBe(1);
    expect(await results()).toEqual([2]);
    expect(await jobRows()).toEqual([]);
  });

  it('waits until it is due', async () => {
    const runner = newRunner(task());
    await enqueue(1, addMs(clock.now(), 60 * SECOND_MS));
    clock.advance(59 * SECOND_MS);
    expect(await runner.drain()).toBe(0);
    clock.advance(SECOND_MS);
    expect(await runner.drain()).toBe(1);
  });

  it('waits for a runner that knows its task', async () => {
    await enqueue(1);
    expect(await newRunner(task({ name: 'other' })).drain()).toBe(0);
    expect(await newRunner(task()).drain()).toBe(1);
  });

  it('calls the outside with no transaction open, and records in one of its own project', async () => {
    const scopes: string[] = [];
    const outside = task({
      call: async () => {
        assertOutsideTransaction('the outside');
        return undefined;
      },
      record: async (tx) => void scopes.push(tx.scope),
    });
    await enqueue(1);
    await newRunner(outside).drain();
    expect(scopes).toEqual([project]);
  });

  it('is followed by the jobs it causes, which a drain runs as well', async () => {
    const jobs = new Jobs(waker);
    const chain = task({
      record: async (tx, job) => {
        await keep(tx, job.payload.n);
        if (job.payload.n < 3) await jobs.enqueue(tx, 'test', { n: job.payload.n + 1 });
      },
    });
    await enqueue(1);
    expect(await newRunner(chain).drain()).toBe(4);
    expect(await results()).toEqual([0, 1, 2, 3]);
  });

  it('leaves nothing of a record that fails, and runs again', async () => {
    const flaky = task({
      record: async (tx, job) => {
        await keep(tx, job.attempt);
        if (job.attempt === 1) throw new Error('too early');
      },
    });
    const runner = newRunner(flaky);
    await enqueue(1);
    await runner.drain();
    expect(await results()).toEqual([]);
    expect(await jobRows()).toEqual([{ attempts: 1, last_error: 'too early', dead_at: null }]);
    clock.advance(SECOND_MS);
    await runner.drain();
    expect(await results()).toEqual([2]);
    expect(await jobRows()).toEqual([]);
  });
});

describe('a poison job', () => {
  const exhausted = vi.fn<(job: Job<Numbered>) => void>();
  beforeEach(() => exhausted.mockClear());
  const onExhausted = async (_: Tx, job: Job<Numbered>): Promise<void> => exhausted(job);

  it('ends in the list of dead ones with its error, and stays there', async () => {
    const call = vi.fn(async () => Promise.reject(new Error('no such bank')));
    const runner = newRunner(task({ call, onExhausted }));
    await enqueue(1);
    for (let round = 0; round < 10; round++) {
      await runner.drain();
      clock.advance(DAY_MS);
    }
    expect(call).toHaveBeenCalledTimes(3);
    expect(exhausted).toHaveBeenCalledTimes(1);
    const [row] = await jobRows();
    expect(row).toMatchObject({ attempts: 3, last_error: 'no such bank', dead_at: expect.any(Date) });
  });

  it('does not keep the others waiting', async () => {
    const call = async (job: Job<Numbered>): Promise<undefined> => {
      if (job.payload.n === 0) throw new Error('poison');
      return undefined;
    };
    await enqueue(50);
    await newRunner(task({ call }), { concurrency: 1 }).drain();
    expect(await results()).toEqual(numbers(50).slice(1));
  });

  it('is not tried for ever when it takes its workers down with it', async () => {
    const call = vi.fn(() => new Promise<never>(() => undefined));
    await enqueue(1);
    for (let attempt = 1; attempt <= 3; attempt++) {
      void newRunner(task({ call, onExhausted })).drain();
      await vi.waitUntil(() => call.mock.calls.length === attempt, DEADLINE_MS);
      clock.advance(TAKEN_OVER_AFTER_MS);
    }
    await newRunner(task({ call, onExhausted })).drain();
    expect(call).toHaveBeenCalledTimes(3);
    expect(exhausted).toHaveBeenCalledTimes(1);
    const [row] = await jobRows();
    expect(row).toMatchObject({ last_error: expect.stringMatching(/lost/), dead_at: expect.any(Date) });
  });
});

describe('a worker that is lost', () => {
  it('killed with a hundred jobs in hand, has all of them run elsewhere within 30 s', async () => {
    await enqueue(120);
    const worker = spawn(process.execPath, [WORKER, database.url, 'test', '120'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    try {
      let held = 0;
      for await (const _ of createInterface({ input: worker.stdout })) if (++held === 120) break;
    } finally {
      worker.kill('SIGKILL');
      if (worker.exitCode === null && worker.signalCode === null) await once(worker, 'exit');
    }
    const survivor = newRunner(task(), { concurrency: 40 });
    expect(await survivor.drain()).toBe(0);
    clock.advance(TAKEN_OVER_AFTER_MS);
    expect(await survivor.drain()).toBe(120);
    expect(await results()).toEqual(numbers(120));
    expect(await jobRows()).toEqual([]);
  });

  it('frozen past its lease and resumed, records nothing: the result is recorded once', async () => {
    const frozen = gate();
    const claimed = gate();
    const call = async (): Promise<undefined> => {
      claimed.open();
      await frozen.opened;
      return undefined;
    };
    await enqueue(1);
    const resumed = newRunner(task({ call }, 'frozen')).drain();
    await claimed.opened;
    clock.advance(TAKEN_OVER_AFTER_MS);
    expect(await newRunner(task({}, 'other')).drain()).toBe(1);
    frozen.open();
    await resumed;
    const { rows } = await asSuperuser(database.url, (client) =>
      client.query('select n, runner from results'),
    );
    expect(rows).toEqual([{ n: 0, runner: 'other' }]);
  });

  it('frozen while another has the job in hand, cannot end it, neither by success nor by failure', async () => {
    for (const outcome of ['success', 'failure']) {
      const [frozen, working, first, second] = [gate(), gate(), gate(), gate()];
      const late = async (): Promise<undefined> => {
        first.open();
        await frozen.opened;
        if (outcome === 'failure') throw new Error('of the frozen worker');
        return undefined;
      };
      const inTime = async (): Promise<undefined> => {
        second.open();
        await working.opened;
        return undefined;
      };
      await enqueue(1);
      const lost = newRunner(task({ call: late, maxAttempts: 1 }, 'frozen')).drain();
      await first.opened;
      clock.advance(TAKEN_OVER_AFTER_MS);
      const other = newRunner(task({ call: inTime }, 'other')).drain();
      await second.opened;
      frozen.open();
      await lost;
      expect(await jobRows()).toEqual([{ attempts: 2, last_error: null, dead_at: null }]);
      working.open();
      await other;
    }
    const { rows } = await asSuperuser(database.url, (client) => client.query('select runner from results'));
    expect(rows).toEqual([{ runner: 'other' }, { runner: 'other' }]);
  });
});

describe('runners', () => {
  it('never run one job at once, and run each of many once', async () => {
    const running = new Set<number>();
    const call = async ({ payload: { n } }: Job<Numbered>): Promise<undefined> => {
      if (running.has(n)) throw new Error(`job ${n} runs twice at once`);
      running.add(n);
      await new Promise(setImmediate);
      running.delete(n);
      return undefined;
    };
    const started = numbers(3).map(() => start(newRunner(task({ call }), { clock: systemClock })));
    await enqueue(500);
    await vi.waitUntil(async () => (await results()).length >= 500, { timeout: DEADLINE_MS, interval: 50 });
    await Promise.all(started.map((runner) => runner.stop()));
    expect(await results()).toEqual(numbers(500));
    expect(await jobRows()).toEqual([]);
  });

  it('claim no more than they can run, however small the table', async () => {
    await enqueue(60);
    // With statistics the planner knows that a scan of the whole table is cheapest.
    await asSuperuser(database.url, (client) => client.query('analyze jobs'));
    let [now, most] = [0, 0];
    const call = async (): Promise<undefined> => {
      most = Math.max(most, ++now);
      await new Promise(setImmediate);
      now -= 1;
      return undefined;
    };
    expect(await newRunner(task({ call }), { concurrency: 4 }).drain()).toBe(60);
    expect(most).toBe(4);
  });

  it('listen again when their connection was lost', async () => {
    const listening = async (): Promise<number[]> => {
      const { rows } = await asSuperuser(database.url, (client) =>
        client.query<{ pid: number }>(
          `select pid from pg_stat_activity where datname = current_database() and query = 'listen oms_jobs'`,
        ),
      );
      return rows.map(({ pid }) => pid);
    };
    start(newRunner(task(), { clock: systemClock }));
    await vi.waitUntil(async () => (await listening()).length === 1, DEADLINE_MS);
    const [lost] = await listening();
    await asSuperuser(database.url, (client) => client.query('select pg_terminate_backend($1)', [lost]));
    const isHeardAgain = async (): Promise<boolean> => {
      const [pid] = await listening();
      return pid !== undefined && pid !== lost;
    };
    await vi.waitUntil(isHeardAgain, DEADLINE_MS);
  });

  it('finish what they run before they stop, and claim nothing after', async () => {
    const blocked = gate();
    const claimed = gate();
    const call = async (): Promise<undefined> => {
      claimed.open();
      await blocked.opened;
      return undefined;
    };
    const runner = start(newRunner(task({ call }), { clock: systemClock, concurrency: 1 }));
    await enqueue(2);
    await claimed.opened;
    const stopped = runner.stop();
    blocked.open();
    await stopped;
    expect(await results()).toEqual([0]);
    expect(await jobRows()).toEqual([{ attempts: 0, last_error: null, dead_at: null }]);
  });
});

it('waits longer after each failure, five minutes at most', () => {
  expect([1, 2, 3, 4].map(backoffMs)).toEqual([1_000, 2_000, 4_000, 8_000]);
  expect(backoffMs(30)).toBe(300_000);
});
