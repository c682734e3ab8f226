import type { ConsoleProject, Session } from '@openoms/contract/console/people.ts';
import {
  type OrganizationPermission,
  type Permission,
  ROLE_RIGHTS,
  ROLES,
} from '@openoms/contract/permissions.ts';
import { queryOptions, useSuspenseQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { callPeople } from './client.ts';

const SESSION_STALE_MS = 60_000;

export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: () => callPeople('GET /session'),
  staleTime: SESSION_STALE_MS,
});

/** Who is signed in. Below the signed-in layout only, whose loader has it. */
export const useSession = (): Session => useSuspenseQuery(sessionQuery).data;

/** The project of the page; undefined on pages of the organization. */
export function useProjectOrNone(): ConsoleProject | undefined {
  const { projects } = useSession();
  const { projectId } = useParams({ strict: false });
  return projects.find(({ id }) => id === projectId);
}

/** The project of the page. Below `/p/$projectId` only. */
export function useProject(): ConsoleProject {
  const project = useProjectOrNone();
  if (!project) throw new Error('this page is of a project');
  return project;
}

/** Whether something may be done, and if not, why: for a tooltip, so that nothing is hidden. */
export interface May {
  readonly allowed: boolean;
  readonly reason?: string;
}

/** What the member may do in the project of the page. */
export function useMay(permission: Permission): May {
  const { role } = useSession();
  const { permissions, mode } = useProject();
  if (permissions.includes(permission)) return { allowed: true };
  const able = ROLES.filter((other) => ROLE_RIGHTS[other][mode].includes(permission));
  return { allowed: false, reason: refusal(role, able, ` in ${mode} projects`) };
}

/** What the member may do in the organization. */
export function useMayOrganize(permission: OrganizationPermission): May {
  const { role, permissions } = useSession();
  if (permissions.includes(permission)) return { allowed: true };
  const able = ROLES.filter((other) => ROLE_RIGHTS[other].organization.includes(permission));
  return { allowed: false, reason: refusal(role, able, '') };
}

const refusal = (role: string, able: readonly string[], where: string): string =>
  `Your role, ${role}, may not do this${where}. It takes ${new Intl.ListFormat('en', { type: 'disjunction' }).format(able)}.`;
