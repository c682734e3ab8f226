import Type, { type Static } from 'typebox';
import { MUTATION_ERRORS } from './errors.ts';
import { Amount, Id, OneOf, PathId, PROPOSAL, RequiredText, Text, Timestamp } from './fields.ts';
import { defineOperation } from './operation.ts';

const resultFields = {
  authorizedAmount: Type.String(),
  confirmationId: Type.String(),
  responseCode: Type.String(),
  responseId: Type.String(),
  responseText: Type.String(),
};

export const BarcodeAuthorization = Type.Object(
  { ...resultFields, accountNumber: Type.String(), accountReferenceNumber: Type.String() },
  { title: 'BarcodeAuthorization', ...PROPOSAL },
);
export type BarcodeAuthorization = Static<typeof BarcodeAuthorization>;

export const AuthorizationCommit = Type.Object(resultFields, { title: 'AuthorizationCommit' });
export type AuthorizationCommit = Static<typeof AuthorizationCommit>;

const optionalFields = {
  customerId: Type.Optional(Id('cst')),
  description: Type.Optional(Text(500)),
};

const ERRORS_OF_SIMULATION = [
  ...MUTATION_ERRORS,
  'not_found',
  'invalid_state',
  'code_expired',
  'amount_out_of_range',
  'limit_exceeded',
  'customer_inactive',
  'endorsement_required',
  'provider_account_not_provisioned',
] as const;

export const simulateBarcodeAuth = defineOperation({
  operationId: 'simulateBarcodeAuth',
  method: 'POST',
  path: '/cash-ins/simulate/barcode-auth',
  tag: 'Simulation',
  summary: 'Simulate the till reading a deposit code',
  description: 'Authorizes a load of cash. Its answer feeds `simulateAuthCommit`.',
  auth: 'bearer',
  idempotency: 'optional',
  sandboxOnly: true,
  body: Type.Object({
    barcode: RequiredText(100, { description: '`depositInstructions.code` of a cash-in.' }),
    amount: Amount({ description: 'Cash handed over, in USD.' }),
    ...optionalFields,
  }),
  success: { status: 200, description: 'Load authorized', schema: BarcodeAuthorization },
  errors: ERRORS_OF_SIMULATION,
  evidence: [
    { evidence: 'proposal', fact: 'The request and response fields.' },
    { evidence: 'proposal', fact: 'The Idempotency-Key may be absent.' },
  ],
  example: { request: { barcode: 'ABC 12345', amount: '100.00' } },
});

export const simulateAuthCommit = defineOperation({
  operationId: 'simulateAuthCommit',
  method: 'POST',
  path: '/cash-ins/simulate/auth-commit',
  tag: 'Simulation',
  summary: 'Simulate the till committing an authorized load',
  description: 'Drives the cash-in: pending, processing, completed, with wallet credit and webhooks.',
  auth: 'bearer',
  idempotency: 'optional',
  sandboxOnly: true,
  body: Type.Object({
    accountNumber: RequiredText(100),
    accountReferenceNumber: RequiredText(100),
    amount: Amount(),
    originalConfirmationId: RequiredText(100, { description: '`confirmationId` of the authorization.' }),
    ...optionalFields,
  }),
  success: { status: 200, description: 'Load committed', schema: AuthorizationCommit },
  errors: ERRORS_OF_SIMULATION,
  evidence: [
    { evidence: 'proposal', fact: 'The commit drives the whole cash-in.' },
    { evidence: 'proposal', fact: 'The Idempotency-Key may be absent.' },
  ],
});

export const TRANSACTION_EVENTS = [
  'cashCollected',
  'cashPickupExpired',
  'payoutSettled',
  'payoutRejected',
  'payoutReturned',
  'notificationOfChange',
  'underReview',
] as const;

/** Which other fields of the body an event takes. */
export const EVENT_FIELDS = {
  cashCollected: {},
  cashPickupExpired: {},
  payoutSettled: {},
  payoutRejected: { code: 'optional' },
  payoutReturned: { returnCode: 'required' },
  notificationOfChange: { code: 'required', corrected: 'required' },
  underReview: {},
} as const satisfies Record<
  (typeof TRANSACTION_EVENTS)[number],
  Partial<Record<'returnCode' | 'code' | 'corrected', 'required' | 'optional'>>
>;

const CorrectedDetails = Type.Object(
  {
    routingNumber: Type.Optional(RequiredText(40)),
    accountNumber: Type.Optional(RequiredText(40)),
    accountType: Type.Optional(OneOf(['checking', 'savings'])),
    ownerName: Type.Optional(RequiredText(100)),
  },
  { title: 'CorrectedDetails', description: 'What its `code` corrects, and nothing else.' },
);

export const TransactionSimulation = Type.Object(
  {
    transactionId: Type.String(),
    event: OneOf(TRANSACTION_EVENTS),
    status: Type.Literal('submitted'),
    submittedAt: Timestamp(),
  },
  { title: 'TransactionSimulation', ...PROPOSAL },
);
export type TransactionSimulation = Static<typeof TransactionSimulation>;

export const simulateTransaction = defineOperation({
  operationId: 'simulateTransaction',
  method: 'POST',
  path: '/transactions/:transactionId/simulate',
  tag: 'Simulation',
  summary: 'Simulate what the outside world does to a transaction',
  description:
    'A customer collects cash or lets it expire; a bank settles, rejects or returns a payout, or corrects its account; screening wants it looked at (`underReview`, in any status, told by a compliance event alone). Webhooks tell what follows. Cash is ready by itself, and collected only by this.',
  auth: 'bearer',
  idempotency: 'optional',
  sandboxOnly: true,
  params: Type.Object({ transactionId: PathId('txn') }),
  body: Type.Object(
    {
      event: OneOf(TRANSACTION_EVENTS, { description: 'Decides which other fields there are.' }),
      returnCode: Type.Optional(RequiredText(10, { description: 'Of `payoutReturned`, such as `R01`.' })),
      code: Type.Optional(
        RequiredText(10, {
          description:
            'Of `notificationOfChange`, such as `C01`, or of `payoutRejected`, where it is optional.',
        }),
      ),
      corrected: Type.Optional(CorrectedDetails),
    },
    { title: 'TransactionSimulationRequest' },
  ),
  success: { status: 200, description: 'It has happened', schema: TransactionSimulation },
  errors: [...MUTATION_ERRORS, 'not_found', 'invalid_state'],
  evidence: [
    { evidence: 'proposal', fact: 'The operation.' },
    { evidence: 'proposal', fact: 'The Idempotency-Key may be absent.' },
  ],
  example: { request: { event: 'cashCollected' } },
});
