import type { Database, Tx } from '../db/database.ts';
import { type Clock, SECOND_MS, toUnixSeconds } from '../kernel/clock.ts';
import { asError } from '../kernel/errors.ts';
import type { Logger } from '../kernel/log.ts';
import type { Sealer, Sealers } from '../sealing/sealers.ts';
import type { Trouble } from '../trouble/trouble.ts';
import { envelopeOf } from './envelope.ts';
import { isGone, outcomeOf, restOf, retryAfterMs } from './outcome.ts';
import {
  type DueRow,
  type EndpointId,
  type EndpointRow,
  findLeasedEndpoint,
  listDue,
  listDueInOrder,
} from './queue-store.ts';
import type { FinishedAttempt, Recording } from './recording.ts';
import { previousSecretPlace, secretPlace } from './secrets.ts';
import type { Sender } from './sender.ts';
import { headersOf, type SigningKey, signatureOf, signingKeyOf } from './signature.ts';
import type { Slots } from './slots.ts';
import { DROPPED, type Spoiling, signingOf, spoilingOf } from './trouble.ts';

/** Deliveries read at a time; the next are read when fewer than this wait. */
const BATCH = 200;
const LOW_WATER = 100;
/** Requests under way to one endpoint: few until it shows that it answers, then more with each answer. */
const FIRST_WINDOW = 4;
const MAX_WINDOW = 32;
/** Answered and not yet recorded: so many may be sent again after a crash. */
const MAX_UNRECORDED = 400;
/** After the database could not take a result. */
const RECORDING_PAUSE_MS = SECOND_MS;

export interface CourierDeps {
  readonly db: Database;
  /** Signatures carry the time of the day, whatever clock the project runs on. */
  readonly wallClock: Clock;
  readonly log: Logger;
  readonly sealers: Sealers;
  readonly sender: Sender;
  readonly recording: Recording;
  readonly trouble: Trouble;
  readonly slots: Slots;
  /** The worker's; endpoints are its own as long as they carry it. */
  readonly leaseToken: string;
  /** In [0, 1), for jitter. */
  readonly random: () => number;
}

interface Endpoint {
  readonly url: string;
  readonly rateLimit: number | undefined;
  readonly inOrder: boolean;
  readonly keys: readonly SigningKey[];
}

/**
 * Delivers to one endpoint, which no other worker does meanwhile. Hanging or failing, it holds up nobody else: it has
 * few requests under way, and its queue is its own. Of one resource there is one request at a time, the earlier event
 * first.
 */
export class Courier {
  readonly id: EndpointId;
  readonly #deps: CourierDeps;
  #endpoint: Endpoint | undefined;
  #waiting: DueRow[] = [];
  /** Read and not yet recorded: waiting, under way, or being recorded. By event. */
  readonly #inHand = new Set<string>();
  readonly #busyResources = new Set<string>();
  #underWay = 0;
  #unrecorded = 0;
  #window = FIRST_WINDOW;
  /** Of an endpoint in order: up to here its resources were read in this round. */
  #lastResource = '';
  /** There may be something due that was not read. */
  #isStale = false;
  #isLoading = false;
  #isStopped = false;
  #notBeforeMs = 0;
  #timer: NodeJS.Timeout | undefined;
  #idle: (() => void)[] = [];

  constructor(id: EndpointId, deps: CourierDeps) {
    this.id = id;
    this.#deps = deps;
  }

  /** Something may be due, or there is room for a request again. */
  poke(isDue: boolean): void {
    if (isDue) this.#isStale = true;
    this.#pump();
  }

  get isIdle(): boolean {
    return this.#inHand.size === 0 && !this.#isLoading && !this.#isStale;
  }

  /** Resolves when nothing is in hand. */
  async settled(): Promise<void> {
    if (!this.isIdle) await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  /** Begins no more; what is under way is recorded. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#putDown();
    this.#pump();
    await this.settled();
  }

  #pump(): void {
    if (this.#isStale && !this.#isLoading && this.#waiting.length < LOW_WATER && !this.#isStopped)
      void this.#load();
    while (
      this.#underWay < this.#window &&
      this.#unrecorded + this.#underWay < MAX_UNRECORDED &&
      this.#mayStart()
    ) {
      const next = this.#takeNext();
      if (!next) break;
      if (!this.#deps.slots.take(this)) {
        this.#waiting.unshift(next);
        this.#busyResources.delete(next.resource_id);
        break;
      }
      void this.#attempt(next);
    }
    if (this.#isStopped) this.#isStale = false;
    if (this.isIdle) for (const resolve of this.#idle.splice(0)) resolve();
  }

  /** Whether the endpoint's rate allows a request now; else comes back when it does. */
  #mayStart(): boolean {
    const waitMs = this.#notBeforeMs - performance.now();
    if (waitMs <= 0 || this.#waiting.length === 0) return true;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#pump();
    }, waitMs);
    return false;
  }

  #takeNext(): DueRow | undefined {
    const index = this.#waiting.findIndex(({ resource_id }) => !this.#busyResources.has(resource_id));
    if (index < 0) return undefined;
    const [next] = this.#waiting.splice(index, 1);
    if (next) this.#busyResources.add(next.resource_id);
    return next;
  }

  /** Lets go of what is not under way; it stays in the queue. */
  #putDown(): void {
    for (const { event_id } of this.#waiting.splice(0)) this.#inHand.delete(event_id);
  }

  async #load(): Promise<void> {
    const { db, wallClock, log, leaseToken, sealers } = this.#deps;
    const { projectId, webhookId } = this.id;
    this.#isLoading = true;
    this.#isStale = false;
    try {
      const sealer = await sealers.for(projectId);
      const { row, due } = await db.tx(projectId, async (tx) => {
        const found = await findLeasedEndpoint(tx, webhookId, leaseToken, tx.now(), wallClock.now());
        return { row: found, due: found ? await this.#listDue(tx, found) : [] };
      });
      if (!row) this.#putDown();
      else if (!this.#isStopped) {
        this.#endpoint = this.#toEndpoint(row, sealer);
        if (row.consecutive_failures > 0 && this.#underWay === 0) this.#window = 1;
        for (const each of due) this.#inHand.add(each.event_id);
        this.#waiting.push(...due);
        this.#goOn(row, due);
      }
    } catch (error) {
      log.error({ error: asError(error) }, 'due webhook deliveries could not be read');
    } finally {
      this.#isLoading = false;
      this.#pump();
    }
  }

  #listDue(tx: Tx, { in_order }: EndpointRow): Promise<DueRow[]> {
    const { webhookId } = this.id;
    const [inHand, now] = [[...this.#inHand], tx.now()];
    return in_order
      ? listDueInOrder(tx, webhookId, inHand, now, BATCH, this.#lastResource)
      : listDue(tx, webhookId, inHand, now, BATCH);
  }

  /** Whether there may be more, and where it begins. */
  #goOn({ in_order }: EndpointRow, due: readonly DueRow[]): void {
    const isEnd = due.length < BATCH;
    if (!isEnd || (in_order && this.#lastResource !== '')) this.#isStale = true;
    this.#lastResource = isEnd ? '' : (due.at(-1)?.resource_id ?? '');
  }

  #toEndpoint(row: EndpointRow, sealer: Sealer): Endpoint {
    const { webhookId } = this.id;
    const secrets = [sealer.unseal(secretPlace(webhookId), row.secret_sealed)];
    if (row.previous_secret_sealed)
      secrets.push(sealer.unseal(previousSecretPlace(webhookId), row.previous_secret_sealed));
    return {
      url: row.url,
      rateLimit: row.rate_limit ?? undefined,
      inOrder: row.in_order,
      keys: secrets.map(signingKeyOf),
    };
  }

  async #attempt(row: DueRow): Promise<void> {
    this.#underWay += 1;
    const endpoint = this.#endpoint as Endpoint;
    if (endpoint.rateLimit !== undefined)
      this.#notBeforeMs = Math.max(performance.now(), this.#notBeforeMs) + SECOND_MS / endpoint.rateLimit;
    const attempt = await this.#send(row, endpoint);
    this.#underWay -= 1;
    this.#window =
      attempt.outcome === 'delivered'
        ? Math.min(this.#window + 2, MAX_WINDOW)
        : Math.max(this.#window >> 1, 1);
    this.#deps.slots.give();
    this.#unrecorded += 1;
    // After a failure the record may say that the endpoint wants a rest.
    if (attempt.outcome === 'delivered') this.#pump();
    await this.#record(attempt);
    this.#unrecorded -= 1;
    this.#inHand.delete(row.event_id);
    this.#busyResources.delete(row.resource_id);
    this.#pump();
  }

  async #send(row: DueRow, endpoint: Endpoint): Promise<FinishedAttempt> {
    const { wallClock, sender, random } = this.#deps;
    const body = envelopeOf(row.delivery_id, {
      eventId: row.event_id,
      type: row.type,
      sequence: row.sequence,
      createdAt: row.created_at,
      data: row.data,
    });
    const spoiling = await this.#spoiling();
    const { keys, signedAt } = signingOf(spoiling, endpoint.keys, wallClock.now());
    const timestamp = toUnixSeconds(signedAt);
    const signature = signatureOf(keys, row.delivery_id, timestamp, body);
    const headers = headersOf(row.delivery_id, row.attempts + 1, timestamp, signature);
    const request = { url: endpoint.url, body, headers };
    const result = spoiling === 'webhook.drop' ? DROPPED : await sender.send(request);
    // A date in the answer is meant in real time; the wait is spent in the project's.
    const askedMs = retryAfterMs(result, wallClock.now());
    const outcome = outcomeOf(result, { failures: row.failures, askedMs, spread: random() });
    return {
      webhookId: this.id.webhookId,
      eventId: row.event_id,
      eventType: row.type,
      requests: row.requests,
      outcome: outcome.kind,
      retryInMs: outcome.kind === 'retry' ? outcome.inMs : 0,
      url: endpoint.url,
      signature,
      signedAt,
      statusCode: result.statusCode,
      errorCode: result.errorCode,
      error: result.error,
      responseHeaders: result.responseHeaders,
      responseBody: result.responseBody,
      durationMs: result.durationMs,
      isGone: isGone(result),
      restMs: restOf(result, askedMs),
    };
  }

  /** Without the database there is no trouble but that. */
  async #spoiling(): Promise<Spoiling | undefined> {
    try {
      return await spoilingOf(this.#deps.trouble, this.id);
    } catch (error) {
      this.#deps.log.error({ error: asError(error) }, 'trouble with a webhook could not be asked for');
      return undefined;
    }
  }

  async #record(attempt: FinishedAttempt): Promise<void> {
    // The worker ended it, not the endpoint: it is still due, and uses up no attempt.
    if (attempt.errorCode === 'closed') return;
    try {
      const goesOn = await this.#deps.recording.record(this.id.projectId, attempt);
      if (!goesOn) this.#putDown();
      // The next of its resource may have waited for it.
      else if (this.#endpoint?.inOrder) this.#isStale = true;
    } catch (error) {
      this.#deps.log.error({ error: asError(error) }, 'a webhook attempt could not be recorded');
      // It is still due: what was sent will be sent again, but not at once.
      this.#putDown();
      this.#notBeforeMs = performance.now() + RECORDING_PAUSE_MS;
    }
  }
}
