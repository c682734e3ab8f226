import { Database } from '../src/db/database.ts';
import { Waker } from '../src/db/waker.ts';
import { JOBS_CHANNEL } from '../src/jobs/jobs.ts';
import { JobRunner } from '../src/jobs/runner.ts';
import { assert } from '../src/kernel/assert.ts';
import { systemClock } from '../src/kernel/clock.ts';
import { silentLogger } from '../src/kernel/log.ts';

/**
 * A worker to be killed: claims up to `concurrency` jobs of `task`, writes the number of each to the standard output,
 * and never finishes one. Arguments: database URL, task, concurrency.
 */
const [url, task, concurrency] = process.argv.slice(2);
assert(url && task && concurrency, 'usage: blocked-worker.ts <url> <task> <concurrency>');
const db = new Database(url, { maxConnections: 4, clock: systemClock, log: silentLogger });
const runner = new JobRunner({
  db,
  clock: systemClock,
  waker: new Waker(db, JOBS_CHANNEL),
  log: silentLogger,
  concurrency: Number(concurrency),
});
runner.register({
  name: task,
  maxAttempts: 10,
  retryDelayMs: () => 0,
  call: (job) => {
    process.stdout.write(`${job.jobId}\n`);
    return new Promise<never>(() => undefined);
  },
  record: async () => undefined,
});
runner.start();
