import Type, { type Static } from 'typebox';
import { BEARER_ERRORS, MUTATION_ERRORS } from './errors.ts';
import {
  Amount,
  EvmAddress,
  Id,
  NullableString,
  NullableTimestamp,
  OneOf,
  RequiredText,
  Timestamp,
} from './fields.ts';
import { defineOperation } from './operation.ts';
import { PAGE_QUERY, Page } from './pagination.ts';

const IGNORED_REASONS = ['wrong_token', 'zero_value'] as const;
const BREAK_STATUSES = ['open', 'closed'] as const;

/** A balance or a difference; the one amount of the API that may be negative. */
const SignedAmount = (description: string) =>
  Type.String({ pattern: '^-?(0|[1-9][0-9]*)\\.[0-9]{2,18}$', description, examples: ['-12.50'] });

export const ReconciliationRun = Type.Object(
  {
    id: Type.String({ examples: ['rcn_01H9Xr…'] }),
    object: Type.Literal('reconciliationRun'),
    status: OneOf(['running', 'completed', 'failed']),
    network: Type.String(),
    asset: Type.String(),
    blockNumber: Type.String({ description: 'The final block at which both sides were compared.' }),
    addresses: Type.Integer({
      description: 'Addresses compared: all wallets, deposit addresses and the treasury.',
    }),
    ledgerTotal: SignedAmount('What the ledger says they held after that block.'),
    chainTotal: SignedAmount('What the token contract says.'),
    adjustedItems: Type.Integer({
      description: 'Payments and deposits of later blocks that the ledger had booked already; left out.',
    }),
    openBreaks: Type.Integer({ description: 'Addresses that differ.' }),
    newBreaks: Type.Integer({ description: 'Those of them that the run before did not have.' }),
    closedBreaks: Type.Integer({ description: 'Addresses that differed and no longer do.' }),
    error: NullableString({ description: 'Why it failed.' }),
    startedAt: Timestamp(),
    completedAt: NullableTimestamp(),
  },
  { title: 'ReconciliationRun' },
);
export type ReconciliationRun = Static<typeof ReconciliationRun>;

const Subject = Type.Object({
  type: OneOf(['wallet', 'treasury', 'depositAddress']),
  id: Type.String({ description: 'The wallet or deposit address, or the network of the treasury.' }),
});

export const ReconciliationBreak = Type.Object(
  {
    id: Type.String({ examples: ['brk_01H9Xs…'] }),
    object: Type.Literal('reconciliationBreak'),
    status: OneOf(BREAK_STATUSES),
    subject: Subject,
    address: Type.String(),
    network: Type.String(),
    asset: Type.String(),
    ledgerBalance: SignedAmount('What the ledger says it held after the block.'),
    chainBalance: SignedAmount('What the token contract says.'),
    difference: SignedAmount('Chain less ledger.'),
    cause: OneOf(['in_flight', 'unbooked_transfer', 'missing_on_chain', 'unknown'], {
      description:
        '`in_flight`: open deposits or sends of the address are the difference. `unbooked_transfer`: it holds more, `missing_on_chain`: it holds less, with nothing open. `unknown`: what is open is not the difference.',
    }),
    blockNumber: Type.String({ description: 'Of the last run that saw it, as are the balances.' }),
    ageSeconds: Type.Integer({ description: 'Since first seen, until now or until it was closed.' }),
    firstSeenAt: Timestamp(),
    lastSeenAt: Timestamp(),
    closedAt: NullableTimestamp({ description: 'When a run first found both sides equal again.' }),
  },
  { title: 'ReconciliationBreak' },
);
export type ReconciliationBreak = Static<typeof ReconciliationBreak>;

export const IgnoredTransfer = Type.Object(
  {
    id: Type.String({ examples: ['igt_01H9Xt…'] }),
    object: Type.Literal('ignoredTransfer'),
    reason: OneOf(IGNORED_REASONS, {
      description:
        '`wrong_token`: of another contract than the asset’s. `zero_value`: of the asset, and nothing of it.',
    }),
    subject: Subject,
    network: Type.String(),
    token: Type.String({ description: 'The contract whose log says so. It may be made to deceive.' }),
    from: Type.String(),
    address: Type.String({ description: 'Address of the wallet, treasury or deposit address.' }),
    amount: Type.String({
      pattern: '^(0|[1-9][0-9]{0,77})$',
      description: 'In the smallest unit of that token.',
      examples: ['25000000'],
    }),
    txHash: Type.String(),
    logIndex: Type.Integer({ description: 'Position of the log in its block.' }),
    blockNumber: Type.String(),
    blockTime: Timestamp(),
    createdAt: Timestamp({ description: 'When it was listed; its block was final.' }),
  },
  { title: 'IgnoredTransfer' },
);
export type IgnoredTransfer = Static<typeof IgnoredTransfer>;

export const STATEMENT_DIRECTIONS = ['debit', 'credit'] as const;
const STATEMENT_STATUSES = ['matched', 'break'] as const;

export const StatementLine = Type.Object(
  {
    id: Type.String({ examples: ['stl_01H9Xs…'] }),
    object: Type.Literal('statementLine'),
    status: OneOf(STATEMENT_STATUSES),
    direction: OneOf(STATEMENT_DIRECTIONS, { description: 'Of our account at the bank.' }),
    amount: Amount(),
    currency: Type.Literal('USD'),
    reference: Type.String({ description: 'The rail’s own name of the payment, as the bank writes it.' }),
    cause: Type.Union(
      [OneOf(['unknown_reference', 'wrong_amount', 'not_expected', 'listed_before']), Type.Null()],
      {
        description:
          'Of a break. `unknown_reference`: no payment has it. `wrong_amount`: `expectedAmount` was paid. `not_expected`: it did not move in this direction. `listed_before`: another line is matched with it.',
      },
    ),
    expectedAmount: NullableString({ description: 'Of the payment with this reference.' }),
    transactionId: NullableString({ description: 'Of a payout with this reference.' }),
    depositId: NullableString({ description: 'Of a deposit with this reference.' }),
    createdAt: Timestamp(),
  },
  { title: 'StatementLine' },
);
export type StatementLine = Static<typeof StatementLine>;

const EVIDENCE = [{ evidence: 'proposal', fact: 'The operation: an extension for operators.' }] as const;

export const listReconciliationRuns = defineOperation({
  operationId: 'listReconciliationRuns',
  method: 'GET',
  path: '/reconciliation/runs',
  tag: 'Operations',
  summary: 'List reconciliation runs',
  description: 'Comparisons of the ledger with the chain, newest first. They change no balance.',
  auth: 'bearer',
  idempotency: 'none',
  query: Type.Object({ ...PAGE_QUERY }),
  success: {
    status: 200,
    description: 'A page of runs',
    schema: Page(ReconciliationRun, 'ReconciliationRunPage'),
  },
  errors: BEARER_ERRORS,
  evidence: EVIDENCE,
});

export const listReconciliationBreaks = defineOperation({
  operationId: 'listReconciliationBreaks',
  method: 'GET',
  path: '/reconciliation/breaks',
  tag: 'Operations',
  summary: 'List reconciliation breaks',
  description:
    'Addresses that held on chain something else than the ledger said, newest first. A break stays open until a run finds both sides equal.',
  auth: 'bearer',
  idempotency: 'none',
  query: Type.Object({ status: Type.Optional(OneOf(BREAK_STATUSES)), ...PAGE_QUERY }),
  success: {
    status: 200,
    description: 'A page of breaks',
    schema: Page(ReconciliationBreak, 'ReconciliationBreakPage'),
  },
  errors: BEARER_ERRORS,
  evidence: EVIDENCE,
});

export const listIgnoredTransfers = defineOperation({
  operationId: 'listIgnoredTransfers',
  method: 'GET',
  path: '/reconciliation/ignored-transfers',
  tag: 'Operations',
  summary: 'List ignored transfers',
  description:
    'Final transfers to your addresses that are no deposits, newest first: of another token, or of nothing. No balance knows them and no event tells of them; anyone can make them, to have you copy their address.',
  auth: 'bearer',
  idempotency: 'none',
  query: Type.Object({
    reason: Type.Optional(OneOf(IGNORED_REASONS)),
    address: Type.Optional(EvmAddress({ description: 'One of yours, in any letter case.' })),
    ...PAGE_QUERY,
  }),
  success: {
    status: 200,
    description: 'A page of ignored transfers',
    schema: Page(IgnoredTransfer, 'IgnoredTransferPage'),
  },
  errors: BEARER_ERRORS,
  evidence: EVIDENCE,
});

export const listStatementLines = defineOperation({
  operationId: 'listStatementLines',
  method: 'GET',
  path: '/reconciliation/statement-lines',
  tag: 'Operations',
  summary: 'List statement lines',
  description:
    'Lines of the bank’s statements, each compared with the payments when it came, newest first. A line without its payment is a break; no balance knows of either.',
  auth: 'bearer',
  idempotency: 'none',
  query: Type.Object({ status: Type.Optional(OneOf(STATEMENT_STATUSES)), ...PAGE_QUERY }),
  success: {
    status: 200,
    description: 'A page of statement lines',
    schema: Page(StatementLine, 'StatementLinePage'),
  },
  errors: BEARER_ERRORS,
  evidence: EVIDENCE,
});

export const simulateStatementLine = defineOperation({
  operationId: 'simulateStatementLine',
  method: 'POST',
  path: '/sandbox/statement-lines',
  tag: 'Simulation',
  summary: 'Simulate a line of a bank statement',
  description:
    'The sandbox’s bank lists a payment on its statement: a payout by its transaction, or anything by its reference. What fits a payment is matched; anything else is a break (`GET /reconciliation/statement-lines`).',
  auth: 'bearer',
  idempotency: 'optional',
  sandboxOnly: true,
  body: Type.Object(
    {
      direction: OneOf(STATEMENT_DIRECTIONS, {
        description: '`debit`: money left our account. `credit`: it came, or came back.',
      }),
      amount: Amount({ description: 'With at most 2 decimals.' }),
      transactionId: Type.Optional(Id('txn', { description: 'Instead of `reference`: its latest payout.' })),
      reference: Type.Optional(
        RequiredText(100, {
          description: 'Instead of `transactionId`: a trace number, IMAD, UETR or the like.',
        }),
      ),
    },
    { title: 'StatementLineRequest' },
  ),
  success: { status: 200, description: 'It is compared', schema: StatementLine },
  errors: [...MUTATION_ERRORS, 'not_found', 'invalid_state'],
  evidence: [
    { evidence: 'proposal', fact: 'The operation.' },
    { evidence: 'proposal', fact: 'The Idempotency-Key may be absent.' },
  ],
  example: { request: { direction: 'debit', amount: '40.00', transactionId: 'txn_01H9Xp...' } },
});
