import { type Database, PLATFORM } from '../db/database.ts';
import { addMs, type Clock, DAY_MS } from '../kernel/clock.ts';
import { dropDaysBefore, ensureDay } from './store.ts';

/** For how many whole days requests are kept. */
const KEPT_DAYS = 14;
/** Days whose partitions are made ahead, so that a worker may be away for some. */
const DAYS_AHEAD = 3;

interface RetentionDeps {
  readonly db: Database;
  readonly clock: Clock;
}

const dayOf = (at: Date): string => at.toISOString().slice(0, 10);

/** Makes the partitions of today and the days to come. Each in a commit of its own: none waits for another's lock. */
export async function ensureRequestDays({ db, clock }: RetentionDeps): Promise<void> {
  for (let ahead = 0; ahead <= DAYS_AHEAD; ahead++) {
    const day = dayOf(addMs(clock.now(), ahead * DAY_MS));
    await db.tx(PLATFORM, (tx) => ensureDay(tx, day));
  }
}

/** Drops the days that are too old; answers them, oldest first. */
export const dropOldRequests = ({ db, clock }: RetentionDeps): Promise<string[]> =>
  db.tx(PLATFORM, (tx) => dropDaysBefore(tx, dayOf(addMs(clock.now(), -KEPT_DAYS * DAY_MS))));
