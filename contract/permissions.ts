/**
 * What somebody may do in a project. API keys carry a set of them as their scopes, members of the organization get theirs
 * by role.
 */
export const PERMISSIONS = {
  read: 'See everything but secrets and identity data.',
  operate: 'Customers, wallets, accounts, quotes, payments and cash-ins.',
  simulate: 'The hands on the outside world of a sandbox: till, bank, verdicts, clock, trouble, worlds.',
  develop: 'Webhooks, deliveries and API keys.',
  configure: 'Fees, limits, quote lifetime and pace; the name of the project.',
} as const;

export type Permission = keyof typeof PERMISSIONS;
export const PERMISSION_NAMES = Object.keys(PERMISSIONS) as readonly Permission[];

/** What somebody may do in the organization, whatever the project. */
export const ORGANIZATION_PERMISSIONS = {
  see: 'See members, projects and the audit log of the organization.',
  manageMembers: 'Invite and remove members, give roles; those of owners only as an owner.',
  manageProjects: 'Create projects.',
} as const;

export type OrganizationPermission = keyof typeof ORGANIZATION_PERMISSIONS;

export const ROLES = ['owner', 'admin', 'developer', 'operator', 'viewer'] as const;
export type Role = (typeof ROLES)[number];
export type Mode = 'sandbox' | 'live';

interface RoleRights {
  readonly summary: string;
  readonly organization: readonly OrganizationPermission[];
  readonly sandbox: readonly Permission[];
  readonly live: readonly Permission[];
}

/** Developers move no live money, operators do not touch keys and webhooks. */
export const ROLE_RIGHTS: Record<Role, RoleRights> = {
  owner: {
    summary: 'Everything, other owners included.',
    organization: ['see', 'manageMembers', 'manageProjects'],
    sandbox: PERMISSION_NAMES,
    live: PERMISSION_NAMES,
  },
  admin: {
    summary: 'Everything but owners.',
    organization: ['see', 'manageMembers', 'manageProjects'],
    sandbox: PERMISSION_NAMES,
    live: PERMISSION_NAMES,
  },
  developer: {
    summary: 'Builds the integration: keys, webhooks, and all of the sandbox but its settings.',
    organization: ['see'],
    sandbox: ['read', 'operate', 'simulate', 'develop'],
    live: ['read', 'develop'],
  },
  operator: {
    summary: 'Runs the business: customers and payments.',
    organization: ['see'],
    sandbox: ['read', 'operate', 'simulate'],
    live: ['read', 'operate'],
  },
  viewer: { summary: 'Sees, and changes nothing.', organization: ['see'], sandbox: ['read'], live: ['read'] },
};

/** What a caller of the operation needs, unless the operation says itself. */
export function permissionOf(operation: {
  readonly method: string;
  readonly tag: string;
  readonly sandboxOnly?: true;
  readonly permission?: Permission;
}): Permission {
  if (operation.permission) return operation.permission;
  if (operation.method === 'GET') return 'read';
  if (operation.sandboxOnly) return 'simulate';
  if (operation.tag === 'Webhook') return 'develop';
  if (operation.tag === 'Settings') return 'configure';
  return 'operate';
}
