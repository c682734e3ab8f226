import type { ConsoleProject, Session as WireSession } from '@openoms/contract/console/people.ts';
import { BASE_PATH } from '@openoms/contract/operation.ts';
import { ROLE_RIGHTS, type Role } from '@openoms/contract/permissions.ts';
import type { Session } from '../auth/sessions.ts';
import { toIsoSeconds } from '../kernel/clock.ts';
import type { OrganizationRow, OwnProjectRow, UserRow } from './store.ts';

/** What the console tells of the instance. */
export interface InstanceFacts {
  readonly version: string;
  readonly isLocalChain: boolean;
  readonly explorerUrl: string | null;
}

const toConsoleProject = (row: OwnProjectRow, role: Role): ConsoleProject => ({
  id: row.project_id,
  object: 'project',
  name: row.name,
  mode: row.mode,
  permissions: [...ROLE_RIGHTS[role][row.mode]],
  counterpartId: row.counterpart_id,
  createdAt: toIsoSeconds(row.created_at),
});

export interface SessionFacts {
  readonly session: Session;
  readonly user: UserRow;
  readonly organization: OrganizationRow;
  readonly role: Role;
  readonly projects: readonly OwnProjectRow[];
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
  projects: projects.map((row) => toConsoleProject(row, role)),
  instance: { ...instance, apiBaseUrl: origin + BASE_PATH },
  expiresAt: toIsoSeconds(session.expiresAt),
});
