import { createHash } from 'node:crypto';
import {
  createSandboxApiKey,
  createSandboxProjects,
  DEFAULT_START,
  type NewSandboxProject,
  type SandboxProject,
  type SandboxProjectsRequest,
} from '@openoms/contract/sandbox-projects.ts';
import { byCaller } from '../audit/audit.ts';
import { preparedRoute, type Route, route } from '../http/operation.ts';
import { permissionsOf } from '../http/standing.ts';
import { canonicalJson } from '../kernel/canonical-json.ts';
import { optionalDate, toIsoSeconds } from '../kernel/clock.ts';
import { type ErrorDetail, notFound, validationError } from '../kernel/errors.ts';
import type { Projects } from './service.ts';

const DEFAULT_NAME_PREFIX = 'Project';
/** What a clock may say at first. */
const EARLIEST_START = new Date('2000-01-01T00:00:00Z');
const LATEST_START = new Date('2100-01-01T00:00:00Z');

export interface ProjectRoutesDeps {
  readonly projects: Projects;
  /** New projects are funded by the chain: none but the local one does that. */
  readonly chainFacts: { readonly isLocal: boolean };
}

export const projectRoutes = ({ projects, chainFacts }: ProjectRoutesDeps): readonly Route[] => [
  preparedRoute(
    createSandboxProjects,
    // Each is a commit of its own: in the transaction of the request nothing of another project is to be seen.
    async ({ body }, { projectId, requestId }, key) => {
      if (!chainFacts.isLocal) throw notFound('resource');
      const data: SandboxProject[] = [];
      for (const [place, asked] of wantedProjects(body).entries()) {
        const { name, seed } = asked;
        const startsAt = startOf(asked);
        const origin = digest([projectId, key ?? requestId, place, asked]);
        const made = await projects.createSandbox({ name, seed, startsAt, askedBy: projectId, origin });
        data.push({
          object: 'sandboxProject',
          id: made.projectId,
          name,
          seed: seed ?? null,
          startsAt: startsAt ? toIsoSeconds(startsAt) : null,
          apiKey: made.apiKey,
          apiSecret: made.apiSecret,
        });
      }
      return { data };
    },
    async (_tx, _request, _caller, made) => made,
  ),
  route(createSandboxApiKey, async (tx, { body: { name } }, caller) => {
    const scopes = await permissionsOf(tx, caller.principal);
    const { apiKey, apiSecret } = await projects.createKey(tx, name, byCaller(caller), scopes);
    return { object: 'sandboxApiKey' as const, name, apiKey, apiSecret };
  }),
];

const digest = (value: unknown): Buffer => createHash('sha256').update(canonicalJson(value)).digest();

function wantedProjects(body: SandboxProjectsRequest): readonly NewSandboxProject[] {
  const { projects, count, namePrefix = DEFAULT_NAME_PREFIX, seed } = body;
  const details: ErrorDetail[] = [];
  if (!projects === (count === undefined))
    details.push({ field: '', issue: 'must have either projects or count' });
  for (const field of ['namePrefix', 'seed'] as const) {
    if (projects && body[field] !== undefined) details.push({ field, issue: 'goes with count' });
  }
  projects?.forEach((each, index) => {
    const startsAt = optionalDate(each.startsAt);
    if (startsAt && (startsAt < EARLIEST_START || startsAt > LATEST_START)) {
      details.push({ field: `projects.${index}.startsAt`, issue: 'must be between 2000 and 2100' });
    }
  });
  if (details.length > 0) throw validationError(details);
  return (
    projects ??
    Array.from({ length: count ?? 0 }, (_, index) => ({
      name: `${namePrefix} ${index + 1}`,
      ...(seed !== undefined && { seed: `${seed}-${index + 1}` }),
    }))
  );
}

const startOf = ({ seed, startsAt }: NewSandboxProject): Date | undefined =>
  optionalDate(startsAt ?? (seed === undefined ? undefined : DEFAULT_START));
