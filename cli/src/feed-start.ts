import { eventsNamedBy } from '@openoms/contract/subscriptions.ts';
import { OmsError, type OpenOMS } from '@openoms/sdk';
import { UsageError } from './command.ts';
import { parseDurationMs } from './duration.ts';
import type { FeedStart } from './event-feed.ts';

export const FEED_OPTIONS = {
  events: { type: 'string', multiple: true },
  since: { type: 'string' },
  once: { type: 'boolean' },
} as const;

export const FEED_USAGE = `  --events patterns   names or patterns, as webhooks subscribe: 'cashIn.*,transaction.*.failed'; all when absent
  --since when        begin with 10m, 2h or 3d ago, a time (2026-01-15T10:00:00Z), or after an event (evt_…)
  --once              end after what is there, instead of waiting for more`;

/** Of one option or several, separated by commas or blanks. Throws `UsageError` for what matches no event. */
export function readPatterns(given: readonly string[] = []): string[] {
  const patterns = given.flatMap((each) => each.split(/[\s,]+/)).filter((each) => each !== '');
  const unknown = patterns.filter((pattern) => eventsNamedBy(pattern).length === 0);
  if (unknown.length === 0) return patterns;
  throw new UsageError(`No event is named ${unknown.join(' or ')}. openoms trigger --list names them all.`);
}

/** Throws `UsageError` for what is no time and for an event that is not there. */
export async function readStart(since: string | undefined, client: OpenOMS): Promise<FeedStart> {
  if (since === undefined) return 'now';
  if (since.startsWith('evt_')) return findEvent(client, since);
  const agoMs = parseDurationMs(since);
  const at = agoMs === undefined ? new Date(since) : new Date(Date.now() - agoMs);
  if (!Number.isNaN(at.getTime())) return at;
  throw new UsageError(
    `--since takes 10m, 2h or 3d, a time such as 2026-01-15T10:00:00Z, or an evt_…: not ${since}.`,
  );
}

/** Throws `UsageError` when it is not there. */
export async function findEvent(client: OpenOMS, eventId: string) {
  try {
    return await client.events.get(eventId);
  } catch (error) {
    if (error instanceof OmsError && error.status === 404)
      throw new UsageError(`There is no event ${eventId}.`);
    throw error;
  }
}
