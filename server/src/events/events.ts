import type { Row, Tx } from '../db/database.ts';
import type { Channel, Waker } from '../db/waker.ts';
import type { Ids } from '../kernel/ids.ts';

/** Whoever delivers events listens here for new ones. */
export const EVENTS_CHANNEL: Channel = { name: 'oms_events', gatherMs: 5 };

/** Whoever shows changes as they happen listens here: a hint that there are new events, in any project. */
export const CHANGES_CHANNEL: Channel = { name: 'oms_changes', gatherMs: 100 };

export interface NewEvent {
  /** A name of the catalogue, e.g. `cashIn.completed`. */
  readonly type: string;
  readonly resourceId: string;
  /** The full resource in its wire form, as it is after the change. */
  readonly data: object;
}

/** What decides who gets an event, and in which order. */
export interface EventNotice {
  readonly eventId: string;
  readonly type: string;
  readonly resourceId: string;
  readonly sequence: bigint;
}

export interface RecordedEvent extends EventNotice {
  readonly createdAt: Date;
}

/** The outbox: an event is part of the commit that caused it, and numbered per resource without gaps. */
export class Events {
  readonly #ids: Ids;
  readonly #waker: Waker;
  readonly #changesWaker: Waker | undefined;
  /** Of transactions that are watched: the ids of what they recorded. */
  readonly #watched = new WeakMap<Tx, string[]>();

  /** Without `changesWaker` nobody who shows changes is told of them. */
  constructor(ids: Ids, waker: Waker, changesWaker?: Waker) {
    this.#ids = ids;
    this.#waker = waker;
    this.#changesWaker = changesWaker;
  }

  /** Records events in order, and puts them into the outbox if anybody listens. Several may be of one resource. */
  async record(tx: Tx, ...events: readonly NewEvent[]): Promise<void> {
    if (events.length === 0) return;
    const [row] = await this.#insert(tx, events, true);
    if (row?.has_listeners) this.wakeAfter(tx);
    tx.afterCommit(() => this.#changesWaker?.wake());
  }

  /** Records one event that the caller hands on by itself: it does not go into the outbox. */
  async recordApart(tx: Tx, event: NewEvent): Promise<EventNotice> {
    const [row] = await this.#insert(tx, [event], false);
    return { ...event, eventId: row?.event_id ?? '', sequence: row?.sequence ?? 0n };
  }

  /** The answer tells what was recorded in the transaction since, in order. */
  watch(tx: Tx): () => Promise<RecordedEvent[]> {
    const eventIds: string[] = [];
    this.#watched.set(tx, eventIds);
    return async () => {
      if (eventIds.length === 0) return [];
      const rows = await tx.query<Row & RecordedEvent>(
        `select event_id "eventId", type, resource_id "resourceId", sequence, created_at "createdAt"
         from events where project_id = $1 and event_id = any($2) order by event_id`,
        [tx.scope, eventIds],
      );
      return rows;
    };
  }

  #insert(tx: Tx, events: readonly NewEvent[], toOutbox: boolean): Promise<RecordedRow[]> {
    const eventIds = events.map(() => this.#ids.next('event', tx));
    this.#watched.get(tx)?.push(...eventIds);
    return tx.query<RecordedRow>(
      `with listed as (
         select *, row_number() over (partition by resource_id order by place) as nth
         from unnest($2::text[], $3::text[], $4::text[], $5::text[]) with ordinality
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
           last_sequence - count(*) over (partition by resource_id) + nth, data::json, $6
         from listed join last using (resource_id)
         returning event_id, type, resource_id, sequence),
       posted as (
         insert into event_outbox (project_id, event_id, type, resource_id, sequence)
         select $1, event_id, type, resource_id, sequence from recorded
         where $7 and exists (select from event_listeners where project_id = $1)
         returning event_id)
       select event_id, sequence, exists (select from posted) has_listeners from recorded limit 1`,
      [
        tx.scope,
        eventIds,
        events.map(({ type }) => type),
        events.map(({ resourceId }) => resourceId),
        events.map(({ data }) => JSON.stringify(data)),
        tx.now(),
        toOutbox,
      ],
    );
  }

  /** Once the transaction is committed, whoever delivers events looks for work. */
  wakeAfter(tx: Tx): void {
    tx.afterCommit(() => this.#waker.wake());
  }

  /** From now on the project's events are handed to whoever delivers them. */
  async listen(tx: Tx): Promise<void> {
    await tx.query(
      'insert into event_listeners (project_id, created_at) values ($1, $2) on conflict do nothing',
      [tx.scope, tx.now()],
    );
  }
}

interface RecordedRow {
  event_id: string;
  sequence: bigint;
  has_listeners: boolean;
}

/** In the platform's scope: projects that have something in the outbox. */
export async function listProjectsWithOutbox(tx: Tx): Promise<string[]> {
  const rows = await tx.query<{ project_id: string }>(
    `with recursive found as (
       (select project_id from event_outbox order by project_id limit 1)
       union all
       select (select o.project_id from event_outbox o where o.project_id > found.project_id order by 1 limit 1)
       from found where found.project_id is not null)
     select project_id from found where project_id is not null`,
  );
  return rows.map((row) => row.project_id);
}

/**
 * Takes the oldest events out of the project's outbox: the caller's commit decides what becomes of them. One at a time
 * per project, so that the events of a resource keep their order; undefined while another transaction takes some.
 */
export async function takeFromOutbox(tx: Tx, limit: number): Promise<EventNotice[] | undefined> {
  const [lock] = await tx.query<{ taken: boolean }>(
    `select pg_try_advisory_xact_lock(hashtextextended('event_outbox ' || $1, 0)) taken`,
    [tx.scope],
  );
  if (!lock?.taken) return undefined;
  const rows = await tx.query<{ event_id: string; type: string; resource_id: string; sequence: bigint }>(
    `with taken as (
       delete from event_outbox where project_id = $1 and event_id <= (
         select max(event_id) from (
           select event_id from event_outbox where project_id = $1 order by event_id limit $2) oldest)
       returning event_id, type, resource_id, sequence)
     select * from taken order by event_id`,
    [tx.scope, limit],
  );
  return rows.map((row) => ({
    eventId: row.event_id,
    type: row.type,
    resourceId: row.resource_id,
    sequence: row.sequence,
  }));
}
