import type { BodyOf } from '@openoms/contract/operation.ts';
import { subscribedEvents } from '@openoms/contract/subscriptions.ts';
import { MAX_REPLAYED } from '@openoms/contract/webhook-deliveries.ts';
import {
  type createWebhook,
  DEFAULT_OVERLAP_SECONDS,
  type rotateWebhookSecret,
  type updateWebhook,
} from '@openoms/contract/webhooks.ts';
import { type Audit, SYSTEM } from '../audit/audit.ts';
import type { Tx } from '../db/database.ts';
import type { PageRequest } from '../db/list.ts';
import type { EventNotice, Events } from '../events/events.ts';
import { must } from '../kernel/assert.ts';
import { addMs, type Clock, SECOND_MS } from '../kernel/clock.ts';
import { type EgressPolicy, urlIssue } from '../kernel/egress.ts';
import { ApiError, type ErrorDetail, notFound, validationError } from '../kernel/errors.ts';
import type { Ids } from '../kernel/ids.ts';
import type { Sealer } from '../sealing/sealers.ts';
import * as deliveries from './delivery-store.ts';
import * as queue from './queue-store.ts';
import { type ReplayOrder, readReplay } from './replay.ts';
import { previousSecretPlace, secretPlace } from './secrets.ts';
import { formatSecret } from './signature.ts';
import * as store from './store.ts';
import { patternIssues } from './subscriptions.ts';
import { toWebhook } from './view.ts';

export type { EgressPolicy } from '../kernel/egress.ts';
export type { WebhookRow } from './store.ts';

const SECRET_BYTES = 32;
const TEST_EVENT = 'webhook.test';

export interface WebhooksDeps {
  /** What signatures go by, and therefore how long a secret is good. */
  readonly wallClock: Clock;
  readonly ids: Ids;
  readonly events: Events;
  readonly audit: Audit;
  readonly egress: EgressPolicy;
}

interface DeliveryView {
  readonly row: deliveries.DeliveryRow;
  /** When it is tried next. */
  readonly next: Date | undefined;
}

/** Endpoints, what they subscribe to, and what became of what they were sent. */
export class Webhooks {
  readonly #deps: WebhooksDeps;

  constructor(deps: WebhooksDeps) {
    this.#deps = deps;
  }

  /** The endpoint and its signing secret, which is shown this once. */
  async create(
    tx: Tx,
    body: BodyOf<typeof createWebhook>,
    sealer: Sealer,
  ): Promise<{ row: store.WebhookRow; secret: string }> {
    this.#requireValid(body.url, body.events);
    const now = tx.now();
    const secret = formatSecret(tx.random.hex(SECRET_BYTES));
    const webhookId = this.#deps.ids.next('webhook', tx);
    const row: store.WebhookRow = {
      webhook_id: webhookId,
      url: body.url,
      events: body.events ?? [],
      enabled: body.enabled ?? true,
      disabled_reason: null,
      description: body.description ?? null,
      metadata: body.metadata ?? null,
      rate_limit: body.rateLimit ?? null,
      in_order: body.inOrder ?? false,
      secret_sealed: sealer.seal(secretPlace(webhookId), secret),
      previous_secret_sealed: null,
      previous_secret_until: null,
      created_at: now,
      updated_at: now,
    };
    await store.insertWebhook(tx, row);
    await queue.insertHealth(tx, webhookId);
    await this.#deps.events.listen(tx);
    return { row, secret };
  }

  async get(tx: Tx, webhookId: string): Promise<store.WebhookRow> {
    const row = await store.findWebhook(tx, webhookId);
    if (!row) throw notFound('webhook');
    return row;
  }

  list(tx: Tx, page: PageRequest): Promise<{ rows: store.WebhookRow[]; hasMore: boolean }> {
    return store.listWebhooks(tx, page);
  }

  /** Switched on again or moved, an endpoint gets at once what waits for it. */
  async update(tx: Tx, webhookId: string, body: BodyOf<typeof updateWebhook>): Promise<store.WebhookRow> {
    const before = await this.#lock(tx, webhookId);
    this.#requireValid(body.url, body.events);
    const now = tx.now();
    const enabled = body.enabled ?? before.enabled;
    const row: store.WebhookRow = {
      ...before,
      url: body.url ?? before.url,
      events: body.events ?? before.events,
      enabled,
      disabled_reason: enabled || body.enabled === false ? null : before.disabled_reason,
      description: body.description ?? before.description,
      metadata: body.metadata ?? before.metadata,
      rate_limit: body.rateLimit === undefined ? before.rate_limit : body.rateLimit,
      in_order: body.inOrder ?? before.in_order,
      updated_at: now,
    };
    await store.updateWebhook(tx, row);
    if (row.in_order !== before.in_order) await queue.setInOrder(tx, webhookId, row.in_order);
    if ((enabled && !before.enabled) || row.url !== before.url) await queue.startAfresh(tx, webhookId, now);
    this.#deps.events.wakeAfter(tx);
    return row;
  }

  async delete(tx: Tx, webhookId: string): Promise<void> {
    const now = tx.now();
    if (!(await store.markDeleted(tx, webhookId, now))) throw notFound('webhook');
    await queue.emptyQueue(tx, webhookId, now);
  }

  /** A new secret, shown this once; the one before goes on signing beside it until the overlap ends. */
  async rotateSecret(
    tx: Tx,
    webhookId: string,
    { overlapSeconds = DEFAULT_OVERLAP_SECONDS }: BodyOf<typeof rotateWebhookSecret>,
    sealer: Sealer,
  ): Promise<{ row: store.WebhookRow; secret: string }> {
    const before = await this.#lock(tx, webhookId);
    const secret = formatSecret(tx.random.hex(SECRET_BYTES));
    const previous = sealer.unseal(secretPlace(webhookId), before.secret_sealed);
    const overlaps = overlapSeconds > 0;
    const row: store.WebhookRow = {
      ...before,
      secret_sealed: sealer.seal(secretPlace(webhookId), secret),
      previous_secret_sealed: overlaps ? sealer.seal(previousSecretPlace(webhookId), previous) : null,
      previous_secret_until: overlaps ? addMs(this.#deps.wallClock.now(), overlapSeconds * SECOND_MS) : null,
      updated_at: tx.now(),
    };
    await store.updateWebhook(tx, row);
    return { row, secret };
  }

  /** Switches an endpoint off on the server's own account, and says so. */
  async disable(tx: Tx, webhookId: string, reason: store.DisabledReason): Promise<void> {
    const before = await store.lockWebhook(tx, webhookId);
    if (!before?.enabled) return;
    const row = { ...before, enabled: false, disabled_reason: reason, updated_at: tx.now() };
    await store.updateWebhook(tx, row);
    await this.#deps.events.record(tx, {
      type: 'webhook.disabled',
      resourceId: webhookId,
      data: toWebhook(row),
    });
    await this.#deps.audit.record(tx, {
      ...SYSTEM,
      action: 'webhook.disabled',
      resourceId: webhookId,
      details: { reason },
    });
  }

  async deliveries(
    tx: Tx,
    webhookId: string,
    filters: deliveries.DeliveryFilters,
    page: PageRequest,
  ): Promise<{ rows: deliveries.DeliveryRow[]; hasMore: boolean; next: ReadonlyMap<string, Date> }> {
    await this.get(tx, webhookId);
    const { rows, hasMore } = await deliveries.listDeliveries(tx, webhookId, filters, page);
    const eventIds = rows.filter(({ status }) => status === 'pending').map((row) => row.event_id);
    return { rows, hasMore, next: await queue.listNextAttempts(tx, webhookId, eventIds) };
  }

  async delivery(
    tx: Tx,
    webhookId: string,
    deliveryId: string,
  ): Promise<DeliveryView & { event: deliveries.EventRow; attempts: deliveries.AttemptLogRow[] }> {
    await this.get(tx, webhookId);
    const view = await this.#deliveryView(tx, webhookId, deliveryId);
    const event = must(
      await deliveries.findEvent(tx, view.row.event_id),
      'a delivery is kept with its event',
    );
    return { ...view, event, attempts: await deliveries.listAttempts(tx, view.row.event_id, deliveryId) };
  }

  /** Once more, now, under the same id: nothing that was sent before keeps it from being sent. */
  async retry(tx: Tx, webhookId: string, deliveryId: string): Promise<DeliveryView> {
    const webhook = await this.#lockEnabled(tx, webhookId);
    const { row } = await this.#deliveryView(tx, webhookId, deliveryId);
    const event = must(await deliveries.findEvent(tx, row.event_id), 'a delivery is kept with its event');
    await this.#queue(tx, webhook, [toNotice(event)]);
    return this.#deliveryView(tx, webhookId, deliveryId);
  }

  /** An event for this endpoint alone, whatever it subscribes to. */
  async test(tx: Tx, webhookId: string): Promise<DeliveryView> {
    const webhook = await this.#lockEnabled(tx, webhookId);
    const notice = await this.#deps.events.recordApart(tx, {
      type: TEST_EVENT,
      resourceId: webhookId,
      data: { ...toWebhook(webhook), message: 'A test: nothing has happened.' },
    });
    const [deliveryId = ''] = await this.#queue(tx, webhook, [notice]);
    return this.#deliveryView(tx, webhookId, deliveryId);
  }

  async replay(
    tx: Tx,
    webhookId: string,
    order: ReplayOrder,
  ): Promise<{ deliveries: number; hasMore: boolean; lastEventId: string | null }> {
    const filters = readReplay(order);
    const webhook = await this.#lockEnabled(tx, webhookId);
    const since = order.sinceLastSuccess ? await queue.findLastSuccess(tx, webhookId) : undefined;
    if (order.eventIds) await this.#requireEvents(tx, order.eventIds);
    const { notices, hasMore } = await deliveries.listEventsToReplay(
      tx,
      {
        ...filters,
        afterEventId: filters.afterEventId ?? since,
        types: order.eventIds
          ? undefined
          : subscribedEvents(webhook.events).filter((name) => name !== TEST_EVENT),
        untakenBy: order.onlyUndelivered || order.sinceLastSuccess ? webhookId : undefined,
      },
      MAX_REPLAYED,
    );
    await this.#queue(tx, webhook, notices);
    return { deliveries: notices.length, hasMore, lastEventId: notices.at(-1)?.eventId ?? null };
  }

  async #requireEvents(tx: Tx, eventIds: readonly string[]): Promise<void> {
    const { notices } = await deliveries.listEventsToReplay(tx, { eventIds }, eventIds.length);
    if (notices.length < eventIds.length) throw notFound('event');
  }

  /** Asks for deliveries, under ids that are new unless they have one. */
  async #queue(tx: Tx, webhook: store.WebhookRow, notices: readonly EventNotice[]): Promise<string[]> {
    const orders = notices.map((notice) => ({
      ...notice,
      deliveryId: this.#deps.ids.next('webhookDelivery', tx),
      webhookId: webhook.webhook_id,
      inOrder: webhook.in_order,
    }));
    await queue.queueDeliveries(tx, 'anew', orders, tx.now());
    this.#deps.events.wakeAfter(tx);
    return orders.map(({ deliveryId }) => deliveryId);
  }

  async #deliveryView(tx: Tx, webhookId: string, deliveryId: string): Promise<DeliveryView> {
    const row = await deliveries.findDelivery(tx, webhookId, deliveryId);
    if (!row) throw notFound('webhook delivery');
    const next = await queue.listNextAttempts(tx, webhookId, [row.event_id]);
    return { row, next: next.get(row.event_id) };
  }

  async #lock(tx: Tx, webhookId: string): Promise<store.WebhookRow> {
    const row = await store.lockWebhook(tx, webhookId);
    if (!row) throw notFound('webhook');
    return row;
  }

  async #lockEnabled(tx: Tx, webhookId: string): Promise<store.WebhookRow> {
    const row = await this.#lock(tx, webhookId);
    if (!row.enabled) throw new ApiError(409, 'invalid_state', 'The webhook is disabled; enable it first.');
    return row;
  }

  #requireValid(url: string | undefined, events: readonly string[] | undefined): void {
    const details: ErrorDetail[] = [];
    const issue = url === undefined ? undefined : urlIssue(url, this.#deps.egress);
    if (issue) details.push({ field: 'url', issue });
    details.push(...patternIssues(events ?? []));
    if (details.length > 0) throw validationError(details);
  }
}

const toNotice = (event: deliveries.EventRow): EventNotice => ({
  eventId: event.event_id,
  type: event.type,
  resourceId: event.resource_id,
  sequence: event.sequence,
});
