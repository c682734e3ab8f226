import type { LoggedEvent } from '@openoms/contract/event-log.ts';
import { COMPLIANCE_EVENTS, isSubscribed } from '@openoms/contract/subscriptions.ts';
import type { OpenOMS } from '@openoms/sdk';

/**
 * An event's id is made before its commit, so it may become visible after some with higher ids. Everything is read again
 * so long after it was created; that a commit takes longer than the last of these is not expected.
 */
const READ_AGAIN_AFTER_MS: readonly number[] = [2_000, 15_000];
const WINDOW_MS = Math.max(...READ_AGAIN_AFTER_MS);
const PAGE_LIMIT = 100;
/** Read in one round, so that a long absence is not gathered in memory; the next round goes on. */
const MAX_PAGES_PER_ROUND = 50;
/** Of one resource: more are its own business. */
const MAX_HISTORY_PAGES = 50;
const MAX_RESOURCES = 100_000;

/** Where to begin: with what happens from now on, with a time, or after an event. */
export type FeedStart = 'now' | Date | LoggedEvent;

export interface EventFeedOptions {
  readonly client: OpenOMS;
  /** As a webhook subscribes; none: every event. */
  readonly patterns: readonly string[];
  readonly signal?: AbortSignal;
  /** Monotonic. */
  readonly nowMs?: () => number;
  /** Whose last number is remembered; far more than have events within the time of reading again. */
  readonly maxResources?: number;
}

/** One list of events: all of them, or those of a name that are shown only to who names it. */
interface Lane {
  readonly source: { readonly type?: string };
  /** Up to where it was read; undefined while it is empty. */
  head: string | undefined;
  readonly again: { readonly lagMs: number; cursor: string | undefined }[];
}

type Query = NonNullable<Parameters<OpenOMS['events']['list']>[0]>;

/** What was read from the newest down, and where to go on: after it, or with its last seconds once more. */
interface Recent {
  readonly events: readonly LoggedEvent[];
  readonly newest: string | undefined;
  readonly window: string | undefined;
}

/**
 * The events of a project as they become visible: each once, those of a resource in the order of their sequence.
 *
 * They are read in the order of their ids, which is nearly that of their commits. What was not there yet is found at once
 * by a gap in the sequence of its resource, or by reading again a little later. The sequence says what is new, too: it is
 * given out under the resource's lock, so that where one is visible all below it are.
 */
export class EventFeed {
  readonly #options: EventFeedOptions;
  readonly #nowMs: () => number;
  readonly #lanes: readonly Lane[];
  /** Of each resource the last event that was taken, the least lately used first. */
  readonly #last = new Map<string, Pick<LoggedEvent, 'id' | 'sequence'>>();
  /** Up to here, events that were not asked for: when a resource is met midway, its history begins behind. */
  #floorId = '';
  /** Up to here, events come before the start. */
  #startId = '';
  /** Up to here, events of an unknown resource were handed over: it was forgotten. */
  #doneId = '';
  #newest: { readonly createdAtMs: number; readonly seenAtMs: number } | undefined;
  #ready: LoggedEvent[] = [];

  constructor(options: EventFeedOptions) {
    this.#options = options;
    this.#nowMs = options.nowMs ?? (() => performance.now());
    const named = COMPLIANCE_EVENTS.filter((name) => options.patterns.includes(name));
    this.#lanes = [{}, ...named.map((type) => ({ type }))].map((source) => ({
      source,
      head: undefined,
      again: READ_AGAIN_AFTER_MS.map((lagMs) => ({ lagMs, cursor: undefined })),
    }));
  }

  /** To be called once, before `next`. */
  async start(from: FeedStart): Promise<void> {
    for (const lane of this.#lanes) {
      if (from === 'now') await this.#startNow(lane);
      else await this.#startAt(lane, from);
    }
    if (from === 'now' || from instanceof Date) return;
    this.#floorId = from.id;
    this.#startId = from.id;
  }

  /**
   * What has become visible since the last call, in order; perhaps nothing. After a failure nothing is lost: the next
   * call goes on.
   */
  async next(): Promise<LoggedEvent[]> {
    for (const lane of this.#lanes) {
      if (lane.head === undefined) await this.#readFirst(lane);
      else
        await this.#readUp(lane, lane.head, undefined, (cursor) => {
          lane.head = cursor;
        });
      for (const follower of lane.again) {
        const createdBefore = this.#before(follower.lagMs);
        // At the head, whatever comes is in its way.
        if (!createdBefore || !follower.cursor || follower.cursor === lane.head) continue;
        await this.#readUp(lane, follower.cursor, createdBefore, (cursor) => {
          follower.cursor = cursor;
        });
      }
    }
    this.#forget();
    return this.#ready.splice(0);
  }

  async #startNow(lane: Lane): Promise<void> {
    const newest = (await this.#list({ ...lane.source, limit: 1 })).data[0];
    if (!newest) return;
    const createdAfter = new Date(Date.parse(newest.createdAt) - WINDOW_MS).toISOString();
    const recent = await this.#readDown({ ...lane.source, createdAfter });
    for (const event of recent.events) {
      this.#note(event);
      if (event.id > this.#floorId) this.#floorId = event.id;
    }
    begin(lane, recent);
  }

  /** All that follow the last event before the start are to come. */
  async #startAt(lane: Lane, from: Date | LoggedEvent): Promise<void> {
    const atMs = from instanceof Date ? from.getTime() : Date.parse(from.createdAt);
    const createdBefore = new Date(atMs - 1).toISOString();
    const page = await this.#list({ ...lane.source, createdBefore, limit: 1 });
    const [before] = page.data;
    if (!before || !page.previousCursor) return;
    if (before.id > this.#floorId) this.#floorId = before.id;
    begin(lane, { newest: page.previousCursor, window: page.previousCursor });
  }

  /** The first events of a lane that was empty, or is read from its beginning. */
  async #readFirst(lane: Lane): Promise<void> {
    const first = await this.#readDown(lane.source);
    await this.#take(first.events);
    if (first.newest !== undefined) begin(lane, first);
  }

  async #readUp(
    lane: Lane,
    from: string,
    createdBefore: string | undefined,
    moveTo: (cursor: string) => void,
  ): Promise<void> {
    let endingBefore = from;
    for (let count = 0; count < MAX_PAGES_PER_ROUND; count++) {
      const page = await this.#list({
        ...lane.source,
        endingBefore,
        ...(createdBefore !== undefined && { createdBefore }),
      });
      await this.#take(page.data.toReversed());
      if (!page.previousCursor) return;
      endingBefore = page.previousCursor;
      moveTo(endingBefore);
      if (!page.hasMore) return;
    }
  }

  async #readDown(query: Query): Promise<Recent> {
    const events: LoggedEvent[] = [];
    let newest: string | undefined;
    let window: string | undefined;
    let startingAfter: string | undefined;
    for (;;) {
      const page = await this.#list({ ...query, ...(startingAfter !== undefined && { startingAfter }) });
      events.push(...page.data);
      newest ??= page.previousCursor ?? undefined;
      startingAfter = page.nextCursor ?? undefined;
      const [first] = events;
      const [next] = page.data;
      const isRecent = first && next && Date.parse(first.createdAt) - Date.parse(next.createdAt) <= WINDOW_MS;
      if (isRecent) window = startingAfter ?? window;
      if (!page.hasMore || startingAfter === undefined) return { events: events.reverse(), newest, window };
    }
  }

  #list(query: Query) {
    const { client, signal } = this.#options;
    return client.events.list({ limit: PAGE_LIMIT, ...query }, signal ? { signal } : {}).firstPage();
  }

  /** Up to when to read again, by the server's clock: that of its newest event, and what has passed since. */
  #before(lagMs: number): string | undefined {
    if (!this.#newest) return undefined;
    const nowMs = this.#newest.createdAtMs + (this.#nowMs() - this.#newest.seenAtMs);
    return new Date(nowMs - lagMs).toISOString();
  }

  /** Events in the order of their ids; those of one resource change places until they are in the order of sequence. */
  async #take(events: readonly LoggedEvent[]): Promise<void> {
    const own = Map.groupBy(events, ({ resourceId }) => resourceId);
    for (const list of own.values()) list.sort((a, b) => b.sequence - a.sequence);
    for (const { resourceId } of events) {
      const event = own.get(resourceId)?.pop();
      if (event) await this.#takeOne(event);
    }
  }

  async #takeOne(event: LoggedEvent): Promise<void> {
    const last = this.#last.get(event.resourceId);
    if (last && event.sequence <= last.sequence) return;
    if (event.id <= this.#startId) return this.#note(event);
    // Not noted: of the next one, too, it would not be known whether it was handed over.
    if (!last && event.id <= this.#doneId) return;
    if (event.sequence > (last?.sequence ?? 0) + 1) {
      for (const missed of await this.#missedBefore(event, last)) this.#hand(missed);
    }
    this.#hand(event);
  }

  /** What of its resource comes before the event and was not taken. What is hidden from us stays a gap. */
  async #missedBefore(
    event: LoggedEvent,
    last: Pick<LoggedEvent, 'sequence'> | undefined,
  ): Promise<LoggedEvent[]> {
    const found: LoggedEvent[] = [];
    for (const { source } of this.#lanes) {
      let query: Query = { ...source, resource: event.resourceId };
      for (let count = 0; count < MAX_HISTORY_PAGES; count++) {
        const page = await this.#list(query);
        found.push(...page.data);
        if (!page.hasMore || !page.nextCursor) break;
        query = { ...query, startingAfter: page.nextCursor };
      }
    }
    return found
      .filter(({ id, sequence }) => (last ? sequence > last.sequence : id > this.#floorId))
      .filter(({ sequence }) => sequence < event.sequence)
      .sort((a, b) => a.sequence - b.sequence);
  }

  #hand(event: LoggedEvent): void {
    this.#note(event);
    if (isSubscribed(this.#options.patterns, event.event)) this.#ready.push(event);
  }

  #note({ resourceId, id, sequence, createdAt }: LoggedEvent): void {
    const last = this.#last.get(resourceId);
    this.#last.delete(resourceId);
    this.#last.set(resourceId, last && last.sequence > sequence ? last : { id, sequence });
    const createdAtMs = Date.parse(createdAt);
    if (!this.#newest || createdAtMs > this.#newest.createdAtMs) {
      this.#newest = { createdAtMs, seenAtMs: this.#nowMs() };
    }
  }

  #forget(): void {
    for (const [resourceId, { id }] of this.#last) {
      if (this.#last.size <= (this.#options.maxResources ?? MAX_RESOURCES)) return;
      this.#last.delete(resourceId);
      if (id > this.#doneId) this.#doneId = id;
      if (id > this.#floorId) this.#floorId = id;
    }
  }
}

function begin(lane: Lane, { newest, window }: Pick<Recent, 'newest' | 'window'>): void {
  lane.head = newest;
  for (const follower of lane.again) follower.cursor = window;
}
