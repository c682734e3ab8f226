import { setTimeout as delay } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { EventFeed } from '@openoms/cli/src/event-feed.ts';
import type { LoggedEvent } from '@openoms/contract/event-log.ts';
import { matchesEventPattern } from '@openoms/contract/event-patterns.ts';
import type { EventName } from '@openoms/contract/events.ts';
import { COMPLIANCE_EVENTS, eventsNamedBy } from '@openoms/contract/subscriptions.ts';
import type { OpenOMS } from '@openoms/sdk';

const POLL_MS = 50;
/** Shown of what came instead. */
const MAX_SHOWN = 20;

/** Which event: all that is given must fit. */
export interface EventMatcher {
  /** A name, or a pattern as webhooks subscribe: `transaction.*.failed`. */
  readonly event?: string;
  /** What it tells of. */
  readonly resourceId?: string;
  /** Fields of its data; of an object in it, those that are given. */
  readonly data?: object;
}

export type EventOf<Name extends EventName> = Extract<LoggedEvent, { event: Name }>;

/** The events of a project that no expectation has taken yet. */
export class ExpectedEvents {
  readonly #client: OpenOMS;
  #feed: EventFeed | undefined;
  readonly #untaken: LoggedEvent[] = [];
  /** One reader at a time. */
  #reading: Promise<void> = Promise.resolve();

  constructor(client: OpenOMS) {
    this.#client = client;
  }

  /** Takes the first event that fits, now or as it comes. Throws when none comes in time, with what came instead. */
  async take(wanted: string | EventMatcher, withinMs: number): Promise<LoggedEvent> {
    const matcher = typeof wanted === 'string' ? { event: wanted } : wanted;
    if (matcher.event !== undefined && eventsNamedBy(matcher.event).length === 0) {
      throw new TypeError(`No event is named ${matcher.event}; docs/events.md lists them.`);
    }
    const endMs = performance.now() + withinMs;
    for (;;) {
      await this.#read();
      const at = this.#untaken.findIndex((event) => fits(event, matcher));
      const [found] = at < 0 ? [] : this.#untaken.splice(at, 1);
      if (found) return found;
      if (performance.now() >= endMs) throw new Error(this.#complaint(matcher, withinMs));
      await delay(POLL_MS);
    }
  }

  /** What has happened until now meets no expectation any more. */
  async skip(): Promise<void> {
    await this.#read();
    this.#untaken.length = 0;
  }

  /** For a project whose history was changed: what it holds now is read anew, and skipped. */
  async restart(): Promise<void> {
    this.#feed = undefined;
    await this.skip();
  }

  async #read(): Promise<void> {
    const reading = this.#reading.then(async () => {
      this.#untaken.push(...(await this.#readOn()));
    });
    this.#reading = reading.catch(() => undefined);
    return reading;
  }

  async #readOn(): Promise<LoggedEvent[]> {
    if (!this.#feed) {
      const feed = new EventFeed({ client: this.#client, patterns: ['*', ...COMPLIANCE_EVENTS] });
      await feed.start(new Date(0));
      this.#feed = feed;
    }
    return this.#feed.next();
  }

  #complaint(matcher: EventMatcher, withinMs: number): string {
    const lines = this.#untaken
      .slice(-MAX_SHOWN)
      .map(({ event, resourceId, createdAt }) => `  ${createdAt}  ${event}  ${resourceId}`);
    const came = lines.length === 0 ? 'Nothing else came.' : ['What came instead:', ...lines].join('\n');
    return `No event ${JSON.stringify(matcher)} within ${withinMs / 1_000} s. ${came}`;
  }
}

function fits(event: LoggedEvent, { event: pattern, resourceId, data }: EventMatcher): boolean {
  if (pattern !== undefined && !matchesEventPattern(pattern, event.event)) return false;
  if (resourceId !== undefined && resourceId !== event.resourceId) return false;
  return data === undefined || contains(event.data, data);
}

/** Whether each field that is wanted is there and equal; lists are compared as a whole. */
function contains(actual: unknown, wanted: unknown): boolean {
  if (!isObject(wanted)) return isDeepStrictEqual(actual, wanted);
  return isObject(actual) && Object.entries(wanted).every(([name, value]) => contains(actual[name], value));
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
