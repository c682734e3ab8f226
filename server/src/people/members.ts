import { ROLE_RIGHTS, type Role } from '@openoms/contract/permissions.ts';
import { type Audit, byCaller, type NewAuditEntry } from '../audit/audit.ts';
import type { Tx } from '../db/database.ts';
import type { Person } from '../http/people-operation.ts';
import { ApiError, notFound } from '../kernel/errors.ts';
import { deleteInvitationsBy, type InvitationRow } from './invitation-store.ts';
import {
  countOwners,
  deleteMember,
  listMembers,
  lockOrganization,
  type MemberRow,
  setRole,
} from './member-store.ts';

/** Who is in the organization, and as what. In its scope. */
export class Members {
  readonly #audit: Audit;

  constructor(audit: Audit) {
    this.#audit = audit;
  }

  list(tx: Tx): Promise<MemberRow[]> {
    return listMembers(tx);
  }

  /** Throws 403 where an owner is concerned and the person is none, 409 for the last owner. */
  async changeRole(tx: Tx, userId: string, role: Role, person: Person): Promise<MemberRow> {
    const member = await this.#changeable(tx, userId, person);
    requireOwnerFor(role, person);
    if (member.role === role) return member;
    if (member.role === 'owner') await requireAnotherOwner(tx);
    await setRole(tx, userId, role);
    const withdrawn = ROLE_RIGHTS[role].organization.includes('manageMembers')
      ? []
      : await deleteInvitationsBy(tx, userId);
    const about = { ...byCaller(person), resourceId: userId };
    const details = { from: member.role, to: role };
    await this.#audit.record(
      tx,
      { ...about, action: 'member.roleChanged', details },
      ...withdrawn.map((row) => withdrawal(row, person)),
    );
    return { ...member, role };
  }

  /** The same; what they invited to is withdrawn with them. */
  async remove(tx: Tx, userId: string, person: Person): Promise<void> {
    const member = await this.#changeable(tx, userId, person);
    if (member.role === 'owner') await requireAnotherOwner(tx);
    const withdrawn = await deleteInvitationsBy(tx, userId);
    await deleteMember(tx, userId);
    const details = { email: member.email, role: member.role };
    await this.#audit.record(
      tx,
      { ...byCaller(person), action: 'member.removed', resourceId: userId, details },
      ...withdrawn.map((row) => withdrawal(row, person)),
    );
  }

  async #changeable(tx: Tx, userId: string, person: Person): Promise<MemberRow> {
    await lockOrganization(tx);
    const [member] = await listMembers(tx, userId);
    if (!member) throw notFound('resource');
    requireOwnerFor(member.role, person);
    return member;
  }
}

export const withdrawal = (row: InvitationRow, person: Person): NewAuditEntry => ({
  ...byCaller(person),
  action: 'invitation.withdrawn',
  resourceId: row.invitation_id,
  details: { email: row.email, role: row.role },
});

export function requireOwnerFor(role: Role, person: Pick<Person, 'role'>): void {
  if (role !== 'owner' || person.role === 'owner') return;
  throw new ApiError(403, 'forbidden', 'Only an owner makes, changes and removes owners.');
}

async function requireAnotherOwner(tx: Tx): Promise<void> {
  if ((await countOwners(tx)) > 1) return;
  throw new ApiError(409, 'invalid_state', 'The last owner stays: make another member an owner first.');
}
