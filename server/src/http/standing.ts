import {
  type OrganizationPermission,
  type Permission,
  permissionOf,
  ROLE_RIGHTS,
  type Role,
} from '@openoms/contract/permissions.ts';
import { type Principal, permissionsIn, type Standing, standingId } from '../auth/principal.ts';
import { one, type Tx } from '../db/database.ts';
import type { ApiError } from '../kernel/errors.ts';
import { endedSession, forbidden, revokedKey } from './errors.ts';
import type { Route } from './operation.ts';

async function standingOf(tx: Tx, principal: Principal): Promise<Standing> {
  const rows = await tx.query<{ standing: Standing }>('select standing_of($1) standing', [
    standingId(principal),
  ]);
  return one(rows, 'a standing').standing;
}

/**
 * Asked in the transaction of each request, so that a key that is revoked, a member who is removed and a role that is
 * changed count from the next request on. Throws 401 when the principal is none any more and 403 when the operation is
 * beyond it.
 */
export async function requireStanding(
  tx: Tx,
  principal: Principal,
  operation: Route['operation'],
): Promise<void> {
  const refusal = refusalOf(principal, await standingOf(tx, principal), operation);
  if (refusal) throw refusal;
}

/** Why somebody of the standing may not have the operation; undefined: they may. */
export function refusalOf(
  principal: Principal,
  standing: Standing,
  operation: Route['operation'],
): ApiError | undefined {
  const permissions = permissionsIn(principal, standing);
  if (!permissions) return principal.kind === 'apiKey' ? revokedKey() : endedSession();
  const needed = permissionOf(operation);
  return permissions.includes(needed) ? undefined : forbidden(principal.kind, needed);
}

/** All that the principal may do in the transaction's project. */
export const permissionsOf = async (tx: Tx, principal: Principal): Promise<readonly Permission[]> =>
  permissionsIn(principal, await standingOf(tx, principal)) ?? [];

/** In the scope of a project: throws unless the session's member has the permission in the project's organization. */
export async function requireInOrganization(
  tx: Tx,
  sessionId: string,
  needed: OrganizationPermission,
): Promise<void> {
  const rows = await tx.query<{ role: Role | null }>('select session_role($1) role', [sessionId]);
  const { role } = one(rows, 'a role');
  if (!role) throw endedSession();
  if (!ROLE_RIGHTS[role].organization.includes(needed)) throw forbidden('member', needed);
}
