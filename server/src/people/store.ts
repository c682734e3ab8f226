import type { Role } from '@openoms/contract/permissions.ts';
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

/**
 * Whether the user is a member and has the password that was checked. Until the commit a change of either waits, and then
 * finds the session.
 */
export async function holdIdentified(tx: Tx, row: UserRow): Promise<boolean> {
  const rows = await tx.query(
    `select from users u join memberships m using (user_id)
     where u.user_id = $2 and u.password_hash = $3 and m.organization_id = $1 for no key update of u for key share of m`,
    [tx.scope, row.user_id, row.password_hash],
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

export async function setUserName(tx: Tx, userId: string, name: string): Promise<void> {
  await tx.query('update users set name = $2 where user_id = $1', [userId, name]);
}

/** False when the password is no longer the one of the row. */
export async function setPasswordHash(tx: Tx, row: UserRow, hash: string): Promise<boolean> {
  const rows = await tx.query(
    'update users set password_hash = $3 where user_id = $1 and password_hash = $2 returning user_id',
    [row.user_id, row.password_hash, hash],
  );
  return rows.length === 1;
}

/** Not asked for until it is confirmed; false when there is one that is. */
export async function setTotpSecret(tx: Tx, userId: string, sealed: Buffer): Promise<boolean> {
  const rows = await tx.query(
    'update users set totp_secret = $2 where user_id = $1 and totp_confirmed_at is null returning user_id',
    [userId, sealed],
  );
  return rows.length === 1;
}

/** False when the authenticator is no longer the one of the row, or is confirmed. */
export async function confirmTotp(tx: Tx, row: UserRow, now: Date): Promise<boolean> {
  const rows = await tx.query(
    `update users set totp_confirmed_at = $3, totp_last_step = 0
     where user_id = $1 and totp_secret = $2 and totp_confirmed_at is null returning user_id`,
    [row.user_id, row.totp_secret, now],
  );
  return rows.length === 1;
}

export async function insertRecoveryCodes(tx: Tx, userId: string, hashes: readonly Buffer[]): Promise<void> {
  await tx.query('insert into recovery_codes (user_id, code_hash) select $1, * from unnest($2::bytea[])', [
    userId,
    hashes,
  ]);
}

/** With its recovery codes. */
export async function removeTotp(tx: Tx, userId: string): Promise<void> {
  await tx.query('update users set totp_secret = null, totp_confirmed_at = null where user_id = $1', [
    userId,
  ]);
  await tx.query('delete from recovery_codes where user_id = $1', [userId]);
}

/** In any scope. */
export async function firstOrganization(tx: Tx): Promise<string> {
  return one(await tx.query<{ id: string }>('select first_organization() id'), 'an organization').id;
}

/** In the platform's scope. */
export async function hasUsers(tx: Tx): Promise<boolean> {
  return (await tx.query('select from users limit 1')).length > 0;
}
