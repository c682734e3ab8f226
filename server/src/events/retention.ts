import { type Database, PLATFORM, type Tx } from '../db/database.ts';
import { PROJECTS_WITH_CLOCK } from '../db/project-clocks.ts';
import { addMs, type Clock, DAY_MS } from '../kernel/clock.ts';

/** Days whose partitions are made ahead, so that a worker may be away for some. */
const DAYS_AHEAD = 3;

export interface Retention {
  /** Events older than so many whole days are dropped, with their deliveries. */
  readonly days: number;
  /** Of more events than this, the oldest days are dropped; never the present one. */
  readonly events: bigint;
}

export interface RetentionDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly retention: Retention;
}

/** Makes the partitions of today and the days to come. Each in a commit of its own: none waits for another's lock. */
export async function ensureEventDays({ db, clock }: Pick<RetentionDeps, 'db' | 'clock'>): Promise<void> {
  for (let ahead = 0; ahead <= DAYS_AHEAD; ahead++) {
    const day = dayOf(new Date(clock.now().getTime() + ahead * DAY_MS));
    await db.tx(PLATFORM, (tx) => tx.query('select ensure_event_day($1)', [day]));
  }
}

/** Drops the days that are too old or too many, of projects that go by the server's clock; answers them, oldest first. */
export async function dropOldEvents({ db, clock, retention }: RetentionDeps): Promise<string[]> {
  const today = clock.now();
  const oldest = dayOf(new Date(today.getTime() - retention.days * DAY_MS));
  const days = await db.tx(PLATFORM, listEventDays);
  const first = firstKept(days, oldest, dayOf(today), retention.events);
  if (!days.some(({ day }) => day < first)) return [];
  const dropped = await db.tx(PLATFORM, (tx) =>
    tx.query<{ day: string }>('select day::text from drop_event_days_before($1) day', [first]),
  );
  return dropped.map(({ day }) => day);
}

/** Does the same for projects with a clock of their own, by that clock, and by age alone; those that have lost some. */
export async function dropOwnOldEvents({
  db,
  retention,
}: Pick<RetentionDeps, 'db' | 'retention'>): Promise<string[]> {
  const projects = await db.tx(PLATFORM, (tx) => tx.query<{ project_id: string }>(PROJECTS_WITH_CLOCK));
  const dropped: string[] = [];
  for (const { project_id: projectId } of projects) {
    const [row] = await db.tx(projectId, (tx) =>
      tx.query<{ dropped: boolean }>('select drop_own_events_before($1) dropped', [
        dayOf(addMs(tx.now(), -retention.days * DAY_MS)),
      ]),
    );
    if (row?.dropped) dropped.push(projectId);
  }
  return dropped;
}

/** The first day that stays: not too old, and with all that came later not too many. */
function firstKept(days: readonly EventDay[], oldest: string, today: string, limit: bigint): string {
  let kept = 0n;
  let first = today;
  for (const { day, events } of days.toReversed()) {
    kept += events;
    if (day < oldest || (day < today && kept > limit)) break;
    if (day < first) first = day;
  }
  return first > oldest ? first : oldest;
}

interface EventDay {
  readonly day: string;
  readonly events: bigint;
}

/** The days that have events or a partition, oldest first, with the number of their events in all projects. */
const listEventDays = (tx: Tx): Promise<EventDay[]> =>
  tx.query<EventDay & object>(
    'select day::text, sum(events) events from count_event_days() group by day order by day',
  );

const dayOf = (at: Date): string => at.toISOString().slice(0, 10);
