import type { Role } from '@openoms/contract/permissions.ts';
import type { Tx } from '../db/database.ts';

export interface MemberRow {
  user_id: string;
  email: string;
  name: string;
  role: Role;
  has_totp: boolean;
  last_seen_at: Date | null;
  joined_at: Date;
}

const MAX_MEMBERS = 500;

/** In the order in which they joined; or the one. */
export function listMembers(tx: Tx, userId?: string): Promise<MemberRow[]> {
  return tx.query<MemberRow>(
    `select m.user_id, u.email, u.name, m.role, u.totp_confirmed_at is not null has_totp, u.last_seen_at, m.joined_at
     from memberships m join users u using (user_id)
     where m.organization_id = $1 and ($2::text is null or m.user_id = $2)
     order by m.joined_at, m.user_id limit $3`,
    [tx.scope, userId ?? null, MAX_MEMBERS],
  );
}

/** Whoever changes owners waits for this, so that two cannot take each other for the one that is left. */
export async function lockOrganization(tx: Tx): Promise<void> {
  await tx.query('select from organizations where organization_id = $1 for update', [tx.scope]);
}

export async function countOwners(tx: Tx): Promise<number> {
  const rows = await tx.query(
    `select from memberships where organization_id = $1 and role = 'owner' limit 2`,
    [tx.scope],
  );
  return rows.length;
}

export async function setRole(tx: Tx, userId: string, role: Role): Promise<void> {
  await tx.query('update memberships set role = $3 where organization_id = $1 and user_id = $2', [
    tx.scope,
    userId,
    role,
  ]);
}

/** With their sessions here. */
export async function deleteMember(tx: Tx, userId: string): Promise<void> {
  await tx.query('delete from memberships where organization_id = $1 and user_id = $2', [tx.scope, userId]);
}
