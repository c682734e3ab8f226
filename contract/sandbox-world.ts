import Type, { type Static } from 'typebox';
import { BEARER_ERRORS, IDEMPOTENCY_ERRORS, MUTATION_ERRORS } from './errors.ts';
import { NO_NUL, NullableString, OneOf, PROPOSAL, Timestamp } from './fields.ts';
import { defineOperation } from './operation.ts';
import { Page } from './pagination.ts';
import { DEFAULT_START, MAX_SEED_LENGTH } from './sandbox-projects.ts';

/** As many as one page shows. */
export const MAX_SNAPSHOTS = 50;

const NAME = { pattern: '^[A-Za-z0-9._-]+$', minLength: 1, maxLength: 64, examples: ['before-payout'] };

export const SandboxWorld = Type.Object(
  {
    object: Type.Literal('sandboxWorld'),
    change: OneOf(['reset', 'restore'], { description: 'What was done.' }),
    snapshot: NullableString({ description: 'The name of the snapshot that was put back.' }),
    rows: Type.Integer({ description: 'Rows of the database that went or came.' }),
    now: Timestamp({ description: 'The time of the project.' }),
  },
  { title: 'SandboxWorld', ...PROPOSAL },
);
export type SandboxWorld = Static<typeof SandboxWorld>;

export const SandboxSnapshot = Type.Object(
  {
    object: Type.Literal('sandboxSnapshot'),
    name: Type.String(NAME),
    rows: Type.Integer({ description: 'Rows of the database that it has.' }),
    isRestorable: Type.Boolean({
      description: 'False when the server was upgraded since: it can only be deleted.',
    }),
    createdAt: Timestamp({ description: 'In real time.' }),
  },
  { title: 'SandboxSnapshot', ...PROPOSAL },
);
export type SandboxSnapshot = Static<typeof SandboxSnapshot>;

const EVIDENCE = [{ evidence: 'proposal', fact: 'The operation.' }] as const;
const SnapshotParams = Type.Object({
  name: Type.String({ minLength: 1, pattern: NO_NUL, examples: NAME.examples }),
});
const CHANGE_ERRORS = [...MUTATION_ERRORS, 'not_found', 'invalid_state'] as const;
const WAITS =
  'It waits up to 10 seconds until no payment is under way on the chain and no work of the server; then it is refused.';

export const resetSandbox = defineOperation({
  operationId: 'resetSandbox',
  method: 'POST',
  path: '/sandbox/reset',
  tag: 'Simulation',
  summary: 'Empty the world of the project',
  description:
    'Customers, payments, webhooks, settings, idempotency keys and all else are gone; the project, its API keys, its ' +
    `audit log and its snapshots stay, and its treasury is filled anew. ${WAITS}`,
  auth: 'bearer',
  idempotency: 'optional',
  sandboxOnly: true,
  body: Type.Object(
    {
      startsAt: Type.Optional(
        Timestamp({
          description: `The clock stands there. With a seed the default is ${DEFAULT_START}, without one real time.`,
        }),
      ),
      seed: Type.Optional(
        Type.Unsafe<string | null>({
          type: ['string', 'null'],
          pattern: '^[A-Za-z0-9._-]+$',
          maxLength: MAX_SEED_LENGTH,
          description:
            'Ids, codes and addresses follow from it from now on; null: from nothing any more. Without it they follow, from ' +
            'the start again, from the seed that the project has.',
        }),
      ),
    },
    { title: 'SandboxResetRequest', ...PROPOSAL },
  ),
  success: { status: 200, description: 'The world is empty', schema: SandboxWorld },
  errors: CHANGE_ERRORS,
  evidence: EVIDENCE,
  example: { request: {} },
});

export const createSandboxSnapshot = defineOperation({
  operationId: 'createSandboxSnapshot',
  method: 'POST',
  path: '/sandbox/snapshots',
  tag: 'Simulation',
  summary: 'Take a snapshot of the world',
  description: `Everything that \`restoreSandboxSnapshot\` puts back; up to ${MAX_SNAPSHOTS}. ${WAITS}`,
  auth: 'bearer',
  idempotency: 'optional',
  sandboxOnly: true,
  body: Type.Object(
    { name: Type.String({ ...NAME, description: 'None of another snapshot.' }) },
    { title: 'SandboxSnapshotRequest', ...PROPOSAL },
  ),
  success: { status: 201, description: 'The snapshot', schema: SandboxSnapshot },
  errors: CHANGE_ERRORS,
  evidence: EVIDENCE,
  example: { request: { name: 'before-payout' } },
});

export const listSandboxSnapshots = defineOperation({
  operationId: 'listSandboxSnapshots',
  method: 'GET',
  path: '/sandbox/snapshots',
  tag: 'Simulation',
  summary: 'List snapshots',
  description: 'All of them, newest first.',
  auth: 'bearer',
  idempotency: 'none',
  sandboxOnly: true,
  success: {
    status: 200,
    description: 'The snapshots',
    schema: Page(SandboxSnapshot, 'SandboxSnapshotPage'),
  },
  errors: [...BEARER_ERRORS, 'not_found'],
  evidence: EVIDENCE,
});

export const restoreSandboxSnapshot = defineOperation({
  operationId: 'restoreSandboxSnapshot',
  method: 'POST',
  path: '/sandbox/snapshots/:name/restore',
  tag: 'Simulation',
  summary: 'Put a snapshot back',
  description:
    'The world is what it was: what came since is gone, balances on the chain and the clock included. Events that were ' +
    `to be delivered are delivered, perhaps again. ${WAITS}`,
  auth: 'bearer',
  idempotency: 'optional',
  sandboxOnly: true,
  params: SnapshotParams,
  success: { status: 200, description: 'The world is as it was', schema: SandboxWorld },
  errors: [...BEARER_ERRORS, ...IDEMPOTENCY_ERRORS, 'not_found', 'invalid_state'],
  evidence: EVIDENCE,
});

export const deleteSandboxSnapshot = defineOperation({
  operationId: 'deleteSandboxSnapshot',
  method: 'DELETE',
  path: '/sandbox/snapshots/:name',
  tag: 'Simulation',
  summary: 'Delete a snapshot',
  description: 'Its name is free again.',
  auth: 'bearer',
  idempotency: 'optional',
  sandboxOnly: true,
  params: SnapshotParams,
  success: { status: 204, description: 'Snapshot deleted' },
  errors: [...BEARER_ERRORS, ...IDEMPOTENCY_ERRORS, 'not_found'],
  evidence: EVIDENCE,
});
