import Type, { type Static } from 'typebox';
import { BEARER_ERRORS, MUTATION_ERRORS } from './errors.ts';
import {
  EvmAddress,
  Id,
  Metadata,
  OneOf,
  PathId,
  PROPOSAL,
  RequiredText,
  THIRD_PARTY,
  Timestamp,
} from './fields.ts';
import { defineOperation, type Operation } from './operation.ts';
import {
  CREATE_QUOTE_ERRORS,
  EXACTLY_ONE_AMOUNT,
  quoteDestinationFields,
  quotedDestinationFields,
  quoteFields,
  quoteRequestFields,
} from './quotes.ts';
import { ACCOUNTHOLDER_NAMES, CREATE_VIRTUAL_ACCOUNT_ERRORS, VirtualAccount } from './virtual-accounts.ts';

/**
 * The later dialect, `/v0.11`: every operation of v0.9 is served there too, those below in other forms. Known from
 * integrators alone; what they do not show is as in v0.9.
 */

const FlatQuoteRequest = Type.Object(
  {
    ...quoteRequestFields,
    destination: Type.Object({
      ...quoteDestinationFields,
      walletId: Type.Optional(Id('wlt', { description: 'Another OMS wallet.' })),
      blockchainAddress: Type.Optional(EvmAddress()),
      externalAccountId: Type.Optional(Id('cpUsBank')),
    }),
  },
  { title: 'FlatQuoteRequest', description: EXACTLY_ONE_AMOUNT, ...THIRD_PARTY },
);
export type FlatQuoteRequest = Static<typeof FlatQuoteRequest>;

const FlatQuote = Type.Object(
  {
    ...quoteFields,
    destination: Type.Object(
      {
        ...quotedDestinationFields,
        walletId: Type.Optional(Type.String()),
        blockchainAddress: Type.Optional(Type.String()),
        externalAccountId: Type.Optional(Type.String()),
      },
      { title: 'FlatQuoteDestination' },
    ),
  },
  { title: 'FlatQuote', ...THIRD_PARTY },
);
export type FlatQuote = Static<typeof FlatQuote>;

const createQuote = defineOperation({
  operationId: 'createQuote',
  method: 'POST',
  path: '/quotes',
  tag: 'Quote',
  summary: 'Create a quote',
  description:
    'As in v0.9, with the target in the destination itself. The bank network `usBank` is that of the external account.',
  auth: 'bearer',
  idempotency: 'required',
  body: FlatQuoteRequest,
  success: { status: 201, description: 'Quote created', schema: FlatQuote },
  errors: CREATE_QUOTE_ERRORS,
  evidence: [{ evidence: 'third-party', fact: 'The flat destination.' }],
});

const getQuote = defineOperation({
  operationId: 'getQuote',
  method: 'GET',
  path: '/quotes/:quoteId',
  tag: 'Quote',
  summary: 'Get a quote',
  description: 'As in v0.9, with the target in the destination itself.',
  auth: 'bearer',
  idempotency: 'none',
  params: Type.Object({ quoteId: PathId('qt') }),
  success: { status: 200, description: 'The quote', schema: FlatQuote },
  errors: [...BEARER_ERRORS, 'not_found'],
  evidence: [{ evidence: 'third-party', fact: 'The flat destination.' }],
});

const OWNER_KINDS = ['customer'] as const;

const bankUsFields = {
  accountNumber: Type.String({ pattern: '^[0-9]{5,17}$', maxLength: 17 }),
  routingNumber: Type.String({ format: 'routing-number', maxLength: 9 }),
  accountType: OneOf(['checking', 'savings']),
  bankName: Type.Optional(RequiredText(100)),
};

const BankUsRequest = Type.Object(
  {
    owner: Type.Object({ kind: OneOf(OWNER_KINDS), customerId: Id('cst') }),
    type: OneOf(['bankUs']),
    bankUs: Type.Object(bankUsFields),
  },
  { title: 'BankUsRequest', ...THIRD_PARTY },
);
export type BankUsRequest = Static<typeof BankUsRequest>;

const BankUsAccount = Type.Object(
  {
    id: Type.String({ examples: ['cpUsBank_01H9Xs…'] }),
    object: Type.Literal('externalAccount'),
    owner: Type.Object({ kind: OneOf(OWNER_KINDS), customerId: Type.String(), name: Type.String() }),
    type: OneOf(['bankUs']),
    status: OneOf(['pending', 'verified', 'declined']),
    bankUs: Type.Object({
      accountNumber: Type.String({ description: '`****` and its last four.' }),
      routingNumber: Type.String(),
      accountType: Type.String(),
      bankName: Type.Optional(Type.String()),
    }),
    createdAt: Timestamp(),
  },
  { title: 'BankUsAccount', ...PROPOSAL },
);
export type BankUsAccount = Static<typeof BankUsAccount>;

const createExternalAccount = defineOperation({
  operationId: 'createExternalAccount',
  method: 'POST',
  path: '/external-accounts',
  tag: 'ExternalAccount',
  summary: "Register a customer's bank account",
  description:
    'The account of v0.9, registered for ACH, with its owner in the body; the owner is named as the customer is.',
  auth: 'bearer',
  idempotency: 'optional',
  body: BankUsRequest,
  success: { status: 201, description: 'Account registered', schema: BankUsAccount },
  errors: [...MUTATION_ERRORS, 'not_found', 'customer_inactive'],
  evidence: [
    { evidence: 'third-party', fact: 'The request.' },
    { evidence: 'proposal', fact: 'The answer; its id is that of v0.9.' },
  ],
});

const BankUsDepositAccountRequest = Type.Object(
  {
    customerId: Id('cst'),
    type: OneOf(['bankUs']),
    source: Type.Object({ asset: OneOf(['usd']), network: OneOf(['usBank']) }),
    destination: Type.Object({
      type: OneOf(['walletOms']),
      details: Type.Object({ id: Id('wlt', { description: 'An OMS wallet of the customer.' }) }),
    }),
    accountHolder: Type.Optional(OneOf(ACCOUNTHOLDER_NAMES, { default: 'oms' })),
    metadata: Type.Optional(Metadata({ ...PROPOSAL })),
  },
  { title: 'BankUsDepositAccountRequest', ...THIRD_PARTY },
);

const BankUsDepositAccount = Type.Object(
  {
    ...VirtualAccount.properties,
    type: OneOf(['bankUs']),
    accountHolder: OneOf(ACCOUNTHOLDER_NAMES),
    destination: Type.Object({
      type: OneOf(['walletOms']),
      details: Type.Object({ id: Type.String() }),
      asset: Type.String(),
      network: Type.String(),
    }),
  },
  { title: 'BankUsDepositAccount', ...PROPOSAL },
);
export type BankUsDepositAccount = Static<typeof BankUsDepositAccount>;

const createVirtualAccount = defineOperation({
  operationId: 'createVirtualAccount',
  method: 'POST',
  path: '/virtual-accounts',
  tag: 'VirtualAccount',
  summary: 'Create a virtual account',
  description: 'The virtual account of v0.9, with its customer in the body. It delivers usdc on polygon.',
  auth: 'bearer',
  idempotency: 'required',
  body: BankUsDepositAccountRequest,
  success: { status: 201, description: 'Virtual account created', schema: BankUsDepositAccount },
  errors: CREATE_VIRTUAL_ACCOUNT_ERRORS,
  evidence: [
    { evidence: 'third-party', fact: 'The request.' },
    { evidence: 'proposal', fact: 'The answer.' },
  ],
});

/** The operations that differ from those of v0.9, by operationId. */
export const DIALECT_OPERATIONS = {
  createQuote,
  getQuote,
  createExternalAccount,
  createVirtualAccount,
} as const satisfies Record<string, Operation>;
