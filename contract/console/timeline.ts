import Type, { type Static } from 'typebox';
import { BEARER_ERRORS } from '../errors.ts';
import { NullableString, OneOf, PathId, Timestamp } from '../fields.ts';
import { defineProjectOperation } from './operation.ts';

/** What a row of a timeline is about; the dashboard has a mark for each. */
export const TIMELINE_KINDS = [
  'request',
  'quote',
  'state',
  'ledger',
  'rail',
  'chain',
  'event',
  'delivery',
] as const;
export type TimelineKind = (typeof TIMELINE_KINDS)[number];

/** How a value is shown and what it links to. */
const FACT_KINDS = ['text', 'amount', 'code', 'time', 'id', 'address', 'txHash', 'duration'] as const;

const Fact = Type.Object(
  { label: Type.String(), value: Type.String(), kind: OneOf(FACT_KINDS) },
  { title: 'TimelineFact' },
);
export type TimelineFact = Static<typeof Fact>;

/** A line of a sum: of a quote's arithmetic. */
const SumLine = Type.Object(
  {
    label: Type.String({ examples: ['OMS fee'] }),
    operator: OneOf(['', '+', '−', '×', '=']),
    amount: Type.String({ examples: ['2.00'] }),
    unit: Type.String({ examples: ['USD', 'usdc per usd'] }),
    note: NullableString({ description: 'Such as how it was rounded.' }),
  },
  { title: 'TimelineSumLine' },
);

const AccountName = Type.Object({ id: Type.String(), name: Type.String() });

const Posting = Type.Object(
  {
    id: Type.String({ description: 'Of the ledger transfer.' }),
    debit: AccountName,
    credit: AccountName,
    amount: Type.String(),
    asset: Type.String(),
    state: OneOf(['pending', 'posted', 'voided', 'single'], {
      description: '`single`: in one phase. A hold is `pending`, until a later transfer posts or voids it.',
    }),
  },
  { title: 'TimelinePosting' },
);
export type TimelinePosting = Static<typeof Posting>;

const Attempt = Type.Object(
  {
    number: Type.Integer(),
    at: Timestamp(),
    statusCode: Type.Unsafe<number | null>({ type: ['integer', 'null'] }),
    durationMs: Type.Unsafe<number | null>({ type: ['integer', 'null'] }),
    error: NullableString(),
  },
  { title: 'TimelineAttempt' },
);

export const TimelineEntry = Type.Object(
  {
    id: Type.String({ description: 'Unique in the timeline, and the same in each answer.' }),
    kind: OneOf(TIMELINE_KINDS),
    at: Timestamp({ description: 'To the millisecond, by the time of the project.' }),
    title: Type.String({ examples: ['Cash taken at the till'] }),
    outcome: OneOf(['done', 'pending', 'failed']),
    /** What the row is, to link to. */
    resourceId: NullableString(),
    facts: Type.Array(Fact),
    sum: Type.Optional(Type.Array(SumLine)),
    postings: Type.Optional(Type.Array(Posting)),
    delivery: Type.Optional(
      Type.Object({
        webhookId: Type.String(),
        deliveryId: Type.String(),
        url: Type.String(),
        attempts: Type.Array(Attempt),
      }),
    ),
  },
  { title: 'TimelineEntry' },
);
export type TimelineEntry = Static<typeof TimelineEntry>;

export const Timeline = Type.Object(
  {
    object: Type.Literal('timeline'),
    resourceId: Type.String(),
    /** Why it failed, or what it waits for. */
    explanation: Type.Unsafe<{ title: string; detail: string; nextStep: string } | null>({
      type: ['object', 'null'],
      properties: { title: { type: 'string' }, detail: { type: 'string' }, nextStep: { type: 'string' } },
      required: ['title', 'detail', 'nextStep'],
      description: 'Of a payment that failed, was returned, or waits for somebody; null for others.',
    }),
    entries: Type.Array(TimelineEntry, { description: 'In the order in which they happened.' }),
  },
  { title: 'Timeline' },
);
export type Timeline = Static<typeof Timeline>;

const timeline = {
  method: 'GET',
  tag: 'Console',
  auth: 'session',
  idempotency: 'none',
  success: { status: 200, description: 'The timeline', schema: Timeline },
  errors: [...BEARER_ERRORS, 'not_found'],
} as const;

export const getTransactionTimeline = defineProjectOperation({
  ...timeline,
  operationId: 'getTransactionTimeline',
  path: '/transactions/:transactionId/timeline',
  summary: 'All that happened to a transaction',
  description:
    'The request that made it, the arithmetic of its quote, every posting, messages of the rail, what was seen on chain, each event and each attempt to deliver it; of a cash-in’s transaction also what happened to the cash-in.',
  params: Type.Object({ transactionId: PathId('txn') }),
});

export const getCashInTimeline = defineProjectOperation({
  ...timeline,
  operationId: 'getCashInTimeline',
  path: '/cash-ins/:cashInId/timeline',
  summary: 'All that happened to a cash-in',
  description: 'As of its transaction, from the code on.',
  params: Type.Object({ cashInId: PathId('ci') }),
});
