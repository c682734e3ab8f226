import * as delivery from '@openoms/contract/webhook-deliveries.ts';
import * as contract from '@openoms/contract/webhooks.ts';
import { type Audit, byCaller } from '../audit/audit.ts';
import { type Route, route } from '../http/operation.ts';
import { toCreatedRange, toPage, toPageRequest } from '../http/paging.ts';
import { toIsoSeconds } from '../kernel/clock.ts';
import type { WebhookRow, Webhooks } from './service.ts';
import { toAttempt, toDelivery, toWebhook } from './view.ts';

/** Of a URL its origin: a path or a query may hold a token. */
const detailsOf = ({ url, events, enabled }: Partial<Pick<WebhookRow, 'url' | 'events' | 'enabled'>>) => ({
  ...(url !== undefined && { origin: new URL(url).origin }),
  ...(events && { events }),
  ...(enabled !== undefined && { enabled }),
});

export const webhookRoutes = (webhooks: Webhooks, audit: Audit): readonly Route[] => [
  route(contract.createWebhook, async (tx, { body }, caller) => {
    const { row, secret } = await webhooks.create(tx, body, caller.sealer);
    await audit.record(tx, {
      ...byCaller(caller),
      action: 'webhook.created',
      resourceId: row.webhook_id,
      details: detailsOf(row),
    });
    return { ...toWebhook(row), secret };
  }),
  route(contract.listWebhooks, async (tx, { query }) => {
    const { rows, hasMore } = await webhooks.list(tx, toPageRequest(query));
    return toPage({ items: rows.map(toWebhook), hasMore });
  }),
  route(contract.getWebhook, async (tx, { params }) => toWebhook(await webhooks.get(tx, params.webhookId))),
  route(contract.updateWebhook, async (tx, { params: { webhookId }, body }, caller) => {
    const row = await webhooks.update(tx, webhookId, body);
    await audit.record(tx, {
      ...byCaller(caller),
      action: 'webhook.updated',
      resourceId: webhookId,
      details: { change: detailsOf(body) },
    });
    return toWebhook(row);
  }),
  route(contract.deleteWebhook, async (tx, { params: { webhookId } }, caller) => {
    await webhooks.delete(tx, webhookId);
    await audit.record(tx, { ...byCaller(caller), action: 'webhook.deleted', resourceId: webhookId });
  }),
  route(contract.rotateWebhookSecret, async (tx, { params, body }, caller) => {
    const { row, secret } = await webhooks.rotateSecret(tx, params.webhookId, body, caller.sealer);
    await audit.record(tx, {
      ...byCaller(caller),
      action: 'webhook.secretRotated',
      resourceId: row.webhook_id,
      details: { overlapSeconds: body.overlapSeconds },
    });
    const until = row.previous_secret_until;
    return { ...toWebhook(row), secret, previousSecretValidUntil: until && toIsoSeconds(until) };
  }),
  route(delivery.listWebhookDeliveries, async (tx, { params, query }) => {
    const filters = {
      status: query.status,
      eventId: query.eventId,
      ...toCreatedRange(query),
    };
    const { webhookId } = params;
    const { rows, hasMore, next } = await webhooks.deliveries(tx, webhookId, filters, toPageRequest(query));
    return toPage({ items: rows.map((row) => toDelivery(row, next.get(row.event_id))), hasMore });
  }),
  route(delivery.getWebhookDelivery, async (tx, { params }) => {
    const { row, next, event, attempts } = await webhooks.delivery(tx, params.webhookId, params.deliveryId);
    const attemptLog = attempts.map((each) => toAttempt(each, row.delivery_id, event));
    return { ...toDelivery(row, next), attemptLog };
  }),
  route(delivery.retryWebhookDelivery, async (tx, { params }, caller) => {
    const { row, next } = await webhooks.retry(tx, params.webhookId, params.deliveryId);
    await audit.record(tx, {
      ...byCaller(caller),
      action: 'webhook.deliveryRetried',
      resourceId: params.webhookId,
      details: { deliveryId: row.delivery_id },
    });
    return toDelivery(row, next);
  }),
  route(delivery.testWebhook, async (tx, { params: { webhookId } }, caller) => {
    const { row, next } = await webhooks.test(tx, webhookId);
    await audit.record(tx, { ...byCaller(caller), action: 'webhook.tested', resourceId: webhookId });
    return toDelivery(row, next);
  }),
  route(delivery.replayWebhook, async (tx, { params: { webhookId }, body }, caller) => {
    const replayed = await webhooks.replay(tx, webhookId, body);
    const { deliveries } = replayed;
    const details = { order: body, deliveries };
    await audit.record(tx, {
      ...byCaller(caller),
      action: 'webhook.replayed',
      resourceId: webhookId,
      details,
    });
    return { object: 'webhookReplay' as const, webhookId, ...replayed };
  }),
];
