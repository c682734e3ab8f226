import Type, { type Static } from 'typebox';
import { BEARER_ERRORS } from './errors.ts';
import { NullableString, OneOf, PROPOSAL, Rate } from './fields.ts';
import { defineOperation } from './operation.ts';
import { DEFAULT_PAGE_LIMIT, MAX_PAGE_LIMIT, Page } from './pagination.ts';

/** `allpoint` pays out; that name is a third party's (contract 2.20). */
export const CASH_PROVIDERS = ['greendot', 'allpoint'] as const;
export const CASH_FLOWS = ['cashIn', 'cashOut'] as const;

export const CashLocation = Type.Object(
  {
    id: Type.String({ examples: ['loc_01H9Xl…'] }),
    object: Type.Literal('cashLocation'),
    cashLocationReference: Type.String({
      description: 'Opaque; pass it to `POST /cash-ins` or `POST /quotes`.',
    }),
    locationReference: Type.String({ description: 'Same as `cashLocationReference`.' }),
    name: Type.String(),
    provider: OneOf(CASH_PROVIDERS, { description: 'Of the flow asked about.' }),
    address: Type.String(),
    city: Type.String(),
    state: Type.String(),
    zipCode: Type.String(),
    country: Type.String(),
    coordinates: Type.Object({ latitude: Type.Number(), longitude: Type.Number() }),
    distance: Rate({ description: 'From the point asked about.' }),
    distanceUnit: Type.Literal('mi'),
    hours: NullableString(),
    cashInAllowed: Type.Boolean(),
    cashOutAllowed: Type.Boolean(),
  },
  { title: 'CashLocation', ...PROPOSAL },
);
export type CashLocation = Static<typeof CashLocation>;

export const CashLocationPage = Page(CashLocation, 'CashLocationPage');

export const listCashLocations = defineOperation({
  operationId: 'listCashLocations',
  method: 'GET',
  path: '/cash-locations',
  tag: 'CashLocation',
  summary: 'List cash locations near a point',
  description:
    'Nearest first, with the distance of each from the point. `flow=cashOut` lists the places that pay out, whichever provider is named. In the sandbox the machines of Casper, Wyoming (ZIP code 82601) are out of cash.',
  auth: 'bearer',
  idempotency: 'none',
  query: Type.Object({
    provider: OneOf(CASH_PROVIDERS),
    latitude: Type.Number({ minimum: -90, maximum: 90 }),
    longitude: Type.Number({ minimum: -180, maximum: 180 }),
    flow: Type.Optional(OneOf(CASH_FLOWS, { default: 'cashIn', ...PROPOSAL })),
    limit: Type.Optional(
      Type.Integer({ minimum: 1, maximum: MAX_PAGE_LIMIT, default: DEFAULT_PAGE_LIMIT, ...PROPOSAL }),
    ),
  }),
  success: { status: 200, description: 'The nearest locations', schema: CashLocationPage },
  errors: BEARER_ERRORS,
  evidence: [
    { evidence: 'proposal', fact: 'The response fields, the values of `flow`, and `limit`.' },
    {
      evidence: 'third-party',
      fact: 'The provider `allpoint`, which pays out. The documents name `greendot` alone.',
    },
    { evidence: 'proposal', fact: 'One page without cursors: `limit` widens it.' },
  ],
  example: {
    response: {
      data: [
        {
          id: 'loc_01H9Xl...',
          object: 'cashLocation',
          cashLocationReference: 'R1JFRU5ET1QtMjQzNDpsYXQ9...',
          locationReference: 'R1JFRU5ET1QtMjQzNDpsYXQ9...',
          name: 'CVS Pharmacy #4521',
          provider: 'greendot',
          address: '1350 Florin Rd',
          city: 'Sacramento',
          state: 'CA',
          zipCode: '95822',
          country: 'US',
          coordinates: { latitude: 38.495133, longitude: -121.505336 },
          distance: '0.4',
          distanceUnit: 'mi',
          hours: null,
          cashInAllowed: true,
          cashOutAllowed: false,
        },
      ],
      hasMore: false,
      nextCursor: null,
      previousCursor: null,
    },
  },
});
