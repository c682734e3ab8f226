import Type, { type Static } from 'typebox';
import { CustomerParams } from './customers.ts';
import { BEARER_ERRORS, IDEMPOTENCY_ERRORS, KEYED_MUTATION_ERRORS, MUTATION_ERRORS } from './errors.ts';
import {
  Amount,
  EvmAddress,
  Id,
  INFERRED,
  Metadata,
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
import { SimulatedSenderField } from './simulations.ts';

export const DEPOSIT_ADDRESS_STATUSES = ['active', 'paused', 'deleted'] as const;
/** Those that are shown. */
const LISTED_STATUSES = ['active', 'paused'] as const;

/** In which a deposit is found; the others are of events alone. */
const LASTING_STATUSES = ['held', 'processing', 'delivered', 'returning', 'failed'] as const;
const DEPOSIT_STATUSES = ['pending', 'received', ...LASTING_STATUSES] as const;

/** Why a deposit waits at its address. */
export const HOLD_REASONS = [
  'below_minimum',
  'above_maximum',
  'fees_exceed_amount',
  'address_paused',
  'address_deleted',
  'customer_inactive',
  'endorsement_required',
  'provider_account_not_provisioned',
  'external_account_unavailable',
  'rate_unavailable',
  'transaction_failed',
  'payout_returned',
  'insufficient_funds',
] as const;
export type HoldReason = (typeof HOLD_REASONS)[number];

const MAX_DEVELOPER_FEES = 10;
const MAX_LABEL_LENGTH = 200;
const SHARE = '^0(\\.[0-9]{1,6})?$';

/** Guides say `wallet`, quotes `id`, transactions `walletId`. */
const DepositTarget = Type.Object(
  {
    wallet: Type.Optional(Id('wlt', { description: 'An OMS wallet, of this customer or another.' })),
    id: Type.Optional(Id('wlt', { description: 'Same as `wallet`.', ...PROPOSAL })),
    walletId: Type.Optional(Id('wlt', { description: 'Same as `wallet`.', ...PROPOSAL })),
    blockchainAddress: Type.Optional(EvmAddress({ description: 'On the network of the destination.' })),
    externalAccount: Type.Optional(
      Id('cpUsBank', { description: 'A saved bank account or address of the customer.' }),
    ),
    externalAccountId: Type.Optional(
      Id('cpUsBank', { description: 'Same as `externalAccount`.', ...PROPOSAL }),
    ),
  },
  {
    title: 'DepositTarget',
    description:
      'Exactly one target: an OMS wallet, a `blockchainAddress` or an `externalAccount`, under one name. Another deposit address is no target.',
  },
);

const DestinationRequest = Type.Object(
  {
    asset: RequiredText(20, { description: 'Such as `usdc`, or `usd` for a bank account.' }),
    network: RequiredText(30, { description: 'Such as `polygon`, or `ach` for a bank account.' }),
    wallet: DepositTarget,
  },
  { title: 'DepositAddressDestinationRequest' },
);
export type DestinationRequest = Static<typeof DestinationRequest>;

const PercentageFeeRequest = Type.Object(
  {
    type: Type.Optional(OneOf(['percentage'], { description: 'The amount is not known before a deposit.' })),
    rate: Type.String({ pattern: SHARE, maxLength: 20, description: 'A fraction: "0.015" is 1.5 %.' }),
    wallet: Type.Optional(
      Id('wlt', { description: 'One of your wallets; noted with the fee, which is booked to the project.' }),
    ),
  },
  { title: 'PercentageFeeRequest' },
);

const feesRequest = Type.Array(PercentageFeeRequest, {
  maxItems: MAX_DEVELOPER_FEES,
  description: "Instead of the project's developer fees. They sum to less than 1.",
});

const label = Text(MAX_LABEL_LENGTH, { description: 'Yours; shown to nobody else.' });

const DepositAddressRequest = Type.Object(
  {
    source: Type.Object({
      asset: RequiredText(20, { description: 'What is received, such as `usdc`.' }),
      network: RequiredText(30, { description: 'Where, such as `polygon`.' }),
    }),
    destination: DestinationRequest,
    developerFees: Type.Optional(feesRequest),
    label: Type.Optional(label),
    metadata: Type.Optional(Metadata()),
  },
  { title: 'DepositAddressRequest' },
);
export type DepositAddressRequest = Static<typeof DepositAddressRequest>;

const DepositAddressChange = Type.Object(
  {
    status: Type.Optional(
      OneOf(LISTED_STATUSES, { description: '`active` also sends on whatever is held.', ...PROPOSAL }),
    ),
    destination: Type.Optional(DestinationRequest),
    developerFees: Type.Optional(
      Type.Unsafe<Static<typeof feesRequest> | null>({
        ...feesRequest,
        type: ['array', 'null'],
        description: "What is charged from now on; null goes back to the project's developer fees.",
      }),
    ),
    label: Type.Optional(
      Type.Unsafe<string | null>({ ...label, type: ['string', 'null'], description: 'Null removes it.' }),
    ),
    metadata: Type.Optional(Metadata()),
  },
  { title: 'DepositAddressChange', description: 'What is absent stays as it is.', ...PROPOSAL },
);
export type DepositAddressChange = Static<typeof DepositAddressChange>;

export const DepositAddress = Type.Object(
  {
    id: Type.String({ examples: ['da_01H9Xr…'] }),
    object: Type.Literal('depositAddress'),
    customerId: Type.String(),
    status: OneOf(DEPOSIT_ADDRESS_STATUSES),
    transactionType: OneOf(['cryptoToCrypto', 'cryptoToFiat'], {
      description: 'Of the transactions that deposits become.',
    }),
    source: Type.Object(
      {
        asset: Type.String(),
        network: Type.String(),
        depositInstructions: Type.Object({
          address: Type.String({ description: 'Where to send; it does not expire.' }),
          asset: Type.String(),
          network: Type.String(),
        }),
      },
      { title: 'DepositAddressSource' },
    ),
    destination: Type.Object(
      {
        asset: Type.String(),
        network: Type.String(),
        wallet: Type.Object({
          wallet: Type.Optional(Type.String()),
          blockchainAddress: Type.Optional(Type.String()),
          externalAccount: Type.Optional(Type.String()),
        }),
      },
      { title: 'DepositAddressDestination' },
    ),
    developerFees: Type.Optional(
      Type.Array(
        Type.Object({
          type: Type.Literal('percentage'),
          rate: Type.String(),
          wallet: Type.Optional(Type.String()),
        }),
        { description: "Absent when the project's apply.", ...INFERRED },
      ),
    ),
    label: NullableString({ ...INFERRED }),
    metadata: Metadata({ ...INFERRED }),
    createdAt: Timestamp(),
    updatedAt: Timestamp({ ...PROPOSAL }),
  },
  { title: 'DepositAddress' },
);
export type DepositAddress = Static<typeof DepositAddress>;

export const AddressDeposit = Type.Object(
  {
    id: Type.String({ examples: ['dep_01H9Xd…'] }),
    object: Type.Literal('depositAddressDeposit'),
    depositAddressId: Type.String(),
    customerId: Type.String(),
    status: OneOf(DEPOSIT_STATUSES, {
      description:
        '`pending`: seen, not final. `received`: final, not looked at yet; like `pending`, only events say so. `held`: waits at the address. `processing`: being sent on. `delivered`. `returning`: a payout failed and the money is on its way back. `failed`: it cannot come back; operators decide.',
    }),
    amount: Amount(),
    amountHeld: Type.Optional(
      Amount({
        description: 'What of it waits; less than `amount` when a payout came back without its fees.',
      }),
    ),
    holdReason: Type.Optional(
      OneOf(HOLD_REASONS, { description: 'Why it waits. New reasons may be added.' }),
    ),
    transactionId: Type.Optional(
      Type.String({ description: 'What it was last sent on with; small deposits go together.' }),
    ),
    asset: Type.String(),
    network: Type.String(),
    address: Type.String({ description: 'Of the deposit address.' }),
    fromAddress: Type.String(),
    txHash: Type.String(),
    logIndex: Type.Integer(),
    blockNumber: Type.String({ description: 'Decimal string.' }),
    createdAt: Timestamp(),
    updatedAt: Timestamp(),
  },
  { title: 'DepositAddressDeposit', description: 'A transfer to a deposit address.', ...PROPOSAL },
);
export type AddressDeposit = Static<typeof AddressDeposit>;

const SimulatedDeposit = Type.Object(
  {
    amount: Type.Object({ value: Amount(), currency: Type.String({ examples: ['USDC'] }) }),
    depositAddressId: Type.String(),
    network: OneOf(['BASE', 'ETHEREUM', 'INK', 'POLYGON', 'SOLANA', 'SUI'], {
      description: 'Upper case, as documented; POLYGON is added.',
    }),
    status: Type.Literal('submitted'),
    submittedAt: Timestamp(),
    transactionHash: Type.String({
      description:
        "Synthetic: the `nonce` of the token's `AuthorizationUsed` log beside the transfer. The deposit has the transaction's own hash.",
    }),
  },
  { title: 'SimulatedDeposit' },
);
export type SimulatedDeposit = Static<typeof SimulatedDeposit>;

const Params = Type.Object({ depositAddressId: PathId('da') });

const EXAMPLE: DepositAddress = {
  id: 'da_01H9Xr...',
  object: 'depositAddress',
  customerId: 'cst_01H9Xa...',
  status: 'active',
  transactionType: 'cryptoToCrypto',
  source: {
    asset: 'usdc',
    network: 'polygon',
    depositInstructions: {
      address: '0xBEEF4a2c891D56e72b67a3f21d0cf94F1D7c5911',
      asset: 'usdc',
      network: 'polygon',
    },
  },
  destination: { asset: 'usdc', network: 'polygon', wallet: { wallet: 'wlt_01H9Xb...' } },
  developerFees: [{ type: 'percentage', rate: '0.015' }],
  label: 'Invoices',
  metadata: {},
  createdAt: '2025-01-15T10:30:00Z',
  updatedAt: '2025-01-15T10:30:00Z',
};

const DESTINATION_ERRORS = [
  'not_found',
  'customer_inactive',
  'endorsement_required',
  'provider_account_not_provisioned',
  'unsupported_asset_network',
] as const;

const PROPOSED = { evidence: 'proposal', fact: 'The operation; no document of v0.9 names it.' } as const;

export const createDepositAddress = defineOperation({
  operationId: 'createDepositAddress',
  method: 'POST',
  path: '/customers/:customerId/deposit-addresses',
  tag: 'DepositAddress',
  summary: 'Create a deposit address',
  description:
    'An address whose deposits are sent on to the destination by themselves, each as a transaction, once they are final on chain. What is smaller than the minimum waits, and goes together with other small deposits as soon as they reach it. Needs the `cryptoCustody` endorsement, and for a bank account `usd` and a provisioned customer.',
  auth: 'bearer',
  idempotency: 'required',
  params: CustomerParams,
  body: DepositAddressRequest,
  success: { status: 201, description: 'Deposit address created', schema: DepositAddress },
  errors: [...KEYED_MUTATION_ERRORS, ...DESTINATION_ERRORS],
  evidence: [
    { evidence: 'inferred', fact: 'Destinations other than a wallet: an overview says they are possible.' },
    { evidence: 'proposal', fact: 'Fees of the settings for `depositAddress` apply to every destination.' },
    { evidence: 'proposal', fact: 'Gas is sponsored.' },
  ],
  example: {
    request: {
      source: { asset: 'usdc', network: 'polygon' },
      destination: { asset: 'usdc', network: 'polygon', wallet: { wallet: 'wlt_01H9Xb...' } },
      developerFees: [{ type: 'percentage', rate: '0.015' }],
      label: 'Invoices',
    },
    response: EXAMPLE,
  },
});

export const listDepositAddresses = defineOperation({
  operationId: 'listDepositAddresses',
  method: 'GET',
  path: '/customers/:customerId/deposit-addresses',
  tag: 'DepositAddress',
  summary: 'List the deposit addresses of a customer',
  description: 'Newest first, without deleted ones.',
  auth: 'bearer',
  idempotency: 'none',
  params: CustomerParams,
  query: Type.Object({
    status: Type.Optional(OneOf(LISTED_STATUSES)),
    ...CREATED_QUERY,
    ...PAGE_QUERY,
  }),
  success: {
    status: 200,
    description: 'A page of deposit addresses',
    schema: Page(DepositAddress, 'DepositAddressPage'),
  },
  errors: [...BEARER_ERRORS, 'not_found'],
  evidence: [PROPOSED],
});

export const getDepositAddress = defineOperation({
  operationId: 'getDepositAddress',
  method: 'GET',
  path: '/deposit-addresses/:depositAddressId',
  tag: 'DepositAddress',
  summary: 'Get a deposit address',
  description: 'A deleted one is not found.',
  auth: 'bearer',
  idempotency: 'none',
  params: Params,
  success: { status: 200, description: 'The deposit address', schema: DepositAddress },
  errors: [...BEARER_ERRORS, 'not_found'],
  example: { response: EXAMPLE },
});

export const updateDepositAddress = defineOperation({
  operationId: 'updateDepositAddress',
  method: 'PATCH',
  path: '/deposit-addresses/:depositAddressId',
  tag: 'DepositAddress',
  summary: 'Update a deposit address',
  description:
    'While it is `paused`, deposits are held; `active` sends them on. A new destination or fee is for what is sent on from now on; `release` sends on what is held.',
  auth: 'bearer',
  idempotency: 'optional',
  params: Params,
  body: DepositAddressChange,
  success: { status: 200, description: 'The deposit address after the change', schema: DepositAddress },
  errors: [...MUTATION_ERRORS, ...DESTINATION_ERRORS],
  evidence: [{ evidence: 'proposal', fact: 'The fields that can be changed.' }],
  example: { request: { status: 'paused' }, response: { ...EXAMPLE, status: 'paused' } },
});

export const deleteDepositAddress = defineOperation({
  operationId: 'deleteDepositAddress',
  method: 'DELETE',
  path: '/deposit-addresses/:depositAddressId',
  tag: 'DepositAddress',
  summary: 'Delete a deposit address',
  description:
    'For good. What is under way goes on. What arrives later is booked and held, and `listAllAddressDeposits` tells of it.',
  auth: 'bearer',
  idempotency: 'optional',
  params: Params,
  success: { status: 204, description: 'Deposit address deleted' },
  errors: [...BEARER_ERRORS, ...IDEMPOTENCY_ERRORS, 'not_found'],
  evidence: [{ evidence: 'proposal', fact: 'Status 204.' }],
});

export const releaseDepositAddress = defineOperation({
  operationId: 'releaseDepositAddress',
  method: 'POST',
  path: '/deposit-addresses/:depositAddressId/release',
  tag: 'DepositAddress',
  summary: 'Send on what a deposit address holds',
  description:
    'Tries every held deposit again, by the rules of now: after a failure, a changed limit, a new destination. Also for a deleted address, whose last destination it then pays to. 409 while it is paused: set it `active` instead.',
  auth: 'bearer',
  idempotency: 'required',
  params: Params,
  success: { status: 200, description: 'The release was ordered', schema: DepositAddress },
  errors: [...KEYED_MUTATION_ERRORS, 'not_found', 'invalid_state'],
  evidence: [PROPOSED],
  example: { response: EXAMPLE },
});

const depositFilters = {
  status: Type.Optional(OneOf(LASTING_STATUSES)),
  holdReason: Type.Optional(OneOf(HOLD_REASONS)),
  ...CREATED_QUERY,
  ...PAGE_QUERY,
};

const AddressDepositPage = Page(AddressDeposit, 'DepositAddressDepositPage');

export const listAddressDeposits = defineOperation({
  operationId: 'listAddressDeposits',
  method: 'GET',
  path: '/deposit-addresses/:depositAddressId/deposits',
  tag: 'DepositAddress',
  summary: 'List the deposits of a deposit address',
  description: 'Final ones, newest first.',
  auth: 'bearer',
  idempotency: 'none',
  params: Params,
  query: Type.Object(depositFilters),
  success: { status: 200, description: 'A page of deposits', schema: AddressDepositPage },
  errors: [...BEARER_ERRORS, 'not_found'],
  evidence: [PROPOSED],
});

export const listAllAddressDeposits = defineOperation({
  operationId: 'listAllAddressDeposits',
  method: 'GET',
  path: '/deposit-address-deposits',
  tag: 'DepositAddress',
  summary: 'List the deposits of all deposit addresses',
  description:
    'Final ones of any address, deleted ones too, newest first. `status=held` is what waits for you.',
  auth: 'bearer',
  idempotency: 'none',
  query: Type.Object({
    depositAddressId: Type.Optional(Id('da')),
    customerId: Type.Optional(Id('cst')),
    ...depositFilters,
  }),
  success: { status: 200, description: 'A page of deposits', schema: AddressDepositPage },
  errors: BEARER_ERRORS,
  evidence: [PROPOSED],
});

export const simulateDeposit = defineOperation({
  operationId: 'simulateDeposit',
  method: 'POST',
  path: '/deposit-addresses/:depositAddressId/simulate',
  tag: 'Simulation',
  summary: 'Simulate a deposit',
  description:
    "Sends play money to the address on the sandbox's own chain, by an ordinary transfer; the deposit comes in as any other.",
  auth: 'bearer',
  idempotency: 'required',
  sandboxOnly: true,
  params: Params,
  body: Type.Object({
    amount: Type.Object({ value: Amount({ description: "In the address's source asset." }) }),
    from: SimulatedSenderField,
  }),
  success: { status: 200, description: 'Transfer submitted', schema: SimulatedDeposit },
  errors: [...KEYED_MUTATION_ERRORS, 'not_found', 'amount_out_of_range'],
  evidence: [
    { evidence: 'proposal', fact: 'POLYGON among the networks, and `currency` in upper case.' },
    { evidence: 'proposal', fact: 'The transfer is real on the local chain.' },
  ],
  example: {
    request: { amount: { value: '100.00' } },
    response: {
      amount: { value: '100.00', currency: 'USDC' },
      depositAddressId: 'da_01H9Xr...',
      network: 'POLYGON',
      status: 'submitted',
      submittedAt: '2025-01-15T10:35:00Z',
      transactionHash: `0x${'ab'.repeat(32)}`,
    },
  },
});
