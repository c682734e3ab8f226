import { type Tx, toJsonRows } from '../db/database.ts';

interface DeliveryPlace {
  readonly webhookId: string;
  readonly eventId: string;
}

export interface HeldDelivery extends DeliveryPlace {
  readonly dueAt: Date;
  /** Or when the endpoint has had a later event of the resource. */
  readonly waitsForNext: boolean;
}

/** Deliveries that are queued wait for their first attempt. */
export async function holdBack(tx: Tx, held: readonly HeldDelivery[]): Promise<void> {
  if (held.length === 0) return;
  await tx.query(
    `update webhook_queue q set due_at = given."dueAt", waits_for_next = given."waitsForNext"
     from jsonb_to_recordset($2) given ("webhookId" text, "eventId" text, "dueAt" timestamptz, "waitsForNext" boolean)
     where q.project_id = $1 and q.webhook_id = given."webhookId" and q.event_id = given."eventId"`,
    [tx.scope, toJsonRows(held)],
    { planned: 'each time' },
  );
}

/** What waited for these events to be delivered is due. */
export async function releaseHeld(tx: Tx, delivered: readonly DeliveryPlace[], now: Date): Promise<void> {
  await tx.query(
    `update webhook_queue q set due_at = least(q.due_at, $4), waits_for_next = false
     from unnest($2::text[], $3::text[]) given (webhook_id, event_id), events e
     where e.project_id = $1 and e.event_id = given.event_id
       and q.project_id = $1 and q.webhook_id = given.webhook_id and q.resource_id = e.resource_id
       and q.sequence < e.sequence and q.waits_for_next`,
    [tx.scope, delivered.map((each) => each.webhookId), delivered.map((each) => each.eventId), now],
    { planned: 'each time' },
  );
}

/** Queues deliveries that were made to be made once more: as asked for once, by which they are told from the first ones. */
export async function queueAgain(tx: Tx, delivered: readonly DeliveryPlace[], now: Date): Promise<void> {
  if (delivered.length === 0) return;
  await tx.query(
    `with again as (
       update webhook_deliveries d set status = 'pending', updated_at = $4
       from unnest($2::text[], $3::text[]) given (webhook_id, event_id)
       where d.project_id = $1 and d.event_id = given.event_id and d.webhook_id = given.webhook_id
         and d.status = 'delivered'
       returning d.webhook_id, d.event_id, d.delivery_id, d.attempts)
     insert into webhook_queue (project_id, webhook_id, event_id, delivery_id, resource_id, sequence, state, in_order,
       attempts, requests, due_at)
     select $1, again.webhook_id, again.event_id, again.delivery_id, e.resource_id, e.sequence, 'due', w.in_order,
       again.attempts, 1, $4
     from again
     join events e on e.project_id = $1 and e.event_id = again.event_id
     join webhooks w on w.project_id = $1 and w.webhook_id = again.webhook_id`,
    [tx.scope, delivered.map((each) => each.webhookId), delivered.map((each) => each.eventId), now],
    { planned: 'each time' },
  );
}
