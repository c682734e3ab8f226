import type { ExamCase } from '../case.ts';
import type { Delivery, Kit } from '../kit.ts';
import { accepted, refused } from '../probes.ts';
import { signatureOf, withEachSignature, withHeader, withMovedTime, withSignature } from '../tampering.ts';

const REFUSES = 'answers 4xx, best 401, and does nothing else';
const FORGERY_WHY =
  'Who may post to the URL could tell you that money arrived. An answer of 2xx also says that all is well when the secret is wrong, and the events are lost.';
const CRASH = 'An answer of 5xx says that you broke: refuse before anything can throw.';

const signed = (kit: Kit): Promise<Delivery> => kit.sign(kit.event());

/** The signatures of a genuine event, changed. */
const forged = (change: Parameters<typeof withEachSignature>[1]) =>
  refused(async (kit) => withEachSignature(await signed(kit), change));

export const SIGNATURE: readonly ExamCase[] = [
  {
    id: 'signature.missing',
    title: 'Refuses a delivery without a signature',
    sent: 'a genuine event without the header `Webhook-Signature`',
    expected: REFUSES,
    why: FORGERY_WHY,
    mend: `Answer 401 when the header is not there. ${CRASH}`,
    fault: 'accepts a delivery without a signature',
    severity: 'must',
    probe: refused(async (kit) => withSignature(await signed(kit), undefined)),
  },
  {
    id: 'signature.empty',
    title: 'Refuses an empty signature',
    sent: 'a genuine event with an empty `Webhook-Signature`',
    expected: REFUSES,
    why: FORGERY_WHY,
    mend: `Answer 401 when no part of the header is a signature. ${CRASH}`,
    fault: 'accepts an empty signature',
    severity: 'must',
    probe: refused(async (kit) => withSignature(await signed(kit), '')),
  },
  {
    id: 'signature.garbage',
    title: 'Refuses a header that is no signature',
    sent: 'a genuine event with `Webhook-Signature: ,;==garbage v1 t`',
    expected: REFUSES,
    why: FORGERY_WHY,
    mend: `Answer 401 when the header has no \`t\` or no \`v1\`. ${CRASH}`,
    fault: 'accepts a header that is no signature',
    severity: 'must',
    probe: refused(async (kit) => withSignature(await signed(kit), ',;==garbage v1 t')),
  },
  {
    id: 'signature.wrong-secret',
    title: 'Refuses a signature made with another secret',
    sent: 'a genuine event, signed with a secret that is not yours',
    expected: REFUSES,
    why: FORGERY_WHY,
    mend: 'Compute the HMAC with your secret and compare, in constant time; when nothing matches, answer 401.',
    fault: 'accepts a signature made with another secret',
    severity: 'must',
    probe: refused(async (kit) => kit.sign(kit.event(), { secret: kit.otherSecret() })),
  },
  {
    id: 'signature.tampered-body',
    title: 'Refuses a body in which one byte changed',
    sent: 'a genuine event with the amount `100.00` made `900.00` after it was signed',
    expected: REFUSES,
    why: FORGERY_WHY,
    mend: 'The HMAC is over `t`, a dot and the whole body.',
    fault: 'accepts a body that was changed after it was signed',
    severity: 'must',
    probe: refused(async (kit) => {
      const delivery = await signed(kit);
      return { ...delivery, body: Buffer.from(delivery.body.toString().replace('"100.00"', '"900.00"')) };
    }),
  },
  {
    id: 'signature.empty-body',
    title: 'Refuses a body that was taken away',
    sent: 'the headers of a genuine event without its body',
    expected: REFUSES,
    why: FORGERY_WHY,
    mend: `Verify an absent body as an empty one. ${CRASH}`,
    fault: 'accepts the headers of an event without its body',
    severity: 'must',
    probe: refused(async (kit) => ({ ...(await signed(kit)), body: Buffer.alloc(0) })),
  },
  {
    id: 'signature.tampered-time',
    title: 'Refuses a time that changed',
    sent: 'a genuine event with `t` and `webhook-timestamp` a second later than signed',
    expected: REFUSES,
    why: 'The time is signed so that nobody can make an old delivery look new.',
    mend: 'The HMAC is over `t`, a dot and the body; take `t` as it stands in the header.',
    fault: 'accepts a time that was changed after signing',
    severity: 'must',
    probe: refused(async (kit) => withMovedTime(await signed(kit), 1)),
  },
  {
    id: 'signature.other-body',
    title: 'Refuses the signature of another delivery',
    sent: 'a genuine event under the headers of another one',
    expected: REFUSES,
    why: FORGERY_WHY,
    mend: 'The HMAC is over `t`, a dot and this body.',
    fault: 'accepts the signature of another delivery',
    severity: 'must',
    probe: refused(async (kit) => ({ ...(await signed(kit)), body: (await signed(kit)).body })),
  },
  {
    id: 'signature.truncated',
    title: 'Refuses a signature that was cut off',
    sent: 'a genuine event with the first quarter of its signature',
    expected: REFUSES,
    why: 'Whoever may send a short signature can guess it.',
    mend: `Compare the whole: the lengths first, then \`timingSafeEqual\`, which throws when they differ. ${CRASH}`,
    fault: 'accepts a signature that was cut off',
    severity: 'must',
    probe: forged(({ name, value }) => `${name}${value.slice(0, value.length / 4)}`),
  },
  {
    id: 'signature.no-value',
    title: 'Refuses a signature of no characters',
    sent: 'a genuine event with `v1=` and nothing after it',
    expected: REFUSES,
    why: 'Nothing is the beginning of everything: who compares beginnings accepts it.',
    mend: `Compare the whole: the lengths first, then \`timingSafeEqual\`, which throws when they differ. ${CRASH}`,
    fault: 'accepts a signature of no characters',
    severity: 'must',
    probe: forged(({ name }) => name),
  },
  {
    id: 'signature.not-hex',
    title: 'Refuses a signature that is not hex',
    sent: 'a genuine event with 64 letters `z` as `v1`',
    expected: REFUSES,
    why: 'Decoders of hex stop at what is not hex and give a shorter value; comparing that may throw.',
    mend: `Compare the lengths of the decoded values first. ${CRASH}`,
    fault: 'accepts a signature that is not hex',
    severity: 'must',
    probe: forged(({ name, value }) => `${name}${'z'.repeat(value.length)}`),
  },
  {
    id: 'signature.other-version',
    title: 'Refuses a right value under another version',
    sent: 'a genuine event whose signature is named `v0` instead of `v1`',
    expected: REFUSES,
    why: 'Another version may be another, weaker scheme; who ignores the name can be talked down to it.',
    mend: 'Read the parts named `v1` and no others.',
    fault: 'accepts a signature of another version',
    severity: 'must',
    probe: forged(({ name, value }) => `${name.replace('v1', 'v0')}${value}`),
  },
  {
    id: 'signature.no-time',
    title: 'Refuses a signature without its time',
    sent: 'a genuine event without `t` and `webhook-timestamp`',
    expected: REFUSES,
    why: 'Without the time, an old delivery cannot be told from a new one.',
    mend: `Answer 401 when the header has no \`t\`. ${CRASH}`,
    fault: 'accepts a signature without its time',
    severity: 'must',
    probe: refused(async (kit) => {
      const timeless = withHeader(await signed(kit), 'webhook-timestamp', undefined);
      return withSignature(timeless, signatureOf(timeless).replace(/^t=\d+,/, ''));
    }),
  },
  {
    id: 'signature.time-not-a-number',
    title: 'Refuses a time that is not a number',
    sent: 'an event with `t=NaN`, rightly signed over `NaN.<body>`',
    expected: REFUSES,
    why: 'No number is further than five minutes from what is not a number: a test for `> 300` lets it through.',
    mend: 'Write the test so that it must hold to go on: `if (!(Math.abs(now - t) <= 300)) refuse()`.',
    fault: 'accepts a time that is not a number',
    severity: 'should',
    probe: refused(async (kit) => kit.sign(kit.event(), { signedAt: new Date(Number.NaN) })),
  },
  {
    id: 'signature.extra-parts',
    title: 'Ignores parts of the header that it does not know',
    sent: 'a genuine event with `v2=…` and `key=…` beside its `v1`',
    expected: 'answers 2xx',
    why: 'A later version of the scheme will stand beside the present one, as that of Standard Webhooks does already.',
    mend: 'Split at commas and then at the first `=`; take `t` and each `v1`, skip the rest.',
    fault: 'refuses a header with parts that it does not know',
    severity: 'must',
    probe: accepted(async (kit) => {
      const delivery = await signed(kit);
      const header = signatureOf(delivery).replace(',v1=', `,key=a=b,v2=${'0'.repeat(96)},v1=`);
      return withSignature(delivery, `${header} v2,AAAA`);
    }),
  },
];

const ROTATION_WHY =
  'While a secret is rotated every delivery carries a signature by the old one and one by the new one, in either order.';
const ROTATION_MEND = 'Collect every `v1` of the header and accept when any of them matches.';

export const ROTATION: readonly ExamCase[] = [
  {
    id: 'rotation.first-right',
    title: 'Accepts two signatures of which the first matches',
    sent: 'a genuine event signed with your secret, then with another',
    expected: 'answers 2xx',
    why: ROTATION_WHY,
    mend: ROTATION_MEND,
    fault: 'compares the last of several signatures only',
    severity: 'must',
    probe: accepted(async (kit) => kit.sign(kit.event(), { secret: [kit.secret, kit.otherSecret()] })),
  },
  {
    id: 'rotation.second-right',
    title: 'Accepts two signatures of which the second matches',
    sent: 'a genuine event signed with another secret, then with yours',
    expected: 'answers 2xx',
    why: ROTATION_WHY,
    mend: ROTATION_MEND,
    fault: 'compares the first of several signatures only',
    severity: 'must',
    probe: accepted(async (kit) => kit.sign(kit.event(), { secret: [kit.otherSecret(), kit.secret] })),
  },
  {
    id: 'rotation.both-wrong',
    title: 'Refuses two signatures of which none matches',
    sent: 'a genuine event signed with two secrets that are not yours',
    expected: REFUSES,
    why: FORGERY_WHY,
    mend: ROTATION_MEND,
    fault: 'accepts several signatures of which none matches',
    severity: 'must',
    probe: refused(async (kit) => kit.sign(kit.event(), { secret: [kit.otherSecret(), kit.otherSecret()] })),
  },
];
