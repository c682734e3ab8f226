import type {
  ConsoleProject,
  Invitation,
  Member,
  Session as WireSession,
} from '@openoms/contract/console/people.ts';
import { BASE_PATH } from '@openoms/contract/operation.ts';
import { ROLE_RIGHTS, type Role } from '@openoms/contract/permissions.ts';
import type { Session } from '../auth/sessions.ts';
import { toIsoSeconds } from '../kernel/clock.ts';
import type { InvitationRow } from './invitation-store.ts';
import type { MemberRow } from './member-store.ts';
import type { OrganizationRow, UserRow } from './store.ts';

/** What the console tells of the instance. */
export interface InstanceFacts {
  readonly version: string;
  readonly isLocalChain: boolean;
  readonly explorerUrl: string | null;
}

interface SessionFacts {
  readonly session: Session;
  readonly user: UserRow;
  readonly organization: OrganizationRow;
  readonly role: Role;
  readonly projects: ConsoleProject[];
}

export const toSession = (
  { session, user, organization, role, projects }: SessionFacts,
  instance: InstanceFacts,
  origin: string,
): WireSession => ({
  object: 'session',
  user: {
    id: user.user_id,
    email: user.email,
    name: user.name,
    hasTotp: user.totp_confirmed_at !== null,
  },
  organization: { id: organization.organization_id, name: organization.name },
  role,
  permissions: [...ROLE_RIGHTS[role].organization],
  projects,
  instance: { ...instance, apiBaseUrl: origin + BASE_PATH },
  expiresAt: toIsoSeconds(session.expiresAt),
});

export const toMember = (row: MemberRow): Member => ({
  id: row.user_id,
  object: 'member',
  email: row.email,
  name: row.name,
  role: row.role,
  hasTotp: row.has_totp,
  lastSeenAt: row.last_seen_at && toIsoSeconds(row.last_seen_at),
  joinedAt: toIsoSeconds(row.joined_at),
});

export const toInvitation = (row: InvitationRow): Invitation => ({
  id: row.invitation_id,
  object: 'invitation',
  email: row.email,
  role: row.role,
  invitedBy: row.invited_by_email,
  expiresAt: toIsoSeconds(row.expires_at),
  createdAt: toIsoSeconds(row.created_at),
});
