import { setImmediate as turn } from 'node:timers/promises';
import { type Database, PLATFORM } from '../db/database.ts';
import type { AnsweredRequest, RequestObserver } from '../http/answered-request.ts';
import { asError } from '../kernel/errors.ts';
import type { Logger } from '../kernel/log.ts';
import { toEntry } from './entry.ts';
import { insertRequests } from './store.ts';

/** How long a request waits to be written with others. */
const GATHER_MS = 250;
/** Rows of a statement. Masking them takes about two milliseconds, for which nobody else is served. */
const BATCH = 50;
/** What waits beyond it is dropped: the log is not worth a request, or the memory of the process. */
const MAX_WAITING = 4_000;
const MAX_WAITING_BYTES = 64 * 1024 * 1024;
const WARN_EVERY_MS = 60_000;

/**
 * Writes requests after their answers, in batches, and masked. It never makes a request wait: what the database does not
 * take is dropped and counted.
 */
export class RequestRecorder implements RequestObserver {
  readonly #db: Database;
  readonly #log: Logger;
  #waiting: AnsweredRequest[] = [];
  #waitingBytes = 0;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> | undefined;
  #isClosed = false;
  #dropped = 0;
  #untold = 0;
  #toldAtMs = Number.NEGATIVE_INFINITY;

  constructor(deps: { readonly db: Database; readonly log: Logger }) {
    this.#db = deps.db;
    this.#log = deps.log;
  }

  /** Requests that are not in the log and never will be, since the process began. */
  get dropped(): number {
    return this.#dropped;
  }

  answered(request: AnsweredRequest): void {
    if (this.#isClosed) return;
    const bytes = request.answer.length + request.bodyBytes;
    if (this.#waiting.length >= MAX_WAITING || this.#waitingBytes + bytes > MAX_WAITING_BYTES) {
      this.#drop(1, new Error('too many requests wait to be written'));
      return;
    }
    this.#waiting.push(request);
    this.#waitingBytes += bytes;
    this.#timer ??= setTimeout(() => void this.flush(), GATHER_MS);
  }

  /** Writes what waits; returns when it is written or given up. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    while (this.#writing) await this.#writing;
    if (this.#waiting.length === 0) return;
    this.#writing = this.#writeAll().finally(() => {
      this.#writing = undefined;
    });
    await this.#writing;
  }

  /** Takes no more, and writes what waits. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.flush();
  }

  async #writeAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, BATCH);
      for (const { answer, bodyBytes } of batch) this.#waitingBytes -= answer.length + bodyBytes;
      try {
        const entries = batch.map(toEntry);
        await this.#db.tx(PLATFORM, (tx) => insertRequests(tx, entries));
      } catch (error) {
        this.#drop(batch.length, asError(error));
      }
      await turn();
    }
  }

  #drop(count: number, error: Error): void {
    this.#dropped += count;
    this.#untold += count;
    const nowMs = performance.now();
    if (nowMs - this.#toldAtMs < WARN_EVERY_MS) return;
    this.#log.warn({ error, dropped: this.#untold, droppedInAll: this.#dropped }, 'requests are not logged');
    this.#untold = 0;
    this.#toldAtMs = nowMs;
  }
}
