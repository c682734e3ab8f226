import { systemClock } from '../kernel/clock.ts';
import { workerOn } from './mover-bed.testing.ts';

/** A worker in a process that can be killed. Argument: the URL of the database. */
workerOn(process.argv[2] ?? '', systemClock).start();
