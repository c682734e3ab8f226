import Type, { type Static } from 'typebox';
import { CustomerParams, ENDORSEMENT_NAMES, Endorsement } from './customers.ts';
import { KEYED_MUTATION_ERRORS, MUTATION_ERRORS } from './errors.ts';
import {
  Amount,
  Id,
  NullableString,
  OneOf,
  PathId,
  PROPOSAL,
  RequiredText,
  Text,
  Timestamp,
} from './fields.ts';
import { LISTED_ADDRESS } from './magic-values.ts';
import { defineOperation } from './operation.ts';
import { WalletParams } from './wallets.ts';

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

export const CASH_IN_EVENTS = ['codeExpired', 'orderDeclined'] as const;

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

/** What simulate operations and the clock tell of the events they caused; `GET /events/{eventId}` has the rest. */
export const CausedEvent = Type.Object(
  {
    id: Type.String({ examples: ['evt_01H9Xz…'] }),
    event: Type.String({ examples: ['customer.endorsement.denied'] }),
    resourceId: Type.String(),
    sequence: Type.Integer({ minimum: 1 }),
    createdAt: Timestamp(),
  },
  { title: 'CausedEvent', ...PROPOSAL },
);
export type CausedEvent = Static<typeof CausedEvent>;

/** Of an answer: what the call caused at once; what follows from it comes by itself. */
export const CausedEvents = Type.Array(CausedEvent, {
  description: 'What it caused at once, in order; none when nothing changed.',
  ...PROPOSAL,
});

export const CashInSimulation = Type.Object(
  {
    cashInId: Type.String(),
    event: OneOf(CASH_IN_EVENTS),
    status: Type.Literal('submitted'),
    submittedAt: Timestamp(),
    events: CausedEvents,
  },
  { title: 'CashInSimulation', ...PROPOSAL },
);
export type CashInSimulation = Static<typeof CashInSimulation>;

export const simulateCashIn = defineOperation({
  operationId: 'simulateCashIn',
  method: 'POST',
  path: '/cash-ins/:cashInId/simulate',
  tag: 'Simulation',
  summary: 'Simulate what a cash network does with an order',
  description:
    'Ends a pending cash-in before cash was taken: its hour is over (`codeExpired`; it can be refreshed), or the network gives the order up (`orderDeclined`).',
  auth: 'bearer',
  idempotency: 'optional',
  sandboxOnly: true,
  params: Type.Object({ cashInId: PathId('ci') }),
  body: Type.Object({ event: OneOf(CASH_IN_EVENTS) }, { title: 'CashInSimulationRequest' }),
  success: { status: 200, description: 'It has happened', schema: CashInSimulation },
  errors: [...MUTATION_ERRORS, 'not_found', 'invalid_state'],
  evidence: [
    { evidence: 'proposal', fact: 'The operation.' },
    { evidence: 'proposal', fact: 'The Idempotency-Key may be absent.' },
  ],
  example: { request: { event: 'codeExpired' } },
});

export const TransactionSimulation = Type.Object(
  {
    transactionId: Type.String(),
    event: OneOf(TRANSACTION_EVENTS),
    status: Type.Literal('submitted'),
    submittedAt: Timestamp(),
    events: CausedEvents,
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

export const ENDORSEMENT_DECISIONS = ['granted', 'rejected', 'documentsRequested', 'revoked'] as const;

/** Which other fields of the body a decision takes, besides `endorsements`. */
export const DECISION_FIELDS = {
  granted: [],
  rejected: ['rejectionReasons'],
  documentsRequested: ['missing', 'issues'],
  revoked: ['rejectionReasons'],
} as const satisfies Record<
  (typeof ENDORSEMENT_DECISIONS)[number],
  readonly ('rejectionReasons' | 'missing' | 'issues')[]
>;

const MAX_REASONS = 10;
const MAX_REASON_LENGTH = 500;
const Requirements = (description: string) =>
  Type.Optional(
    Type.Array(RequiredText(MAX_REASON_LENGTH), { minItems: 1, maxItems: MAX_REASONS, description }),
  );

export const EndorsementSimulation = Type.Object(
  {
    customerId: Type.String(),
    event: OneOf(ENDORSEMENT_DECISIONS),
    status: Type.Literal('submitted'),
    submittedAt: Timestamp(),
    endorsements: Type.Array(Endorsement, { description: 'All of the customer, after the decision.' }),
    events: CausedEvents,
  },
  { title: 'EndorsementSimulation', ...PROPOSAL },
);
export type EndorsementSimulation = Static<typeof EndorsementSimulation>;

export const simulateEndorsements = defineOperation({
  operationId: 'simulateEndorsements',
  method: 'POST',
  path: '/customers/:customerId/endorsements/simulate',
  tag: 'Simulation',
  summary: 'Simulate what the identity reviewer decides',
  description:
    'Grants or rejects endorsements, asks for documents, or takes away what was granted. What is decided so is not decided again by the sandbox itself, until the customer is reviewed anew. With the pace `manual` the sandbox decides nothing, and this alone does. Repeated, it changes nothing; a decision that the status of an endorsement does not allow is refused with `invalid_state`, and nothing is decided then.',
  auth: 'bearer',
  idempotency: 'optional',
  sandboxOnly: true,
  params: CustomerParams,
  body: Type.Object(
    {
      event: OneOf(ENDORSEMENT_DECISIONS, {
        description:
          '`granted` (of a pending or rejected one), `rejected` (any but a revoked one), `documentsRequested` (a pending or rejected one, which is pending then), `revoked` (an active one). Decides which other fields there are.',
      }),
      endorsements: Type.Optional(
        Type.Array(OneOf(ENDORSEMENT_NAMES), {
          minItems: 1,
          maxItems: ENDORSEMENT_NAMES.length,
          uniqueItems: true,
          description:
            'Absent: those of the customer that the decision can be made of, or all there are when it has none.',
        }),
      ),
      rejectionReasons: Type.Optional(
        Type.Array(
          Type.Object({
            reason: RequiredText(MAX_REASON_LENGTH, { description: 'For the customer.' }),
            developerReason: Type.Optional(RequiredText(MAX_REASON_LENGTH)),
          }),
          {
            minItems: 1,
            maxItems: MAX_REASONS,
            description: 'Of `rejected` and `revoked`. Absent: a reason that says who did it.',
          },
        ),
      ),
      missing: Requirements('Of `documentsRequested`: shown in `requirements.missing`.'),
      issues: Requirements('Of `documentsRequested`: shown in `requirements.issues`.'),
    },
    { title: 'EndorsementSimulationRequest' },
  ),
  success: { status: 200, description: 'It is decided', schema: EndorsementSimulation },
  errors: [...MUTATION_ERRORS, 'not_found', 'invalid_state'],
  evidence: [
    { evidence: 'proposal', fact: 'The operation.' },
    { evidence: 'proposal', fact: 'The Idempotency-Key may be absent.' },
  ],
  example: {
    request: {
      event: 'rejected',
      endorsements: ['usd'],
      rejectionReasons: [{ reason: 'The photo cannot be read.', developerReason: 'document_unreadable' }],
    },
  },
});

/** Who sends tokens in a simulation. */
export const SIMULATED_SENDERS = ['stranger', 'listed'] as const;
export type SimulatedSender = (typeof SIMULATED_SENDERS)[number];

export const SimulatedSenderField = Type.Optional(
  OneOf(SIMULATED_SENDERS, {
    default: 'stranger',
    description: `\`listed\`: an address on a sanctions list, \`${LISTED_ADDRESS}\`. A payment that sends it on goes under review; what stays in a wallet is no payment.`,
    ...PROPOSAL,
  }),
);

export const SIMULATED_TOKENS = ['usdc', 'other'] as const;

export const SimulatedWalletDeposit = Type.Object(
  {
    walletId: Type.String(),
    address: Type.String({ description: 'Where the transfer goes.' }),
    network: Type.String({ examples: ['polygon'] }),
    token: OneOf(SIMULATED_TOKENS),
    amount: Type.Object({ value: Amount() }),
    status: Type.Literal('submitted'),
    submittedAt: Timestamp(),
  },
  { title: 'SimulatedWalletDeposit', ...PROPOSAL },
);
export type SimulatedWalletDeposit = Static<typeof SimulatedWalletDeposit>;

export const simulateWalletDeposit = defineOperation({
  operationId: 'simulateWalletDeposit',
  method: 'POST',
  path: '/wallets/:walletId/simulate',
  tag: 'Simulation',
  summary: 'Simulate a transfer to a wallet',
  description:
    "Sends to the wallet on the sandbox's own chain, by an ordinary transfer of a stranger. Of the wallet's own token any amount is credited, however small, and told by `wallet.depositDetected` and `wallet.depositCredited`. A transfer of a token that nobody knows is credited to nobody: `GET /reconciliation/ignored-transfers` lists it.",
  auth: 'bearer',
  idempotency: 'required',
  sandboxOnly: true,
  params: WalletParams,
  body: Type.Object(
    {
      token: Type.Optional(
        OneOf(SIMULATED_TOKENS, { default: 'usdc', description: '`other`: one made up for this transfer.' }),
      ),
      amount: Type.Object({ value: Amount({ description: 'With at most 6 decimals.' }) }),
      from: SimulatedSenderField,
    },
    { title: 'WalletDepositSimulationRequest' },
  ),
  success: { status: 200, description: 'Transfer submitted', schema: SimulatedWalletDeposit },
  errors: [...KEYED_MUTATION_ERRORS, 'not_found', 'amount_out_of_range'],
  evidence: [{ evidence: 'proposal', fact: 'The operation.' }],
  example: { request: { token: 'usdc', amount: { value: '0.000001' } } },
});

export const RateSimulation = Type.Object(
  {
    pair: Type.String({ examples: ['usdc/usd'] }),
    rate: NullableString({ description: 'Null: there is none, or it is the usual one again.' }),
    event: OneOf(['moved', 'unavailable', 'usual']),
    status: Type.Literal('submitted'),
    submittedAt: Timestamp(),
  },
  { title: 'RateSimulation', ...PROPOSAL },
);
export type RateSimulation = Static<typeof RateSimulation>;

export const simulateRate = defineOperation({
  operationId: 'simulateRate',
  method: 'POST',
  path: '/sandbox/rates',
  tag: 'Simulation',
  summary: 'Simulate a move of an exchange rate',
  description:
    'From now on the project takes this rate for the pair, whatever the feed says: what is quoted, deposited and forwarded later. Quotes that exist keep theirs. With null there is no rate: `rate_unavailable`. Without `rate`, it is the usual one again. Cash-ins convert one to one.',
  auth: 'bearer',
  idempotency: 'optional',
  sandboxOnly: true,
  body: Type.Object(
    {
      pair: RequiredText(20, {
        description: 'What one unit of the first is worth in the second: `usdc/usd`.',
      }),
      rate: Type.Optional(
        Type.Unsafe<string | null>({
          type: ['string', 'null'],
          maxLength: 22,
          pattern: '^[0-9]+([.][0-9]+)?$',
          description: 'A positive decimal string with at most 12 decimals.',
        }),
      ),
    },
    { title: 'RateSimulationRequest' },
  ),
  success: { status: 200, description: 'The rate has moved', schema: RateSimulation },
  errors: [...MUTATION_ERRORS, 'not_found'],
  evidence: [
    { evidence: 'proposal', fact: 'The operation.' },
    { evidence: 'proposal', fact: 'The Idempotency-Key may be absent.' },
  ],
  example: { request: { pair: 'usdc/usd', rate: '0.98' } },
});
