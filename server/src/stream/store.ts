import { COMPLIANCE_EVENTS } from '@openoms/contract/subscriptions.ts';
import type { Tx } from '../db/database.ts';

export interface ChangeRow {
  event_id: string;
  type: string;
  resource_id: string;
  created_at: Date;
}

/** The newest events, oldest first. What compliance alone may see is not among them. */
export async function listNewest(tx: Tx, limit: number): Promise<ChangeRow[]> {
  const rows = await tx.query<ChangeRow>(
    `select event_id, type, resource_id, created_at from events
     where project_id = $1 and type <> all ($2::text[]) order by event_id desc limit $3`,
    [tx.scope, COMPLIANCE_EVENTS, limit],
    { planned: 'each time' },
  );
  return rows.reverse();
}
