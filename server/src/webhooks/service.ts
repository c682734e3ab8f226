import type { BodyOf } from '@openoms/contract/operation.ts';
import type { createWebhook, updateWebhook } from '@openoms/contract/webhooks.ts';
import type { Tx } from '../db/database.ts';
import type { PageRequest } from '../db/list.ts';
import type { Events } from '../events/events.ts';
import type { Jobs } from '../jobs/jobs.ts';
import type { Clock } from '../kernel/clock.ts';
import { randomHex } from '../kernel/crypto.ts';
import { type EgressPolicy, urlIssue } from '../kernel/egress.ts';
import { type ErrorDetail, notFound, validationError } from '../kernel/errors.ts';
import type { Ids } from '../kernel/ids.ts';
import type { SealedPlace, Sealer } from '../sealing/sealers.ts';
import { formatSecret } from './signature.ts';
import * as store from './store.ts';
import { patternIssues } from './subscriptions.ts';

export type { EgressPolicy } from '../kernel/egress.ts';
export type { WebhookRow } from './store.ts';

export const DELIVER_TASK = 'webhooks.deliver';

export interface DeliverPayload {
  readonly deliveryId: string;
}

const SECRET_BYTES = 32;

export const secretPlace = (webhookId: string): SealedPlace => ({
  table: 'webhooks',
  column: 'secret_sealed',
  row: webhookId,
});

export interface WebhooksDeps {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly jobs: Jobs;
  readonly events: Events;
  readonly egress: EgressPolicy;
}

/** Endpoints and what they subscribe to. */
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
    const now = this.#deps.clock.now();
    const secret = formatSecret(randomHex(SECRET_BYTES));
    const webhookId = this.#deps.ids.next('webhook');
    const row: store.WebhookRow = {
      webhook_id: webhookId,
      url: body.url,
      events: body.events ?? [],
      enabled: body.enabled ?? true,
      disabled_reason: null,
      secret_sealed: sealer.seal(secretPlace(webhookId), secret),
      created_at: now,
      updated_at: now,
    };
    await store.insertWebhook(tx, row);
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

  /** Switched on again, an endpoint gets what it missed. */
  async update(tx: Tx, webhookId: string, body: BodyOf<typeof updateWebhook>): Promise<store.WebhookRow> {
    const before = await store.lockWebhook(tx, webhookId);
    if (!before) throw notFound('webhook');
    this.#requireValid(body.url, body.events);
    const now = this.#deps.clock.now();
    const enabled = body.enabled ?? before.enabled;
    const row: store.WebhookRow = {
      ...before,
      url: body.url ?? before.url,
      events: body.events ?? before.events,
      enabled,
      disabled_reason: enabled ? null : before.disabled_reason,
      updated_at: now,
    };
    await store.updateWebhook(tx, row);
    if (enabled && !before.enabled) {
      const deliveryIds = await store.unparkDeliveries(tx, webhookId, now);
      const payloads = deliveryIds.map((deliveryId): DeliverPayload => ({ deliveryId }));
      await this.#deps.jobs.enqueueMany(tx, DELIVER_TASK, payloads);
    }
    return row;
  }

  async delete(tx: Tx, webhookId: string): Promise<void> {
    if (!(await store.markDeleted(tx, webhookId, this.#deps.clock.now()))) throw notFound('webhook');
  }

  #requireValid(url: string | undefined, events: readonly string[] | undefined): void {
    const details: ErrorDetail[] = [];
    const issue = url === undefined ? undefined : urlIssue(url, this.#deps.egress);
    if (issue) details.push({ field: 'url', issue });
    details.push(...patternIssues(events ?? []));
    if (details.length > 0) throw validationError(details);
  }
}
