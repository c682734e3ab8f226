import Type, { type Static } from 'typebox';
import { BEARER_ERRORS } from './errors.ts';
import { EvmAddress, Id, PathId, THIRD_PARTY } from './fields.ts';
import { defineOperation, type Operation } from './operation.ts';
import {
  CREATE_QUOTE_ERRORS,
  EXACTLY_ONE_AMOUNT,
  quoteDestinationFields,
  quotedDestinationFields,
  quoteFields,
  quoteRequestFields,
} from './quotes.ts';

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

/** The operations that differ from those of v0.9, by operationId. */
export const DIALECT_OPERATIONS = { createQuote, getQuote } as const satisfies Record<string, Operation>;
