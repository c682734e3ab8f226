import Type, { type Static } from 'typebox';
import { CustomerParams } from './customers.ts';
import { BEARER_ERRORS, IDEMPOTENCY_ERRORS, MUTATION_ERRORS } from './errors.ts';
import {
  DETAIL_CHECKS,
  DETAIL_STORAGES,
  type DetailName,
  EXTERNAL_ACCOUNT_NETWORKS,
  EXTERNAL_ACCOUNT_TYPES,
  RAILS,
  type Rail,
} from './external-account-rails.ts';
import { CountryCode, OneOf, PathId, PROPOSAL, Timestamp } from './fields.ts';
import { defineOperation } from './operation.ts';
import { CREATED_QUERY, PAGE_QUERY, Page } from './pagination.ts';

/** A deleted account is shown to nobody but the receivers of its last event. */
export const EXTERNAL_ACCOUNT_STATUSES = ['pending', 'verified', 'declined'] as const;
const EVENT_STATUSES = [...EXTERNAL_ACCOUNT_STATUSES, 'deleted'] as const;
const OWNER_TYPES = ['individual', 'business'] as const;

export const MAX_OWNER_NAME_LENGTH = 100;
const NO_CONTROLS = '^[^\\u0000-\\u001f\\u007f]+$';
/** Room for what other systems put into the same object; what no schema names is dropped. */
const MAX_DETAILS = 50;

const Owner = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: MAX_OWNER_NAME_LENGTH, pattern: NO_CONTROLS }),
    type: OneOf(OWNER_TYPES, { description: '`business` is a proposal.' }),
  },
  { title: 'ExternalAccountOwner', description: 'Who owns the account.' },
);

type Conditions = Record<string, unknown>;

const isOneOf = (name: string, values: readonly string[]): Conditions => ({
  type: 'object',
  properties: { [name]: { enum: values } },
  required: [name],
});

/** The rules of one rail for `bankDetails`. */
const detailsOf = ({ fields }: Rail): Conditions => ({
  type: 'object',
  required: fields.filter(({ required }) => required).map(({ name }) => name),
  properties: Object.fromEntries(
    fields.map(({ name, label, pattern, maxLength, check, enum: values }) => [
      name,
      {
        type: 'string',
        description: label,
        ...(pattern !== undefined && { pattern }),
        ...(maxLength !== undefined && { maxLength }),
        ...(check !== undefined && { format: check }),
        ...(values && { enum: values }),
      },
    ]),
  ),
});

/** The rules of the rails of one type and network: told apart by country, the first one otherwise. */
const detailsOfAny = ([first, ...others]: readonly Rail[]): Conditions =>
  others.reduce<Conditions>(
    (otherwise, rail) => ({
      if: isOneOf('country', rail.countries ?? []),
      // biome-ignore lint/suspicious/noThenProperty: JSON Schema's conditional keyword; nothing awaits a schema.
      then: detailsOf(rail),
      else: otherwise,
    }),
    first ? detailsOf(first) : {},
  );

const rulesOfType = (type: string): readonly Conditions[] => {
  const rails = RAILS.filter((rail) => rail.type === type);
  const byNetwork = Map.groupBy(rails, ({ network }) => network);
  return [
    {
      if: isOneOf('type', [type]),
      // biome-ignore lint/suspicious/noThenProperty: as above.
      then: { type: 'object', properties: { network: { type: 'string', enum: [...byNetwork.keys()] } } },
    },
    ...[...byNetwork].map(([network, ofNetwork]) => ({
      if: { allOf: [isOneOf('type', [type]), isOneOf('network', [network])] },
      // biome-ignore lint/suspicious/noThenProperty: as above.
      then: { type: 'object', properties: { bankDetails: detailsOfAny(ofNetwork) } },
    })),
  ];
};

const ExternalAccountRequest = Type.Object(
  {
    type: OneOf(EXTERNAL_ACCOUNT_TYPES),
    network: OneOf(EXTERNAL_ACCOUNT_NETWORKS, { description: 'The rail.' }),
    owner: Owner,
    bankDetails: Type.Unsafe<{ readonly [Name in DetailName]?: string }>({
      type: 'object',
      maxProperties: MAX_DETAILS,
      description:
        'The fields that the schema of type, network and country names; others are ignored and not kept.',
    }),
  },
  {
    title: 'ExternalAccountRequest',
    allOf: EXTERNAL_ACCOUNT_TYPES.flatMap(rulesOfType),
  },
);
export type ExternalAccountRequest = Static<typeof ExternalAccountRequest>;

const BankDetails = Type.Object(
  {
    accountNumber: Type.Optional(Type.String({ description: '`****` and its last four.' })),
    routingNumber: Type.Optional(Type.String()),
    accountType: Type.Optional(Type.String()),
    bankName: Type.Optional(Type.String()),
    iban: Type.Optional(Type.String({ description: '`****` and its last four.', ...PROPOSAL })),
    swiftCode: Type.Optional(Type.String({ ...PROPOSAL })),
    country: Type.Optional(Type.String({ ...PROPOSAL })),
    brand: Type.Optional(Type.String({ description: 'Of a card, such as `visa`.', ...PROPOSAL })),
    last4: Type.Optional(Type.String({ description: 'Of a card.', ...PROPOSAL })),
    expiryMonth: Type.Optional(Type.String({ ...PROPOSAL })),
    expiryYear: Type.Optional(Type.String({ ...PROPOSAL })),
    address: Type.Optional(Type.String({ description: 'In EIP-55 form.', ...PROPOSAL })),
  },
  { title: 'BankDetails', description: 'As registered; numbers of accounts by their last four only.' },
);
export type BankDetails = Static<typeof BankDetails>;

const OBJECTS = [
  'counterparty.usBank',
  'counterparty.intlBank',
  'counterparty.debitCard',
  'counterparty.blockchainAddress',
] as const;

const accountFields = {
  id: Type.String({ examples: ['cpUsBank_01H9Xs…', 'cpIntlBank_…', 'cpBcAddr_…', 'pmCard_…'] }),
  object: OneOf(OBJECTS, { description: 'All but `counterparty.usBank` are a proposal.' }),
  customerId: Type.String(),
  type: OneOf(EXTERNAL_ACCOUNT_TYPES),
  network: OneOf(EXTERNAL_ACCOUNT_NETWORKS),
  owner: Owner,
  bankDetails: BankDetails,
  createdAt: Timestamp(),
};

export const ExternalAccount = Type.Object(
  { ...accountFields, status: OneOf(EXTERNAL_ACCOUNT_STATUSES, { ...PROPOSAL }) },
  { title: 'ExternalAccount' },
);
export type ExternalAccount = Static<typeof ExternalAccount>;

/** The account in an event, which may be its last. */
export const ExternalAccountEventData = Type.Object(
  { ...accountFields, status: OneOf(EVENT_STATUSES, { ...PROPOSAL }) },
  { title: 'ExternalAccountEventData' },
);
export type ExternalAccountEventData = Static<typeof ExternalAccountEventData>;

export const ExternalAccountPage = Page(ExternalAccount, 'ExternalAccountPage');

const ExternalAccountSchema = Type.Object(
  {
    type: OneOf(EXTERNAL_ACCOUNT_TYPES),
    network: OneOf(EXTERNAL_ACCOUNT_NETWORKS),
    country: Type.Optional(CountryCode({ description: 'Absent for a rail of no country.' })),
    currency: Type.String({ examples: ['usd'] }),
    fields: Type.Array(
      Type.Object({
        name: Type.String({ examples: ['routingNumber'] }),
        path: Type.String({
          description: 'Where it goes in the request, and what `details` of a 400 call it.',
          examples: ['bankDetails.routingNumber'],
        }),
        label: Type.String(),
        type: Type.Literal('string'),
        required: Type.Boolean(),
        pattern: Type.Optional(Type.String({ description: 'Regular expression (ECMA-262).' })),
        enum: Type.Optional(Type.Array(Type.String())),
        maxLength: Type.Optional(Type.Integer()),
        check: Type.Optional(
          OneOf(DETAIL_CHECKS, { description: 'Check digits or checksum that must be right as well.' }),
        ),
        storage: OneOf(DETAIL_STORAGES, {
          description:
            '`plain`: kept and returned as sent. `masked`: kept encrypted, returned by its last four. `discarded`: checked and never kept.',
        }),
        example: Type.Optional(Type.String()),
      }),
    ),
  },
  { title: 'ExternalAccountSchema' },
);

const ExternalAccountSchemas = Type.Object(
  { data: Type.Array(ExternalAccountSchema) },
  { title: 'ExternalAccountSchemas', ...PROPOSAL },
);
export type ExternalAccountSchemas = Static<typeof ExternalAccountSchemas>;

const ExternalAccountParams = Type.Object({ externalAccountId: PathId('cpUsBank') });
const CustomerAccountParams = Type.Object({
  customerId: PathId('cst'),
  externalAccountId: PathId('cpUsBank'),
});

/** The bank account of customer-onboarding.md, step 4. */
export const EXAMPLE_EXTERNAL_ACCOUNT = {
  type: 'usBank' as const,
  network: 'ach' as const,
  owner: { name: 'Alice Martin', type: 'individual' as const },
  bankDetails: {
    accountNumber: '000123456789',
    routingNumber: '021000021',
    accountType: 'checking',
    bankName: 'Chase',
  },
};

const EXAMPLE_RESPONSE: ExternalAccount = {
  id: 'cpUsBank_01H9Xs...',
  object: 'counterparty.usBank',
  customerId: 'cst_01H9Xa...',
  status: 'verified',
  ...EXAMPLE_EXTERNAL_ACCOUNT,
  bankDetails: { ...EXAMPLE_EXTERNAL_ACCOUNT.bankDetails, accountNumber: '****6789' },
  createdAt: '2024-01-15T10:02:00Z',
};

export const listExternalAccountSchemas = defineOperation({
  operationId: 'listExternalAccountSchemas',
  method: 'GET',
  path: '/external-accounts/schemas',
  tag: 'ExternalAccount',
  summary: 'List the schemas of external accounts',
  description:
    'The fields that each rail needs, to be rendered as a form; by them `POST /customers/{customerId}/external-accounts` is checked. Nothing is offered for an unknown country or currency.',
  auth: 'bearer',
  idempotency: 'none',
  query: Type.Object({
    country: Type.Optional(CountryCode()),
    currency: Type.Optional(Type.String({ pattern: '^[a-z0-9]{2,10}$', maxLength: 10, examples: ['usd'] })),
  }),
  success: { status: 200, description: 'The schemas', schema: ExternalAccountSchemas },
  errors: BEARER_ERRORS,
  evidence: [{ evidence: 'proposal', fact: 'The response: no document shows one.' }],
});

export const createExternalAccount = defineOperation({
  operationId: 'createExternalAccount',
  method: 'POST',
  path: '/customers/:customerId/external-accounts',
  tag: 'ExternalAccount',
  summary: 'Register an external account',
  description:
    'A bank account, card or address outside, to be paid to. Needs an active customer and no endorsement. Account numbers are kept encrypted and never returned; of a card, brand, last four and expiry are kept and the number is not. The same account may be registered more than once: each is deleted by itself.',
  auth: 'bearer',
  idempotency: 'optional',
  params: CustomerParams,
  body: ExternalAccountRequest,
  success: { status: 201, description: 'External account registered', schema: ExternalAccount },
  errors: [...MUTATION_ERRORS, 'not_found', 'customer_inactive'],
  evidence: [
    { evidence: 'proposal', fact: 'An optional Idempotency-Key: the documents send none.' },
    { evidence: 'proposal', fact: 'The fields of all types but `usBank`, and every form of a field.' },
    { evidence: 'proposal', fact: 'The error codes; no endorsement is needed; repeats are allowed.' },
  ],
  example: { request: EXAMPLE_EXTERNAL_ACCOUNT, response: EXAMPLE_RESPONSE },
});

export const listCustomerExternalAccounts = defineOperation({
  operationId: 'listCustomerExternalAccounts',
  method: 'GET',
  path: '/customers/:customerId/external-accounts',
  tag: 'ExternalAccount',
  summary: 'List the external accounts of a customer',
  description: 'Newest first, without deleted ones; an empty list when there are none.',
  auth: 'bearer',
  idempotency: 'none',
  params: CustomerParams,
  query: Type.Object({
    type: Type.Optional(OneOf(EXTERNAL_ACCOUNT_TYPES)),
    network: Type.Optional(OneOf(EXTERNAL_ACCOUNT_NETWORKS)),
    status: Type.Optional(OneOf(EXTERNAL_ACCOUNT_STATUSES)),
    ...CREATED_QUERY,
    ...PAGE_QUERY,
  }),
  success: { status: 200, description: 'A page of external accounts', schema: ExternalAccountPage },
  errors: [...BEARER_ERRORS, 'not_found'],
  evidence: [{ evidence: 'proposal', fact: 'The operation; no document of v0.9 names it.' }],
});

const getFields = {
  method: 'GET',
  tag: 'ExternalAccount',
  auth: 'bearer',
  idempotency: 'none',
  success: { status: 200, description: 'The external account', schema: ExternalAccount },
  errors: [...BEARER_ERRORS, 'not_found'],
  evidence: [{ evidence: 'proposal', fact: 'The operation; no document of v0.9 names it.' }],
  example: { response: EXAMPLE_RESPONSE },
} as const;

export const getExternalAccount = defineOperation({
  ...getFields,
  operationId: 'getExternalAccount',
  path: '/external-accounts/:externalAccountId',
  summary: 'Get an external account',
  description: 'Its numbers by their last four only. A deleted one is not found.',
  params: ExternalAccountParams,
});

export const getCustomerExternalAccount = defineOperation({
  ...getFields,
  operationId: 'getCustomerExternalAccount',
  path: '/customers/:customerId/external-accounts/:externalAccountId',
  summary: 'Get an external account of a customer',
  description: 'Not found when it is another customer’s.',
  params: CustomerAccountParams,
});

const deleteFields = {
  method: 'DELETE',
  tag: 'ExternalAccount',
  auth: 'bearer',
  idempotency: 'optional',
  success: { status: 204, description: 'External account deleted' },
  errors: [...BEARER_ERRORS, ...IDEMPOTENCY_ERRORS, 'not_found'],
  evidence: [{ evidence: 'proposal', fact: 'The operation and its status 204.' }],
} as const;

export const deleteExternalAccount = defineOperation({
  ...deleteFields,
  operationId: 'deleteExternalAccount',
  path: '/external-accounts/:externalAccountId',
  summary: 'Delete an external account',
  description: 'It cannot be paid to any more; payments under way to it are still made.',
  params: ExternalAccountParams,
});

export const deleteCustomerExternalAccount = defineOperation({
  ...deleteFields,
  operationId: 'deleteCustomerExternalAccount',
  path: '/customers/:customerId/external-accounts/:externalAccountId',
  summary: 'Delete an external account of a customer',
  description: 'Not found when it is another customer’s.',
  params: CustomerAccountParams,
});
