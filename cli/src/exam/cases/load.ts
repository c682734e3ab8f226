import type { ExamCase, Finding } from '../case.ts';
import { expectAccepted, expectNoError } from '../judgement.ts';
import type { Kit } from '../kit.ts';
import { accepted } from '../probes.ts';

const LARGE_BODY_BYTES = 200_000;
const BURST = 50;
const MAX_ANSWER_BYTES = 1_024;

export const LIMITS: readonly ExamCase[] = [
  {
    id: 'limits.large-body',
    title: 'Accepts a large body',
    sent: 'a genuine event of 200 kB',
    expected: 'answers 2xx',
    why: 'Most events have two kilobytes, but metadata and lists grow. The limit of some frameworks is 100 kB.',
    mend: 'Allow bodies of 1 MB on this path: `express.raw({ limit: "1mb" })`, `client_max_body_size 1m` in nginx.',
    fault: 'refuses a body of 200 kB',
    severity: 'must',
    probe: accepted(async (kit) => {
      const event = kit.event();
      const filling = 'An event may be long. '.repeat(Math.ceil(LARGE_BODY_BYTES / 22));
      return kit.sign({ ...event, data: { ...event.data, metadata: { filling } } });
    }),
  },
  {
    id: 'limits.burst',
    title: 'Accepts many deliveries at once',
    sent: '50 genuine events of different resources at the same moment',
    expected: 'answers 2xx to each within the time limit',
    why: 'After an outage, or a payday, events come in crowds.',
    mend: 'Answer before the work is done, and let a queue take the crowd. A database pool must make callers wait, not fail.',
    fault: 'breaks when many deliveries come at once',
    severity: 'must',
    probe: async (kit) => {
      const deliveries = [];
      for (let n = 0; n < BURST; n += 1) deliveries.push(await kit.sign(kit.event()));
      return expectAccepted(await Promise.all(deliveries.map((delivery) => kit.post(delivery))));
    },
  },
];

export const PROTOCOL: readonly ExamCase[] = [
  {
    id: 'protocol.small-answer',
    title: 'Answers briefly',
    sent: 'a genuine event',
    expected: 'answers 2xx with a body of 1 kB at most; none is best',
    why: 'OpenOMS keeps the first kilobyte of an answer, to show you what your endpoint said, and reads no further.',
    mend: 'Answer 204 without a body.',
    fault: 'answers at length',
    severity: 'should',
    probe: smallAnswer,
  },
  {
    id: 'protocol.get',
    title: 'Survives a GET',
    sent: 'a GET of the URL without any header of a webhook',
    expected: 'answers anything but 5xx; 404 or 405 is best',
    why: 'Scanners and people with browsers will come by. OpenOMS itself only posts.',
    mend: 'Route POST only, and let your framework answer the rest.',
    fault: 'breaks on a GET',
    severity: 'should',
    probe: async (kit) => expectNoError([await kit.get()]),
  },
];

async function smallAnswer(kit: Kit): Promise<Finding | undefined> {
  const exchange = await kit.post(await kit.sign(kit.event()));
  const failed = expectAccepted([exchange]);
  const bodyBytes = exchange.answer?.bodyBytes ?? 0;
  if (failed || bodyBytes <= MAX_ANSWER_BYTES) return failed;
  return { kind: 'large_answer', got: `a body of ${bodyBytes} bytes or more`, exchanges: [exchange] };
}
