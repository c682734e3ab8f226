import type { BodyOf } from '@openoms/contract/operation.ts';
import type { replayWebhook } from '@openoms/contract/webhook-deliveries.ts';
import { optionalDate, optionalUpperBound } from '../kernel/clock.ts';
import { type ErrorDetail, validationError } from '../kernel/errors.ts';
import type { ReplayFilters } from './delivery-store.ts';

/** The ways to say what is to be replayed. */
const CHOICES = ['eventIds', 'resource', 'createdAfter', 'sinceLastSuccess'] as const;

export type ReplayOrder = BodyOf<typeof replayWebhook>;

/** Reads a schema-valid order; what no schema can say is refused, all of it at once. */
export function readReplay(body: ReplayOrder): ReplayFilters {
  const issues: ErrorDetail[] = [];
  const [chosen, ...more] = CHOICES.filter((name) => body[name] !== undefined);
  if (!chosen) issues.push({ field: 'eventIds', issue: `one of ${CHOICES.join(', ')} is required` });
  for (const name of more) issues.push({ field: name, issue: `cannot be combined with ${chosen}` });
  if (body.createdBefore !== undefined && chosen !== 'createdAfter')
    issues.push({ field: 'createdBefore', issue: 'needs createdAfter' });
  if (body.afterEventId !== undefined && chosen === 'eventIds')
    issues.push({ field: 'afterEventId', issue: 'cannot be combined with eventIds' });
  if (issues.length > 0) throw validationError(issues);
  return {
    eventIds: body.eventIds,
    resource: body.resource,
    createdAfter: optionalDate(body.createdAfter),
    createdBefore: optionalUpperBound(body.createdBefore),
    afterEventId: body.afterEventId,
  };
}
