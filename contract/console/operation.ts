import type { Operation } from '../operation.ts';
import type { OrganizationPermission } from '../permissions.ts';

/** Everything of the console is under this path, and its session cookie is sent nowhere else. */
export const CONSOLE_PATH = '/console';

/**
 * Under it is every operation of the API, by its own path, for members of the project's organization, and beside them
 * what the API does not offer to API keys.
 */
export const CONSOLE_PROJECT_PATH = '/console/projects/:projectId';

/**
 * Every request that changes something carries this header, with any value: a page of another origin cannot send it
 * without being asked first, and the server never agrees. The cookie is `SameSite=Strict` besides.
 */
export const CONSOLE_HEADER = 'X-OMS-Console';

/** An operation of members in one project. Its path is below `CONSOLE_PROJECT_PATH`. */
export interface ProjectOperation extends Operation {
  readonly auth: 'session';
}

export const defineProjectOperation = <const O extends ProjectOperation>(operation: O): O => operation;

/**
 * An operation about people: its path is below `CONSOLE_PATH`. `access`: `public` asks for no session, `user` for one,
 * and a permission for a member of the session's organization who has it.
 */
export interface PeopleOperation extends Operation {
  readonly auth: 'session' | 'none';
  readonly access: 'public' | 'user' | OrganizationPermission;
}

export const definePeopleOperation = <const O extends PeopleOperation>(operation: O): O => operation;
