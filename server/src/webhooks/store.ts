import { one, type Tx } from '../db/database.ts';
import { type PageRequest, selectPage } from '../db/list.ts';

export interface WebhookRow {
  webhook_id: string;
  url: string;
  events: string[];
  enabled: boolean;
  disabled_reason: 'gone' | null;
  secret_sealed: Buffer;
  created_at: Date;
  updated_at: Date;
}

export interface DeliveryRow {
  delivery_id: string;
  webhook_id: string;
  event_id: string;
  status: DeliveryStatus;
  attempts: number;
}

export type DeliveryStatus = 'pending' | 'parked' | 'delivered' | 'failed';

const WEBHOOK = 'webhook_id, url, events, enabled, disabled_reason, secret_sealed, created_at, updated_at';
const DELIVERY = 'delivery_id, webhook_id, event_id, status, attempts';

export async function insertWebhook(tx: Tx, row: WebhookRow): Promise<void> {
  await tx.query(
    `insert into webhooks (project_id, ${WEBHOOK}) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    [
      tx.scope,
      row.webhook_id,
      row.url,
      row.events,
      row.enabled,
      row.disabled_reason,
      row.secret_sealed,
      row.created_at,
      row.updated_at,
    ],
  );
}

export async function findWebhook(tx: Tx, webhookId: string): Promise<WebhookRow | undefined> {
  const [row] = await tx.query<WebhookRow>(
    `select ${WEBHOOK} from webhooks where project_id = $1 and webhook_id = $2 and deleted_at is null`,
    [tx.scope, webhookId],
  );
  return row;
}

export async function lockWebhook(tx: Tx, webhookId: string): Promise<WebhookRow | undefined> {
  const [row] = await tx.query<WebhookRow>(
    `select ${WEBHOOK} from webhooks where project_id = $1 and webhook_id = $2 and deleted_at is null
     for no key update`,
    [tx.scope, webhookId],
  );
  return row;
}

export function listWebhooks(tx: Tx, page: PageRequest): Promise<{ rows: WebhookRow[]; hasMore: boolean }> {
  const filters = [['deleted_at is null and ?', true]] as const;
  return selectPage<WebhookRow>(tx, `select ${WEBHOOK} from webhooks`, 'webhook_id', filters, page);
}

/** Those an event may go to; held against a change until the commit, so that none is missed while it is switched. */
export function shareAllWebhooks(tx: Tx): Promise<WebhookRow[]> {
  return tx.query<WebhookRow>(
    `select ${WEBHOOK} from webhooks where project_id = $1 and deleted_at is null order by webhook_id for share`,
    [tx.scope],
  );
}

export async function updateWebhook(tx: Tx, row: WebhookRow): Promise<void> {
  await tx.query(
    `update webhooks set url = $3, events = $4, enabled = $5, disabled_reason = $6, updated_at = $7
     where project_id = $1 and webhook_id = $2`,
    [tx.scope, row.webhook_id, row.url, row.events, row.enabled, row.disabled_reason, row.updated_at],
  );
}

export async function markDeleted(tx: Tx, webhookId: string, now: Date): Promise<boolean> {
  const rows = await tx.query(
    `update webhooks set deleted_at = $3 where project_id = $1 and webhook_id = $2 and deleted_at is null
     returning webhook_id`,
    [tx.scope, webhookId, now],
  );
  return rows.length === 1;
}

/** An endpoint gets an event once. Answers the new ones that are to be sent now, in order. */
export async function insertDeliveries(
  tx: Tx,
  deliveries: readonly Pick<DeliveryRow, 'delivery_id' | 'webhook_id' | 'event_id' | 'status'>[],
  now: Date,
): Promise<string[]> {
  const rows = await tx.query<{ delivery_id: string; status: DeliveryStatus }>(
    `insert into webhook_deliveries (project_id, delivery_id, webhook_id, event_id, status, created_at, updated_at)
     select $1, *, $6, $6 from unnest($2::text[], $3::text[], $4::text[], $5::text[])
     on conflict (project_id, webhook_id, event_id) do nothing returning delivery_id, status`,
    [
      tx.scope,
      deliveries.map((each) => each.delivery_id),
      deliveries.map((each) => each.webhook_id),
      deliveries.map((each) => each.event_id),
      deliveries.map((each) => each.status),
      now,
    ],
  );
  return rows.filter(({ status }) => status === 'pending').map((row) => row.delivery_id);
}

export async function getDelivery(tx: Tx, deliveryId: string): Promise<DeliveryRow> {
  return one(
    await tx.query<DeliveryRow>(
      `select ${DELIVERY} from webhook_deliveries where project_id = $1 and delivery_id = $2`,
      [tx.scope, deliveryId],
    ),
    'webhook delivery',
  );
}

/** Moves a delivery from `from`; `attempts` is the number made so far. */
export async function transitionDelivery(
  tx: Tx,
  deliveryId: string,
  from: DeliveryStatus,
  to: DeliveryStatus,
  attempts: number,
  now: Date,
): Promise<void> {
  one(
    await tx.query(
      `update webhook_deliveries set status = $4, attempts = $5, updated_at = $6
       where project_id = $1 and delivery_id = $2 and status = $3 returning delivery_id`,
      [tx.scope, deliveryId, from, to, attempts, now],
    ),
    `webhook delivery ${deliveryId} in ${from}`,
  );
}

/** All that waited for the endpoint's return, oldest first. */
export async function unparkDeliveries(tx: Tx, webhookId: string, now: Date): Promise<string[]> {
  const rows = await tx.query<{ delivery_id: string }>(
    `update webhook_deliveries set status = 'pending', updated_at = $3
     where project_id = $1 and webhook_id = $2 and status = 'parked' returning delivery_id`,
    [tx.scope, webhookId, now],
  );
  return rows.map((row) => row.delivery_id).sort();
}

export async function insertAttempt(
  tx: Tx,
  deliveryId: string,
  attempt: number,
  result: { statusCode?: number; error?: string; responseBody?: string; durationMs: number },
  now: Date,
): Promise<void> {
  await tx.query(
    `insert into webhook_attempts (project_id, delivery_id, attempt, status_code, error, response_body, duration_ms,
       attempted_at) values ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [
      tx.scope,
      deliveryId,
      attempt,
      result.statusCode ?? null,
      result.error ?? null,
      result.responseBody ?? null,
      result.durationMs,
      now,
    ],
  );
}
