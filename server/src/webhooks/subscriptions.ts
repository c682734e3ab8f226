import { EVENTS } from '@openoms/contract/events.ts';
import type { ErrorDetail } from '../kernel/errors.ts';

const KNOWN: readonly string[] = Object.keys(EVENTS);

/** `*` stands for one segment, and as the last segment for one or more (contract section 4). */
function matchesPattern(pattern: string, event: string): boolean {
  const wanted = pattern.split('.');
  const actual = event.split('.');
  const isOpen = wanted.at(-1) === '*';
  if (isOpen ? actual.length < wanted.length : actual.length !== wanted.length) return false;
  return wanted.every((segment, index) => segment === '*' || segment === actual[index]);
}

/** No pattern at all means every event. */
export const isSubscribed = (patterns: readonly string[], event: string): boolean =>
  patterns.length === 0 || patterns.some((pattern) => matchesPattern(pattern, event));

/** The names of the catalogue that the patterns take in. */
export const subscribedEvents = (patterns: readonly string[]): string[] =>
  KNOWN.filter((event) => isSubscribed(patterns, event));

/** A pattern that no event of the catalogue matches is a typo; each is named. */
export function patternIssues(patterns: readonly string[]): ErrorDetail[] {
  return patterns.flatMap((pattern, index) =>
    KNOWN.some((event) => matchesPattern(pattern, event))
      ? []
      : [{ field: `events.${index}`, issue: 'matches no known event' }],
  );
}
