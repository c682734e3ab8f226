import Type, { type Static } from 'typebox';
import { BEARER_ERRORS, IDEMPOTENCY_ERRORS, MUTATION_ERRORS } from './errors.ts';
import { Id, NullableTimestamp, OneOf, PathId, PROPOSAL, RequiredText, Timestamp } from './fields.ts';
import { defineOperation } from './operation.ts';
import { Page } from './pagination.ts';
import { TROUBLE_KINDS } from './trouble-kinds.ts';

const MAX_SEED = 2 ** 31 - 1;
const MAX_TIMES = 1_000_000;
const MAX_DURATION_SECONDS = 86_400;
const MAX_LATENCY_MS = 30_000;
const MAX_DELAY_SECONDS = 2_592_000;
const MAX_REORG_DEPTH = 32;
const MAX_FEE_FACTOR = 1_000;
const MAX_NAME_LENGTH = 100;

export const TROUBLE_STATUSES = [429, 500, 502, 503, 504] as const;

/** What kinds of trouble are told by: each kind takes some of them. */
const PARAMETERS = {
  status: Type.Unsafe<(typeof TROUBLE_STATUSES)[number]>({
    type: 'integer',
    enum: TROUBLE_STATUSES,
    description: 'What is answered; 502 and 504 as a gateway does, without a body of this API.',
  }),
  when: OneOf(['before', 'after'], {
    description: '`before`: nothing was done. `after`: it was done, and the answer is lost.',
  }),
  operationId: RequiredText(MAX_NAME_LENGTH, { description: 'Of this operation only.' }),
  milliseconds: Type.Integer({ minimum: 1, maximum: MAX_LATENCY_MS, description: 'In real time.' }),
  webhookId: Id('whk', { description: 'Of this endpoint only.' }),
  seconds: Type.Integer({
    minimum: 1,
    maximum: MAX_DELAY_SECONDS,
    description: 'By the clock of the project.',
  }),
  depth: Type.Integer({
    minimum: 1,
    maximum: MAX_REORG_DEPTH,
    description: 'At least so many blocks are mined anew.',
  }),
  factor: Type.Integer({
    minimum: 2,
    maximum: MAX_FEE_FACTOR,
    description:
      'Of the 30 gwei that are usual on Polygon. With more than 160 the relayer waits for the end.',
  }),
  rail: OneOf(['bank', 'cash'], { description: 'Of this network only.' }),
  difference: Type.String({
    pattern: '^-?(0|[1-9][0-9]{0,6})\\.[0-9]{2}$',
    maxLength: 11,
    description: 'Dollars that the provider tells of too much; negative: too little.',
    examples: ['-1.00'],
  }),
} as const;
type ParameterName = keyof typeof PARAMETERS;
type ParameterValue<P extends ParameterName> = Static<(typeof PARAMETERS)[P]>;

interface KindRow {
  readonly does: string;
  readonly takes: { readonly [P in ParameterName]?: ParameterValue<P> | null };
  readonly lasts?: true;
}
TROUBLE_KINDS satisfies Record<string, KindRow>;
export type TroubleKind = keyof typeof TROUBLE_KINDS;

type Takes<K extends TroubleKind> = (typeof TROUBLE_KINDS)[K]['takes'];
/** Of a rule of the kind, defaults filled in. */
export type TroubleParameters<K extends TroubleKind> = {
  readonly [P in keyof Takes<K>]: P extends ParameterName
    ? ParameterValue<P> | (Takes<K>[P] extends null ? null : never)
    : never;
};

const kindNames = Object.keys(TROUBLE_KINDS) as readonly TroubleKind[];
export const isTroubleKind = (text: string): text is TroubleKind => Object.hasOwn(TROUBLE_KINDS, text);
const Kind = Type.Unsafe<TroubleKind>({
  type: 'string',
  enum: kindNames,
  description: kindNames.map((kind) => `- \`${kind}\`: ${TROUBLE_KINDS[kind].does}`).join('\n'),
});

const share = (options: { default?: string }) =>
  Type.String({
    pattern: '^(1(\\.0{1,6})?|0\\.(?!0{1,6}$)[0-9]{1,6})$',
    maxLength: 8,
    description: 'How often it happens when it could: "0.25" is every fourth time on average.',
    examples: ['0.25'],
    ...options,
  });
const seed = (description: string) => Type.Integer({ minimum: 0, maximum: MAX_SEED, description });

const parameterFields = {
  status: Type.Optional(PARAMETERS.status),
  when: Type.Optional(PARAMETERS.when),
  operationId: Type.Optional(PARAMETERS.operationId),
  milliseconds: Type.Optional(PARAMETERS.milliseconds),
  webhookId: Type.Optional(PARAMETERS.webhookId),
  seconds: Type.Optional(PARAMETERS.seconds),
  depth: Type.Optional(PARAMETERS.depth),
  factor: Type.Optional(PARAMETERS.factor),
  rail: Type.Optional(PARAMETERS.rail),
  difference: Type.Optional(PARAMETERS.difference),
} as const;

export const SandboxTrouble = Type.Object(
  {
    object: Type.Literal('sandboxTrouble'),
    id: Type.String({ examples: ['tbl_01H9Xz…'] }),
    kind: Kind,
    ...parameterFields,
    share: share({}),
    times: Type.Unsafe<number | null>({
      type: ['integer', 'null'],
      description: 'After so many it is over; null: never.',
    }),
    seed: seed('Decides, with the count of the times that it could have happened, which of them it does.'),
    endsAt: NullableTimestamp({ description: 'When it is over, in real time; null: when it is deleted.' }),
    isOn: Type.Boolean({ description: 'False once it is over.' }),
    happened: Type.Integer({ description: 'How often it did.' }),
    createdAt: Timestamp(),
  },
  { title: 'SandboxTrouble', ...PROPOSAL },
);
export type SandboxTrouble = Static<typeof SandboxTrouble>;

export const SandboxTroubleRequest = Type.Object(
  {
    kind: Kind,
    ...parameterFields,
    share: Type.Optional(share({ default: '1' })),
    times: Type.Optional(
      Type.Integer({ minimum: 1, maximum: MAX_TIMES, description: 'After so many it is over.' }),
    ),
    seed: Type.Optional(
      seed('The same seed and the same requests: the same trouble. Default: one is drawn.'),
    ),
    durationSeconds: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: MAX_DURATION_SECONDS,
        description: 'After so many it is over, in real time.',
      }),
    ),
  },
  // A misspelt parameter must not be taken for its default.
  { title: 'SandboxTroubleRequest', additionalProperties: false, ...PROPOSAL },
);
export type SandboxTroubleRequest = Static<typeof SandboxTroubleRequest>;

const EVIDENCE = [{ evidence: 'proposal', fact: 'The operation.' }] as const;

export const createSandboxTrouble = defineOperation({
  operationId: 'createSandboxTrouble',
  method: 'POST',
  path: '/sandbox/trouble',
  tag: 'Simulation',
  summary: 'Make trouble',
  description:
    'From now on things go wrong as the rule says, in this project; trouble of the chain is that of every project of the ' +
    'instance. Each kind takes its own parameters. Operations that only a sandbox has are never troubled. While a rule is ' +
    'on, answers carry the header `OMS-Sandbox-Trouble`, which names the kinds. The first rule of a project takes a second.',
  auth: 'bearer',
  idempotency: 'optional',
  sandboxOnly: true,
  body: SandboxTroubleRequest,
  success: { status: 201, description: 'The rule, which is on', schema: SandboxTrouble },
  errors: [...MUTATION_ERRORS, 'not_found', 'invalid_state'],
  evidence: EVIDENCE,
  example: { request: { kind: 'webhook.duplicate', share: '0.25' } },
});

export const listSandboxTrouble = defineOperation({
  operationId: 'listSandboxTrouble',
  method: 'GET',
  path: '/sandbox/trouble',
  tag: 'Simulation',
  summary: 'List trouble',
  description:
    'Every rule that was not deleted, in the order in which they were made. One page has them all.',
  auth: 'bearer',
  idempotency: 'none',
  sandboxOnly: true,
  success: { status: 200, description: 'All rules', schema: Page(SandboxTrouble, 'SandboxTroublePage') },
  errors: [...BEARER_ERRORS, 'not_found'],
  evidence: EVIDENCE,
});

export const deleteSandboxTrouble = defineOperation({
  operationId: 'deleteSandboxTrouble',
  method: 'DELETE',
  path: '/sandbox/trouble/:troubleId',
  tag: 'Simulation',
  summary: 'End one trouble',
  description: 'The rule is gone. What it did stays done.',
  auth: 'bearer',
  idempotency: 'optional',
  sandboxOnly: true,
  params: Type.Object({ troubleId: PathId('tbl') }),
  success: { status: 204, description: 'Rule deleted' },
  errors: [...BEARER_ERRORS, ...IDEMPOTENCY_ERRORS, 'not_found'],
  evidence: EVIDENCE,
});

export const deleteAllSandboxTrouble = defineOperation({
  operationId: 'deleteAllSandboxTrouble',
  method: 'DELETE',
  path: '/sandbox/trouble',
  tag: 'Simulation',
  summary: 'End all trouble',
  description: 'Every rule of the project is gone.',
  auth: 'bearer',
  idempotency: 'optional',
  sandboxOnly: true,
  success: { status: 204, description: 'Rules deleted' },
  errors: [...BEARER_ERRORS, ...IDEMPOTENCY_ERRORS, 'not_found'],
  evidence: EVIDENCE,
});
