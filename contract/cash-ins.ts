import Type, { type Static } from 'typebox';
import { BEARER_ERRORS, KEYED_MUTATION_ERRORS } from './errors.ts';
import {
  Amount,
  DeveloperFee,
  Email,
  EvmAddress,
  Failure,
  FeesDeducted,
  Id,
  INFERRED,
  Metadata,
  NullableString,
  NullableTimestamp,
  OneOf,
  PathId,
  PROPOSAL,
  Rate,
  Rates,
  RequiredText,
  Timestamp,
} from './fields.ts';
import { defineOperation } from './operation.ts';
import { CREATED_QUERY, PAGE_QUERY, Page } from './pagination.ts';

export const CASH_IN_STATUSES = ['pending', 'processing', 'completed', 'expired', 'failed'] as const;
export const CASH_IN_SUB_STATUSES = [
  'order_reserved',
  'settled',
  'cash_deposit_expired',
  'cash_deposit_failed',
  'provider_order_failed',
  'provider_order_template_error',
] as const;

/** The documents name the OMS wallet `wallet` (get started), `id` (guide) and `walletId` (transaction). */
const CashInTarget = Type.Object(
  {
    wallet: Type.Optional(Id('wlt')),
    id: Type.Optional(Id('wlt', { description: 'Same as `wallet`.' })),
    walletId: Type.Optional(Id('wlt', { description: 'Same as `wallet`.', ...PROPOSAL })),
    blockchainAddress: Type.Optional(EvmAddress()),
    externalAccount: Type.Optional(Id('cpBcAddr')),
  },
  {
    title: 'CashInTarget',
    description:
      'Exactly one target: an OMS wallet (under exactly one of its three names), a `blockchainAddress` or an `externalAccount`. The server checks it.',
  },
);

const CashInRequest = Type.Object(
  {
    customerId: Id('cst'),
    source: Type.Object({
      asset: OneOf(['usd']),
      indicatedAmount: Type.Optional(
        Amount({ description: 'For the estimate, "100.00" when absent; the counter decides the amount.' }),
      ),
      email: Type.Optional(Email({ ...INFERRED })),
    }),
    destination: Type.Object({
      wallet: CashInTarget,
      asset: RequiredText(20),
      network: RequiredText(30),
    }),
    cash: Type.Object(
      {
        cashLocationId: Type.Optional(Id('loc')),
        locationId: Type.Optional(Id('loc', { description: 'Same as `cashLocationId`.' })),
        cashLocationReference: Type.Optional(RequiredText(500)),
        locationReference: Type.Optional(
          RequiredText(500, { description: 'Same as `cashLocationReference`.' }),
        ),
      },
      { description: 'A location id and its reference, each under exactly one name. The server checks it.' },
    ),
    sponsorGas: Type.Optional(Type.Boolean({ ...INFERRED })),
    metadata: Type.Optional(Metadata({ ...INFERRED })),
  },
  { title: 'CashInRequest' },
);
export type CashInRequest = Static<typeof CashInRequest>;

const amountFields = {
  amountGross: Type.Optional(Amount()),
  amountNet: Type.Optional(Amount()),
  feesDeducted: Type.Optional(FeesDeducted),
};

const CashInSource = Type.Object(
  {
    asset: Type.String({ examples: ['usd'] }),
    network: Type.String({ examples: ['cash'] }),
    indicatedAmount: Amount(),
    amount: Type.Optional(Amount({ description: 'What was handed over at the counter.' })),
    ...amountFields,
    email: Type.Optional(Type.String()),
  },
  { title: 'CashInSource' },
);

const CashInDestination = Type.Object(
  {
    wallet: Type.Object({
      id: Type.Optional(Type.String()),
      blockchainAddress: Type.Optional(Type.String()),
      externalAccount: Type.Optional(Type.String()),
    }),
    asset: Type.String(),
    network: Type.String(),
    ...amountFields,
  },
  { title: 'CashInDestination' },
);

const DepositInstructions = Type.Object(
  {
    code: Type.String({ description: 'Shown at the counter; opaque, valid for one hour.' }),
    expiresAt: Timestamp(),
    locationName: Type.String(),
    locationAddress: Type.String(),
  },
  { title: 'CashDepositInstructions' },
);

const OmsFeeSchedule = Type.Object(
  {
    feeCurrency: Type.String({ examples: ['usd'] }),
    entries: Type.Array(
      Type.Object({
        type: OneOf(['percentage', 'fixed']),
        rate: Type.Optional(Rate()),
        amount: Type.Optional(Amount()),
      }),
    ),
  },
  { title: 'OmsFeeSchedule' },
);

export const CashIn = Type.Object(
  {
    id: Type.String({ examples: ['ci_01H9Xm…'] }),
    object: Type.Literal('cashIn'),
    type: Type.Literal('fiatToCrypto'),
    customerId: Type.String(),
    status: OneOf(CASH_IN_STATUSES),
    subStatus: Type.Optional(OneOf(CASH_IN_SUB_STATUSES)),
    source: CashInSource,
    destination: CashInDestination,
    cash: Type.Object({ locationId: Type.String(), locationReference: Type.String() }),
    location: Type.Object({ name: Type.String(), address: Type.String() }),
    depositInstructions: Type.Optional(DepositInstructions),
    omsFeeSchedule: Type.Optional(OmsFeeSchedule),
    rates: Type.Optional(Rates),
    fixedAmountSide: Type.Optional(OneOf(['source', 'destination'])),
    developerFees: Type.Optional(Type.Array(DeveloperFee)),
    sponsorGas: Type.Optional(Type.Boolean()),
    sponsorGasCost: Type.Optional(Amount()),
    transactionId: NullableString({ description: 'Set once the cash was deposited.' }),
    transaction: Type.Optional(NullableString({ description: 'Older name of `transactionId`.' })),
    error: Type.Optional(Failure),
    metadata: Metadata(),
    createdAt: Timestamp(),
    updatedAt: Timestamp(),
    completedAt: NullableTimestamp(),
  },
  { title: 'CashIn', description: 'Amounts are estimates until the cash is deposited.' },
);
export type CashIn = Static<typeof CashIn>;

export const CashInPage = Page(CashIn, 'CashInPage');

const CashInParams = Type.Object({ cashInId: PathId('ci') });

const EXAMPLE_REQUEST = {
  customerId: 'cst_01H9Xa...',
  destination: { wallet: { wallet: 'wlt_01H9Xb...' }, asset: 'usdc', network: 'polygon' },
  cash: { cashLocationId: 'loc_01H9Xl...', cashLocationReference: 'R1JFRU5ET1QtMjQzNDpsYXQ9...' },
  source: { asset: 'usd', indicatedAmount: '100.00' },
};

const EXAMPLE_RESPONSE: CashIn = {
  id: 'ci_01H9Xm...',
  object: 'cashIn',
  type: 'fiatToCrypto',
  customerId: 'cst_01H9Xa...',
  status: 'pending',
  subStatus: 'order_reserved',
  source: { asset: 'usd', network: 'cash', indicatedAmount: '100.00' },
  destination: { wallet: { id: 'wlt_01H9Xb...' }, asset: 'usdc', network: 'polygon' },
  cash: { locationId: 'loc_01H9Xl...', locationReference: 'R1JFRU5ET1QtMjQzNDpsYXQ9...' },
  location: { name: 'Retail Partner #4521', address: '123 Main St, New York, NY 10001' },
  depositInstructions: {
    code: 'ABC 12345',
    expiresAt: '2025-01-15T11:30:00Z',
    locationName: 'Retail Partner #4521',
    locationAddress: '123 Main St, New York, NY 10001',
  },
  omsFeeSchedule: {
    feeCurrency: 'usd',
    entries: [
      { type: 'percentage', rate: '0.015' },
      { type: 'fixed', amount: '0.50' },
    ],
  },
  transactionId: null,
  metadata: {},
  createdAt: '2025-01-15T10:30:00Z',
  updatedAt: '2025-01-15T10:30:00Z',
  completedAt: null,
};

export const createCashIn = defineOperation({
  operationId: 'createCashIn',
  method: 'POST',
  path: '/cash-ins',
  tag: 'CashIns',
  summary: 'Create a cash-in deposit code',
  description:
    'Reserves a code, valid for one hour, that the customer shows at a location. The cash deposited there is converted and delivered to the destination.',
  auth: 'bearer',
  idempotency: 'required',
  body: CashInRequest,
  success: { status: 201, description: 'Cash-in created', schema: CashIn },
  errors: [
    ...KEYED_MUTATION_ERRORS,
    'not_found',
    'endorsement_required',
    'customer_inactive',
    'provider_account_not_provisioned',
    'invalid_state',
    'unsupported_asset_network',
    'amount_out_of_range',
    'limit_exceeded',
  ],
  evidence: [
    { evidence: 'inferred', fact: 'Which response fields are always present.' },
    { evidence: 'proposal', fact: 'The error codes; `error` on a failed cash-in.' },
  ],
  example: { request: EXAMPLE_REQUEST, response: EXAMPLE_RESPONSE },
});

export const listCashIns = defineOperation({
  operationId: 'listCashIns',
  method: 'GET',
  path: '/cash-ins',
  tag: 'CashIns',
  summary: 'List cash-ins',
  description: 'Newest first.',
  auth: 'bearer',
  idempotency: 'none',
  query: Type.Object({
    customerId: Type.Optional(Id('cst', { ...PROPOSAL })),
    status: Type.Optional(OneOf(CASH_IN_STATUSES, { ...PROPOSAL })),
    ...CREATED_QUERY,
    ...PAGE_QUERY,
  }),
  success: { status: 200, description: 'A page of cash-ins', schema: CashInPage },
  errors: BEARER_ERRORS,
  evidence: [{ evidence: 'proposal', fact: 'The filters `customerId` and `status`.' }],
});

export const getCashIn = defineOperation({
  operationId: 'getCashIn',
  method: 'GET',
  path: '/cash-ins/:cashInId',
  tag: 'CashIns',
  summary: 'Get a cash-in',
  description: 'Its current status, amounts, fees and deposit instructions.',
  auth: 'bearer',
  idempotency: 'none',
  params: CashInParams,
  success: { status: 200, description: 'The cash-in', schema: CashIn },
  errors: [...BEARER_ERRORS, 'not_found'],
  example: { response: EXAMPLE_RESPONSE },
});

export const refreshCashIn = defineOperation({
  operationId: 'refreshCashIn',
  method: 'POST',
  path: '/cash-ins/:cashInId/refresh',
  tag: 'CashIns',
  summary: 'Refresh the code of a cash-in',
  description:
    'Issues a new code with a new expiry and voids the old one. An expired cash-in is pending again.',
  auth: 'bearer',
  idempotency: 'required',
  params: CashInParams,
  success: { status: 200, description: 'The cash-in with its new code', schema: CashIn },
  errors: [
    ...KEYED_MUTATION_ERRORS,
    'not_found',
    'invalid_state',
    'customer_inactive',
    'endorsement_required',
    'provider_account_not_provisioned',
    'limit_exceeded',
  ],
  evidence: [
    { evidence: 'inferred', fact: 'An expired cash-in returns to `pending`.' },
    { evidence: 'proposal', fact: 'Code `invalid_state` once the cash is deposited; the old code is void.' },
  ],
  example: { response: EXAMPLE_RESPONSE },
});
