import { type Mode, type Permission, ROLE_RIGHTS, ROLES } from '@openoms/contract/permissions.ts';
import type { Actor } from '../audit/audit.ts';

/** By its token: a key of one project. */
export interface KeyPrincipal {
  readonly kind: 'apiKey';
  readonly projectId: string;
  readonly mode: Mode;
  readonly apiKey: string;
}

/** By the cookie of a session: a member of the project's organization. */
export interface MemberPrincipal {
  readonly kind: 'member';
  readonly projectId: string;
  readonly mode: Mode;
  readonly organizationId: string;
  readonly sessionId: string;
  readonly userId: string;
}

/** Who asks for something in a project. What they may do is looked up in each transaction. */
export type Principal = KeyPrincipal | MemberPrincipal;

/** As the audit log has them. */
export const actorOf = (principal: Principal): Actor =>
  principal.kind === 'apiKey' ? `apiKey:${principal.apiKey}` : `user:${principal.userId}`;

/** What `standing_of` of the schema knows the principal by. */
export const standingId = (principal: Principal): string =>
  principal.kind === 'apiKey' ? principal.apiKey : principal.sessionId;

/** What `standing_of` answers: scopes of a key, the role of a session; null: revoked or ended. */
export type Standing = readonly (string | null)[] | null;

/** What the principal may do in its project; undefined: it is none any more. */
export function permissionsIn(principal: Principal, standing: Standing): readonly Permission[] | undefined {
  if (!standing) return undefined;
  if (principal.kind === 'apiKey') return standing as readonly Permission[];
  const role = ROLES.find((each) => each === standing[0]);
  return role && ROLE_RIGHTS[role][principal.mode];
}
