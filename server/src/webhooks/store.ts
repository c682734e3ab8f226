import type { Tx } from '../db/database.ts';
import { type PageRequest, selectPage } from '../db/list.ts';

export type DisabledReason = 'gone' | 'failing';

export interface WebhookRow {
  webhook_id: string;
  url: string;
  events: string[];
  enabled: boolean;
  disabled_reason: DisabledReason | null;
  description: string | null;
  metadata: Record<string, string | number | boolean | null> | null;
  /** Deliveries a second. */
  rate_limit: number | null;
  in_order: boolean;
  secret_sealed: Buffer;
  previous_secret_sealed: Buffer | null;
  previous_secret_until: Date | null;
  created_at: Date;
  updated_at: Date;
}

const WEBHOOK = `webhook_id, url, events, enabled, disabled_reason, description, metadata, rate_limit, in_order,
  secret_sealed, previous_secret_sealed, previous_secret_until, created_at, updated_at`;

const valuesOf = (row: WebhookRow): unknown[] => [
  row.webhook_id,
  row.url,
  row.events,
  row.enabled,
  row.disabled_reason,
  row.description,
  row.metadata && JSON.stringify(row.metadata),
  row.rate_limit,
  row.in_order,
  row.secret_sealed,
  row.previous_secret_sealed,
  row.previous_secret_until,
  row.created_at,
  row.updated_at,
];

export async function insertWebhook(tx: Tx, row: WebhookRow): Promise<void> {
  await tx.query(
    `insert into webhooks (project_id, ${WEBHOOK})
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`,
    [tx.scope, ...valuesOf(row)],
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
export function shareAllWebhooks(tx: Tx): Promise<Pick<WebhookRow, 'webhook_id' | 'events' | 'in_order'>[]> {
  return tx.query(
    `select webhook_id, events, in_order from webhooks
     where project_id = $1 and deleted_at is null order by webhook_id for share`,
    [tx.scope],
  );
}

export async function updateWebhook(tx: Tx, row: WebhookRow): Promise<void> {
  await tx.query(
    `update webhooks set url = $3, events = $4, enabled = $5, disabled_reason = $6, description = $7, metadata = $8,
       rate_limit = $9, in_order = $10, secret_sealed = $11, previous_secret_sealed = $12, previous_secret_until = $13,
       updated_at = $15
     where project_id = $1 and webhook_id = $2 and created_at = $14`,
    [tx.scope, ...valuesOf(row)],
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
