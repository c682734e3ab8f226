import type { PlantedBug } from './planted-bug.ts';

const PEOPLE_SQL = 'server/migrations/0031_people.sql';

export const PEOPLE_BUGS: readonly PlantedBug[] = [
  {
    name: 'people: a revoked key is let in',
    file: PEOPLE_SQL,
    find: `k.api_key = p_principal and k.revoked_at is null;`,
    replace: `k.api_key = p_principal;`,
    tests: ['server/test/console-keys.test.ts'],
  },
  {
    name: 'people: a project is open to members of any organization',
    file: 'server/src/auth/sessions.ts',
    find: `p.project_id = $2 and p.organization_id = s.organization_id`,
    replace: `p.project_id = $2`,
    tests: ['server/test/console-permissions.test.ts'],
  },
  {
    name: 'people: a code of an authenticator is taken twice',
    file: 'server/src/people/store.ts',
    find: `where user_id = $1 and totp_last_step < $2 returning user_id`,
    replace: `where user_id = $1 and totp_last_step <= $2 returning user_id`,
    tests: ['server/test/console-sign-in.test.ts'],
  },
  {
    name: 'people: the last owner goes',
    file: 'server/src/people/members.ts',
    find: `(await countOwners(tx)) > 1`,
    replace: `(await countOwners(tx)) > 0`,
    tests: ['server/test/console-people.test.ts'],
  },
  {
    name: 'people: a page of another origin is let in',
    file: 'server/src/http/console-door.ts',
    find: `URL.parse(origin)?.host === request.host`,
    replace: `URL.parse(origin)?.host !== undefined`,
    tests: ['server/test/console-sign-in.test.ts'],
  },
];
