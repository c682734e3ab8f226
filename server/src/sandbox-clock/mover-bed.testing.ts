import { Database, type Tx } from '../db/database.ts';
import { Waker } from '../db/waker.ts';
import { JOBS_CHANNEL, Jobs, type Task } from '../jobs/jobs.ts';
import { JobRunner } from '../jobs/runner.ts';
import type { Clock } from '../kernel/clock.ts';
import { TypeIds } from '../kernel/ids.ts';
import { silentLogger } from '../kernel/log.ts';
import { ClockMover } from './mover.ts';
import { CLOCKS_CHANNEL, SandboxClocks } from './service.ts';

/** A timer of the tests: writes down that it ran, and when by the clock of its project. */
export const NOTE_TASK = 'note';

export interface Note {
  readonly n: number;
  /** Queues another one, so much later. */
  readonly thenMs?: number;
  readonly fails?: true;
}

const MAX_CONNECTIONS = 12;

/** A worker that moves clocks, on a database with a table `notes`. */
export function workerOn(url: string, clock: Clock) {
  const db = new Database(url, { maxConnections: MAX_CONNECTIONS, clock, log: silentLogger });
  const [clocksWaker, jobsWaker] = [new Waker(db, CLOCKS_CHANNEL), new Waker(db, JOBS_CHANNEL)];
  const jobs = new Jobs(jobsWaker);
  const clocks = new SandboxClocks({ db, clock, ids: new TypeIds(clock), waker: clocksWaker });
  const runner = new JobRunner({ db, clock, waker: jobsWaker, log: silentLogger, concurrency: 16 });
  const note: Task<Note> = {
    name: NOTE_TASK,
    maxAttempts: 3,
    retryDelayMs: () => 0,
    record: async (tx: Tx, { payload: { n, thenMs, fails } }) => {
      await tx.query('insert into notes (project_id, n, at) values ($1, $2, $3)', [tx.scope, n, tx.now()]);
      if (fails) throw new Error('a timer that fails');
      if (thenMs === undefined) return;
      const runAt = new Date(tx.now().getTime() + thenMs);
      await jobs.enqueue(tx, NOTE_TASK, { n: n + 1 } satisfies Note, runAt);
    },
  };
  runner.register(note);
  const mover = new ClockMover({ db, clock, log: silentLogger, waker: clocksWaker, runner, clocks });
  return {
    db,
    jobs,
    clocks,
    start: () => {
      runner.start();
      mover.start();
    },
    stop: async () => {
      await mover.stop();
      await runner.stop();
      clocksWaker.close();
      jobsWaker.close();
      await db.close();
    },
  };
}
