import type { Database, Tx } from '../db/database.ts';
import {
  EVENTS_RECORDED,
  type Events,
  type EventsRecordedPayload,
  type RecordedEvent,
} from '../events/events.ts';
import { backoffMs, type Jobs, type Task } from '../jobs/jobs.ts';
import { addMs, type Clock, toIsoSeconds } from '../kernel/clock.ts';
import type { EgressPolicy } from '../kernel/egress.ts';
import type { Ids } from '../kernel/ids.ts';
import type { Sealers } from '../sealing/sealers.ts';
import { nextWaitMs } from './ladder.ts';
import { type AttemptResult, send } from './sender.ts';
import { DELIVER_TASK, type DeliverPayload, secretPlace } from './service.ts';
import { signatureHeaders } from './signature.ts';
import * as store from './store.ts';
import { isSubscribed } from './subscriptions.ts';

/** Of the job, against crashes; the ladder of attempts is the delivery's own. */
const MAX_JOB_ATTEMPTS = 50;
const GONE = 410;

export interface DeliveryDeps {
  readonly db: Database;
  readonly clock: Clock;
  /** Signatures carry the time of the day, whatever clock the project runs on. */
  readonly wallClock: Clock;
  readonly ids: Ids;
  readonly jobs: Jobs;
  readonly events: Events;
  readonly sealers: Sealers;
  readonly egress: EgressPolicy;
  /** In [0, 1), for jitter. */
  readonly random: () => number;
}

/** One delivery for each endpoint that subscribes to a recorded event. */
export const fanOutTask = (deps: DeliveryDeps): Task<EventsRecordedPayload> => ({
  name: EVENTS_RECORDED,
  maxAttempts: MAX_JOB_ATTEMPTS,
  retryDelayMs: backoffMs,
  record: async (tx, { payload }) => {
    const endpoints = await store.shareAllWebhooks(tx);
    if (endpoints.length === 0) return;
    const deliveries = (await deps.events.list(tx, payload.eventIds)).flatMap((event) =>
      endpoints
        .filter((endpoint) => isSubscribed(endpoint.events, event.type))
        .map((endpoint) => ({
          delivery_id: deps.ids.next('webhookDelivery'),
          webhook_id: endpoint.webhook_id,
          event_id: event.eventId,
          status: endpoint.enabled ? ('pending' as const) : ('parked' as const),
        })),
    );
    const due = await store.insertDeliveries(tx, deliveries, deps.clock.now());
    const payloads = due.map((deliveryId): DeliverPayload => ({ deliveryId }));
    await deps.jobs.enqueueMany(tx, DELIVER_TASK, payloads);
  },
});

/** One attempt: the request goes out with no transaction open, its result and the next attempt are one commit. */
export const deliverTask = (deps: DeliveryDeps): Task<DeliverPayload, AttemptResult | undefined> => ({
  name: DELIVER_TASK,
  maxAttempts: MAX_JOB_ATTEMPTS,
  retryDelayMs: backoffMs,
  call: async ({ projectId, payload }) => {
    const loaded = await deps.db.tx(projectId, (tx) => load(deps, tx, payload.deliveryId));
    if (!loaded) return undefined;
    const sealer = await deps.sealers.for(projectId);
    const secret = sealer.unseal(secretPlace(loaded.webhook.webhook_id), loaded.webhook.secret_sealed);
    const body = JSON.stringify(toEnvelope(payload.deliveryId, loaded.event));
    const headers = signatureHeaders(secret, payload.deliveryId, body, deps.wallClock.now());
    return send(
      loaded.webhook.url,
      body,
      { ...headers, 'webhook-attempt': String(loaded.attempt) },
      deps.egress,
    );
  },
  record: (tx, { payload }, result) => recordAttempt(deps, tx, payload.deliveryId, result),
});

async function load(
  deps: DeliveryDeps,
  tx: Tx,
  deliveryId: string,
): Promise<{ webhook: store.WebhookRow; event: RecordedEvent; attempt: number } | undefined> {
  const delivery = await store.getDelivery(tx, deliveryId);
  const webhook = await store.findWebhook(tx, delivery.webhook_id);
  if (delivery.status !== 'pending' || !webhook?.enabled) return undefined;
  return { webhook, event: await deps.events.get(tx, delivery.event_id), attempt: delivery.attempts + 1 };
}

async function recordAttempt(
  deps: DeliveryDeps,
  tx: Tx,
  deliveryId: string,
  result: AttemptResult | undefined,
): Promise<void> {
  const now = deps.clock.now();
  const delivery = await store.getDelivery(tx, deliveryId);
  if (delivery.status !== 'pending') return;
  const move = (to: store.DeliveryStatus, attempts: number): Promise<void> =>
    store.transitionDelivery(tx, deliveryId, 'pending', to, attempts, now);
  if (!result) return putAside(deps, tx, delivery, move);
  const attempts = delivery.attempts + 1;
  await store.insertAttempt(tx, deliveryId, attempts, result, now);
  const status = result.statusCode ?? 0;
  if (status >= 200 && status < 300) return move('delivered', attempts);
  if (status === GONE) {
    const webhook = await store.lockWebhook(tx, delivery.webhook_id);
    if (webhook)
      await store.updateWebhook(tx, { ...webhook, enabled: false, disabled_reason: 'gone', updated_at: now });
    return move('failed', attempts);
  }
  const waitMs = nextWaitMs(attempts, deps.random());
  if (waitMs === undefined) return move('failed', attempts);
  await move('pending', attempts);
  await deps.jobs.enqueue(tx, DELIVER_TASK, { deliveryId } satisfies DeliverPayload, addMs(now, waitMs));
}

/** The endpoint was off or gone when the attempt was due. Its lock keeps a return from missing what is parked. */
async function putAside(
  deps: DeliveryDeps,
  tx: Tx,
  delivery: store.DeliveryRow,
  move: (to: store.DeliveryStatus, attempts: number) => Promise<void>,
): Promise<void> {
  const webhook = await store.lockWebhook(tx, delivery.webhook_id);
  if (!webhook) return move('failed', delivery.attempts);
  if (!webhook.enabled) return move('parked', delivery.attempts);
  await deps.jobs.enqueue(tx, DELIVER_TASK, { deliveryId: delivery.delivery_id } satisfies DeliverPayload);
}

const toEnvelope = (deliveryId: string, event: RecordedEvent) => ({
  id: deliveryId,
  event: event.type,
  eventId: event.eventId,
  createdAt: toIsoSeconds(event.createdAt),
  sequence: event.sequence,
  data: event.data,
});
