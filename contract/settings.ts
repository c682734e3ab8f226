import Type, { type Static, type TObject, type TProperties } from 'typebox';
import { DEFAULT_SETTINGS } from './default-settings.ts';
import { BEARER_ERRORS, MUTATION_ERRORS } from './errors.ts';
import { OneOf, PROPOSAL } from './fields.ts';
import { defineOperation } from './operation.ts';

/** What a fee is charged for: a kind of payment, or the rail of a payout. */
export const FEE_FLOWS = [
  'cashIn',
  'cryptoToCrypto',
  'ach',
  'wire',
  'swift',
  'cashOut',
  'virtualAccount',
  'depositAddress',
] as const;
export type FeeFlow = (typeof FEE_FLOWS)[number];

export const PACES = ['auto', 'manual', 'realistic'] as const;

const CENTS = '(0|[1-9][0-9]{0,11})(\\.[0-9]{1,2})?';
const MICROS = '(0|[1-9][0-9]{0,11})(\\.[0-9]{1,6})?';
const POSITIVE = '(?!0(\\.0+)?$)';

const decimal = (form: string, description: string, example: string) =>
  Type.String({ pattern: `^${form}$`, maxLength: 20, description, examples: [example] });

const usd = (description: string) => decimal(CENTS, `${description} At most 2 decimals.`, '0.50');
const usdc = (description: string) => decimal(MICROS, `${description} At most 6 decimals.`, '0.50');
const positiveUsd = (description: string) =>
  decimal(POSITIVE + CENTS, `${description} Above 0, at most 2 decimals.`, '500.00');
const positiveUsdc = (description: string) =>
  decimal(POSITIVE + MICROS, `${description} Above 0, at most 6 decimals.`, '1000000.00');

const percentage = decimal(
  '0(\\.[0-9]{1,6})?',
  'Share of the amount, from 0 to below 1: "0.015" is 1.5 %. At most 6 decimals.',
  '0.015',
);
const FEE_IN_USD = { percentage, fixed: usd('Per payment, in units of the source asset.') };
const FEE_IN_USDC = { percentage, fixed: usdc('Per payment, in units of the source asset.') };

const FEES = {
  cashIn: FEE_IN_USD,
  cryptoToCrypto: FEE_IN_USDC,
  ach: FEE_IN_USDC,
  wire: FEE_IN_USDC,
  swift: FEE_IN_USDC,
  cashOut: FEE_IN_USDC,
  virtualAccount: FEE_IN_USD,
  depositAddress: FEE_IN_USDC,
} as const satisfies Record<FeeFlow, TProperties>;

const RANGE_OF_USD = { min: positiveUsd('Smallest amount.'), max: positiveUsd('Largest amount.') };
const RANGE_OF_USDC = { min: positiveUsdc('Smallest amount.'), max: positiveUsdc('Largest amount.') };

const LIMITS = {
  cryptoToCrypto: RANGE_OF_USDC,
  cryptoToFiat: RANGE_OF_USDC,
  cashOut: {
    ...RANGE_OF_USD,
    step: positiveUsd('What is handed over is a multiple of it, as are `min` and `max`.'),
  },
  virtualAccount: RANGE_OF_USD,
  depositAddress: RANGE_OF_USDC,
};

const GAS_FEE = usd(
  'Charged per transfer on chain unless its gas is sponsored, in units of the source asset.',
);

const QUOTE_LIFETIME = Type.Integer({
  minimum: 10,
  maximum: 3600,
  description: 'How long a quote can be executed.',
});

const PACE =
  'Sandbox only: how the simulated outside world moves, banks and the identity reviewer. `auto`: by itself, within seconds; `manual`: when told; `realistic`: as slowly as the real one.';

const DESCRIPTIONS = {
  fees: 'What the operator of the server charges.',
  developerFees:
    'What you charge on top, the same for all your customers. A cash-in takes `fees` alone: those of `cashIn` are 0.',
  limits: 'Of one payment, in units of the source asset; of a cash-out, in USD handed over.',
} as const;

/** An object of fields under each name. */
const objectsOf = <Groups extends Record<string, TProperties>>(groups: Groups) =>
  Object.fromEntries(Object.entries(groups).map(([name, fields]) => [name, Type.Object(fields)])) as {
    [Name in keyof Groups]: TObject<Groups[Name]>;
  };

const Fees = Type.Object(objectsOf(FEES), { title: 'FeeSettings' });
const Limits = Type.Object(objectsOf(LIMITS), { title: 'LimitSettings' });

export const Settings = Type.Object(
  {
    object: Type.Literal('settings'),
    fees: Fees,
    developerFees: Fees,
    gasFee: GAS_FEE,
    limits: Limits,
    quoteLifetimeSeconds: QUOTE_LIFETIME,
    pace: Type.Optional(OneOf(PACES, { description: PACE })),
  },
  { title: 'Settings', description: 'Of the project whose API key is used.', ...PROPOSAL },
);
export type Settings = Static<typeof Settings>;

type Changes<Value> = Value extends object
  ? { readonly [Name in keyof Value]?: Changes<Value[Name]> } | null
  : Value | null;

type SettingsChanges = {
  readonly [Name in Exclude<keyof Settings, 'object'>]-?: Changes<Exclude<Settings[Name], undefined>>;
};
/** What is to change: what is absent stays, null goes back to the default. */
export type SettingsChange = Partial<SettingsChanges>;

/** One list of types rather than a union, whose failures would name the parents of an offending field as well. */
const orNull = (field: object): object => ({
  ...field,
  ...('type' in field && { type: [field.type, 'null'] }),
  ...('enum' in field && Array.isArray(field.enum) && { enum: [...field.enum, null] }),
});

/** Unknown fields are refused: a misspelt fee must not be taken for a change. */
const changesOf = (fields: Record<string, object>, description?: string): object => ({
  type: ['object', 'null'],
  properties: Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, orNull(field)])),
  additionalProperties: false,
  ...(description !== undefined && { description }),
});

const groupChangesOf = (groups: Record<string, TProperties>, description: string): object => ({
  ...changesOf({}, description),
  properties: Object.fromEntries(Object.entries(groups).map(([name, fields]) => [name, changesOf(fields)])),
});

const change = <Name extends keyof SettingsChanges>(_name: Name, schema: object) =>
  Type.Optional(Type.Unsafe<SettingsChanges[Name]>(schema));

const SettingsChange = Type.Object(
  {
    fees: change('fees', groupChangesOf(FEES, DESCRIPTIONS.fees)),
    developerFees: change('developerFees', groupChangesOf(FEES, DESCRIPTIONS.developerFees)),
    gasFee: change('gasFee', orNull(GAS_FEE)),
    limits: change('limits', groupChangesOf(LIMITS, DESCRIPTIONS.limits)),
    quoteLifetimeSeconds: change('quoteLifetimeSeconds', orNull(QUOTE_LIFETIME)),
    pace: change('pace', orNull(OneOf(PACES, { description: PACE }))),
  },
  {
    title: 'SettingsChange',
    description:
      'What is absent stays as it is; null goes back to the default, for one field or a whole group.',
    additionalProperties: false,
  },
);

DEFAULT_SETTINGS satisfies Settings;

const EVIDENCE = [
  {
    evidence: 'proposal',
    fact: 'The operation: the documents name fees and limits, and no way to set them.',
  },
] as const;

export const getSettings = defineOperation({
  operationId: 'getSettings',
  method: 'GET',
  path: '/settings',
  tag: 'Settings',
  summary: 'Get the settings',
  description: 'Fees, limits, quote lifetime and pace of the project; the example shows the defaults.',
  auth: 'bearer',
  idempotency: 'none',
  success: { status: 200, description: 'The settings', schema: Settings },
  errors: BEARER_ERRORS,
  evidence: EVIDENCE,
  example: { response: DEFAULT_SETTINGS },
});

export const updateSettings = defineOperation({
  operationId: 'updateSettings',
  method: 'PATCH',
  path: '/settings',
  tag: 'Settings',
  summary: 'Change the settings',
  description:
    'Changes the fields that are there, however deep, and leaves the others. Payments, quotes and deposit codes that exist keep what applied when they were made. A flow cannot take the whole: `fees` and `developerFees` of one flow sum to less than 1. `pace` answers 404 to a live project.',
  auth: 'bearer',
  idempotency: 'optional',
  body: SettingsChange,
  success: { status: 200, description: 'The settings after the change', schema: Settings },
  errors: [...MUTATION_ERRORS, 'not_found'],
  evidence: EVIDENCE,
  example: {
    request: { developerFees: { cashOut: { percentage: '0.01' } }, limits: { cashOut: null } },
    response: {
      ...DEFAULT_SETTINGS,
      developerFees: { ...DEFAULT_SETTINGS.developerFees, cashOut: { percentage: '0.01', fixed: '0.00' } },
    },
  },
});
