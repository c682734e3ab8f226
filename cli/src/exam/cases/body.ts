import type { ExamCase } from '../case.ts';
import type { Delivery, Envelope, Kit } from '../kit.ts';
import { accepted, type Probe } from '../probes.ts';

const ACCEPTS = 'answers 2xx';
const MEND =
  'Verify the bytes as they came, before anything parses them: `express.raw()`, a buffer parser in Fastify, `request.text()` in a fetch handler.';
const SERIALIZED_WHY =
  'The signature is over the raw bytes. A body that was parsed and printed again has other bytes whenever its form is not the one your printer would choose.';

/** A genuine event whose body is the text that `print` makes of it. */
const printed = (print: (envelope: Envelope) => string, metadata?: unknown): Probe =>
  accepted(async (kit): Promise<Delivery> => {
    const envelope = withMetadata(kit, metadata);
    return kit.sign(envelope, {}, print(envelope));
  });

function withMetadata(kit: Kit, metadata: unknown): Envelope {
  const envelope = kit.event();
  return metadata === undefined ? envelope : { ...envelope, data: { ...envelope.data, metadata } };
}

export const BODY: readonly ExamCase[] = [
  {
    id: 'body.unicode',
    title: 'Verifies text beyond ASCII',
    sent: 'a genuine event with accents, Chinese, Arabic and emoji in `metadata`, as UTF-8',
    expected: ACCEPTS,
    why: 'Names of people and shops are in every script. A body read as Latin-1, or measured in characters, has other bytes.',
    mend: MEND,
    fault: 'refuses a body with text beyond ASCII',
    severity: 'must',
    probe: printed(JSON.stringify, { note: 'Zoë Müller-Łuczak 李小龍 محمد 👩🏽‍🚀 ' }),
  },
  {
    id: 'body.escapes',
    title: 'Verifies escaped characters',
    sent: 'a genuine event with `\\u00e9`, `\\ud83d\\ude80` and `\\/` in its text',
    expected: ACCEPTS,
    why: SERIALIZED_WHY,
    mend: MEND,
    fault: 'refuses a body with escaped characters',
    severity: 'must',
    probe: printed((envelope) => escaped(JSON.stringify(envelope)), { note: 'café 🚀 a/b' }),
  },
  {
    id: 'body.pretty',
    title: 'Verifies an indented body',
    sent: 'a genuine event, indented, with a line break at its end',
    expected: ACCEPTS,
    why: SERIALIZED_WHY,
    mend: MEND,
    fault: 'refuses an indented body',
    severity: 'must',
    probe: printed((envelope) => `${JSON.stringify(envelope, null, 2)}\n`),
  },
  {
    id: 'body.key-order',
    title: 'Verifies keys in another order',
    sent: 'a genuine event with `data` first, and `metadata` keys `"10"` before `"9"`',
    expected: ACCEPTS,
    why: `${SERIALIZED_WHY} Go sorts keys, and JavaScript moves those that look like numbers to the front.`,
    mend: MEND,
    fault: 'refuses a body whose keys are in another order',
    severity: 'must',
    probe: printed(({ id, event, eventId, createdAt, sequence, data }) =>
      JSON.stringify({ data, sequence, eventId, createdAt, event, id }).replace(
        '"metadata":{}',
        '"metadata":{"b":"1","10":"2","9":"3"}',
      ),
    ),
  },
  {
    id: 'body.numbers',
    title: 'Verifies numbers in another form',
    sent: 'a genuine event with `1.0`, `1e2` and `12345678901234567890` in `metadata`',
    expected: ACCEPTS,
    why: SERIALIZED_WHY,
    mend: MEND,
    fault: 'refuses a body whose numbers are in another form',
    severity: 'must',
    probe: printed((envelope) =>
      JSON.stringify(envelope).replace(
        '"metadata":{}',
        '"metadata":{"a":1.0,"b":1e2,"c":12345678901234567890}',
      ),
    ),
  },
  {
    id: 'body.pieces',
    title: 'Reads a body that arrives in pieces',
    sent: 'a genuine event in three writes, a moment apart',
    expected: ACCEPTS,
    why: 'A network cuts where it likes. What comes first need not be all.',
    mend: 'Collect the whole body, to the length that `Content-Length` names, before you verify it.',
    fault: 'takes the first piece of a body for the whole',
    severity: 'must',
    probe: accepted(async (kit) => ({ ...(await kit.sign(kit.event())), pieces: 3 })),
  },
];

/** The same JSON with everything beyond ASCII, and each slash, escaped. */
const escaped = (json: string): string =>
  json
    .replace(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .replaceAll('/', '\\/');
