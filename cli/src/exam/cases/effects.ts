import type { ExamCase, FaultKind, Finding } from '../case.ts';
import { type Effects, NotExamined } from '../effects.ts';
import { describe } from '../judgement.ts';
import { countOf, type Envelope, type Kit } from '../kit.ts';
import { postInTurn } from '../probes.ts';
import { withHeader, withSignature } from '../tampering.ts';
import type { Exchange } from '../wire.ts';

const CONCURRENT_REPEATS = 5;

const ONCE_WHY = 'Twice the effect is money twice.';
const ONCE_MEND =
  'Remember the `id` of each delivery in the transaction of its effect: `insert … on conflict do nothing`, and go on only when a row was added.';

export const EFFECTS: readonly ExamCase[] = [
  {
    id: 'effects.shown',
    title: 'Shows the effect of a delivery',
    sent: 'a genuine event; then the effects URL is read until it shows',
    expected: 'counts the delivery within the time limit',
    why: 'Without it the other cases of this group mean nothing.',
    mend: 'Count a delivery in `deliveries` once it has been worked off, whatever its event.',
    fault: 'accepts a delivery that takes no effect',
    severity: 'must',
    isGate: true,
    probe: async (kit) => {
      const exchanges = await postInTurn(kit, await kit.sign(kit.event()));
      return judged(kit, exchanges, () => undefined);
    },
  },
  {
    id: 'effects.once',
    title: 'Handles a repeated delivery once',
    sent: 'a genuine event, the very same request again, and a second attempt signed anew',
    expected: 'counts it once',
    why: ONCE_WHY,
    mend: ONCE_MEND,
    fault: 'handles a repeated delivery again',
    severity: 'must',
    probe: async (kit) => {
      const event = kit.event();
      const first = await kit.sign(event);
      const exchanges = await postInTurn(kit, [first, first, await kit.sign(event, { attempt: 2 })]);
      return judged(kit, exchanges, onceEach([event]));
    },
  },
  {
    id: 'effects.concurrent',
    title: 'Handles a delivery once that comes several times at once',
    sent: 'a genuine event, five times at the same moment',
    expected: 'counts it once',
    why: `${ONCE_WHY} Looking whether an id is known and then adding it leaves a gap between the two.`,
    mend: ONCE_MEND,
    fault: 'handles a delivery again that comes several times at once',
    severity: 'must',
    probe: async (kit) => {
      const event = kit.event();
      const delivery = await kit.sign(event);
      const requests = Array.from({ length: CONCURRENT_REPEATS }, () => kit.post(delivery));
      return judged(kit, await Promise.all(requests), onceEach([event]));
    },
  },
  {
    id: 'effects.other-id-header',
    title: 'Tells repeats by the signed id',
    sent: 'a genuine event, and again with another `webhook-id` in the header',
    expected: 'counts it once, under the `id` of its body',
    why: 'In the scheme of `t=…,v1=…` the header `webhook-id` is not signed: whoever repeats a delivery writes there what they like.',
    mend: 'Take the `id` from the body that you verified.',
    fault: 'tells repeats by a header that is not signed',
    severity: 'must',
    probe: otherIdHeader,
  },
  {
    id: 'effects.each',
    title: 'Handles each event of a resource',
    sent: 'two events of the same name and resource with sequence 1 and 2',
    expected: 'counts each once',
    why: 'Who drops repeats by resource or name instead of by delivery loses events.',
    mend: 'Tell repeats by the `id` of the delivery, nothing else.',
    fault: 'takes another event of a resource for a repeat',
    severity: 'must',
    probe: async (kit) => {
      const first = kit.event('transaction.cryptoToFiat.processing');
      const second = sameResource(first, kit.event('transaction.cryptoToFiat.processing', { sequence: 2 }));
      const exchanges = await postInTurn(kit, [await kit.sign(first), await kit.sign(second)]);
      return judged(kit, exchanges, onceEach([first, second], 'effect_swallowed'));
    },
  },
  {
    id: 'effects.order',
    title: 'Keeps the later state when an older event comes after it',
    sent: 'sequence 1 of a transaction, then 3, then 2',
    expected: 'keeps the state of sequence 3',
    why: 'A payment that is completed would be processing again.',
    mend: 'Write the state of a resource only where the stored `sequence` is lower.',
    fault: 'lets an older event overwrite a later state',
    severity: 'must',
    probe: olderAfterNewer,
  },
  {
    id: 'effects.refused',
    title: 'Does nothing on what it should refuse',
    sent: 'an event without a signature, one with a wrong signature, and one changed after it was signed',
    expected: 'counts none of them',
    why: 'The answer alone does not protect: work must not begin before the signature is verified.',
    mend: 'Verify first, before the delivery is stored or queued.',
    fault: 'handles deliveries that it should refuse',
    severity: 'must',
    probe: refusedEffects,
  },
];

type Judge = (effects: Effects) => { readonly kind: FaultKind; readonly got: string } | undefined;

/** Judges the effects once all that was sent had its time. */
async function judged(kit: Kit, exchanges: readonly Exchange[], judge: Judge): Promise<Finding | undefined> {
  const effects = await kit.effectsAfterwards();
  const shown = exchanges.slice(0, 1);
  if (!effects) {
    return {
      kind: 'effect_missing',
      got: 'no effect of an accepted delivery within the time limit',
      exchanges: shown,
    };
  }
  const verdict = judge(effects);
  return verdict && { ...verdict, exchanges: shown };
}

/** Each of the events had one effect; `none` is what it is called when one had none. */
const onceEach =
  (events: readonly Envelope[], none: FaultKind = 'effect_missing'): Judge =>
  (effects) => {
    const wrong = events.find((event) => countOf(effects, event) !== 1);
    if (!wrong) return undefined;
    const count = countOf(effects, wrong);
    return { kind: count === 0 ? none : 'effect_repeated', got: `a count of ${count} for ${wrong.id}` };
  };

const sameResource = (first: Envelope, other: Envelope): Envelope => ({
  ...other,
  data: { ...other.data, id: first.data.id },
});

async function otherIdHeader(kit: Kit): Promise<Finding | undefined> {
  const event = kit.event();
  const other = { id: kit.id('whd') };
  const delivery = await kit.sign(event);
  const exchanges = await postInTurn(kit, [delivery, withHeader(delivery, 'webhook-id', other.id)]);
  return judged(kit, exchanges, (effects) => {
    const count = countOf(effects, event) + countOf(effects, other);
    if (count === 1) return undefined;
    return {
      kind: count === 0 ? 'effect_missing' : 'effect_repeated',
      got: `a count of ${count} for one event`,
    };
  });
}

async function olderAfterNewer(kit: Kit): Promise<Finding | undefined> {
  const first = kit.event('transaction.cryptoToFiat.processing');
  const newest = kit.event('transaction.cryptoToFiat.completed', { sequence: 3 });
  const older = kit.event('transaction.cryptoToFiat.processing', { sequence: 2 });
  const deliveries = [];
  for (const event of [first, newest, older]) deliveries.push(await kit.sign(sameResource(first, event)));
  const exchanges = await postInTurn(kit, deliveries);
  return judged(kit, exchanges, ({ resources }) => {
    if (!resources) throw new NotExamined('the receiver shows no `resources`');
    const kept = resources[String(first.data.id)];
    return kept === 3
      ? undefined
      : { kind: 'state_overwritten', got: `sequence ${kept ?? 'none'} for ${first.data.id}` };
  });
}

async function refusedEffects(kit: Kit): Promise<Finding | undefined> {
  const [unsigned, wrong, changed] = [kit.event(), kit.event(), kit.event()];
  const genuine = await kit.sign(changed);
  const exchanges = await postInTurn(kit, [
    withSignature(await kit.sign(unsigned), undefined),
    await kit.sign(wrong, { secret: kit.otherSecret() }),
    { ...genuine, body: Buffer.from(genuine.body.toString().replace('"100.00"', '"900.00"')) },
  ]);
  const names = ['without a signature', 'with a wrong signature', 'changed after it was signed'];
  return judged(kit, exchanges, (effects) => {
    const handled = [unsigned, wrong, changed].findIndex((event) => countOf(effects, event) > 0);
    const exchange = exchanges[handled];
    if (!exchange) return undefined;
    const got = `an effect of the one ${names[handled]}, which was answered with ${describe(exchange)}`;
    return { kind: 'effect_of_refused', got };
  });
}
