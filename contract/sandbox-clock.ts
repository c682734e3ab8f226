import Type, { type Static } from 'typebox';
import { BEARER_ERRORS, MUTATION_ERRORS } from './errors.ts';
import { NullableString, NullableTimestamp, OneOf, PROPOSAL, Text, Timestamp } from './fields.ts';
import { defineOperation } from './operation.ts';
import { CausedEvent } from './simulations.ts';

/** Ten years: what a clock is moved by at a time. */
export const MAX_ADVANCE_SECONDS = 315_360_000;
const MAX_TIMERS = 100;
const MAX_CAUSED_EVENTS = 100;
const MAX_CURSOR_LENGTH = 500;

export const SandboxTimer = Type.Object(
  {
    object: Type.Literal('sandboxTimer'),
    name: Type.String({ description: 'What happens then.', examples: ['cashIn.codeExpires'] }),
    resourceId: NullableString({ description: 'To what, if it is one resource.' }),
    dueAt: Timestamp({ description: 'By the clock of the project.' }),
  },
  { title: 'SandboxTimer', ...PROPOSAL },
);
export type SandboxTimer = Static<typeof SandboxTimer>;

const Move = Type.Object(
  {
    status: OneOf(['advancing', 'done'], { description: '`advancing`: the clock has not arrived yet.' }),
    from: Timestamp(),
    to: Timestamp({ description: 'Where it was sent.' }),
    reachedAt: NullableTimestamp({
      description: 'Where it arrived, or was stopped; null while it advances.',
    }),
    timers: Type.Integer({ description: 'Timers of the project that ran on the way.' }),
    waitsFor: Type.Unsafe<'webhooks' | 'chain' | null>({
      type: ['string', 'null'],
      enum: ['webhooks', 'chain', null],
      description:
        'What must end before the clock moves on: deliveries that are due, or payments under way on the chain.',
    }),
  },
  { title: 'SandboxClockMove' },
);

const clockFields = {
  object: Type.Literal('sandboxClock'),
  now: Timestamp({ description: 'The time of the project.' }),
  mode: OneOf(['running', 'frozen'], { description: 'While it advances it counts as `frozen`.' }),
  offsetSeconds: Type.Integer({
    description: 'How far the project is ahead of real time; negative: behind.',
  }),
  move: Type.Union([Move, Type.Null()], { description: 'The latest time that it was advanced.' }),
  timers: Type.Array(SandboxTimer, {
    maxItems: MAX_TIMERS,
    description: 'What is pending, the next one first; all of it by `listSandboxTimers`.',
  }),
};

export const SandboxClock = Type.Object(clockFields, { title: 'SandboxClock', ...PROPOSAL });
export type SandboxClock = Static<typeof SandboxClock>;

export const SandboxClockChange = Type.Object(
  {
    ...clockFields,
    events: Type.Array(CausedEvent, {
      maxItems: MAX_CAUSED_EVENTS,
      description: 'What happened while it advanced, in order.',
    }),
    hasMoreEvents: Type.Boolean({ description: 'There were more: `listEvents` has all.' }),
  },
  { title: 'SandboxClockChange', ...PROPOSAL },
);
export type SandboxClockChange = Static<typeof SandboxClockChange>;

/** Exactly one of them, which the server checks. */
export const SandboxClockRequest = Type.Object(
  {
    freeze: Type.Optional(Type.Literal(true, { description: 'Stands still from now on.' })),
    resume: Type.Optional(Type.Literal(true, { description: 'Runs on from where it stands.' })),
    advanceSeconds: Type.Optional(
      Type.Integer({ minimum: 1, maximum: MAX_ADVANCE_SECONDS, description: 'By so much.' }),
    ),
    advanceTo: Type.Optional(
      Timestamp({ description: 'To that time, which is to come; ten years at most.' }),
    ),
    toNextTimer: Type.Optional(Type.Literal(true, { description: 'To the next timer, which runs.' })),
  },
  { title: 'SandboxClockRequest', ...PROPOSAL },
);
export type SandboxClockRequest = Static<typeof SandboxClockRequest>;

const EVIDENCE = [{ evidence: 'proposal', fact: 'The operation.' }] as const;

export const getSandboxClock = defineOperation({
  operationId: 'getSandboxClock',
  method: 'GET',
  path: '/sandbox/clock',
  tag: 'Simulation',
  summary: 'Get the clock of the project',
  description: 'Its time, how it is set, and the timers that are pending.',
  auth: 'bearer',
  idempotency: 'none',
  sandboxOnly: true,
  success: { status: 200, description: 'The clock', schema: SandboxClock },
  errors: [...BEARER_ERRORS, 'not_found'],
  evidence: EVIDENCE,
});

export const setSandboxClock = defineOperation({
  operationId: 'setSandboxClock',
  method: 'POST',
  path: '/sandbox/clock',
  tag: 'Simulation',
  summary: 'Set the clock of the project',
  description:
    'Freezes it, lets it run, or advances it; exactly one of the fields. What falls due on the way runs in order, each at ' +
    'its own time, and the clock waits for deliveries of events and for payments on the chain. The answer comes when the ' +
    'clock has arrived, or after 25 seconds with `move.status` `advancing`. `freeze` stops a clock that advances.',
  auth: 'bearer',
  idempotency: 'optional',
  sandboxOnly: true,
  body: SandboxClockRequest,
  success: { status: 200, description: 'The clock, and what happened', schema: SandboxClockChange },
  errors: [...MUTATION_ERRORS, 'not_found', 'invalid_state'],
  evidence: EVIDENCE,
  example: { request: { advanceSeconds: 3600 } },
});

export const listSandboxTimers = defineOperation({
  operationId: 'listSandboxTimers',
  method: 'GET',
  path: '/sandbox/clock/timers',
  tag: 'Simulation',
  summary: 'List pending timers',
  description: 'What happens by itself when its time has come, the next one first.',
  auth: 'bearer',
  idempotency: 'none',
  sandboxOnly: true,
  query: Type.Object({
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: MAX_TIMERS, default: 50 })),
    startingAfter: Type.Optional(
      Text(MAX_CURSOR_LENGTH, { description: '`nextCursor` of a page: continues after it.' }),
    ),
  }),
  success: {
    status: 200,
    description: 'A page of timers',
    schema: Type.Object(
      {
        data: Type.Array(SandboxTimer, { maxItems: MAX_TIMERS }),
        hasMore: Type.Boolean(),
        nextCursor: NullableString({ description: 'Opaque; null on an empty page.' }),
      },
      { title: 'SandboxTimerList', ...PROPOSAL },
    ),
  },
  errors: [...BEARER_ERRORS, 'not_found'],
  evidence: EVIDENCE,
});
