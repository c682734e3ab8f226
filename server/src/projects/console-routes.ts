import { createProject } from '@openoms/contract/console/people.ts';
import { updateProject } from '@openoms/contract/console/project.ts';
import { byCaller } from '../audit/audit.ts';
import { type Route, route } from '../http/operation.ts';
import { type PeopleRoute, preparedMemberRoute } from '../http/people-operation.ts';
import { permissionsOf, requireInOrganization } from '../http/standing.ts';
import type { ProjectRoutesDeps } from './routes.ts';
import { toConsoleProject } from './view.ts';

/** What members ask of the organization. */
export const organizationProjectRoutes = ({
  projects,
  chainFacts,
}: ProjectRoutesDeps): readonly PeopleRoute[] => [
  preparedMemberRoute(
    createProject,
    // A commit of its own, in the scope of the new project.
    ({ body: { name, mode } }, person) =>
      projects.createOwn({
        organizationId: person.organizationId,
        name,
        mode,
        fromFaucet: chainFacts.isLocal,
        author: byCaller(person),
        check: (tx) => requireInOrganization(tx, person.session.sessionId, 'manageProjects'),
      }),
    (tx, _request, { role }, projectId) => projects.getOwn(tx, projectId, role),
  ),
];

/** What members ask of one project. */
export const consoleProjectRoutes = ({ projects }: ProjectRoutesDeps): readonly Route[] => [
  route(updateProject, async (tx, { body }, caller) =>
    toConsoleProject(
      await projects.rename(tx, body.name, byCaller(caller)),
      await permissionsOf(tx, caller.principal),
    ),
  ),
];
