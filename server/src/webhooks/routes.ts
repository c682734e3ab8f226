import * as contract from '@openoms/contract/webhooks.ts';
import { type Route, route } from '../http/operation.ts';
import { toPage, toPageRequest } from '../http/paging.ts';
import { toIsoSeconds } from '../kernel/clock.ts';
import type { WebhookRow, Webhooks } from './service.ts';

const toWebhook = (row: WebhookRow): contract.Webhook => ({
  id: row.webhook_id,
  object: 'webhook',
  url: row.url,
  events: row.events,
  enabled: row.enabled,
  status: row.enabled ? 'active' : 'disabled',
  complianceOnly: false,
  createdAt: toIsoSeconds(row.created_at),
  updatedAt: toIsoSeconds(row.updated_at),
});

export const webhookRoutes = (webhooks: Webhooks): readonly Route[] => [
  route(contract.createWebhook, async (tx, { body }, caller) => {
    const { row, secret } = await webhooks.create(tx, body, caller.sealer);
    return { ...toWebhook(row), secret };
  }),
  route(contract.listWebhooks, async (tx, { query }) => {
    const { rows, hasMore } = await webhooks.list(tx, toPageRequest(query));
    return toPage({ items: rows.map(toWebhook), hasMore });
  }),
  route(contract.getWebhook, async (tx, { params }) => toWebhook(await webhooks.get(tx, params.webhookId))),
  route(contract.updateWebhook, async (tx, { params, body }) =>
    toWebhook(await webhooks.update(tx, params.webhookId, body)),
  ),
  route(contract.deleteWebhook, (tx, { params }) => webhooks.delete(tx, params.webhookId)),
];
