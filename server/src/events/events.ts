import { one, type Tx } from '../db/database.ts';
import type { Jobs } from '../jobs/jobs.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Ids } from '../kernel/ids.ts';

/** The job that each recorded event enqueues; whoever delivers events registers its task. */
export const EVENT_RECORDED = 'events.recorded';

export interface EventRecordedPayload {
  readonly eventId: string;
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

  async record(tx: Tx, event: NewEvent): Promise<void> {
    const eventId = this.#ids.next('event');
    await tx.query(
      `with next as (
         insert into event_sequences (project_id, resource_id, last_sequence) values ($1, $4, 1)
         on conflict (project_id, resource_id) do update set last_sequence = event_sequences.last_sequence + 1
         returning last_sequence)
       insert into events (project_id, event_id, type, resource_id, sequence, data, created_at)
       select $1, $2, $3, $4, last_sequence, $5, $6 from next`,
      [tx.scope, eventId, event.type, event.resourceId, JSON.stringify(event.data), this.#clock.now()],
    );
    await this.#jobs.enqueue(tx, EVENT_RECORDED, { eventId } satisfies EventRecordedPayload);
  }

  async get(tx: Tx, eventId: string): Promise<RecordedEvent> {
    const row = one(
      await tx.query<{ type: string; resource_id: string; sequence: bigint; data: object; created_at: Date }>(
        `select type, resource_id, sequence, data, created_at from events
         where project_id = $1 and event_id = $2`,
        [tx.scope, eventId],
      ),
      'event',
    );
    return {
      eventId,
      type: row.type,
      resourceId: row.resource_id,
      sequence: Number(row.sequence),
      data: row.data,
      createdAt: row.created_at,
    };
  }
}
