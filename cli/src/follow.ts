import { setTimeout as delay } from 'node:timers/promises';
import type { LoggedEvent } from '@openoms/contract/event-log.ts';
import { OmsError, type OpenOMS } from '@openoms/sdk';
import { isAway, reasonOf } from './connection.ts';
import { EventFeed, type FeedStart } from './event-feed.ts';

const POLL_MS = 500;
const BACK_OFF_MS: readonly number[] = [500, 1_000, 2_000, 4_000];

export interface Follow {
  readonly client: OpenOMS;
  readonly patterns: readonly string[];
  readonly from: FeedStart;
  /** Ends after what is there, instead of waiting for more. */
  readonly isOnce: boolean;
  readonly signal: AbortSignal;
  /** The next events are read once it has ended. */
  readonly onEvents: (events: readonly LoggedEvent[]) => Promise<void>;
  readonly onReady: () => void;
  /** The API does not answer any more; told once, until it is back. */
  readonly onAway: (reason: string) => void;
  /** It answers again, and this many events are handed over next; more if `isMore`. */
  readonly onBack: (missed: number) => void;
}

/** Hands over events until it is told to end. Goes through outages of the API; throws what a wait cannot cure. */
export async function follow(options: Follow): Promise<void> {
  const { signal, onEvents, isOnce } = options;
  const feed = new EventFeed(options);
  try {
    await feed.start(options.from);
    options.onReady();
    let failures = 0;
    while (!signal.aborted) {
      const events = await feed.next().catch((error: unknown) => {
        signal.throwIfAborted();
        if (!isAway(error)) throw error;
        if (failures === 0) options.onAway(error instanceof OmsError ? reasonOf(error) : String(error));
        failures += 1;
      });
      if (events) {
        if (failures > 0) options.onBack(events.length);
        failures = 0;
        await onEvents(events);
        if (isOnce && events.length === 0) return;
      }
      const waitMs = failures === 0 ? POLL_MS : BACK_OFF_MS[Math.min(failures, BACK_OFF_MS.length) - 1];
      if (!isOnce || failures > 0) await delay(waitMs, undefined, { signal });
    }
  } catch (error) {
    // Ended while it waited or asked.
    if (!signal.aborted) throw error;
  }
}
