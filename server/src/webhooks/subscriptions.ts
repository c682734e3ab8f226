import { eventsNamedBy } from '@openoms/contract/subscriptions.ts';
import type { ErrorDetail } from '../kernel/errors.ts';

/** A pattern that no event of the catalogue matches is a typo; each is named. */
export function patternIssues(patterns: readonly string[]): ErrorDetail[] {
  return patterns.flatMap((pattern, index) =>
    eventsNamedBy(pattern).length > 0 ? [] : [{ field: `events.${index}`, issue: 'matches no known event' }],
  );
}
