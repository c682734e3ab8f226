import type { Role } from '@openoms/contract/permissions.ts';
import type { Tx } from '../db/database.ts';

export interface InvitationRow {
  organization_id: string;
  invitation_id: string;
  email: string;
  role: Role;
  invited_by_email: string;
  created_at: Date;
  expires_at: Date;
}

const INVITATION = 'organization_id, invitation_id, email, role, invited_by_email, created_at, expires_at';
const MAX_INVITATIONS = 500;

export function listInvitations(tx: Tx, now: Date): Promise<InvitationRow[]> {
  return tx.query<InvitationRow>(
    `select ${INVITATION} from invitations where organization_id = $1 and expires_at > $2
     order by created_at desc, invitation_id desc limit $3`,
    [tx.scope, now, MAX_INVITATIONS],
  );
}

export interface NewInvitation extends Omit<InvitationRow, 'organization_id'> {
  readonly invited_by: string;
  readonly token_hash: Buffer;
}

/** In the place of an earlier one of the address. */
export async function putInvitation(tx: Tx, row: NewInvitation): Promise<void> {
  await tx.query('delete from invitations where organization_id = $1 and email = $2', [tx.scope, row.email]);
  await tx.query(
    `insert into invitations (organization_id, invitation_id, email, role, invited_by, invited_by_email, token_hash,
       created_at, expires_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    [
      tx.scope,
      row.invitation_id,
      row.email,
      row.role,
      row.invited_by,
      row.invited_by_email,
      row.token_hash,
      row.created_at,
      row.expires_at,
    ],
  );
}

/** Undefined: there is none. */
export async function deleteInvitation(tx: Tx, invitationId: string): Promise<InvitationRow | undefined> {
  const [row] = await tx.query<InvitationRow>(
    `delete from invitations where organization_id = $1 and invitation_id = $2 returning ${INVITATION}`,
    [tx.scope, invitationId],
  );
  return row;
}

/** Those of a member who may invite no more. */
export async function deleteInvitationsBy(tx: Tx, userId: string): Promise<InvitationRow[]> {
  return tx.query<InvitationRow>(
    `delete from invitations where organization_id = $1 and invited_by = $2 returning ${INVITATION}`,
    [tx.scope, userId],
  );
}

export interface OfferRow extends InvitationRow {
  organization_name: string;
  has_account: boolean;
}

/** What the token's link leads to, in the platform's scope; undefined: nothing, or nothing any more. */
export async function findOffer(tx: Tx, tokenHash: Buffer, now: Date): Promise<OfferRow | undefined> {
  const [row] = await tx.query<OfferRow>(
    `select ${INVITATION}, (select o.name from organizations o where o.organization_id = i.organization_id)
       organization_name, exists (select from users u where u.email = i.email) has_account
     from invitations i where token_hash = $1 and expires_at > $2`,
    [tokenHash, now],
  );
  return row;
}

/** Takes it, once; undefined: it was taken, withdrawn or replaced meanwhile. */
export async function takeInvitation(tx: Tx, tokenHash: Buffer): Promise<InvitationRow | undefined> {
  const [row] = await tx.query<InvitationRow>(
    `delete from invitations where organization_id = $1 and token_hash = $2 returning ${INVITATION}`,
    [tx.scope, tokenHash],
  );
  return row;
}

/** In the platform's scope. */
export async function deleteExpiredInvitations(tx: Tx, now: Date): Promise<void> {
  await tx.query('delete from invitations where expires_at <= $1', [now]);
}
