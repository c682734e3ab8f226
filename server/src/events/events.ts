import { one, type Tx } from '../db/database.ts';
import type { Jobs } from '../jobs/jobs.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Ids } from '../kernel/ids.ts';

/** The job that recorded events enqueue; whoever delivers events registers its task. */
export const EVENTS_RECORDED = 'events.recorded';

export interface EventsRecordedPayload {
  readonly eventIds: readonly string[];
}

export interface NewEvent {
  /** A name of the catalogue, e.g. `cashIn.completed`. */
  readonly type: string;
  readonly resourceId: string;
  /** The full resource in its wire form, as it is after the change. */
  readonly data: object;
}

export interface RecordedEvent extends NewEvent {
  readonly eventId: string;
  readonly sequence: number;
  readonly createdAt: Date;
}

/** The outbox: an event is part of the commit that caused it, and numbered per resource without gaps. */
export class Events {
  readonly #clock: Clock;
  readonly #ids: Ids;
  readonly #jobs: Jobs;

  constructor(clock: Clock, ids: Ids, jobs: Jobs) {
    this.#clock = clock;
    this.#ids = ids;
    this.#jobs = jobs;
  }

  /** Records events in order, and one job that delivers them if anybody listens. Several may be of one resource. */
  async record(tx: Tx, ...events: readonly NewEvent[]): Promise<void> {
    if (events.length === 0) return;
    const eventIds = events.map(() => this.#ids.next('event'));
    const [row] = await tx.query<{ has_listeners: boolean }>(
      `with listed as (
         select *, row_number() over (partition by resource_id order by place) as nth
         from unnest($2::text[], $3::text[], $4::text[], $5::jsonb[]) with ordinality
           as new (event_id, type, resource_id, data, place)),
       last as (
         insert into event_sequences (project_id, resource_id, last_sequence)
         select $1, resource_id, count(*) from listed group by resource_id order by resource_id
         on conflict (project_id, resource_id)
           do update set last_sequence = event_sequences.last_sequence + excluded.last_sequence
         returning resource_id, last_sequence),
       recorded as (
         insert into events (project_id, event_id, type, resource_id, sequence, data, created_at)
         select $1, event_id, type, resource_id,
           last_sequence - count(*) over (partition by resource_id) + nth, data, $6
         from listed join last using (resource_id))
       select exists (select from event_listeners where project_id = $1) has_listeners`,
      [
        tx.scope,
        eventIds,
        events.map(({ type }) => type),
        events.map(({ resourceId }) => resourceId),
        events.map(({ data }) => JSON.stringify(data)),
        this.#clock.now(),
      ],
    );
    if (row?.has_listeners) {
      await this.#jobs.enqueue(tx, EVENTS_RECORDED, { eventIds } satisfies EventsRecordedPayload);
    }
  }

  /** From now on the project's events are handed to whoever delivers them. */
  async listen(tx: Tx): Promise<void> {
    await tx.query(
      'insert into event_listeners (project_id, created_at) values ($1, $2) on conflict do nothing',
      [tx.scope, this.#clock.now()],
    );
  }

  /** In the order of the ids. */
  async list(tx: Tx, eventIds: readonly string[]): Promise<RecordedEvent[]> {
    const rows = await tx.query<EventRow>(
      `select event_id, type, resource_id, sequence, data, created_at from events
       where project_id = $1 and event_id = any($2) order by array_position($2, event_id)`,
      [tx.scope, eventIds],
    );
    return rows.map((row) => ({
      eventId: row.event_id,
      type: row.type,
      resourceId: row.resource_id,
      sequence: Number(row.sequence),
      data: row.data,
      createdAt: row.created_at,
    }));
  }

  async get(tx: Tx, eventId: string): Promise<RecordedEvent> {
    return one(await this.list(tx, [eventId]), 'event');
  }
}

interface EventRow {
  event_id: string;
  type: string;
  resource_id: string;
  sequence: bigint;
  data: object;
  created_at: Date;
}
