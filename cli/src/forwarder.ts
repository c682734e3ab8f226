import { setTimeout as delay } from 'node:timers/promises';
import type { LoggedEvent } from '@openoms/contract/event-log.ts';
import { type Answer, type Endpoint, isTaken, post } from './delivery.ts';

/** Before each further attempt: somebody is at the keyboard, so an endpoint that fails is soon passed over. */
const RETRY_AFTER_MS: readonly number[] = [500, 1_500, 4_000];
/** Resources whose events are under way at a time. */
const MAX_AT_ONCE = 8;

export interface Forwarded {
  readonly event: LoggedEvent;
  readonly answer: Answer;
  readonly attempts: number;
  /** It was not taken, and is not tried again. */
  readonly isPassedOver: boolean;
}

export interface ForwarderOptions {
  readonly endpoint: Endpoint;
  /** Ends what is under way. */
  readonly signal: AbortSignal;
  /** After the last attempt for an event, in the order of sequence of each resource. */
  readonly onForwarded: (forwarded: Forwarded) => void;
  /** After a first attempt that failed and is to be repeated. */
  readonly onTrouble: (forwarded: Forwarded) => void;
}

/** The id of what is sent of an event: the same whenever `listen` sends it, as one endpoint's deliveries have it. */
export const deliveryIdOf = ({ id }: LoggedEvent): string => id.replace(/^evt_/, 'whd_');

/** Sends events to one endpoint: those of a resource one after the other, of several resources side by side. */
export class Forwarder {
  readonly #options: ForwarderOptions;
  /** By resource: what waits behind the event that is under way. */
  readonly #waiting = new Map<string, LoggedEvent[]>();
  readonly #resources: string[] = [];
  #working = 0;
  #left = 0;
  #isIdle = Promise.withResolvers<void>();

  constructor(options: ForwarderOptions) {
    this.#options = options;
    this.#isIdle.resolve();
  }

  /** Events that are not done. */
  get left(): number {
    return this.#left;
  }

  push(events: readonly LoggedEvent[]): void {
    if (this.#left === 0 && events.length > 0) this.#isIdle = Promise.withResolvers();
    for (const event of events) {
      const waiting = this.#waiting.get(event.resourceId);
      if (waiting) waiting.push(event);
      else {
        this.#waiting.set(event.resourceId, [event]);
        this.#resources.push(event.resourceId);
      }
      this.#left += 1;
    }
    this.#start();
  }

  /** Resolves when everything is done. */
  idle(): Promise<void> {
    return this.#isIdle.promise;
  }

  #start(): void {
    while (this.#working < MAX_AT_ONCE) {
      const resourceId = this.#resources.shift();
      if (resourceId === undefined) return;
      this.#working += 1;
      // It throws only when all is over.
      void this.#work(resourceId).catch(() => undefined);
    }
  }

  async #work(resourceId: string): Promise<void> {
    const waiting = this.#waiting.get(resourceId) ?? [];
    for (let event = waiting.shift(); event; event = waiting.shift()) {
      await this.#forward(event);
      this.#left -= 1;
    }
    this.#waiting.delete(resourceId);
    this.#working -= 1;
    if (this.#left === 0) this.#isIdle.resolve();
    this.#start();
  }

  async #forward(event: LoggedEvent): Promise<void> {
    const { endpoint, signal, onForwarded, onTrouble } = this.#options;
    const id = deliveryIdOf(event);
    for (let attempt = 1; ; attempt++) {
      const answer = await post(endpoint, event, { id, attempt }, signal);
      const waitMs = isTaken(answer) ? undefined : RETRY_AFTER_MS[attempt - 1];
      const forwarded = { event, answer, attempts: attempt, isPassedOver: !isTaken(answer) };
      if (waitMs === undefined) return onForwarded(forwarded);
      if (attempt === 1) onTrouble(forwarded);
      await delay(waitMs, undefined, { signal });
    }
  }
}
