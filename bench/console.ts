import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { CONSOLE_PATH } from '@openoms/contract/console/operation.ts';
import { openConsoleBed } from './console-bed.ts';
import { listQuestions, otherQuestions, type Question } from './console-questions.ts';
import { HttpConnection } from './http-connection.ts';
import { percentile } from './statistics.ts';

/**
 * What the dashboard asks of a project with many transactions: each list with each filter and each pair of filters, figures
 * and searches, over HTTP with the cookie of a session. One client, one request at a time: what is measured is the
 * request, from its first byte to the last of its answer.
 */
const LIMIT_MS = 50;
const WARM_UPS = 3;
const P95 = 0.95;
const MEDIAN = 0.5;
/** What was slow is asked again: a machine that was busy slows some of the rounds, a slow question is slow in all of them. */
const MORE_ROUNDS = 4;
/** Of each list, the slowest are printed. */
const SHOWN = 3;

const USAGE = 'npm run bench:console -- [--rows 100000] [--runs 40] [--only list] [--keep DIRECTORY] [--all]';

interface Answered {
  readonly question: Question;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly maxMs: number;
  readonly rows: number | undefined;
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      rows: { type: 'string', default: '100000' },
      runs: { type: 'string', default: '40' },
      only: { type: 'string' },
      keep: { type: 'string' },
      all: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  const bed = await openConsoleBed(Number(values.rows), values.keep);
  const connection = await HttpConnection.open(bed.port);
  try {
    const { projectId } = bed.seed;
    const questions = [
      ...(await listQuestions(bed.client, projectId)),
      ...(await otherQuestions(bed.client, projectId)),
    ].filter(({ list }) => values.only === undefined || list.startsWith(values.only));
    const runs = Number(values.runs);
    const ask = (question: Question): Promise<Answered> => {
      const request = [
        `GET ${CONSOLE_PATH}/projects/${projectId}${question.path} HTTP/1.1`,
        'host: 127.0.0.1',
        `cookie: ${bed.cookie}`,
        '\r\n',
      ].join('\r\n');
      return measure(connection, question, request, runs);
    };
    const answers: Answered[] = [];
    for (const question of questions) answers.push(await ask(question));
    const again = answers.filter(isSlow).length;
    for (let round = 0; round < MORE_ROUNDS && answers.some(isSlow); round++) {
      for (const [index, answered] of answers.entries()) {
        if (isSlow(answered)) answers[index] = quicker(answered, await ask(answered.question));
      }
    }
    return report(answers, again, values.all);
  } finally {
    connection.close();
    await bed.stop();
  }
}

const isSlow = ({ p95Ms }: Answered): boolean => p95Ms > LIMIT_MS;
const quicker = (one: Answered, other: Answered): Answered => (other.p95Ms < one.p95Ms ? other : one);

async function measure(
  connection: HttpConnection,
  question: Question,
  request: string,
  runs: number,
): Promise<Answered> {
  const times: number[] = [];
  let body = '';
  for (let run = -WARM_UPS; run < runs; run++) {
    const startMs = performance.now();
    const reply = await connection.send(request);
    const tookMs = performance.now() - startMs;
    if (reply.status !== 200) throw new Error(`${question.path}: ${reply.status} ${reply.body}`);
    body = reply.body;
    if (run >= 0) times.push(tookMs);
  }
  times.sort((a, b) => a - b);
  const { data } = JSON.parse(body) as { data?: unknown };
  return {
    question,
    p50Ms: percentile(times, MEDIAN),
    p95Ms: percentile(times, P95),
    maxMs: times.at(-1) ?? 0,
    rows: Array.isArray(data) ? data.length : undefined,
  };
}

const inMs = (value: number): string => value.toFixed(1).padStart(7);

const line = ({ question, p50Ms, p95Ms, maxMs, rows }: Answered): string =>
  `  ${inMs(p50Ms)} ${inMs(p95Ms)} ${inMs(maxMs)} ${String(rows ?? '').padStart(4)}  ${question.name}`;

function report(answers: readonly Answered[], again: number, isEach: boolean): number {
  console.log(`      p50     p95     max rows  of ${LIMIT_MS} ms`);
  for (const [list, ofList] of Map.groupBy(answers, ({ question }) => question.list)) {
    const slowest = ofList.toSorted((a, b) => b.p95Ms - a.p95Ms);
    const medians = ofList.map(({ p50Ms }) => p50Ms).toSorted((a, b) => a - b);
    console.log(`${list}: ${ofList.length} questions, median ${percentile(medians, MEDIAN).toFixed(1)} ms`);
    const shown = isEach ? ofList : slowest.filter((each, index) => index < SHOWN || isSlow(each));
    for (const each of shown) console.log(line(each));
  }
  const slow = answers.filter(isSlow);
  if (again > 0) console.log(`${again} were asked again.`);
  console.log(
    slow.length === 0
      ? `All ${answers.length} within ${LIMIT_MS} ms.`
      : `${slow.length} of ${answers.length} above ${LIMIT_MS} ms.`,
  );
  return slow.length === 0 ? 0 : 1;
}

process.exitCode = await main();
