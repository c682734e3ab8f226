import { Database } from '../../src/db/database.ts';
import { Waker } from '../../src/db/waker.ts';
import { JOBS_CHANNEL, type Job, type Task } from '../../src/jobs/jobs.ts';
import { JobRunner } from '../../src/jobs/runner.ts';
import { ManualClock, SECOND_MS } from '../../src/kernel/clock.ts';
import { silentLogger } from '../../src/kernel/log.ts';
import {
  DRILL_TASK,
  type DrillPayload,
  type JobWorkerNews,
  type JobWorkerOptions,
  type JobWorkerOrder,
  MAX_ATTEMPTS,
} from './job-worker.ts';

/** A worker on the queue of the drills, in a process that can be killed and frozen. */
const options = JSON.parse(process.argv[2] ?? '') as JobWorkerOptions;
const clock = new ManualClock(new Date(options.now));
const db = new Database(options.databaseUrl, { maxConnections: 10, clock, log: silentLogger });
const waker = new Waker(db, JOBS_CHANNEL);
const released = Promise.withResolvers<void>();
if (!options.isHolding) released.resolve();
const tell = (news: JobWorkerNews): void => void process.send?.(news);

const task: Task<DrillPayload> = {
  name: DRILL_TASK,
  maxAttempts: MAX_ATTEMPTS,
  retryDelayMs: () => SECOND_MS,
  call: async ({ payload }: Job<DrillPayload>) => {
    tell({ claimed: payload.n });
    if (payload.poison === 'kills') process.kill(process.pid, 'SIGKILL');
    if (payload.poison === 'throws') throw new Error('poison');
    await released.promise;
    return undefined;
  },
  record: async (tx, { payload }) => {
    await tx.query('insert into drill_effects (n, worker) values ($1, $2)', [payload.n, options.name]);
  },
};

const runner = new JobRunner({ db, clock, waker, log: silentLogger, concurrency: options.concurrency });
runner.register(task);
process.on('message', async (order: JobWorkerOrder) => {
  if (order === 'release') released.resolve();
  else if (order !== 'stop') clock.advance(order.advanceMs);
  else {
    await runner.stop();
    waker.close();
    await db.close();
    process.disconnect();
  }
});
process.on('disconnect', () => process.exit(0));
runner.start();
tell('ready');
