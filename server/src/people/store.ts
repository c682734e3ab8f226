import type { Mode, Role } from '@openoms/contract/permissions.ts';
import { one, type Tx } from '../db/database.ts';

export interface UserRow {
  user_id: string;
  email: string;
  name: string;
  password_hash: string;
  totp_secret: Buffer | null;
  totp_confirmed_at: Date | null;
}

const USER = 'user_id, email, name, password_hash, totp_secret, totp_confirmed_at';

/** In the platform's scope. */
export async function findUserByEmail(tx: Tx, email: string): Promise<UserRow | undefined> {
  const [row] = await tx.query<UserRow>(`select ${USER} from users where email = $1`, [email.toLowerCase()]);
  return row;
}

/** The organization that the user signs in to: where they were last, or joined first; in the platform's scope. */
export async function findHome(tx: Tx, userId: string): Promise<string | undefined> {
  const [row] = await tx.query<{ organization_id: string }>(
    `select m.organization_id from memberships m
     where m.user_id = $1
     order by (select max(s.created_at) from sessions s
       where s.user_id = m.user_id and s.organization_id = m.organization_id) desc nulls last, m.joined_at limit 1`,
    [userId],
  );
  return row?.organization_id;
}

/** A member of the organization. */
export async function getUser(tx: Tx, userId: string): Promise<UserRow> {
  return one(await tx.query<UserRow>(`select ${USER} from users where user_id = $1`, [userId]), 'a user');
}

/** Takes the code of this step; false when it, or a later one, was taken before. */
export async function takeStep(tx: Tx, userId: string, step: number): Promise<boolean> {
  const rows = await tx.query(
    'update users set totp_last_step = $2 where user_id = $1 and totp_last_step < $2 returning user_id',
    [userId, step],
  );
  return rows.length === 1;
}

export async function takeRecoveryCode(tx: Tx, userId: string, hash: Buffer): Promise<boolean> {
  const rows = await tx.query(
    'delete from recovery_codes where user_id = $1 and code_hash = $2 returning user_id',
    [userId, hash],
  );
  return rows.length === 1;
}

export interface OrganizationRow {
  organization_id: string;
  name: string;
}

export async function getOrganization(tx: Tx): Promise<OrganizationRow> {
  const rows = await tx.query<OrganizationRow>(
    'select organization_id, name from organizations where organization_id = $1',
    [tx.scope],
  );
  return one(rows, 'an organization');
}

export interface OwnProjectRow {
  project_id: string;
  name: string;
  mode: Mode;
  created_at: Date;
  counterpart_id: string | null;
}

/** How many are listed: tests make sandbox projects by the hundred. */
const MAX_PROJECTS = 500;

/** Projects of the organization, oldest first; or the one. */
export function listOwnProjects(tx: Tx, projectId?: string): Promise<OwnProjectRow[]> {
  return tx.query<OwnProjectRow>(
    `select p.project_id, p.name, p.mode, p.created_at, (
       select o.project_id from projects o
       where o.organization_id = p.organization_id and o.name = p.name and o.mode <> p.mode
       order by o.created_at, o.project_id limit 1) counterpart_id
     from projects p where p.organization_id = $1 and ($2::text is null or p.project_id = $2)
     order by p.created_at, p.project_id limit $3`,
    [tx.scope, projectId ?? null, MAX_PROJECTS],
  );
}

export interface NewUser {
  readonly userId: string;
  readonly email: string;
  readonly name: string;
  readonly passwordHash: string;
  readonly now: Date;
}

/** Nobody's member yet: the row is not to be seen until it is one. */
export async function insertUser(tx: Tx, user: NewUser): Promise<void> {
  await tx.query(
    'insert into users (user_id, email, name, password_hash, created_at) values ($1, $2, $3, $4, $5)',
    [user.userId, user.email.toLowerCase(), user.name, user.passwordHash, user.now],
  );
}

/** False when the user is a member already. */
export async function insertMember(tx: Tx, userId: string, role: Role, now: Date): Promise<boolean> {
  const rows = await tx.query(
    `insert into memberships (organization_id, user_id, role, joined_at) values ($1, $2, $3, $4)
     on conflict do nothing returning user_id`,
    [tx.scope, userId, role, now],
  );
  return rows.length === 1;
}
