import { ENDORSEMENT_NAMES, type ENDORSEMENT_STATUSES } from '@openoms/contract/customers.ts';
import type { Tx } from '../db/database.ts';

export type EndorsementName = (typeof ENDORSEMENT_NAMES)[number];
export type EndorsementStatus = (typeof ENDORSEMENT_STATUSES)[number];

export interface EndorsementRow {
  customer_id: string;
  type: EndorsementName;
  status: EndorsementStatus;
  rejection_reasons: { developerReason: string; reason: string }[];
}

/** In the documents' order; `basic` comes with any other (contract 2.2). */
export const withBasic = (names: readonly EndorsementName[]): EndorsementName[] =>
  ENDORSEMENT_NAMES.filter((name) => name === 'basic' || names.includes(name));

export const ALL_ENDORSEMENTS: readonly EndorsementName[] = ENDORSEMENT_NAMES;

export async function listEndorsements(tx: Tx, customerIds: readonly string[]): Promise<EndorsementRow[]> {
  return tx.query<EndorsementRow>(
    `select customer_id, type, status, rejection_reasons from endorsements
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
       set status = 'PENDING', rejection_reasons = '[]', updated_at = excluded.updated_at
       where endorsements.status in ('REJECTED', 'REVOKED')
     returning type`,
    [tx.scope, customerId, names, now],
  );
  return rows.map(({ type }) => type);
}

/** Writes decisions; answers the names of those that changed. A revoked one is decided when asked for anew. */
export async function decideEndorsements(
  tx: Tx,
  customerId: string,
  decisions: readonly {
    readonly name: EndorsementName;
    readonly status: EndorsementStatus;
    readonly rejectionReasons: readonly object[];
  }[],
  now: Date,
): Promise<EndorsementName[]> {
  const rows = await tx.query<{ type: EndorsementName }>(
    `insert into endorsements (project_id, customer_id, type, status, rejection_reasons, updated_at)
     select $1, $2, *, $6 from unnest($3::text[], $4::text[], $5::jsonb[])
     on conflict (project_id, customer_id, type) do update
       set status = excluded.status, rejection_reasons = excluded.rejection_reasons, updated_at = excluded.updated_at
       where endorsements.status not in (excluded.status, 'REVOKED')
     returning type`,
    [
      tx.scope,
      customerId,
      decisions.map(({ name }) => name),
      decisions.map(({ status }) => status),
      decisions.map(({ rejectionReasons }) => JSON.stringify(rejectionReasons)),
      now,
    ],
  );
  return rows.map(({ type }) => type);
}
