import Type, { type Static } from 'typebox';
import { BEARER_ERRORS, KEYED_MUTATION_ERRORS, MUTATION_ERRORS } from './errors.ts';
import {
  Amount,
  CountryCode,
  DateOfBirth,
  Email,
  Metadata,
  NO_NUL,
  NullableString,
  NullableTimestamp,
  OneOf,
  PathId,
  Phone,
  PROPOSAL,
  RequiredText,
  Text,
  Timestamp,
} from './fields.ts';
import { defineOperation } from './operation.ts';
import { CREATED_QUERY, CURSOR_QUERY, CursorPage, PAGE_QUERY } from './pagination.ts';

export const ENDORSEMENT_NAMES = ['basic', 'cryptoCustody', 'usd'] as const;
export const ENDORSEMENT_STATUSES = ['PENDING', 'ACTIVE', 'REJECTED', 'REVOKED'] as const;
export const CUSTOMER_STATUSES = ['active', 'inactive'] as const;
export const IDENTIFICATION_TYPES = ['ssn', 'itin', 'driversLicense', 'passport'] as const;

const MAX_NAME_LENGTH = 100;
const MAX_IDENTIFICATIONS = 10;

const ResidentialAddress = Type.Object(
  {
    line1: RequiredText(200),
    line2: Type.Optional(Text(200)),
    city: RequiredText(100),
    state: RequiredText(100),
    country: CountryCode(),
    zipCode: RequiredText(20),
  },
  { title: 'ResidentialAddress', description: 'Structured, never free text. Write-only.' },
);
export type ResidentialAddress = Static<typeof ResidentialAddress>;

const IdentifyingInformation = Type.Object(
  {
    type: OneOf(IDENTIFICATION_TYPES),
    issuingCountry: CountryCode(),
    number: RequiredText(50, { description: 'An `ssn` or `itin` has 9 digits, with or without dashes.' }),
  },
  {
    title: 'IdentifyingInformation',
    description: 'A government id. Write-only.',
    if: { type: 'object', properties: { type: { enum: ['ssn', 'itin'] } }, required: ['type'] },
    // biome-ignore lint/suspicious/noThenProperty: JSON Schema's conditional keyword; nothing awaits a schema.
    then: {
      type: 'object',
      properties: { number: { type: 'string', pattern: '^[0-9]{3}-?[0-9]{2}-?[0-9]{4}$' } },
    },
  },
);
export type IdentifyingInformation = Static<typeof IdentifyingInformation>;

const EndorsementNames = Type.Array(OneOf(ENDORSEMENT_NAMES), {
  maxItems: ENDORSEMENT_NAMES.length,
  uniqueItems: true,
});

/** What creation and update share. Null is refused, but for `middleName`, whose response shows it. */
const writableFields = {
  firstName: Type.Optional(RequiredText(MAX_NAME_LENGTH, { description: 'Legal first name.' })),
  middleName: Type.Optional(
    Type.Unsafe<string | null>({
      type: ['string', 'null'],
      maxLength: MAX_NAME_LENGTH,
      pattern: NO_NUL,
      description: 'Null, as in the response, means none.',
    }),
  ),
  lastName: Type.Optional(RequiredText(MAX_NAME_LENGTH, { description: 'Legal last name.' })),
  email: Type.Optional(Email()),
  phone: Type.Optional(Phone({ description: 'E.164. Needed for USD and cash.' })),
  birthDate: Type.Optional(
    DateOfBirth({ description: 'A real, past date. Write-only. Needed for USD and cash.' }),
  ),
  nationality: Type.Optional(CountryCode()),
  ipAddress: Type.Optional(
    RequiredText(45, { description: 'IPv4 or IPv6, for the geography check. Write-only.' }),
  ),
  externalId: Type.Optional(RequiredText(255, { description: 'Your own id of this customer.' })),
  residentialAddress: Type.Optional(ResidentialAddress),
  identifyingInformation: Type.Optional(
    Type.Array(IdentifyingInformation, { maxItems: MAX_IDENTIFICATIONS }),
  ),
  metadata: Type.Optional(Metadata()),
};

const EndorsementRequirements = Type.Object(
  {
    complete: Type.Array(Type.String()),
    pending: Type.Array(Type.String()),
    missing: Type.Array(Type.String()),
    issues: Type.Array(Type.String()),
  },
  { title: 'EndorsementRequirements' },
);

export const Endorsement = Type.Object(
  {
    type: OneOf(ENDORSEMENT_NAMES),
    status: OneOf(ENDORSEMENT_STATUSES, {
      description: 'PENDING and ACTIVE are documented; REJECTED and REVOKED are a proposal.',
      ...PROPOSAL,
    }),
    rejectionReasons: Type.Array(Type.Object({ developerReason: Type.String(), reason: Type.String() })),
    requirements: EndorsementRequirements,
  },
  { title: 'Endorsement' },
);
export type Endorsement = Static<typeof Endorsement>;

const CustomerWallet = Type.Object(
  {
    id: Type.String(),
    type: Type.Literal('custodial'),
    address: Type.String(),
    network: Type.String(),
    asset: Type.String(),
    balance: Amount(),
    estimatedValueUsd: Amount(),
    createdAt: Timestamp(),
  },
  { title: 'CustomerWallet' },
);

/** The fields of a customer but its endorsements, which webhooks show in another form (contract 9, row 3). */
export const customerFields = {
  id: Type.String({ examples: ['cst_01H9Xa…'] }),
  object: Type.Literal('customer'),
  type: Type.Literal('individual'),
  firstName: Type.Optional(Type.String()),
  middleName: Type.Optional(NullableString()),
  lastName: Type.Optional(Type.String()),
  email: Type.Optional(Type.String()),
  phone: Type.Optional(Type.String()),
  nationality: Type.Optional(Type.String()),
  externalId: Type.Optional(Type.String()),
  status: OneOf(CUSTOMER_STATUSES),
  signedAgreement: Type.Boolean(),
  signedAgreementAt: NullableTimestamp(),
  wallets: Type.Array(CustomerWallet),
  metadata: Metadata(),
  createdAt: Timestamp(),
  updatedAt: Timestamp(),
};

export const Customer = Type.Object(
  { ...customerFields, endorsements: Type.Array(Endorsement) },
  {
    title: 'Customer',
    description:
      'A field that was never set is absent. Birth date, address, IP address and government ids are never returned.',
  },
);
export type Customer = Static<typeof Customer>;

export const CustomerPage = CursorPage(Customer, 'CustomerPage');

export const CustomerParams = Type.Object({ customerId: PathId('cst') });

/** The customer of get-started.md, with all that a fiat account needs; also what tests and measurements create. */
export const EXAMPLE_CUSTOMER = {
  type: 'individual' as const,
  firstName: 'Jane',
  lastName: 'Smith',
  email: 'jane@example.com',
  phone: '+12125551234',
  birthDate: '1990-05-15',
  nationality: 'US',
  residentialAddress: {
    line1: '123 Main St',
    city: 'New York',
    state: 'NY',
    country: 'US',
    zipCode: '10001',
  },
  identifyingInformation: [{ type: 'ssn' as const, issuingCountry: 'US', number: '123-45-6789' }],
  endorsements: ['basic' as const, 'cryptoCustody' as const, 'usd' as const],
};

const NO_REQUIREMENTS = { complete: [], pending: [], missing: [], issues: [] };

const EXAMPLE_RESPONSE: Customer = {
  id: 'cst_01H9Xa...',
  object: 'customer',
  type: 'individual',
  firstName: 'Jane',
  middleName: null,
  lastName: 'Smith',
  email: 'jane@example.com',
  phone: '+12125551234',
  nationality: 'US',
  status: 'active',
  signedAgreement: false,
  signedAgreementAt: null,
  wallets: [],
  endorsements: ENDORSEMENT_NAMES.map((type) => ({
    type,
    status: 'PENDING',
    rejectionReasons: [],
    requirements: NO_REQUIREMENTS,
  })),
  metadata: {},
  createdAt: '2024-01-15T10:00:00Z',
  updatedAt: '2024-01-15T10:00:00Z',
};

export const createCustomer = defineOperation({
  operationId: 'createCustomer',
  method: 'POST',
  path: '/customers',
  tag: 'Customers',
  summary: 'Create a customer',
  description:
    'Registers an end user. The record is created even when identity fields are missing, but calls that need a fiat account fail with `provider_account_not_provisioned` until the structured address, phone, birth date and a government id are present.',
  auth: 'bearer',
  idempotency: 'required',
  body: Type.Object({
    type: Type.Optional(OneOf(['individual'], { default: 'individual', ...PROPOSAL })),
    ...writableFields,
    signedAgreement: Type.Optional(
      Type.Boolean({ default: false, description: 'Acceptance of the terms by the customer.' }),
    ),
    endorsements: Type.Optional(EndorsementNames),
  }),
  success: { status: 201, description: 'Customer created', schema: Customer },
  errors: KEYED_MUTATION_ERRORS,
  evidence: [
    { evidence: 'proposal', fact: 'An absent `type` means `individual`.' },
    { evidence: 'proposal', fact: 'Omitted `endorsements` answer `[]`; the sandbox grants all three.' },
    { evidence: 'proposal', fact: 'Length limits; null is refused but for `middleName`.' },
  ],
  example: { request: EXAMPLE_CUSTOMER, response: EXAMPLE_RESPONSE },
});

export const listCustomers = defineOperation({
  operationId: 'listCustomers',
  method: 'GET',
  path: '/customers',
  tag: 'Customers',
  summary: 'List customers',
  description: 'Newest first.',
  auth: 'bearer',
  idempotency: 'none',
  query: Type.Object({
    status: Type.Optional(OneOf(CUSTOMER_STATUSES)),
    email: Type.Optional(Text(254, { description: 'Exact match.' })),
    externalId: Type.Optional(Text(255, { description: 'Exact match.' })),
    ...CREATED_QUERY,
    ...CURSOR_QUERY,
    ...PAGE_QUERY,
  }),
  success: { status: 200, description: 'A page of customers', schema: CustomerPage },
  errors: BEARER_ERRORS,
  evidence: [
    { evidence: 'inferred', fact: '`createdBefore`, `cursor` and `limit` as on the other lists.' },
    { evidence: 'proposal', fact: '`startingAfter` and `endingBefore` beside `cursor`.' },
  ],
});

export const getCustomer = defineOperation({
  operationId: 'getCustomer',
  method: 'GET',
  path: '/customers/:customerId',
  tag: 'Customers',
  summary: 'Get a customer',
  description: 'The customer with its wallets and endorsements.',
  auth: 'bearer',
  idempotency: 'none',
  params: CustomerParams,
  success: { status: 200, description: 'The customer', schema: Customer },
  errors: [...BEARER_ERRORS, 'not_found'],
});

export const updateCustomer = defineOperation({
  operationId: 'updateCustomer',
  method: 'PATCH',
  path: '/customers/:customerId',
  tag: 'Customers',
  summary: 'Update a customer',
  description:
    'Changes the fields that are sent; a sent object or array, `metadata` included, replaces the stored one. A change of address, last name, government id or IP address may re-open the review of endorsements; names in `endorsements` ask for it.',
  auth: 'bearer',
  idempotency: 'optional',
  params: CustomerParams,
  body: Type.Object({
    ...writableFields,
    signedAgreement: Type.Optional(Type.Boolean()),
    endorsements: Type.Optional(EndorsementNames),
  }),
  success: { status: 200, description: 'The customer after the change', schema: Customer },
  errors: [...MUTATION_ERRORS, 'not_found'],
  evidence: [
    { evidence: 'proposal', fact: 'An optional Idempotency-Key.' },
    { evidence: 'proposal', fact: 'Objects and arrays are replaced, not merged.' },
  ],
  example: { request: { phone: '+12125551234', birthDate: '1990-05-15' } },
});
