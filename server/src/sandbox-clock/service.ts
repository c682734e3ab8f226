import { setTimeout as delay } from 'node:timers/promises';
import { MAX_ADVANCE_SECONDS, type SandboxClockRequest } from '@openoms/contract/sandbox-clock.ts';
import type { Database, Tx } from '../db/database.ts';
import { KNOWN_AFTER_MS } from '../db/known-projects.ts';
import { timelineOf } from '../db/project-clocks.ts';
import type { Channel, Waker } from '../db/waker.ts';
import { must } from '../kernel/assert.ts';
import { addMs, type Clock, optionalDate, SECOND_MS } from '../kernel/clock.ts';
import { ApiError, validationError } from '../kernel/errors.ts';
import { type Ids, lowestIdAt } from '../kernel/ids.ts';
import * as store from './store.ts';

/** Workers listen here for clocks that are to be moved. */
export const CLOCKS_CHANNEL: Channel = { name: 'oms_clocks', gatherMs: 1 };

/** How long a request waits for the clock to arrive, and how often it looks. */
const ARRIVAL_TIMEOUT_MS = 25_000;
const ARRIVAL_POLL_MS = 50;
const MAX_CAUSED_EVENTS = 100;
const FIRST_TIMERS = 20;

const COMMANDS = ['freeze', 'resume', 'advanceSeconds', 'advanceTo', 'toNextTimer'] as const;

export interface SandboxClocksDeps {
  readonly db: Database;
  /** The server's. */
  readonly clock: Clock;
  readonly ids: Ids;
  readonly waker: Waker;
}

/** All that a clock's answer says. */
export interface ClockState {
  readonly now: Date;
  readonly serverNow: Date;
  readonly clock: store.ProjectClockRow | undefined;
  readonly move: store.MoveRow | undefined;
  readonly waitsFor: 'webhooks' | 'chain' | null;
  readonly timers: readonly store.TimerRow[];
}

export interface CausedEvents {
  readonly rows: readonly store.CausedEventRow[];
  readonly hasMore: boolean;
}

/** The clocks of sandbox projects (docs/decisions/0027). */
export class SandboxClocks {
  readonly #deps: SandboxClocksDeps;

  constructor(deps: SandboxClocksDeps) {
    this.#deps = deps;
  }

  async get(tx: Tx): Promise<ClockState> {
    return this.#stateOf(tx, await store.findClock(tx));
  }

  /** Before the transaction: makes the clock known to all processes and, to advance it, sends it off and waits for it. */
  async prepare(projectId: string, body: SandboxClockRequest, key: string): Promise<string | undefined> {
    requireOneCommand(body);
    await this.establish(projectId);
    if (body.freeze || body.resume) return undefined;
    const move = await this.#deps.db.tx(
      projectId,
      async (tx) => (await store.findMoveByKey(tx, key)) ?? (await this.#startMove(tx, body, key)),
    );
    if (!move.ended_at) this.#deps.waker.wake();
    await this.#arrival(projectId, move.move_id);
    return move.move_id;
  }

  /** Sets the clock, or tells what became of the move that `prepare` has sent it on. */
  async set(
    tx: Tx,
    body: SandboxClockRequest,
    moveId: string | undefined,
  ): Promise<{ state: ClockState; caused: CausedEvents }> {
    if (moveId !== undefined) return this.#toldOf(tx, moveId);
    const row = await store.lockClock(tx);
    const set = body.freeze ? await this.#freeze(tx, row) : await this.#resume(tx, row);
    return { state: await this.#stateOf(tx, set), caused: { rows: [], hasMore: false } };
  }

  listTimers(tx: Tx, limit: number, after?: store.TimerPlace): Promise<store.TimerRow[]> {
    return store.listTimers(tx, limit, after);
  }

  /** In the transaction of the step that reached the target. */
  async arrive(tx: Tx): Promise<void> {
    const row = await store.lockClock(tx);
    const { clock } = this.#deps;
    await this.#end(tx, row);
    const at = must(row.stands_at, 'a clock that was moved stands');
    // One millisecond on: what is made while it runs sorts behind all that was made while it stood.
    const offsetMs = row.runs_after ? BigInt(at.getTime() + 1 - clock.now().getTime()) : row.offset_ms;
    await store.setClock(tx, { standsAt: row.runs_after ? null : at, offsetMs, now: clock.now() });
  }

  /**
   * Before a transaction: a clock says what the server's says until every process goes by it. Nobody takes notice of that moment: what is
   * decided by the one is decided the same by the other.
   */
  async establish(projectId: string): Promise<void> {
    const { db, clock } = this.#deps;
    const before = await db.tx(projectId, store.findClock);
    if (before?.is_known) return;
    if (!before) await db.tx(projectId, (tx) => store.insertClock(tx, clock.now()));
    await delay(KNOWN_AFTER_MS);
    await db.tx(projectId, async (tx) => {
      await store.makeKnown(tx);
      await store.adoptJobs(tx);
    });
  }

  async #startMove(tx: Tx, body: SandboxClockRequest, requestKey: string): Promise<store.MoveRow> {
    const { ids, clock } = this.#deps;
    const row = await store.lockClock(tx);
    if (row.target_at) throw new ApiError(409, 'invalid_state', 'The clock is being advanced already.');
    const standsAt = this.#standOf(tx, row);
    const targetAt = await this.#targetOf(tx, body, standsAt);
    const moveId = ids.next('clockMove', tx);
    const firstEventId = row.stands_at ? ids.next('event', tx) : lowestIdAt('event', standsAt);
    const runsAfter = row.stands_at === null;
    const now = clock.now();
    await store.adoptJobs(tx);
    await store.startMove(tx, { moveId, requestKey, standsAt, targetAt, runsAfter, firstEventId, now });
    return must(await store.findMove(tx, moveId), 'the move that was begun');
  }

  /** Where the locked clock stands, or would if it stood still from now on: behind all that was made while it ran. */
  #standOf(tx: Tx, row: store.ProjectClockRow): Date {
    const { now } = timelineOf(this.#deps.clock, tx.scope, row);
    return row.stands_at ?? addMs(now(), 1);
  }

  async #targetOf(tx: Tx, body: SandboxClockRequest, now: Date): Promise<Date> {
    if (body.advanceSeconds !== undefined) return addMs(now, body.advanceSeconds * SECOND_MS);
    const asked = optionalDate(body.advanceTo);
    if (asked) {
      if (asked <= now) throw fieldError('advanceTo', 'is not after the time of the project');
      if (asked > addMs(now, MAX_ADVANCE_SECONDS * SECOND_MS))
        throw fieldError('advanceTo', 'is more than ten years ahead');
      return asked;
    }
    const next = await store.findNextTimer(tx);
    if (!next) throw new ApiError(409, 'invalid_state', 'No timer is pending.');
    return next < now ? now : next;
  }

  /** Until the clock has arrived or the time for it is over. */
  async #arrival(projectId: string, moveId: string): Promise<void> {
    const endMs = performance.now() + ARRIVAL_TIMEOUT_MS;
    for (;;) {
      const move = await this.#deps.db.tx(projectId, (tx) => store.findMove(tx, moveId));
      if (move?.ended_at || performance.now() >= endMs) return;
      await delay(ARRIVAL_POLL_MS);
    }
  }

  async #toldOf(tx: Tx, moveId: string): Promise<{ state: ClockState; caused: CausedEvents }> {
    const move = must(await store.findMove(tx, moveId), 'the move that was begun');
    const { first_event_id: firstEventId, last_event_id: lastEventId } = move;
    const rows = await store.listCaused(tx, { firstEventId, lastEventId }, MAX_CAUSED_EVENTS + 1);
    const state = await this.get(tx);
    return {
      state: { ...state, move },
      caused: { rows: rows.slice(0, MAX_CAUSED_EVENTS), hasMore: rows.length > MAX_CAUSED_EVENTS },
    };
  }

  async #freeze(tx: Tx, row: store.ProjectClockRow): Promise<store.ProjectClockRow> {
    if (row.target_at) await this.#end(tx, row);
    else if (row.stands_at) return row;
    const now = this.#deps.clock.now();
    return store.setClock(tx, { standsAt: this.#standOf(tx, row), offsetMs: row.offset_ms, now });
  }

  async #resume(tx: Tx, row: store.ProjectClockRow): Promise<store.ProjectClockRow> {
    if (row.target_at) throw new ApiError(409, 'invalid_state', 'The clock is being advanced.');
    if (!row.stands_at) return row;
    const now = this.#deps.clock.now();
    const offsetMs = BigInt(row.stands_at.getTime() + 1 - now.getTime());
    return store.setClock(tx, { standsAt: null, offsetMs, now });
  }

  /** The move is over where the clock stands. */
  async #end(tx: Tx, row: store.ProjectClockRow): Promise<void> {
    const { ids, clock } = this.#deps;
    const line = { ...timelineOf(clock, tx.scope, row), draws: tx.draws };
    await store.endMove(tx, {
      moveId: must(row.move_id, 'a clock that moves has a move'),
      reachedAt: line.now(),
      lastEventId: ids.next('event', line),
      timers: row.timers,
      now: clock.now(),
    });
  }

  async #stateOf(tx: Tx, row: store.ProjectClockRow | undefined): Promise<ClockState> {
    const serverNow = this.#deps.clock.now();
    const { now } = timelineOf(this.#deps.clock, tx.scope, row);
    const move = row?.move_id ? await store.findMove(tx, row.move_id) : undefined;
    const isMoving = move !== undefined && move.ended_at === null;
    return {
      now: now(),
      serverNow,
      clock: row,
      move: isMoving ? { ...move, timers: row?.timers ?? 0n } : move,
      waitsFor: isMoving ? await store.whatClockWaitsFor(tx) : null,
      timers: await store.listTimers(tx, FIRST_TIMERS),
    };
  }
}

const fieldError = (field: string, issue: string): ApiError => validationError([{ field, issue }]);

function requireOneCommand(body: SandboxClockRequest): void {
  const given = COMMANDS.filter((name) => body[name] !== undefined);
  if (given.length === 0) throw fieldError('', `must have one of ${COMMANDS.join(', ')}`);
  if (given.length > 1) {
    throw validationError(given.map((field) => ({ field, issue: 'cannot be combined with another' })));
  }
}
