import Type, { type Static } from 'typebox';
import { MUTATION_ERRORS } from './errors.ts';
import { NullableString, NullableTimestamp, PROPOSAL, RequiredText, Timestamp } from './fields.ts';
import { defineOperation } from './operation.ts';

/** What one call makes. */
export const MAX_PROJECTS = 100;
export const MAX_SEED_LENGTH = 64;
const MAX_NAME_LENGTH = 100;
/** Where the clock of a seeded project stands at first, unless it is said. */
export const DEFAULT_START = '2026-01-01T00:00:00Z';

const Name = RequiredText(MAX_NAME_LENGTH, { description: 'Free text for people.' });
const Seed = (description: string) =>
  Type.String({ pattern: '^[A-Za-z0-9._-]+$', maxLength: MAX_SEED_LENGTH, description });

export const SandboxProject = Type.Object(
  {
    object: Type.Literal('sandboxProject'),
    id: Type.String({ examples: ['prj_01H9Xa…'] }),
    name: Type.String(),
    seed: NullableString({ description: 'Null: ids, codes and addresses are random.' }),
    startsAt: NullableTimestamp({ description: 'Where its clock stands; null: it is real time.' }),
    apiKey: Type.String({ examples: ['sk_sdbx_…'] }),
    apiSecret: Type.String({ description: 'Shown this once. It does not follow from the seed.' }),
  },
  { title: 'SandboxProject', ...PROPOSAL },
);
export type SandboxProject = Static<typeof SandboxProject>;

const NewSandboxProject = Type.Object(
  {
    name: Name,
    seed: Type.Optional(
      Seed('Ids, codes and addresses follow from it and from the requests in their order.'),
    ),
    startsAt: Type.Optional(
      Timestamp({
        description: `Its clock stands there from the start. With a seed the default is ${DEFAULT_START}, without one real time.`,
      }),
    ),
  },
  { title: 'NewSandboxProject' },
);
export type NewSandboxProject = Static<typeof NewSandboxProject>;

/** Either `projects` or `count`, which the server checks. */
export const SandboxProjectsRequest = Type.Object(
  {
    projects: Type.Optional(Type.Array(NewSandboxProject, { minItems: 1, maxItems: MAX_PROJECTS })),
    count: Type.Optional(
      Type.Integer({ minimum: 1, maximum: MAX_PROJECTS, description: 'So many, numbered from 1.' }),
    ),
    namePrefix: Type.Optional(
      RequiredText(MAX_NAME_LENGTH - 4, { description: 'With `count`: names begin so, default `Project`.' }),
    ),
    seed: Type.Optional(
      Type.String({
        pattern: '^[A-Za-z0-9._-]+$',
        maxLength: MAX_SEED_LENGTH - 4,
        description: 'With `count`: the seeds are this, a hyphen and the number.',
      }),
    ),
  },
  { title: 'SandboxProjectsRequest', ...PROPOSAL },
);
export type SandboxProjectsRequest = Static<typeof SandboxProjectsRequest>;

export const createSandboxProjects = defineOperation({
  operationId: 'createSandboxProjects',
  method: 'POST',
  path: '/sandbox/projects',
  tag: 'Simulation',
  summary: 'Create projects',
  description:
    'Makes sandbox projects, each with an API key and a treasury of its own: one for each test that runs beside others. ' +
    'Either `projects` or `count`. A project with a seed gives the same ids, codes and addresses for the same requests ' +
    'in the same order, on any instance; its clock stands. Only where the chain is the local one: elsewhere it is not found.',
  auth: 'bearer',
  permission: 'develop',
  idempotency: 'optional',
  sandboxOnly: true,
  body: SandboxProjectsRequest,
  success: {
    status: 201,
    description: 'The projects, in the order of the request',
    schema: Type.Object(
      { data: Type.Array(SandboxProject, { maxItems: MAX_PROJECTS }) },
      { title: 'SandboxProjects', ...PROPOSAL },
    ),
  },
  errors: [...MUTATION_ERRORS, 'not_found'],
  evidence: [{ evidence: 'proposal', fact: 'The operation.' }],
  example: { request: { projects: [{ name: 'Checkout tests', seed: 'checkout' }] } },
});

export const SandboxApiKey = Type.Object(
  {
    object: Type.Literal('sandboxApiKey'),
    name: Type.String(),
    apiKey: Type.String({ examples: ['sk_sdbx_…'] }),
    apiSecret: Type.String({ description: 'Shown this once. It does not follow from the seed.' }),
  },
  { title: 'SandboxApiKey', ...PROPOSAL },
);

export const createSandboxApiKey = defineOperation({
  operationId: 'createSandboxApiKey',
  method: 'POST',
  path: '/sandbox/api-keys',
  tag: 'Simulation',
  summary: 'Create an API key',
  description: 'A further key of the project, with the same rights as the one that asks.',
  auth: 'bearer',
  permission: 'develop',
  idempotency: 'optional',
  sandboxOnly: true,
  body: Type.Object({ name: Name }, { title: 'SandboxApiKeyRequest', ...PROPOSAL }),
  success: { status: 201, description: 'The key pair', schema: SandboxApiKey },
  errors: [...MUTATION_ERRORS, 'not_found'],
  evidence: [{ evidence: 'proposal', fact: 'The operation.' }],
  example: { request: { name: 'continuous integration' } },
});
