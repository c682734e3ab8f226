import { one, type Tx } from '../db/database.ts';
import type { ClockRow } from '../db/project-clocks.ts';
import type { ClaimedRow } from '../jobs/runner.ts';

export interface ProjectClockRow extends ClockRow {
  is_known: boolean;
  move_id: string | null;
  target_at: Date | null;
  runs_after: boolean;
  timers: bigint;
}

const CLOCK = 'stands_at, offset_ms, set_at, epoch, is_known, move_id, target_at, runs_after, timers';

export async function findClock(tx: Tx): Promise<ProjectClockRow | undefined> {
  const [row] = await tx.query<ProjectClockRow>(`select ${CLOCK} from project_clocks where project_id = $1`, [
    tx.scope,
  ]);
  return row;
}

/** Waits for every transaction that goes by the clock; until the end of this one no other begins. */
export async function lockClock(tx: Tx): Promise<ProjectClockRow> {
  const rows = await tx.query<ProjectClockRow>(
    `select ${CLOCK} from project_clocks where project_id = $1 for update`,
    [tx.scope],
  );
  return one(rows, 'the clock of a project that has one');
}

/** A clock that says what the server's says. */
export async function insertClock(tx: Tx, now: Date): Promise<void> {
  await tx.query(
    `insert into project_clocks (project_id, offset_ms, set_at, is_known, events_kept_since)
     select $1, 0, $2, false, kept_since from event_retention
     on conflict do nothing`,
    [tx.scope, now],
  );
}

/** Every process goes by the clock. */
export async function makeKnown(tx: Tx): Promise<void> {
  await tx.query('update project_clocks set is_known = true where project_id = $1', [tx.scope]);
}

/** Jobs that were queued before every process went by the clock go by it from now on. */
export async function adoptJobs(tx: Tx): Promise<void> {
  await tx.query('update jobs set own_time = true where project_id = $1 and not own_time', [tx.scope]);
}

export async function setClock(
  tx: Tx,
  { standsAt, offsetMs, now }: { standsAt: Date | null; offsetMs: bigint; now: Date },
): Promise<ProjectClockRow> {
  const rows = await tx.query<ProjectClockRow>(
    `update project_clocks set stands_at = $2, offset_ms = $3, target_at = null,
       set_at = case when stands_at = $2 then set_at else greatest(set_at, $4) end
     where project_id = $1 returning ${CLOCK}`,
    [tx.scope, standsAt, offsetMs, now],
  );
  return one(rows, 'the clock of a project that has one');
}

export interface NewMove {
  readonly moveId: string;
  readonly requestKey: string;
  readonly standsAt: Date;
  readonly targetAt: Date;
  readonly runsAfter: boolean;
  readonly firstEventId: string;
  readonly now: Date;
}

export async function startMove(tx: Tx, move: NewMove): Promise<void> {
  await tx.query(
    `insert into clock_moves (project_id, move_id, request_key, from_at, target_at, first_event_id, started_at)
     values ($1, $2, $3, $4, $5, $6, $7)`,
    [tx.scope, move.moveId, move.requestKey, move.standsAt, move.targetAt, move.firstEventId, move.now],
  );
  await tx.query(
    `update project_clocks set move_id = $2, stands_at = $3, target_at = $4, runs_after = $5, timers = 0,
       set_at = case when stands_at is null then greatest(set_at, $6) else set_at end,
       lease_token = null, leased_until = '-infinity'
     where project_id = $1`,
    [tx.scope, move.moveId, move.standsAt, move.targetAt, move.runsAfter, move.now],
  );
}

export interface MoveRow {
  move_id: string;
  from_at: Date;
  target_at: Date;
  first_event_id: string;
  last_event_id: string | null;
  reached_at: Date | null;
  timers: bigint | null;
  ended_at: Date | null;
}

const MOVE = 'move_id, from_at, target_at, first_event_id, last_event_id, reached_at, timers, ended_at';

export async function findMove(tx: Tx, moveId: string): Promise<MoveRow | undefined> {
  const [row] = await tx.query<MoveRow>(
    `select ${MOVE} from clock_moves where project_id = $1 and move_id = $2`,
    [tx.scope, moveId],
  );
  return row;
}

export async function findMoveByKey(tx: Tx, requestKey: string): Promise<MoveRow | undefined> {
  const [row] = await tx.query<MoveRow>(
    `select ${MOVE} from clock_moves where project_id = $1 and request_key = $2`,
    [tx.scope, requestKey],
  );
  return row;
}

export async function endMove(
  tx: Tx,
  end: { moveId: string; reachedAt: Date; lastEventId: string; timers: bigint; now: Date },
): Promise<void> {
  const rows = await tx.query(
    `update clock_moves set reached_at = $3, last_event_id = $4, timers = $5, ended_at = $6
     where project_id = $1 and move_id = $2 and ended_at is null returning move_id`,
    [tx.scope, end.moveId, end.reachedAt, end.lastEventId, end.timers, end.now],
  );
  one(rows, 'a move that goes on');
}

/** What the clock waits for where it stands, other than jobs. */
export async function whatClockWaitsFor(tx: Tx): Promise<'webhooks' | 'chain' | null> {
  const rows = await tx.query<{ waits_for: 'webhooks' | 'chain' | null }>(
    'select clock_waits_for($1, $2, next_delivery_at($1)) waits_for',
    [tx.scope, tx.now()],
  );
  return one(rows, 'an answer').waits_for;
}

export interface TimerRow {
  due_at: Date;
  position: string;
  /** Of a job; null: the next attempt of a delivery. */
  task: string | null;
  payload: Readonly<Record<string, unknown>> | null;
  webhook_id: string | null;
}

export interface TimerPlace {
  readonly dueAt: Date;
  readonly position: string;
}

/** What is to come of itself, in order. `position` tells apart what is due at one time. */
export async function listTimers(tx: Tx, limit: number, after?: TimerPlace): Promise<TimerRow[]> {
  return tx.query<TimerRow>(
    `select due_at, position, task, payload, webhook_id from (
       select run_at due_at, 'job' || lpad(job_id::text, 20, '0') as position, task, payload, null webhook_id
       from jobs where project_id = $1 and dead_at is null
       union all
       select greatest(q.due_at, h.paused_until), q.event_id || q.webhook_id, null, null, q.webhook_id
       from webhook_queue q
       join webhooks w on w.project_id = q.project_id and w.webhook_id = q.webhook_id
       join webhook_health h on h.project_id = q.project_id and h.webhook_id = q.webhook_id
       where q.project_id = $1 and q.state = 'due' and w.enabled and w.deleted_at is null) timer
     where $3::timestamptz is null or (due_at, position collate "C") > ($3, $4::text)
     order by due_at, position collate "C" limit $2`,
    [tx.scope, limit, after?.dueAt ?? null, after?.position ?? null],
    { planned: 'each time' },
  );
}

/** When the next thing is due that has not been due before; undefined when nothing is. */
export async function findNextTimer(tx: Tx): Promise<Date | undefined> {
  const [row] = await tx.query<{ at: Date | null }>(
    `select least((select min(run_at) from jobs where project_id = $1 and dead_at is null),
       next_delivery_at($1)) at`,
    [tx.scope],
  );
  return row?.at ?? undefined;
}

export interface CausedEventRow {
  event_id: string;
  type: string;
  resource_id: string;
  sequence: bigint;
  created_at: Date;
}

/** What was recorded between two places in the order of events, oldest first. */
export function listCaused(
  tx: Tx,
  { firstEventId, lastEventId }: { firstEventId: string; lastEventId: string | null },
  limit: number,
): Promise<CausedEventRow[]> {
  return tx.query<CausedEventRow>(
    `select event_id, type, resource_id, sequence, created_at from events
     where project_id = $1 and event_id > $2 and ($3::text is null or event_id < $3)
     order by event_id limit $4`,
    [tx.scope, firstEventId, lastEventId, limit],
    { planned: 'each time' },
  );
}

/** In the platform's scope: projects whose clock moves. */
export async function listMoving(tx: Tx): Promise<string[]> {
  const rows = await tx.query<{ project_id: string }>(
    'select project_id from project_clocks where target_at is not null order by project_id',
  );
  return rows.map((row) => row.project_id);
}

/** What a step has come to; see `clock_step` of the schema. */
export type StepState = 'run' | 'jobs' | 'webhooks' | 'chain' | 'reached' | 'over';

interface StepRow extends ClaimedRow {
  state: StepState;
  /** Where the clock stands now, and since when. */
  stands_at: Date;
  set_at: Date;
}

export interface StepOptions {
  readonly token: string;
  readonly now: Date;
  readonly clockLeaseMs: number;
  readonly jobToken: string;
  readonly jobLeaseMs: number;
  readonly tasks: readonly string[];
  readonly limit: number;
}

export async function stepClock(tx: Tx, options: StepOptions): Promise<StepRow[]> {
  return tx.query<StepRow>(
    `select state, stands_at, set_at, $1::text project_id, job_id, task, payload, attempts
     from clock_step($1, $2, $3, $4, $5, $6, $7, $8)`,
    [
      tx.scope,
      options.token,
      options.now,
      options.clockLeaseMs,
      options.jobToken,
      options.jobLeaseMs,
      options.tasks,
      options.limit,
    ],
  );
}

/** In the project's scope: another worker may go on with the clock at once. */
export async function releaseClock(tx: Tx, token: string): Promise<void> {
  await tx.query(
    `update project_clocks set lease_token = null, leased_until = '-infinity'
     where project_id = $1 and lease_token = $2`,
    [tx.scope, token],
  );
}
