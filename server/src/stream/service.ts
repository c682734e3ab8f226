import type { StreamedChange } from '@openoms/contract/console/project.ts';
import type { Database } from '../db/database.ts';
import type { Waker } from '../db/waker.ts';
import type { Clock } from '../kernel/clock.ts';
import { ApiError, asError } from '../kernel/errors.ts';
import type { Logger } from '../kernel/log.ts';
import { type ChangeRow, listNewest } from './store.ts';

/** Streams of one process. */
const MAX_STREAMS = 200;
/** Events of a project that are looked at: those beyond are not streamed, and whoever shows them asks anyway. */
const NEWEST = 200;
/** Ids that are remembered, to send none twice. */
const MAX_REMEMBERED = 1_000;
const DEFAULT_HEARTBEAT_MS = 15_000;
/** A lost hint costs as much. */
const POLL_MS = 5_000;
/** How soon a browser comes again whose stream has ended. */
const RETRY_MS = 3_000;
const BUSY_RETRY_SECONDS = 10;

/** Where a stream is written to. */
export interface Sink {
  /** False when it takes no more. */
  write(text: string): boolean;
  end(): void;
}

export interface StreamOrder {
  readonly projectId: string;
  readonly sink: Sink;
  /** What was received last; it goes on from there if that is among the newest events. */
  readonly lastEventId: string | undefined;
  /** Whether whoever reads it still may; asked at each heartbeat. */
  isAllowed(): Promise<boolean>;
}

interface Watched {
  readonly sinks: Set<Sink>;
  /** In the order in which they were sent. */
  readonly sent: Set<string>;
}

interface Deps {
  readonly db: Database;
  readonly log: Logger;
  readonly wallClock: Clock;
  readonly waker: Waker;
  /** Default: 15 s. */
  readonly heartbeatMs?: number;
}

/**
 * Tells those who look at a project what changes in it. One connection listens for all of them, and one look at the
 * events of a project is for all who watch it; a stream holds none.
 */
export class Streams {
  readonly #deps: Deps;
  readonly #projects = new Map<string, Watched>();
  #count = 0;
  #unlisten: Promise<() => Promise<void>> | undefined;
  #poll: NodeJS.Timeout | undefined;
  #looking: Promise<void> | undefined;
  #lookAgain = false;
  #isClosed = false;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  get count(): number {
    return this.#count;
  }

  now(): Date {
    return this.#deps.wallClock.now();
  }

  /** Opens a stream; the answer ends it. Throws 503 when there are too many, or the process is about to stop. */
  async open({ projectId, sink, lastEventId, isAllowed }: StreamOrder): Promise<() => void> {
    if (this.#isClosed || this.#count >= MAX_STREAMS) {
      throw new ApiError(503, 'provider_unavailable', 'Too many look at it; try again.', {
        retryAfterSeconds: BUSY_RETRY_SECONDS,
      });
    }
    this.#count += 1;
    let heartbeat: NodeJS.Timeout | undefined;
    let isOpen = true;
    const close = (): void => {
      if (!isOpen) return;
      isOpen = false;
      clearInterval(heartbeat);
      this.#remove(projectId, sink);
      sink.end();
    };
    try {
      this.#listen();
      await this.#add(projectId, sink, lastEventId);
    } catch (error) {
      close();
      throw error;
    }
    heartbeat = setInterval(() => {
      void isAllowed()
        .catch(() => true)
        .then((allowed) => {
          if (isOpen && (!allowed || !sink.write(': still here\n\n'))) close();
        });
    }, this.#deps.heartbeatMs ?? DEFAULT_HEARTBEAT_MS);
    return close;
  }

  async #add(projectId: string, sink: Sink, lastEventId: string | undefined): Promise<void> {
    const known = this.#projects.get(projectId);
    const watched: Watched = known ?? { sinks: new Set(), sent: new Set() };
    if (!known) this.#projects.set(projectId, watched);
    watched.sinks.add(sink);
    sink.write(`retry: ${RETRY_MS}\n\n`);
    const newest = await this.#newest(projectId);
    if (!known) for (const { event_id } of newest) watched.sent.add(event_id);
    const from = newest.findIndex(({ event_id }) => event_id === lastEventId);
    if (from < 0) return;
    for (const row of newest.slice(from + 1)) if (watched.sent.has(row.event_id)) sink.write(messageOf(row));
  }

  #remove(projectId: string, sink: Sink): void {
    this.#count -= 1;
    const watched = this.#projects.get(projectId);
    watched?.sinks.delete(sink);
    if (watched?.sinks.size === 0) this.#projects.delete(projectId);
    if (this.#count === 0) this.#rest();
  }

  #newest(projectId: string): Promise<ChangeRow[]> {
    return this.#deps.db.snapshot(projectId, (tx) => listNewest(tx, NEWEST));
  }

  #listen(): void {
    this.#poll ??= setInterval(() => this.#look(), POLL_MS);
    this.#unlisten ??= this.#deps.waker.listen(() => this.#look());
    this.#unlisten.catch((error) => {
      this.#unlisten = undefined;
      this.#deps.log.warn({ error: asError(error) }, 'changes are polled for, not listened to');
    });
  }

  #rest(): void {
    clearInterval(this.#poll);
    this.#poll = undefined;
    const unlisten = this.#unlisten;
    this.#unlisten = undefined;
    void unlisten?.then((stop) => stop()).catch(() => undefined);
  }

  #look(): void {
    this.#lookAgain = true;
    this.#looking ??= this.#lookWhileAsked().finally(() => {
      this.#looking = undefined;
    });
  }

  async #lookWhileAsked(): Promise<void> {
    while (this.#lookAgain && this.#projects.size > 0) {
      this.#lookAgain = false;
      for (const [projectId, watched] of this.#projects) {
        const newest = await this.#newest(projectId).catch((error) => {
          this.#deps.log.warn({ error: asError(error), project: projectId }, 'changes could not be read');
          return [];
        });
        for (const row of newest) this.#tell(watched, row);
      }
    }
  }

  #tell({ sinks, sent }: Watched, row: ChangeRow): void {
    if (sent.has(row.event_id)) return;
    sent.add(row.event_id);
    const [oldest] = sent;
    if (sent.size > MAX_REMEMBERED && oldest !== undefined) sent.delete(oldest);
    const message = messageOf(row);
    for (const sink of sinks) sink.write(message);
  }

  /** Ends all streams: their browsers come again, to whoever is there then. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const { sinks } of this.#projects.values()) for (const sink of sinks) sink.end();
    await this.#looking;
  }
}

function messageOf(row: ChangeRow): string {
  const change: StreamedChange = {
    id: row.event_id,
    type: row.type,
    resourceId: row.resource_id,
    createdAt: row.created_at.toISOString(),
  };
  return `id: ${change.id}\nevent: change\ndata: ${JSON.stringify(change)}\n\n`;
}
