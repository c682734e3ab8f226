import Type, { type Static } from 'typebox';
import { BEARER_ERRORS, KEYED_MUTATION_ERRORS } from './errors.ts';
import {
  Amount,
  DeveloperFee,
  EvmAddress,
  FeesDeducted,
  Id,
  Metadata,
  OneOf,
  PathId,
  PROPOSAL,
  Rates,
  RequiredText,
  Text,
  Timestamp,
} from './fields.ts';
import { defineOperation } from './operation.ts';
import { TRANSACTION_TYPES } from './transactions.ts';

export const QUOTE_STATUSES = ['open', 'accepted', 'expired'] as const;

const MAX_DEVELOPER_FEES = 10;

/** Guides name an OMS wallet `id` and `wallet`, transactions `walletId` (contract 2.11). */
const QuoteTarget = Type.Object(
  {
    id: Type.Optional(Id('wlt', { description: 'Another OMS wallet.' })),
    wallet: Type.Optional(Id('wlt', { description: 'Same as `id`.' })),
    walletId: Type.Optional(Id('wlt', { description: 'Same as `id`.', ...PROPOSAL })),
    blockchainAddress: Type.Optional(EvmAddress({ description: 'On the network of the destination.' })),
    externalAccount: Type.Optional(
      Id('cpUsBank', {
        description: 'A saved bank account or address, such as `cpUsBank_…` or `cpBcAddr_…`.',
      }),
    ),
    externalAccountId: Type.Optional(
      Id('cpUsBank', { description: 'Same as `externalAccount`.', ...PROPOSAL }),
    ),
  },
  {
    title: 'QuoteTarget',
    description:
      'Exactly one target: an OMS wallet, a `blockchainAddress` or an `externalAccount`, under one name.',
  },
);

/** Where cash is picked up; the names of cash-ins are taken too. */
const CashTarget = Type.Object(
  {
    locationId: Type.Optional(Id('loc')),
    cashLocationId: Type.Optional(Id('loc', { description: 'Same as `locationId`.' })),
    locationReference: Type.Optional(RequiredText(500)),
    cashLocationReference: Type.Optional(RequiredText(500, { description: 'Same as `locationReference`.' })),
  },
  { title: 'CashTarget', description: 'A place that pays out cash, from `GET /cash-locations`.' },
);

const DeveloperFeeRequest = Type.Object(
  {
    type: Type.Optional(OneOf(['percentage', 'fixed'], { ...PROPOSAL })),
    percentage: Type.Optional(Text(20, { description: 'A fraction: "0.01" is 1 %.' })),
    rate: Type.Optional(Text(20, { description: 'Same as `percentage`.' })),
    flatFee: Type.Optional(Amount({ description: 'In the source asset.' })),
    amount: Type.Optional(Amount({ description: 'Same as `flatFee`.', ...PROPOSAL })),
  },
  { title: 'DeveloperFeeRequest' },
);

/** What a quote request has in each dialect. */
export const quoteRequestFields = {
  customerId: Id('cst'),
  source: Type.Object({
    walletId: Type.Optional(Id('wlt', { description: 'The OMS wallet that pays.' })),
    wallet: Type.Optional(Id('wlt', { description: 'Same as `walletId`.', ...PROPOSAL })),
    id: Type.Optional(Id('wlt', { description: 'Same as `walletId`.', ...PROPOSAL })),
    asset: RequiredText(20, { description: 'Such as `usdc`.' }),
    network: RequiredText(30, { description: 'Such as `polygon`.' }),
    amount: Type.Optional(Amount({ description: 'Fixes what is paid, fees included.' })),
  }),
  sponsorGas: Type.Optional(
    Type.Boolean({ description: 'Default true: gas is not charged to the customer.' }),
  ),
  promoCode: Type.Optional(Text(100, { description: 'Accepted; has no effect.' })),
  developerFees: Type.Optional(
    Type.Array(DeveloperFeeRequest, {
      maxItems: MAX_DEVELOPER_FEES,
      description: "Instead of the project's developer fees.",
      ...PROPOSAL,
    }),
  ),
  metadata: Type.Optional(Metadata()),
};

export const quoteDestinationFields = {
  cash: Type.Optional(CashTarget),
  asset: RequiredText(20, { description: 'Such as `usd`.' }),
  network: RequiredText(30, { description: 'Such as `ach`.' }),
  amount: Type.Optional(Amount({ description: 'Fixes what arrives.' })),
};

export const EXACTLY_ONE_AMOUNT =
  'Exactly one of `source.amount` and `destination.amount`. The server checks it.';

const QuoteRequest = Type.Object(
  {
    ...quoteRequestFields,
    destination: Type.Object({ wallet: Type.Optional(QuoteTarget), ...quoteDestinationFields }),
  },
  { title: 'QuoteRequest', description: EXACTLY_ONE_AMOUNT },
);
export type QuoteRequest = Static<typeof QuoteRequest>;

const amountFields = { amountGross: Amount(), amountNet: Amount(), feesDeducted: FeesDeducted };

/** What a quote has in each dialect, but for its destination. */
export const quoteFields = {
  id: Type.String({ examples: ['qt_01H9Xq…'] }),
  object: Type.Literal('quote'),
  type: OneOf(TRANSACTION_TYPES),
  status: OneOf(QUOTE_STATUSES),
  customerId: Type.String(),
  source: Type.Object(
    { walletId: Type.String(), asset: Type.String(), network: Type.String(), ...amountFields },
    { title: 'QuoteSource' },
  ),
  rates: Rates,
  fixedAmountSide: OneOf(['source', 'destination']),
  developerFees: Type.Array(DeveloperFee),
  sponsorGas: Type.Boolean(),
  sponsorGasCost: Amount({ description: 'In USD; what sponsored gas would have cost the customer.' }),
  transactionId: Type.Optional(
    Type.String({ description: 'The transaction that executed it.', ...PROPOSAL }),
  ),
  metadata: Metadata(),
  expiresAt: Timestamp(),
  createdAt: Timestamp(),
};

/** The destination in each dialect, but for its target. */
export const quotedDestinationFields = {
  cash: Type.Optional(Type.Object({ locationId: Type.String(), locationReference: Type.String() })),
  asset: Type.String(),
  network: Type.String(),
  ...amountFields,
};

export const Quote = Type.Object(
  {
    ...quoteFields,
    destination: Type.Object(
      {
        wallet: Type.Optional(
          Type.Object({
            id: Type.Optional(Type.String()),
            blockchainAddress: Type.Optional(Type.String()),
            externalAccount: Type.Optional(Type.String()),
          }),
        ),
        ...quotedDestinationFields,
      },
      { title: 'QuoteDestination' },
    ),
  },
  { title: 'Quote' },
);
export type Quote = Static<typeof Quote>;

const EXAMPLE: Quote = {
  id: 'qt_01H9Xq...',
  object: 'quote',
  type: 'cryptoToCrypto',
  status: 'open',
  customerId: 'cst_01H9Xa...',
  source: {
    walletId: 'wlt_01H9Xb...',
    asset: 'usdc',
    network: 'polygon',
    amountGross: '100.00',
    amountNet: '99.42',
    feesDeducted: { total: '0.58', developer: '0.20', oms: '0.35', gas: '0.03' },
  },
  destination: {
    wallet: { blockchainAddress: '0xBEEF4a2c891D56e72b67a3f21d0cf94F1D7c5911' },
    asset: 'usdc',
    network: 'polygon',
    amountGross: '99.42',
    amountNet: '99.42',
    feesDeducted: { total: '0.00', developer: '0.00', oms: '0.00', gas: '0.00' },
  },
  rates: { pair: 'usdc/usdc', exchangeRate: '1.0', effectiveRate: '0.9942' },
  fixedAmountSide: 'source',
  developerFees: [],
  sponsorGas: false,
  sponsorGasCost: '0.00',
  metadata: {},
  expiresAt: '2025-01-15T10:35:00Z',
  createdAt: '2025-01-15T10:30:00Z',
};

export const CREATE_QUOTE_ERRORS = [
  ...KEYED_MUTATION_ERRORS,
  'not_found',
  'customer_inactive',
  'endorsement_required',
  'provider_account_not_provisioned',
  'unsupported_asset_network',
  'amount_out_of_range',
  'rate_unavailable',
] as const;

export const createQuote = defineOperation({
  operationId: 'createQuote',
  method: 'POST',
  path: '/quotes',
  tag: 'Quote',
  summary: 'Create a quote',
  description:
    'Locks rate and fees of a payment from an OMS wallet for five minutes (a setting). Holds no funds; `POST /transactions` executes it, once.',
  auth: 'bearer',
  idempotency: 'required',
  body: QuoteRequest,
  success: { status: 201, description: 'Quote created', schema: Quote },
  errors: CREATE_QUOTE_ERRORS,
  evidence: [
    { evidence: 'proposal', fact: 'A quote lives for five minutes unless the project sets another time.' },
    { evidence: 'proposal', fact: 'Developer fees of the request are taken.' },
    { evidence: 'inferred', fact: 'An open quote holds no funds.' },
  ],
  example: {
    request: {
      customerId: 'cst_01H9Xa...',
      source: { walletId: 'wlt_01H9Xb...', asset: 'usdc', network: 'polygon', amount: '100.00' },
      destination: {
        wallet: { externalAccount: 'cpUsBank_01H9Xk...' },
        asset: 'usd',
        network: 'ach',
      },
    },
    response: EXAMPLE,
  },
});

export const getQuote = defineOperation({
  operationId: 'getQuote',
  method: 'GET',
  path: '/quotes/:quoteId',
  tag: 'Quote',
  summary: 'Get a quote',
  description: 'With its locked rate, fees and expiry, and its current status.',
  auth: 'bearer',
  idempotency: 'none',
  params: Type.Object({ quoteId: PathId('qt') }),
  success: { status: 200, description: 'The quote', schema: Quote },
  errors: [...BEARER_ERRORS, 'not_found'],
  example: { response: EXAMPLE },
});
