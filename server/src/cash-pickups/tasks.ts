import type { Database } from '../db/database.ts';
import { backoffMs, type Task } from '../jobs/jobs.ts';
import { EXPIRE_TASK, type PickupPayload, RESERVE_TASK } from './deps.ts';
import type { CancelResult, CashOutNetwork, PickupEvent, ReserveResult } from './provider.ts';
import type { CashPickups } from './service.ts';

/**
 * A day and more at the longest backoff. Cash that a network never answers for is not given back, for it may have been
 * collected: its job stays in the list of dead ones, and a person asks the network.
 */
const MAX_ATTEMPTS = 300;

const PLACE_GONE: ReserveResult = {
  outcome: 'refused',
  code: 'location_unavailable',
  reason: 'the place no longer pays out cash',
  recoverable: true,
};

interface PickupTaskDeps {
  readonly db: Database;
  readonly cashPickups: CashPickups;
  readonly cashOutNetwork: CashOutNetwork;
}

/** Has cash reserved. A lost answer is settled by asking again: the network reserves once per pickup. */
export const reserveTask = (deps: PickupTaskDeps): Task<PickupPayload, ReserveResult | undefined> => ({
  name: RESERVE_TASK,
  maxAttempts: MAX_ATTEMPTS,
  retryDelayMs: backoffMs,
  call: async ({ projectId, payload }) => {
    const order = await deps.db.tx(projectId, (tx) => deps.cashPickups.findToReserve(tx, payload.pickupId));
    if (!order) return undefined;
    return order.isPlaceGone ? PLACE_GONE : deps.cashOutNetwork.reserve(order);
  },
  record: async (tx, { payload }, result) => {
    if (!result) return;
    await deps.cashPickups.applyPickupEvents(tx, [reserved(deps.cashOutNetwork.name, payload, result)]);
  },
});

/** Its time is over: gone for good only once the network has confirmed that the code opens nothing any more. */
export const expireTask = (deps: PickupTaskDeps): Task<PickupPayload, CancelResult | undefined> => ({
  name: EXPIRE_TASK,
  maxAttempts: MAX_ATTEMPTS,
  retryDelayMs: backoffMs,
  call: async ({ projectId, payload }) => {
    const order = await deps.db.tx(projectId, (tx) => deps.cashPickups.findToExpire(tx, payload.pickupId));
    return order && deps.cashOutNetwork.cancel(order);
  },
  record: async (tx, { payload }, result) => {
    if (!result) return;
    await deps.cashPickups.applyPickupEvents(tx, [cancelled(deps.cashOutNetwork.name, payload, result)]);
  },
});

/** An answer as an event; its name begins as no network's does, so that it hides none of theirs. */
function reserved(provider: string, { pickupId }: PickupPayload, result: ReserveResult): PickupEvent {
  const { outcome } = result;
  const head = { provider, providerEventId: `answer/${pickupId}/${outcome}`, pickupId };
  if (outcome === 'refused') return { ...head, ...result, kind: 'refused' };
  return { ...head, ...result, kind: 'ready' };
}

function cancelled(provider: string, { pickupId }: PickupPayload, result: CancelResult): PickupEvent {
  if (result.outcome === 'cancelled') {
    return { provider, providerEventId: `answer/${pickupId}/cancelled`, pickupId, kind: 'expired' };
  }
  return { provider, providerEventId: result.providerEventId, pickupId, kind: 'collected' };
}
