import Type, { type Static } from 'typebox';
import { CustomerParams } from './customers.ts';
import { BEARER_ERRORS, KEYED_MUTATION_ERRORS } from './errors.ts';
import {
  Amount,
  DeveloperFee,
  Failure,
  FeesDeducted,
  Id,
  INFERRED,
  Metadata,
  NullableString,
  OneOf,
  PathId,
  PROPOSAL,
  Rates,
  Text,
  Timestamp,
} from './fields.ts';
import { defineOperation } from './operation.ts';
import { CREATED_QUERY, PAGE_QUERY, Page } from './pagination.ts';

export const TRANSACTION_TYPES = ['fiatToCrypto', 'cryptoToFiat', 'cryptoToCrypto'] as const;
export const TRANSACTION_STATUSES = ['processing', 'cashPickupReady', 'completed', 'failed'] as const;

const legFields = {
  asset: Type.String(),
  network: Type.String(),
  amountGross: Amount(),
  amountNet: Amount(),
  feesDeducted: Type.Optional(FeesDeducted),
  cash: Type.Optional(Type.Object({ locationId: Type.String(), locationReference: Type.String() })),
  rail: Type.Optional(Type.String({ description: 'Such as `cash` or `crypto`.', ...PROPOSAL })),
  paymentRail: Type.Optional(Type.String({ description: 'Same as `rail`.', ...PROPOSAL })),
  txHash: Type.Optional(NullableString()),
};

const TransactionSource = Type.Object(
  { walletId: Type.Optional(Type.String()), ...legFields },
  { title: 'TransactionSource' },
);

const TransactionDestination = Type.Object(
  {
    wallet: Type.Optional(
      Type.Object({
        walletId: Type.Optional(Type.String()),
        blockchainAddress: Type.Optional(Type.String()),
        externalAccountId: Type.Optional(Type.String()),
      }),
    ),
    externalAccountId: Type.Optional(Type.String()),
    bankDetails: Type.Optional(
      Type.Unsafe<Record<string, string>>({
        type: 'object',
        additionalProperties: { type: 'string' },
        description: 'Of the bank account paid to; numbers are masked.',
      }),
    ),
    owner: Type.Optional(Type.Object({ name: Type.Optional(Type.String()) })),
    ...legFields,
  },
  { title: 'TransactionDestination' },
);

export const CashPickup = Type.Object(
  {
    amount: Amount(),
    asset: Type.String(),
    cashCode: Type.String({ description: 'Shown where the cash is collected.' }),
    expiresAt: Timestamp(),
    instructions: Type.String(),
    phoneRequired: Type.Boolean(),
    location: Type.Object({
      name: Type.String(),
      provider: Type.String(),
      address: Type.String(),
      city: Type.String(),
      state: Type.String(),
      zipCode: Type.String(),
      country: Type.String(),
      coordinates: Type.Object({ latitude: Type.Number(), longitude: Type.Number() }),
    }),
  },
  { title: 'CashPickup', description: 'How the customer collects cash; there once it is ready.' },
);
export type CashPickup = Static<typeof CashPickup>;

const TransactionReturn = Type.Object(
  {
    code: Type.String({ examples: ['R01'] }),
    reason: Type.String(),
    amount: Amount({ description: 'What came back, in the destination asset.' }),
    returnedAt: Timestamp(),
  },
  {
    title: 'TransactionReturn',
    description: 'The bank sent a completed payout back; the money is on its way to the source wallet.',
    ...PROPOSAL,
  },
);

const TransactionRefund = Type.Object(
  {
    amount: Amount({ description: 'In the source asset.' }),
    status: OneOf(['pending', 'completed', 'failed']),
    txHash: NullableString(),
  },
  { title: 'TransactionRefund', description: 'What a failed transaction gives back.', ...PROPOSAL },
);

export const Transaction = Type.Object(
  {
    id: Type.String({ examples: ['txn_01H9Xn…'] }),
    object: Type.Literal('transaction'),
    type: OneOf(TRANSACTION_TYPES),
    status: OneOf(TRANSACTION_STATUSES, { description: 'Branch on this only.' }),
    subStatus: Type.Optional(Type.String({ description: 'Free-form; for display and logs.' })),
    customerId: Type.Optional(Type.String({ description: 'Same as `senderCustomerId`.', ...PROPOSAL })),
    quoteId: Type.Optional(Type.String({ ...INFERRED })),
    cashInId: Type.Optional(Type.String()),
    depositAddressId: Type.Optional(Type.String()),
    virtualAccountId: Type.Optional(Type.String({ ...INFERRED })),
    senderCustomerId: Type.Optional(Type.String()),
    recipientCustomerId: Type.Optional(Type.String()),
    role: Type.Optional(
      OneOf(['sender', 'recipient', 'both'], {
        description: 'Present when the request names a customer.',
      }),
    ),
    source: TransactionSource,
    destination: TransactionDestination,
    rates: Type.Optional(Rates),
    fixedAmountSide: Type.Optional(OneOf(['source', 'destination'])),
    developerFees: Type.Optional(Type.Array(DeveloperFee)),
    sponsorGas: Type.Optional(Type.Boolean()),
    sponsorGasCost: Type.Optional(Amount()),
    cashPickup: Type.Optional(CashPickup),
    error: Type.Optional(Failure),
    return: Type.Optional(TransactionReturn),
    refund: Type.Optional(TransactionRefund),
    metadata: Metadata(),
    createdAt: Timestamp(),
    updatedAt: Timestamp(),
    completedAt: Type.Optional(Timestamp({ description: 'Absent until completed.' })),
  },
  { title: 'Transaction' },
);
export type Transaction = Static<typeof Transaction>;

export const TransactionPage = Page(Transaction, 'TransactionPage');

const EXAMPLE: Transaction = {
  id: 'txn_01H9Xn...',
  object: 'transaction',
  type: 'fiatToCrypto',
  status: 'completed',
  cashInId: 'ci_01H9Xm...',
  senderCustomerId: 'cst_01H9Xa...',
  recipientCustomerId: 'cst_01H9Xa...',
  source: {
    asset: 'usd',
    network: 'cash',
    amountGross: '100.00',
    amountNet: '98.00',
    feesDeducted: { total: '2.00', developer: '0.00', oms: '2.00', gas: '0.00' },
  },
  destination: {
    wallet: { walletId: 'wlt_01H9Xb...' },
    asset: 'usdc',
    network: 'polygon',
    amountGross: '98.00',
    amountNet: '98.00',
  },
  rates: { exchangeRate: '1.0', effectiveRate: '0.98' },
  fixedAmountSide: 'source',
  metadata: {},
  createdAt: '2025-01-15T10:40:00Z',
  updatedAt: '2025-01-15T10:40:05Z',
  completedAt: '2025-01-15T10:40:05Z',
};

const filters = {
  status: Type.Optional(OneOf(TRANSACTION_STATUSES, { ...PROPOSAL })),
  type: Type.Optional(OneOf(TRANSACTION_TYPES, { ...PROPOSAL })),
  walletId: Type.Optional(Id('wlt', { ...PROPOSAL })),
  quoteId: Type.Optional(Id('qt', { ...PROPOSAL })),
  cashInId: Type.Optional(Id('ci', { ...PROPOSAL })),
  virtualAccountId: Type.Optional(Id('va', { ...PROPOSAL })),
  depositAddressId: Type.Optional(Id('da', { ...PROPOSAL })),
  ...CREATED_QUERY,
  ...PAGE_QUERY,
};

const TransactionRequest = Type.Object(
  {
    quoteId: Id('qt'),
    deviceFingerprint: Type.Optional(Text(500)),
    metadata: Type.Optional(Metadata({ description: "Added to the quote's own." })),
    partnerTransactionId: Type.Optional(Type.Integer()),
    paymentMethodId: Type.Optional(Text(100)),
    sourceWalletAddress: Type.Optional(
      Text(100, { description: 'Of the source wallet; refused when it is another.' }),
    ),
    tags: Type.Optional(Text(500)),
    webSessionId: Type.Optional(Text(500)),
  },
  { title: 'TransactionRequest' },
);
export type TransactionRequest = Static<typeof TransactionRequest>;

export const createTransaction = defineOperation({
  operationId: 'createTransaction',
  method: 'POST',
  path: '/transactions',
  tag: 'Transaction',
  summary: 'Execute a quote',
  description:
    'Accepts an open quote, holds the funds in its source wallet and delivers them. A quote is executed once.',
  auth: 'bearer',
  idempotency: 'required',
  body: TransactionRequest,
  success: { status: 201, description: 'Transaction started', schema: Transaction },
  errors: [
    ...KEYED_MUTATION_ERRORS,
    'not_found',
    'quote_already_accepted',
    'quote_expired',
    'insufficient_funds',
    'customer_inactive',
    'endorsement_required',
    'provider_account_not_provisioned',
    'unsupported_asset_network',
  ],
  evidence: [
    {
      evidence: 'proposal',
      fact: 'Fields of the request other than `quoteId`, `metadata` and `sourceWalletAddress` have no effect.',
    },
    { evidence: 'proposal', fact: 'A quote whose funds were lacking stays open until it expires.' },
  ],
  example: { request: { quoteId: 'qt_01H9Xq...' } },
});

export const listTransactions = defineOperation({
  operationId: 'listTransactions',
  method: 'GET',
  path: '/transactions',
  tag: 'Transaction',
  summary: 'List transactions',
  description: 'Newest first.',
  auth: 'bearer',
  idempotency: 'none',
  query: Type.Object({
    customerId: Type.Optional(Id('cst', { description: 'Sender or recipient.', ...PROPOSAL })),
    senderCustomerId: Type.Optional(Id('cst', { ...PROPOSAL })),
    recipientCustomerId: Type.Optional(Id('cst', { ...PROPOSAL })),
    ...filters,
  }),
  success: { status: 200, description: 'A page of transactions', schema: TransactionPage },
  errors: BEARER_ERRORS,
  evidence: [{ evidence: 'proposal', fact: 'Filters other than time and paging.' }],
});

export const getTransaction = defineOperation({
  operationId: 'getTransaction',
  method: 'GET',
  path: '/transactions/:transactionId',
  tag: 'Transaction',
  summary: 'Get a transaction',
  description: 'The optional customer ids set the perspective of `role`.',
  auth: 'bearer',
  idempotency: 'none',
  params: Type.Object({ transactionId: PathId('txn') }),
  query: Type.Object({
    senderCustomerId: Type.Optional(Id('cst')),
    recipientCustomerId: Type.Optional(Id('cst')),
  }),
  success: { status: 200, description: 'The transaction', schema: Transaction },
  errors: [...BEARER_ERRORS, 'not_found'],
  example: { response: EXAMPLE },
});

export const listCustomerTransactions = defineOperation({
  operationId: 'listCustomerTransactions',
  method: 'GET',
  path: '/customers/:customerId/transactions',
  tag: 'Customer',
  summary: 'List the transactions of a customer',
  description: 'Those where the customer is sender or recipient, with `role`; newest first.',
  auth: 'bearer',
  idempotency: 'none',
  params: CustomerParams,
  query: Type.Object(filters),
  success: { status: 200, description: 'A page of transactions', schema: TransactionPage },
  errors: [...BEARER_ERRORS, 'not_found'],
  evidence: [
    { evidence: 'inferred', fact: 'The envelope and paging of `GET /transactions`.' },
    { evidence: 'inferred', fact: 'Both sent and received transactions are listed.' },
  ],
});
