import { ENDORSEMENT_NAMES, type ENDORSEMENT_STATUSES } from '@openoms/contract/customers.ts';
import type { Tx } from '../db/database.ts';

export type EndorsementName = (typeof ENDORSEMENT_NAMES)[number];
export type EndorsementStatus = (typeof ENDORSEMENT_STATUSES)[number];

export interface EndorsementRow {
  customer_id: string;
  type: EndorsementName;
  status: EndorsementStatus;
  rejection_reasons: { developerReason: string; reason: string }[];
  /** What a reviewer asked for. */
  missing: string[];
  issues: string[];
}

/** In the documents' order; `basic` comes with any other (contract 2.2). */
export const withBasic = (names: readonly EndorsementName[]): EndorsementName[] =>
  ENDORSEMENT_NAMES.filter((name) => name === 'basic' || names.includes(name));

export const ALL_ENDORSEMENTS: readonly EndorsementName[] = ENDORSEMENT_NAMES;

export async function listEndorsements(tx: Tx, customerIds: readonly string[]): Promise<EndorsementRow[]> {
  return tx.query<EndorsementRow>(
    `select customer_id, type, status, rejection_reasons, missing, issues from endorsements
     where project_id = $1 and customer_id = any($2)
     order by customer_id, array_position(array['basic', 'cryptoCustody', 'usd'], type)`,
    [tx.scope, customerIds],
  );
}

/** Asks for review: new ones and rejected ones become PENDING, active ones stay. Answers those that changed. */
export async function requestEndorsements(
  tx: Tx,
  customerId: string,
  names: readonly EndorsementName[],
  now: Date,
): Promise<EndorsementName[]> {
  const rows = await tx.query<{ type: EndorsementName }>(
    `insert into endorsements (project_id, customer_id, type, status, updated_at)
     select $1, $2, name, 'PENDING', $4 from unnest($3::text[]) name
     on conflict (project_id, customer_id, type) do update
       set status = 'PENDING', rejection_reasons = '[]', missing = '{}', issues = '{}',
         updated_at = excluded.updated_at
       where endorsements.status in ('REJECTED', 'REVOKED')
     returning type`,
    [tx.scope, customerId, names, now],
  );
  return rows.map(({ type }) => type);
}

/** Writes decisions that were checked against the states, on the endorsements of a locked customer. */
export async function decideEndorsements(
  tx: Tx,
  customerId: string,
  decided: readonly Omit<EndorsementRow, 'customer_id'>[],
  now: Date,
): Promise<void> {
  await tx.query(
    `with decided as (
       select * from jsonb_to_recordset($3::jsonb)
         as decided (type text, status text, rejection_reasons jsonb, missing text[], issues text[])),
     changed as (
       update endorsements e set status = d.status, rejection_reasons = d.rejection_reasons, missing = d.missing,
         issues = d.issues, updated_at = $4
       from decided d where e.project_id = $1 and e.customer_id = $2 and e.type = d.type
       returning e.type)
     insert into endorsements (project_id, customer_id, type, status, rejection_reasons, missing, issues, updated_at)
     select $1, $2, type, status, rejection_reasons, missing, issues, $4
     from decided where type not in (select type from changed)`,
    [tx.scope, customerId, JSON.stringify(decided), now],
  );
}
