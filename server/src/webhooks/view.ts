import { isComplianceOnly } from '@openoms/contract/subscriptions.ts';
import type { WebhookAttempt, WebhookDelivery } from '@openoms/contract/webhook-deliveries.ts';
import type { Webhook } from '@openoms/contract/webhooks.ts';
import { toIsoSeconds, toUnixSeconds } from '../kernel/clock.ts';
import type { AttemptLogRow, DeliveryRow, EventRow } from './delivery-store.ts';
import { envelopeOf } from './envelope.ts';
import { headersOf } from './signature.ts';
import type { WebhookRow } from './store.ts';

export const toWebhook = (row: WebhookRow): Webhook => ({
  id: row.webhook_id,
  object: 'webhook',
  url: row.url,
  events: row.events,
  enabled: row.enabled,
  status: row.enabled ? 'active' : 'disabled',
  disabledReason: row.disabled_reason,
  complianceOnly: isComplianceOnly(row.events),
  description: row.description,
  metadata: row.metadata ?? {},
  rateLimit: row.rate_limit,
  inOrder: row.in_order,
  createdAt: toIsoSeconds(row.created_at),
  updatedAt: toIsoSeconds(row.updated_at),
});

/** `nextAttemptAt` of a delivery that is queued. */
export const toDelivery = (row: DeliveryRow, nextAttemptAt: Date | undefined): WebhookDelivery => ({
  id: row.delivery_id,
  object: 'webhookDelivery',
  webhookId: row.webhook_id,
  eventId: row.event_id,
  event: row.event_type,
  status: row.status,
  attempts: row.attempts,
  nextAttemptAt: nextAttemptAt ? toIsoSeconds(nextAttemptAt) : null,
  createdAt: toIsoSeconds(row.created_at),
  updatedAt: toIsoSeconds(row.updated_at),
});

/** The request is made anew from what it was made of: an event and its delivery do not change. */
export function toAttempt(row: AttemptLogRow, deliveryId: string, event: EventRow): WebhookAttempt {
  const timestamp = toUnixSeconds(row.signed_at);
  const body = envelopeOf(deliveryId, {
    eventId: event.event_id,
    type: event.type,
    sequence: event.sequence,
    createdAt: event.created_at,
    data: event.data,
  });
  return {
    attempt: row.attempt,
    attemptedAt: toIsoSeconds(row.attempted_at),
    durationMs: row.duration_ms,
    request: {
      url: row.url,
      headers: headersOf(deliveryId, row.attempt, timestamp, row.signature ?? ''),
      body,
    },
    response:
      row.status_code === null
        ? null
        : {
            statusCode: row.status_code,
            headers: row.response_headers ?? {},
            body: row.response_body ?? '',
          },
    error: row.error === null ? null : { code: row.error_code ?? 'unknown', message: row.error },
  };
}
