import { randomUUID, timingSafeEqual } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { isGenuine } from '../../../docs/webhook-receivers/verify.ts';
import {
  answering,
  countingBy,
  dataOf,
  keptSequence,
  SOCKET_CHUNK_BYTES,
  TOLERANCE_SECONDS,
  verifier,
  verifying,
} from './flaws.testing.ts';
import type { Flaw } from './receiver.testing.ts';

/** A receiver with one flaw, and all that the exam says about it. */
export interface BadReceiver {
  readonly name: string;
  readonly flaw: Flaw;
  /** The one fault that is named. */
  readonly fault: string;
  /** The cases that fail or warn, and no others. */
  readonly cases: readonly string[];
  /** The exam ends with it: what comes after is not examined. */
  readonly endsExam?: true;
  readonly args?: readonly string[];
}

const DAY_MS = 86_400_000;

const FORGERIES = [
  'signature.missing',
  'signature.empty',
  'signature.garbage',
  'signature.wrong-secret',
  'signature.tampered-body',
  'signature.tampered-time',
  'signature.other-body',
  'signature.truncated',
  'signature.no-value',
  'signature.not-hex',
  'signature.other-version',
  'signature.no-time',
  'signature.time-not-a-number',
  'rotation.both-wrong',
  'replay.stale',
  'replay.stale-under-new-header',
  'replay.future',
];

/** A case of the basics, and some of the events that it sends. */
const FAMILIES = [
  ['cash-ins', 'cashIn.failed'],
  ['transactions', 'transaction.fiatToCrypto.failed'],
  ['wallets', 'wallet.'],
  ['external-accounts', 'externalAccount.verified'],
  ['virtual-accounts', 'virtualAccount.deposit.'],
  ['deposit-addresses', 'deposit_address.'],
  ['webhooks', 'webhook.test'],
] as const;

export const BAD_RECEIVERS: readonly BadReceiver[] = [
  {
    name: 'does not verify at all',
    flaw: () => ({ verify: ({ event }) => event !== undefined }),
    fault: 'unverified',
    cases: [...FORGERIES, 'effects.refused'],
  },
  {
    name: 'answers 200 to what it refuses',
    flaw: () => ({ refuse: () => 200 }),
    fault: 'silent_refusal',
    cases: [...FORGERIES, 'signature.empty-body'],
  },
  {
    name: 'answers 500 to what it refuses',
    flaw: () => ({ refuse: () => 500 }),
    fault: 'error_on_refusal',
    cases: [...FORGERIES, 'signature.empty-body'],
  },
  {
    name: 'throws when the header is absent',
    flaw: (good) => ({
      refuse: (received) =>
        received.headers['webhook-signature'] === undefined ? 500 : good.refuse(received),
    }),
    fault: 'error_on_refusal',
    cases: ['signature.missing'],
  },
  {
    name: 'lets timingSafeEqual throw',
    flaw: verifier({
      matches: (given, expected) => timingSafeEqual(Buffer.from(given, 'hex'), Buffer.from(expected, 'hex')),
    }),
    fault: 'error_on_refusal',
    cases: ['signature.truncated', 'signature.no-value', 'signature.not-hex'],
  },
  {
    name: 'works before it verifies',
    flaw: (good, { inbox }) => ({
      verify: (received) => {
        if (received.event) inbox.take(received.event);
        return good.verify(received);
      },
    }),
    fault: 'effects.refused',
    cases: ['effects.refused'],
  },
  {
    name: 'verifies what it parsed and printed again',
    flaw: verifying(({ event, body }) => (event ? Buffer.from(JSON.stringify(event)) : body)),
    fault: 'reserialized_body',
    cases: ['body.escapes', 'body.pretty', 'body.key-order', 'body.numbers'],
  },
  {
    name: 'reads the body as Latin-1',
    flaw: verifying(({ body }) => Buffer.from(body.toString('latin1'))),
    fault: 'body.unicode',
    cases: ['body.unicode'],
  },
  {
    name: 'takes the first write for the whole body',
    flaw: verifying(({ body, firstPiece }) => (body.byteLength > SOCKET_CHUNK_BYTES ? body : firstPiece)),
    fault: 'body.pieces',
    cases: ['body.pieces'],
  },
  {
    name: 'ignores the time',
    flaw: verifier({ isFresh: () => true }),
    fault: 'no_tolerance',
    cases: ['signature.time-not-a-number', 'replay.stale', 'replay.stale-under-new-header', 'replay.future'],
  },
  {
    name: 'takes the age from the unsigned header',
    flaw: verifier({ time: (_, { headers }) => String(headers['webhook-timestamp']) }),
    fault: 'replay.stale-under-new-header',
    cases: ['replay.stale-under-new-header'],
  },
  {
    name: 'looks into the past only',
    flaw: verifier({ isFresh: (awaySeconds) => awaySeconds <= TOLERANCE_SECONDS }),
    fault: 'replay.future',
    cases: ['replay.future'],
  },
  {
    name: 'lets NaN be fresh',
    flaw: verifier({ isFresh: (awaySeconds) => !(Math.abs(awaySeconds) > TOLERANCE_SECONDS) }),
    fault: 'signature.time-not-a-number',
    cases: ['signature.time-not-a-number'],
  },
  {
    name: 'has a tolerance of one minute',
    flaw: verifier({ isFresh: (awaySeconds) => Math.abs(awaySeconds) <= 60 }),
    fault: 'replay.tolerance',
    cases: ['replay.tolerance'],
  },
  {
    name: 'refuses events that happened long ago',
    flaw: answering(400, (event) => Date.now() - Date.parse(String(Object(event).createdAt)) > DAY_MS),
    fault: 'replay.late-event',
    cases: ['replay.late-event'],
  },
  {
    name: 'compares the first v1 only',
    flaw: verifier({ candidates: (values) => values.slice(0, 1) }),
    fault: 'rotation.second-right',
    cases: ['rotation.second-right'],
  },
  {
    name: 'compares the last v1 only',
    flaw: verifier({ candidates: (values) => values.slice(-1) }),
    fault: 'rotation.first-right',
    cases: ['rotation.first-right'],
  },
  {
    name: 'compares beginnings',
    flaw: verifier({ matches: (given, expected) => expected.startsWith(given) }),
    fault: 'partial_comparison',
    cases: ['signature.truncated', 'signature.no-value'],
  },
  {
    name: 'takes any version',
    flaw: verifier({ version: /^v\d=/ }),
    fault: 'signature.other-version',
    cases: ['signature.other-version'],
  },
  {
    name: 'refuses parts it does not know',
    flaw: (good) => ({
      verify: (received) =>
        good.verify(received) && !String(received.headers['webhook-signature']).includes('key='),
    }),
    fault: 'signature.extra-parts',
    cases: ['signature.extra-parts'],
  },
  {
    name: 'answers 500 to an unknown event',
    flaw: answering(500, ({ event }) => event.startsWith('examination.')),
    fault: 'forward.unknown-event',
    cases: ['forward.unknown-event'],
  },
  {
    name: 'validates strictly',
    flaw: answering(422, (event) => 'newField' in dataOf(event)),
    fault: 'forward.unknown-fields',
    cases: ['forward.unknown-fields'],
  },
  {
    name: 'knows every status there will ever be',
    flaw: answering(500, (event) => dataOf(event).status === 'onHoldForExam'),
    fault: 'forward.unknown-value',
    cases: ['forward.unknown-value'],
  },
  {
    name: 'answers 500 to a repeat',
    flaw: answering(500, ({ id }, _, { inbox }) => id in inbox.effects().deliveries),
    fault: 'errors_on_repeats',
    cases: ['duplicates.same', 'duplicates.retry', 'duplicates.concurrent'],
  },
  {
    name: 'answers 409 to the second attempt',
    flaw: answering(409, (_, { headers }) => headers['webhook-attempt'] === '2'),
    fault: 'duplicates.retry',
    cases: ['duplicates.retry'],
  },
  {
    name: 'handles repeats again',
    flaw: countingBy(() => randomUUID()),
    fault: 'repeated_effects',
    cases: ['effects.once', 'effects.concurrent', 'effects.other-id-header'],
  },
  {
    name: 'tells repeats by the header',
    flaw: countingBy((_, { headers }) => String(headers['webhook-id'])),
    fault: 'effects.other-id-header',
    cases: ['effects.other-id-header'],
  },
  {
    name: 'takes events of a resource for repeats',
    flaw: countingBy(({ event, data }) => `${event} ${data.id}`),
    fault: 'effects.each',
    cases: ['effects.each'],
  },
  {
    name: 'takes effect never',
    flaw: () => ({ effects: () => ({ deliveries: {} }) }),
    fault: 'effect_missing',
    cases: ['effects.shown'],
    endsExam: true,
    args: ['--only', 'effects', '--timeout-ms', '300'],
  },
  {
    name: 'answers 409 to an older sequence',
    flaw: answering(409, (event, _, place) => (keptSequence(event, place) ?? 0) > event.sequence),
    fault: 'order.older-after-newer',
    cases: ['order.older-after-newer'],
  },
  {
    name: 'waits for the missing sequence',
    flaw: answering(409, (event, _, place) => event.sequence > (keptSequence(event, place) ?? 1) + 2),
    fault: 'order.gap',
    cases: ['order.gap'],
  },
  {
    name: 'lets an older event overwrite',
    flaw: (good, { inbox }) => {
      const resources: Record<string, number> = {};
      return {
        accept: (event, received) => {
          resources[event.data.id ?? ''] = event.sequence;
          return good.accept(event, received);
        },
        effects: () => ({ ...inbox.effects(), resources }),
      };
    },
    fault: 'effects.order',
    cases: ['effects.order'],
  },
  {
    name: 'works before it answers',
    flaw: (good) => ({
      accept: async (event, received) => {
        await delay(500);
        return good.accept(event, received);
      },
    }),
    fault: 'basics.prompt',
    cases: ['basics.prompt'],
    args: ['--only', 'basics.prompt', '--timeout-ms', '1400'],
  },
  {
    name: 'answers too late',
    flaw: () => ({ intercept: () => true }),
    fault: 'timeout',
    cases: ['basics.genuine'],
    endsExam: true,
    args: ['--timeout-ms', '300'],
  },
  {
    name: 'redirects',
    flaw: () => ({
      intercept: (_, response) => {
        response.writeHead(308, { location: '/webhooks/' }).end();
        return true;
      },
    }),
    fault: 'redirect',
    cases: ['basics.direct'],
    endsExam: true,
  },
  {
    name: 'has another secret',
    flaw: () => ({
      verify: ({ headers, body }) =>
        isGenuine(String(headers['webhook-signature']), body, `whsec_${'0'.repeat(64)}`),
    }),
    fault: 'basics.genuine',
    cases: ['basics.genuine'],
    endsExam: true,
  },
  {
    name: 'limits bodies to 100 kB',
    flaw: answering(413, (_, { body }) => body.byteLength > 102_400),
    fault: 'limits.large-body',
    cases: ['limits.large-body'],
  },
  {
    name: 'crashes on two requests at once',
    flaw: (good, { crash }) => ({
      accept: async (event, received) => {
        if (received.inFlight > 1) crash();
        await delay(20);
        return good.accept(event, received);
      },
    }),
    fault: 'duplicates.concurrent',
    cases: ['duplicates.concurrent'],
    endsExam: true,
  },
  {
    name: 'answers 503 in a crowd',
    flaw: (good) => ({
      accept: async (event, received) => {
        await delay(20);
        return received.inFlight > 1 ? 503 : good.accept(event, received);
      },
    }),
    fault: 'breaks_under_load',
    cases: ['duplicates.concurrent', 'limits.burst'],
  },
  {
    name: 'expects objects as endorsements',
    flaw: answering(500, (event) => Array.isArray(dataOf(event).endorsements)),
    fault: 'basics.customers',
    cases: ['basics.customers'],
  },
  ...FAMILIES.map(
    ([family, prefix]): BadReceiver => ({
      name: `does not know ${prefix}`,
      flaw: answering(404, ({ event }) => event.startsWith(prefix)),
      fault: `basics.${family}`,
      cases: [`basics.${family}`],
      args: ['--only', 'basics'],
    }),
  ),
  {
    name: 'compares the content type as a whole',
    flaw: answering(415, (_, { headers }) => headers['content-type'] !== 'application/json'),
    fault: 'basics.charset',
    cases: ['basics.charset'],
  },
  {
    name: 'finds headers in small letters only',
    flaw: (good) => ({
      verify: (received) => good.verify(received) && received.rawHeaders.includes('webhook-signature'),
    }),
    fault: 'basics.header-case',
    cases: ['basics.header-case'],
  },
  {
    name: 'answers with a page',
    flaw: (good) => ({
      answerText: 'Thank you. '.repeat(200),
      accept: async (event, received) => (await good.accept(event, received)) && 200,
    }),
    fault: 'protocol.small-answer',
    cases: ['protocol.small-answer'],
  },
  {
    name: 'throws on a GET',
    flaw: () => ({
      intercept: (request, response) => {
        if (request.method === 'GET') response.writeHead(500).end();
        return request.method === 'GET';
      },
    }),
    fault: 'protocol.get',
    cases: ['protocol.get'],
  },
];
