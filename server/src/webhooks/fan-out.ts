import { isSubscribed } from '@openoms/contract/subscriptions.ts';
import { type Database, PLATFORM, type Tx } from '../db/database.ts';
import { listProjectsWithOutbox, takeFromOutbox } from '../events/events.ts';
import type { Ids } from '../kernel/ids.ts';
import type { Trouble } from '../trouble/trouble.ts';
import { type NewDelivery, queueDeliveries } from './queue-store.ts';
import { shareAllWebhooks } from './store.ts';
import { holdSome } from './trouble.ts';

/** Events of one commit. */
const MAX_BATCH = 500;

export interface FanOutDeps {
  readonly db: Database;
  readonly ids: Ids;
  readonly trouble: Trouble;
}

/** Turns what is in the outbox into deliveries, one for each endpoint that subscribes; how many events it took. */
export async function fanOut(deps: FanOutDeps): Promise<number> {
  let total = 0;
  for (const projectId of await deps.db.tx(PLATFORM, listProjectsWithOutbox)) {
    for (;;) {
      const taken = await deps.db.tx(projectId, (tx) => fanOutBatch(deps, tx));
      total += taken;
      if (taken < MAX_BATCH) break;
    }
  }
  return total;
}

async function fanOutBatch({ ids, trouble }: FanOutDeps, tx: Tx): Promise<number> {
  const events = await takeFromOutbox(tx, MAX_BATCH);
  if (!events || events.length === 0) return 0;
  const endpoints = await shareAllWebhooks(tx);
  const deliveries = events.flatMap((event) =>
    endpoints
      .filter((endpoint) => isSubscribed(endpoint.events, event.type))
      .map(
        (endpoint): NewDelivery => ({
          ...event,
          deliveryId:
            tx.draws?.idBeside('webhookDelivery', event.eventId, endpoint.webhook_id) ??
            ids.next('webhookDelivery', tx),
          webhookId: endpoint.webhook_id,
          inOrder: endpoint.in_order,
        }),
      ),
  );
  await queueDeliveries(tx, 'once', deliveries, tx.now());
  await holdSome(trouble, tx, deliveries);
  return events.length;
}
