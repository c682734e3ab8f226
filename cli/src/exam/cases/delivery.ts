import type { ExamCase, Finding } from '../case.ts';
import { expectAccepted, expectNoError } from '../judgement.ts';
import type { Kit } from '../kit.ts';
import { accepted, refused } from '../probes.ts';
import { withHeader } from '../tampering.ts';
import { isAccepted } from '../wire.ts';

const ACCEPTS = 'answers 2xx';
const REFUSES = 'answers 4xx, best 401, and does nothing else';
const MINUTE_MS = 60_000;
const DAY_MS = 1_440 * MINUTE_MS;
const LAST_ATTEMPT = 10;

const REPLAY_WHY = 'Who once read a delivery on its way could send it again whenever it suits them.';
const TOLERANCE_MEND = 'Refuse when the signed `t` is more than 300 seconds from now, in either direction.';

export const REPLAY: readonly ExamCase[] = [
  {
    id: 'replay.stale',
    title: 'Refuses what was signed long ago',
    sent: 'a genuine event, rightly signed ten minutes ago',
    expected: REFUSES,
    why: REPLAY_WHY,
    mend: TOLERANCE_MEND,
    fault: 'ignores the time of the signature',
    severity: 'must',
    probe: refused(async (kit) => kit.sign(kit.event(), { ageMs: 10 * MINUTE_MS })),
  },
  {
    id: 'replay.stale-under-new-header',
    title: 'Takes the age from the signed time',
    sent: 'the same, with `webhook-timestamp` set to now',
    expected: REFUSES,
    why: 'In the scheme of `t=…,v1=…` the header `webhook-timestamp` is not signed: whoever replays a delivery writes there what they like.',
    mend: 'Take the time from `t` of `Webhook-Signature`.',
    fault: 'takes the age from a header that is not signed',
    severity: 'must',
    probe: refused(async (kit) => {
      const old = await kit.sign(kit.event(), { ageMs: 10 * MINUTE_MS });
      const fresh = await kit.sign(kit.event());
      return withHeader(old, 'webhook-timestamp', fresh.headers['webhook-timestamp']);
    }),
  },
  {
    id: 'replay.future',
    title: 'Refuses what was signed in the future',
    sent: 'a genuine event, rightly signed with the time of an hour from now',
    expected: REFUSES,
    why: 'A signature of the future stays fresh for as long; it also shows that a clock is wrong.',
    mend: TOLERANCE_MEND,
    fault: 'accepts a signature of the future',
    severity: 'should',
    probe: refused(async (kit) => kit.sign(kit.event(), { ageMs: -60 * MINUTE_MS })),
  },
  {
    id: 'replay.tolerance',
    title: 'Accepts what was signed four minutes ago',
    sent: 'a genuine event, rightly signed four minutes ago',
    expected: ACCEPTS,
    why: 'Clocks differ and networks are slow; five minutes is what is agreed.',
    mend: 'Use a tolerance of 300 seconds.',
    fault: 'has too little tolerance for the time of a signature',
    severity: 'should',
    probe: accepted(async (kit) => kit.sign(kit.event(), { ageMs: 4 * MINUTE_MS })),
  },
  {
    id: 'replay.late-event',
    title: 'Accepts an old event that is delivered late',
    sent: 'an event of three days ago, signed now, as the tenth attempt',
    expected: ACCEPTS,
    why: 'After an outage of yours, events come days after they happened. They are signed anew for each attempt.',
    mend: 'Take the age from the time of the signature, not from `createdAt` of the event.',
    fault: 'refuses an old event that is delivered late',
    severity: 'must',
    probe: accepted(async (kit) => {
      const fresh = kit.event();
      const createdAt = new Date(Date.parse(fresh.createdAt) - 3 * DAY_MS).toISOString();
      return kit.sign({ ...fresh, createdAt }, { attempt: LAST_ATTEMPT });
    }),
  },
];

const REPEAT_WHY =
  'Delivery is at least once: when your answer is lost on its way, the same delivery comes again. An answer that is not 2xx brings it back once more, for three days.';
const REPEAT_MEND =
  'Remember the `id` of each delivery in the transaction of its effect. One that is known: do nothing, answer 2xx.';

export const DUPLICATES: readonly ExamCase[] = [
  {
    id: 'duplicates.same',
    title: 'Accepts the same request twice',
    sent: 'a genuine event, and the very same request again',
    expected: `${ACCEPTS} to both`,
    why: REPEAT_WHY,
    mend: REPEAT_MEND,
    fault: 'answers an error to a repeated request',
    severity: 'must',
    probe: accepted(async (kit) => {
      const delivery = await kit.sign(kit.event());
      return [delivery, delivery];
    }),
  },
  {
    id: 'duplicates.retry',
    title: 'Accepts a retry of what it has already',
    sent: 'a genuine event, and its second attempt: same `id` and body, signed a second later',
    expected: `${ACCEPTS} to both`,
    why: REPEAT_WHY,
    mend: REPEAT_MEND,
    fault: 'answers an error to a retry of what it has already',
    severity: 'must',
    probe: accepted(async (kit) => {
      const event = kit.event();
      return [await kit.sign(event, { ageMs: 1_000 }), await kit.sign(event, { attempt: 2 })];
    }),
  },
  {
    id: 'duplicates.concurrent',
    title: 'Survives the same delivery twice at once',
    sent: 'a genuine event, five times at the same moment',
    expected: 'answers 2xx to one at least, and 5xx to none',
    why: 'A retry can overtake a slow first attempt. Looking whether an id is known and then adding it leaves a gap between the two.',
    mend: 'Let the database decide: `insert … on conflict do nothing`, and go on only when a row was added.',
    fault: 'breaks when the same delivery comes twice at once',
    severity: 'must',
    probe: concurrentRepeats,
  },
];

const CONCURRENT_REPEATS = 5;

async function concurrentRepeats(kit: Kit): Promise<Finding | undefined> {
  const delivery = await kit.sign(kit.event());
  const exchanges = await Promise.all(Array.from({ length: CONCURRENT_REPEATS }, () => kit.post(delivery)));
  const broken = expectNoError(exchanges);
  if (broken) return broken;
  return exchanges.some(isAccepted) ? undefined : expectAccepted(exchanges);
}

const ORDER_WHY =
  'Order is best effort: what failed once comes after what did not. An error to an event that is too old or too early only brings it back.';

export const ORDER: readonly ExamCase[] = [
  {
    id: 'order.older-after-newer',
    title: 'Accepts an older event after a newer one',
    sent: '`completed` with sequence 3 of a transaction, then `processing` with sequence 2',
    expected: `${ACCEPTS} to both`,
    why: ORDER_WHY,
    mend: 'Keep the highest `sequence` of each resource; answer 2xx to a lower one and do not let it overwrite.',
    fault: 'answers an error to an older event that comes after a newer one',
    severity: 'must',
    probe: accepted(async (kit) => {
      const newer = kit.event('transaction.cryptoToFiat.completed', { sequence: 3 });
      const older = kit.event('transaction.cryptoToFiat.processing', { sequence: 2 });
      return [
        await kit.sign(newer),
        await kit.sign({ ...older, data: { ...older.data, id: newer.data.id } }),
      ];
    }),
  },
  {
    id: 'order.gap',
    title: 'Accepts a gap in the sequence',
    sent: '`processing` with sequence 1 of a transaction, then `completed` with sequence 4',
    expected: `${ACCEPTS} to both`,
    why: `${ORDER_WHY} Events that you did not subscribe to leave gaps too.`,
    mend: 'Do not wait for the missing ones: each event holds the whole resource.',
    fault: 'answers an error to a gap in the sequence',
    severity: 'must',
    probe: accepted(async (kit) => {
      const first = kit.event('transaction.cryptoToFiat.processing');
      const last = kit.event('transaction.cryptoToFiat.completed', { sequence: 4 });
      return [await kit.sign(first), await kit.sign({ ...last, data: { ...last.data, id: first.data.id } })];
    }),
  },
];

const FORWARD_WHY =
  'New events, fields and values are additions that come without a new version. What is answered with an error comes again for three days, for nothing.';

export const FORWARD: readonly ExamCase[] = [
  {
    id: 'forward.unknown-event',
    title: 'Accepts an event that it does not know',
    sent: 'a rightly signed `examination.somethingNew.happened`',
    expected: ACCEPTS,
    why: FORWARD_WHY,
    mend: 'Answer 2xx to every genuine event and ignore those that you have no use for.',
    fault: 'answers an error to an event that it does not know',
    severity: 'must',
    probe: accepted(async (kit) =>
      kit.sign(
        kit.event('cashIn.completed', {
          event: 'examination.somethingNew.happened',
          data: { id: kit.id('exam'), object: 'examination', parts: [{ name: 'one' }] },
        }),
      ),
    ),
  },
  {
    id: 'forward.unknown-fields',
    title: 'Accepts fields that it does not know',
    sent: 'a genuine event with new fields in the envelope, in `data` and in `data.source`',
    expected: ACCEPTS,
    why: FORWARD_WHY,
    mend: 'Do not validate events strictly: read the fields that you use, ignore the others.',
    fault: 'answers an error to fields that it does not know',
    severity: 'must',
    probe: accepted(async (kit) => {
      const event = kit.event('transaction.cryptoToFiat.completed');
      const source = { ...Object(event.data.source), newPart: { deep: [1, null, true] } };
      const body = { ...event, data: { ...event.data, source, newField: 'new' }, newEnvelopeField: {} };
      return kit.sign(body);
    }),
  },
  {
    id: 'forward.unknown-value',
    title: 'Accepts a status that it does not know',
    sent: 'a genuine event whose `data.status` is `onHoldForExam`, and whose `destination.network` is new',
    expected: ACCEPTS,
    why: FORWARD_WHY,
    mend: 'Have a branch for the unknown: keep the event, do nothing, answer 2xx.',
    fault: 'answers an error to a value that it does not know',
    severity: 'must',
    probe: accepted(async (kit) => {
      const event = kit.event('transaction.cryptoToFiat.processing');
      const destination = { ...Object(event.data.destination), network: 'newRail' };
      return kit.sign({ ...event, data: { ...event.data, status: 'onHoldForExam', destination } });
    }),
  },
];
