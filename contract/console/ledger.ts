import Type, { type Static } from 'typebox';
import { BEARER_ERRORS, MUTATION_ERRORS } from '../errors.ts';
import { NullableString, NullableTimestamp, OneOf, PathId, Text, Timestamp } from '../fields.ts';
import { CREATED_QUERY, PAGE_QUERY, Page } from '../pagination.ts';
import { defineProjectOperation } from './operation.ts';

const Signed = (description?: string) =>
  Type.String({ pattern: '^-?(0|[1-9][0-9]*)\\.[0-9]{2,18}$', ...(description && { description }) });

export const LedgerAccount = Type.Object(
  {
    id: Type.String(),
    object: Type.Literal('ledgerAccount'),
    name: Type.String({
      description: 'For people: kind, owner and asset.',
      examples: ['Wallet of Jane Smith · usdc'],
    }),
    kind: Type.String({ description: 'Of the chart of accounts.' }),
    ownerId: NullableString(),
    asset: Type.String(),
    network: NullableString(),
    normalSide: OneOf(['debit', 'credit']),
    balance: Signed('Posted, on its normal side.'),
    pending: Signed('What open holds will take from it, negative, or add, on its normal side.'),
    debitsPosted: Type.String(),
    creditsPosted: Type.String(),
    debitsPending: Type.String(),
    creditsPending: Type.String(),
    createdAt: Timestamp(),
  },
  { title: 'LedgerAccount' },
);
export type LedgerAccount = Static<typeof LedgerAccount>;

const project = { tag: 'Console', auth: 'session', idempotency: 'none' } as const;

export const listLedgerAccounts = defineProjectOperation({
  ...project,
  operationId: 'listLedgerAccounts',
  method: 'GET',
  path: '/ledger/accounts',
  summary: 'List accounts of the ledger',
  description: 'Newest first.',
  query: Type.Object({
    kind: Type.Optional(Text(60)),
    ownerId: Type.Optional(Text(100)),
    asset: Type.Optional(Text(20)),
    ...PAGE_QUERY,
  }),
  success: {
    status: 200,
    description: 'A page of accounts',
    schema: Page(LedgerAccount, 'LedgerAccountPage'),
  },
  errors: BEARER_ERRORS,
});

export const LedgerTotals = Type.Object(
  {
    object: Type.Literal('ledgerTotals'),
    kinds: Type.Array(
      Type.Object({
        kind: Type.String(),
        label: Type.String(),
        asset: Type.String(),
        normalSide: OneOf(['debit', 'credit']),
        balance: Signed(),
        accounts: Type.Integer({ description: 'At most 1,000 are counted.' }),
      }),
      { description: 'A row for each kind and asset: the trial balance.' },
    ),
    head: Type.Object({
      batches: Type.Integer({ description: 'Of the journal.' }),
      hash: NullableString({ description: 'Of the last: the end of the hash chain.' }),
    }),
  },
  { title: 'LedgerTotals' },
);
export type LedgerTotals = Static<typeof LedgerTotals>;

export const getLedgerTotals = defineProjectOperation({
  ...project,
  operationId: 'getLedgerTotals',
  method: 'GET',
  path: '/ledger/totals',
  summary: 'The trial balance',
  description: 'Debits and credits of each asset are equal.',
  success: { status: 200, description: 'The totals', schema: LedgerTotals },
  errors: BEARER_ERRORS,
});

const AccountParams = Type.Object({ accountId: PathId('lac') });

export const getLedgerAccount = defineProjectOperation({
  ...project,
  operationId: 'getLedgerAccount',
  method: 'GET',
  path: '/ledger/accounts/:accountId',
  summary: 'Get an account of the ledger',
  description: 'With its balances as of now.',
  params: AccountParams,
  success: { status: 200, description: 'The account', schema: LedgerAccount },
  errors: [...BEARER_ERRORS, 'not_found'],
});

export const LedgerEntry = Type.Object(
  {
    id: Type.String({ description: 'Of the transfer.' }),
    object: Type.Literal('ledgerEntry'),
    groupId: Type.String({ description: 'What is decided together has one.' }),
    resourceId: NullableString({ description: 'What the group is about, such as a transaction.' }),
    state: OneOf(['pending', 'posted', 'voided', 'single']),
    side: OneOf(['debit', 'credit'], { description: 'Of this account.' }),
    counterpart: Type.Object({ id: Type.String(), name: Type.String() }),
    amount: Type.String(),
    asset: Type.String(),
    balanceAfter: Signed('Posted balance of this account, on its normal side.'),
    createdAt: Timestamp(),
  },
  { title: 'LedgerEntry' },
);
export type LedgerEntry = Static<typeof LedgerEntry>;

export const listLedgerEntries = defineProjectOperation({
  ...project,
  operationId: 'listLedgerEntries',
  method: 'GET',
  path: '/ledger/accounts/:accountId/entries',
  summary: 'List entries of an account',
  description: 'Newest first.',
  params: AccountParams,
  query: Type.Object({ ...CREATED_QUERY, ...PAGE_QUERY }),
  success: { status: 200, description: 'A page of entries', schema: Page(LedgerEntry, 'LedgerEntryPage') },
  errors: [...BEARER_ERRORS, 'not_found'],
});

export const LedgerHistory = Type.Object(
  {
    object: Type.Literal('ledgerHistory'),
    asset: Type.String(),
    points: Type.Array(Type.Object({ at: Timestamp(), balance: Signed() }), {
      description: 'Posted balance at the end of each of equal intervals, oldest first.',
    }),
  },
  { title: 'LedgerHistory' },
);
export type LedgerHistory = Static<typeof LedgerHistory>;

export const getLedgerHistory = defineProjectOperation({
  ...project,
  operationId: 'getLedgerHistory',
  method: 'GET',
  path: '/ledger/accounts/:accountId/history',
  summary: 'Balance of an account over time',
  description: 'From its first entry, or `from`, until now, or `to`.',
  params: AccountParams,
  query: Type.Object({
    from: Type.Optional(Timestamp()),
    to: Type.Optional(Timestamp()),
    points: Type.Optional(Type.Integer({ minimum: 2, maximum: 200, default: 60 })),
  }),
  success: { status: 200, description: 'The history', schema: LedgerHistory },
  errors: [...BEARER_ERRORS, 'not_found'],
});

export const LedgerVerification = Type.Object(
  {
    id: Type.String({ examples: ['lvf_01H9Xa…'] }),
    object: Type.Literal('ledgerVerification'),
    status: OneOf(['running', 'holds', 'broken', 'failed']),
    checked: Type.Integer({ description: 'Transfers recomputed so far.' }),
    total: Type.Integer({ description: 'Transfers there were when it began.' }),
    findings: Type.Array(Type.String(), { description: 'What does not hold; at most 100.' }),
    hash: NullableString({ description: 'End of the hash chain that was recomputed.' }),
    startedAt: Timestamp(),
    endedAt: NullableTimestamp(),
  },
  { title: 'LedgerVerification' },
);
export type LedgerVerification = Static<typeof LedgerVerification>;

export const verifyLedger = defineProjectOperation({
  ...project,
  operationId: 'verifyLedger',
  method: 'POST',
  path: '/ledger/verifications',
  summary: 'Verify the ledger',
  description:
    'Recomputes every balance and the hash chain of the project, in the background. One at a time: while one runs, it is answered.',
  permission: 'read',
  success: { status: 201, description: 'It runs', schema: LedgerVerification },
  errors: MUTATION_ERRORS,
});

export const getLedgerVerification = defineProjectOperation({
  ...project,
  operationId: 'getLedgerVerification',
  method: 'GET',
  path: '/ledger/verifications/:verificationId',
  summary: 'Get a verification',
  description: 'With its progress. `latest` in place of the id is the last one.',
  params: Type.Object({ verificationId: PathId('lvf') }),
  success: { status: 200, description: 'The verification', schema: LedgerVerification },
  errors: [...BEARER_ERRORS, 'not_found'],
});
