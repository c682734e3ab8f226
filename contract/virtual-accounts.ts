import Type, { type Static, type TSchema } from 'typebox';
import { CustomerParams } from './customers.ts';
import { BEARER_ERRORS, IDEMPOTENCY_ERRORS, KEYED_MUTATION_ERRORS, MUTATION_ERRORS } from './errors.ts';
import {
  Amount,
  EvmAddress,
  Id,
  Metadata,
  NO_NUL,
  NullableString,
  OneOf,
  PathId,
  PROPOSAL,
  RequiredText,
  Text,
  Timestamp,
} from './fields.ts';
import { defineOperation } from './operation.ts';
import { CREATED_QUERY, PAGE_QUERY, Page } from './pagination.ts';
import { CausedEvents } from './simulations.ts';

/** A deleted one is not found. */
const VIRTUAL_ACCOUNT_STATUSES = ['active', 'paused'] as const;
export const ACCOUNTHOLDER_NAMES = ['customer', 'oms', 'developer'] as const;

export const VIRTUAL_ACCOUNT_DEPOSIT_STATUSES = [
  'received',
  'held',
  'processing',
  'delivered',
  'returning',
  'returned',
] as const;

/** Why the money of a deposit is held, or goes back. */
export const VIRTUAL_ACCOUNT_DEPOSIT_REASONS = [
  'account_paused',
  'amount_below_minimum',
  'amount_above_maximum',
  'customer_not_eligible',
  'destination_unavailable',
  'rate_unavailable',
  'treasury_short',
  'account_deleted',
  'delivery_failed',
] as const;

const MAX_DEVELOPER_FEES = 10;
const MAX_TEXT = 140;

/** One of these names; the documents use several for an OMS wallet (contract E3, and 9, row 5). */
const VirtualAccountTarget = Type.Object(
  {
    wallet: Type.Optional(Id('wlt', { description: 'An OMS wallet of the customer.' })),
    id: Type.Optional(Id('wlt', { description: 'Same as `wallet`.', ...PROPOSAL })),
    walletId: Type.Optional(Id('wlt', { description: 'Same as `wallet`.', ...PROPOSAL })),
    blockchainAddress: Type.Optional(EvmAddress()),
    externalAccount: Type.Optional(Id('cpBcAddr', { description: 'A saved address of the customer.' })),
  },
  {
    title: 'VirtualAccountTarget',
    description:
      'Exactly one target: an OMS wallet (under exactly one of its names), a `blockchainAddress` or an `externalAccount`. The server checks it.',
  },
);

const VirtualAccountDestinationRequest = Type.Object(
  {
    wallet: VirtualAccountTarget,
    asset: RequiredText(20, { description: '`usdc`.' }),
    network: RequiredText(30, { description: '`polygon`.' }),
  },
  { title: 'VirtualAccountDestinationRequest' },
);

/** Percentages only: what will come in is not known (contract E3 and section 5). */
const VirtualAccountFee = Type.Object(
  {
    type: OneOf(['percentage']),
    rate: Type.String({
      pattern: '^0(\\.[0-9]{1,6})?$',
      maxLength: 20,
      description: 'A fraction below 1: "0.015" is 1.5 %. At most 6 decimals.',
      examples: ['0.015'],
    }),
    wallet: Type.Optional(Id('wlt', { description: 'Kept and shown; the fee is booked for the project.' })),
  },
  { title: 'VirtualAccountFee' },
);
export type VirtualAccountFee = Static<typeof VirtualAccountFee>;

const fees = { maxItems: MAX_DEVELOPER_FEES, description: 'Instead of the project’s developer fees.' };

export const VirtualAccountRequest = Type.Object(
  {
    source: Type.Object({
      asset: RequiredText(20, { description: '`usd`.' }),
      network: RequiredText(30, { description: '`usBank`.' }),
    }),
    destination: VirtualAccountDestinationRequest,
    developerFees: Type.Optional(Type.Array(VirtualAccountFee, fees)),
    accountholderName: Type.Optional(
      OneOf(ACCOUNTHOLDER_NAMES, { description: 'Whose name the account carries.', default: 'oms' }),
    ),
    label: Type.Optional(Text(MAX_TEXT)),
    bankMemo: Type.Optional(Text(MAX_TEXT)),
    metadata: Type.Optional(Metadata({ description: 'Copied to the transaction of each deposit.' })),
  },
  { title: 'VirtualAccountRequest' },
);
export type VirtualAccountRequest = Static<typeof VirtualAccountRequest>;

const nullableText = Type.Unsafe<string | null>({
  type: ['string', 'null'],
  maxLength: MAX_TEXT,
  pattern: NO_NUL,
  description: 'Null takes it away.',
});

/** Null is refused by `items` alone, so that failures name the offending field and no union. */
const nullableFees = Type.Unsafe<VirtualAccountFee[] | null>({
  type: ['array', 'null'],
  items: VirtualAccountFee,
  maxItems: MAX_DEVELOPER_FEES,
  description: 'Null goes back to the project’s developer fees.',
});

export const VirtualAccountChange = Type.Object(
  {
    status: Type.Optional(
      OneOf(VIRTUAL_ACCOUNT_STATUSES, { description: '`paused` holds what comes in from now on.' }),
    ),
    destination: Type.Optional(VirtualAccountDestinationRequest),
    developerFees: Type.Optional(nullableFees),
    label: Type.Optional(nullableText),
    bankMemo: Type.Optional(nullableText),
    metadata: Type.Optional(Metadata({ description: 'Instead of what was there.' })),
  },
  { title: 'VirtualAccountChange', description: 'What is absent stays as it is.', ...PROPOSAL },
);
export type VirtualAccountChange = Static<typeof VirtualAccountChange>;

const BankDetails = Type.Object(
  {
    bankName: Type.String(),
    accountNumber: Type.String({
      description: 'In full, as it is to be paid to; in events its last four digits only.',
    }),
    routingNumber: Type.String(),
    accountType: OneOf(['checking', 'savings']),
    ownerName: Type.String(),
    reference: Type.String({ examples: ['VA-7K2M9QXW4T'] }),
  },
  { title: 'VirtualAccountBankDetails' },
);

export const VirtualAccount = Type.Object(
  {
    id: Type.String({ examples: ['va_01H9Xv…'] }),
    object: Type.Literal('virtualAccount'),
    customerId: Type.String(),
    status: OneOf(['active', 'paused', 'deleted'], { description: '`deleted` in its last event only.' }),
    source: Type.Object({ asset: Type.Literal('usd'), network: Type.Literal('usBank') }),
    bankDetails: BankDetails,
    destination: Type.Object(
      {
        wallet: Type.Object({
          id: Type.Optional(Type.String()),
          wallet: Type.Optional(Type.String()),
          blockchainAddress: Type.Optional(Type.String()),
          externalAccount: Type.Optional(Type.String()),
        }),
        asset: Type.String(),
        network: Type.String(),
      },
      { title: 'VirtualAccountDestination' },
    ),
    developerFees: Type.Optional(
      Type.Array(VirtualAccountFee, { description: 'Absent when the project’s apply.' }),
    ),
    accountholderName: OneOf(ACCOUNTHOLDER_NAMES),
    label: NullableString(),
    bankMemo: NullableString(),
    metadata: Metadata(),
    createdAt: Timestamp(),
    updatedAt: Timestamp({ ...PROPOSAL }),
  },
  { title: 'VirtualAccount' },
);
export type VirtualAccount = Static<typeof VirtualAccount>;

const RAILS = ['ach_in', 'wire_in', 'swift_in', 'rtp_in'] as const;

const referenceFields = {
  traceNumber: Type.Optional(Type.String({ description: 'Of `ach_in`.' })),
  imad: Type.Optional(Type.String({ description: 'Of `wire_in`.' })),
  uetr: Type.Optional(Type.String({ description: 'Of `swift_in`.' })),
  instructionId: Type.Optional(Type.String({ description: 'Of `rtp_in`.', ...PROPOSAL })),
};

export const VirtualAccountDeposit = Type.Object(
  {
    id: Type.String({ examples: ['bcr_01H9Xc…'] }),
    object: Type.Literal('virtualAccountDeposit'),
    virtualAccountId: Type.String(),
    customerId: Type.String(),
    status: OneOf(VIRTUAL_ACCOUNT_DEPOSIT_STATUSES),
    reason: Type.Optional(
      OneOf(VIRTUAL_ACCOUNT_DEPOSIT_REASONS, { description: 'Why it is held, or goes back.' }),
    ),
    rail: OneOf(RAILS),
    asset: Type.Literal('usd'),
    amount: Amount(),
    senderName: Type.String(),
    memo: Type.Optional(Type.String()),
    ...referenceFields,
    transactionId: Type.Optional(Type.String({ description: 'Once it is converted and delivered.' })),
    createdAt: Timestamp(),
    updatedAt: Timestamp(),
  },
  { title: 'VirtualAccountDeposit', description: 'Money that came in over a bank.', ...PROPOSAL },
);
export type VirtualAccountDeposit = Static<typeof VirtualAccountDeposit>;

const SimulatedAmount = Type.Object(
  { value: Amount({ description: 'At most 2 decimals.' }), currency: OneOf(['USD']) },
  { title: 'SimulatedBankAmount' },
);

export const SimulatedBankDeposit = Type.Object(
  {
    virtualAccountId: Type.String(),
    rail: OneOf(RAILS),
    amount: SimulatedAmount,
    status: Type.Literal('submitted'),
    submittedAt: Timestamp(),
    events: CausedEvents,
    ...referenceFields,
  },
  { title: 'SimulatedBankDeposit', ...PROPOSAL },
);
export type SimulatedBankDeposit = Static<typeof SimulatedBankDeposit>;

const VirtualAccountParams = Type.Object({ virtualAccountId: PathId('va') });

const EXAMPLE_REQUEST = {
  source: { asset: 'usd', network: 'usBank' },
  destination: { wallet: { wallet: 'wlt_01H9Xb...' }, asset: 'usdc', network: 'polygon' },
  developerFees: [{ type: 'percentage', rate: '0.005' }],
  accountholderName: 'customer',
  label: 'Payroll',
} as const;

const EXAMPLE: VirtualAccount = {
  id: 'va_01H9Xv...',
  object: 'virtualAccount',
  customerId: 'cst_01H9Xa...',
  status: 'active',
  source: { asset: 'usd', network: 'usBank' },
  bankDetails: {
    bankName: 'OpenOMS Sandbox Bank',
    accountNumber: '190274839175',
    routingNumber: '123999994',
    accountType: 'checking',
    ownerName: 'Jane Doe',
    reference: 'VA-7K2M9QXW4T',
  },
  destination: {
    wallet: { id: 'wlt_01H9Xb...', wallet: 'wlt_01H9Xb...' },
    asset: 'usdc',
    network: 'polygon',
  },
  developerFees: [{ type: 'percentage', rate: '0.005' }],
  accountholderName: 'customer',
  label: 'Payroll',
  bankMemo: null,
  metadata: {},
  createdAt: '2025-01-15T10:30:00Z',
  updatedAt: '2025-01-15T10:30:00Z',
};

const success = <Schema extends TSchema>(description: string, schema: Schema) =>
  ({ status: 200, description, schema }) as const;

export const CREATE_VIRTUAL_ACCOUNT_ERRORS = [
  ...KEYED_MUTATION_ERRORS,
  'not_found',
  'customer_inactive',
  'endorsement_required',
  'provider_account_not_provisioned',
  'unsupported_asset_network',
  'invalid_state',
] as const;

export const createVirtualAccount = defineOperation({
  operationId: 'createVirtualAccount',
  method: 'POST',
  path: '/customers/:customerId/virtual-accounts',
  tag: 'VirtualAccount',
  summary: 'Create a virtual account',
  description:
    'A bank account number of the customer’s own. Dollars that come to it are converted and delivered to the destination, each deposit by a transaction of its own. Needs the endorsements `basic` and `usd`.',
  auth: 'bearer',
  idempotency: 'required',
  params: CustomerParams,
  body: VirtualAccountRequest,
  success: { status: 201, description: 'Virtual account created', schema: VirtualAccount },
  errors: CREATE_VIRTUAL_ACCOUNT_ERRORS,
  evidence: [
    { evidence: 'proposal', fact: 'The destination is usdc on polygon; the wallet is the customer’s own.' },
    { evidence: 'proposal', fact: 'The endorsement `basic` and the provisioning are needed; error codes.' },
    { evidence: 'inferred', fact: 'Which response fields are always present.' },
  ],
  example: { request: EXAMPLE_REQUEST, response: EXAMPLE },
});

export const listCustomerVirtualAccounts = defineOperation({
  operationId: 'listCustomerVirtualAccounts',
  method: 'GET',
  path: '/customers/:customerId/virtual-accounts',
  tag: 'VirtualAccount',
  summary: 'List the virtual accounts of a customer',
  description: 'Newest first, without deleted ones; an empty list when there are none.',
  auth: 'bearer',
  idempotency: 'none',
  params: CustomerParams,
  query: Type.Object({
    status: Type.Optional(OneOf(VIRTUAL_ACCOUNT_STATUSES)),
    ...CREATED_QUERY,
    ...PAGE_QUERY,
  }),
  success: success('A page of virtual accounts', Page(VirtualAccount, 'VirtualAccountPage')),
  errors: [...BEARER_ERRORS, 'not_found'],
  evidence: [{ evidence: 'proposal', fact: 'The operation.' }],
});

export const getVirtualAccount = defineOperation({
  operationId: 'getVirtualAccount',
  method: 'GET',
  path: '/virtual-accounts/:virtualAccountId',
  tag: 'VirtualAccount',
  summary: 'Get a virtual account',
  description: 'With its bank details. A deleted one is not found.',
  auth: 'bearer',
  idempotency: 'none',
  params: VirtualAccountParams,
  success: success('The virtual account', VirtualAccount),
  errors: [...BEARER_ERRORS, 'not_found'],
  example: { response: EXAMPLE },
});

export const updateVirtualAccount = defineOperation({
  operationId: 'updateVirtualAccount',
  method: 'PATCH',
  path: '/virtual-accounts/:virtualAccountId',
  tag: 'VirtualAccount',
  summary: 'Change a virtual account',
  description:
    'Applies to deposits not yet converted. Pausing holds what comes in. A change of an account that is active then tries all that is held anew.',
  auth: 'bearer',
  idempotency: 'optional',
  params: VirtualAccountParams,
  body: VirtualAccountChange,
  success: success('The virtual account after the change', VirtualAccount),
  errors: [...MUTATION_ERRORS, 'not_found', 'unsupported_asset_network', 'invalid_state'],
  evidence: [
    { evidence: 'proposal', fact: 'Which fields can change, and that money of a paused account is held.' },
  ],
  example: { request: { status: 'paused' }, response: { ...EXAMPLE, status: 'paused' } },
});

export const deleteVirtualAccount = defineOperation({
  operationId: 'deleteVirtualAccount',
  method: 'DELETE',
  path: '/virtual-accounts/:virtualAccountId',
  tag: 'VirtualAccount',
  summary: 'Delete a virtual account',
  description:
    'Closes its number: money that is held goes back to its senders, and so does what still comes in. What is being converted is delivered.',
  auth: 'bearer',
  idempotency: 'optional',
  params: VirtualAccountParams,
  success: { status: 204, description: 'Virtual account deleted' },
  errors: [...BEARER_ERRORS, ...IDEMPOTENCY_ERRORS, 'not_found'],
  evidence: [{ evidence: 'proposal', fact: 'The status 204, and that money goes back.' }],
});

export const listVirtualAccountDeposits = defineOperation({
  operationId: 'listVirtualAccountDeposits',
  method: 'GET',
  path: '/virtual-accounts/:virtualAccountId/deposits',
  tag: 'VirtualAccount',
  summary: 'List the deposits of a virtual account',
  description:
    'All money that came in, newest first. A deposit is `held` while it cannot be converted; `reason` says why, and what time may cure is tried again by itself.',
  auth: 'bearer',
  idempotency: 'none',
  params: VirtualAccountParams,
  query: Type.Object({
    status: Type.Optional(OneOf(VIRTUAL_ACCOUNT_DEPOSIT_STATUSES)),
    ...CREATED_QUERY,
    ...PAGE_QUERY,
  }),
  success: success('A page of deposits', Page(VirtualAccountDeposit, 'VirtualAccountDepositPage')),
  errors: [...BEARER_ERRORS, 'not_found'],
  evidence: [{ evidence: 'proposal', fact: 'The operation and the deposit.' }],
});

export const simulateVirtualAccountDeposit = defineOperation({
  operationId: 'simulateVirtualAccountDeposit',
  method: 'POST',
  path: '/virtual-accounts/:virtualAccountId/simulate',
  tag: 'Simulation',
  summary: 'Simulate money coming in over a bank',
  description: 'Enters by the sandbox’s bank, as a credit of any bank does. A paused account receives too.',
  auth: 'bearer',
  idempotency: 'optional',
  sandboxOnly: true,
  params: VirtualAccountParams,
  body: Type.Object({
    rail: OneOf(RAILS),
    amount: SimulatedAmount,
    senderName: Type.Optional(RequiredText(MAX_TEXT)),
    memo: Type.Optional(Text(MAX_TEXT)),
  }),
  success: success('Submitted to the bank', SimulatedBankDeposit),
  errors: [...MUTATION_ERRORS, 'not_found'],
  evidence: [
    { evidence: 'proposal', fact: 'The fields of the request but `rail`, `rtp_in`, and the response.' },
    { evidence: 'proposal', fact: 'The Idempotency-Key may be absent.' },
  ],
  example: { request: { rail: 'ach_in', amount: { value: '250.00', currency: 'USD' } } },
});
