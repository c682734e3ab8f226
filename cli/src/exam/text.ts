import { type ExamCase, GROUPS, type Group } from './case.ts';
import type { Outcome, Report } from './report.ts';

/** ANSI codes of a terminal. */
const COLOURS: Readonly<Record<Outcome | 'strong', string>> = {
  passed: '32',
  failed: '31',
  warning: '33',
  skipped: '90',
  strong: '1',
};
const WORDS: Readonly<Record<Outcome, string>> = {
  passed: 'pass',
  failed: 'FAIL',
  warning: 'WARN',
  skipped: 'skip',
};

const groupOf = (id: string): string => id.slice(0, id.indexOf('.'));
const titleOf = (group: string): string => GROUPS[group as Group] ?? group;
const plural = (count: number, word: string): string => `${count} ${word}${count === 1 ? '' : 's'}`;

/** The report for a reader, with colours when asked for. */
export function toText(report: Report, hasColours: boolean): string {
  const paint = (colour: keyof typeof COLOURS, text: string): string =>
    hasColours ? `\u001b[${COLOURS[colour]}m${text}\u001b[0m` : text;
  const width = Math.max(...report.cases.map(({ id }) => id.length));
  const groups = [...Map.groupBy(report.cases, ({ id }) => groupOf(id))].flatMap(([group, cases]) => [
    '',
    paint('strong', titleOf(group)),
    ...cases.filter(({ reason }) => reason === null).flatMap((one) => caseLines(one, width, paint)),
    ...skippedLines(cases, paint),
  ]);
  return [
    `Webhook exam of ${report.url}`,
    `${plural(report.cases.length, 'case')}, time limit ${report.timeoutMs} ms, seed ${report.seed}`,
    ...groups,
    ...faultLines(report, paint),
    '',
    ...verdictLines(report, paint),
  ].join('\n');
}

type Paint = (colour: keyof typeof COLOURS, text: string) => string;
type ReportedCase = Report['cases'][number];

/** Those that were not examined, one line for each reason. */
const skippedLines = (cases: readonly ReportedCase[], paint: Paint): string[] =>
  [...Map.groupBy(cases, ({ reason }) => reason)].flatMap(([reason, members]) =>
    reason === null
      ? []
      : [`  ${paint('skipped', WORDS.skipped)}  ${plural(members.length, 'case')}: ${reason}`],
  );

function caseLines(one: ReportedCase, width: number, paint: Paint): string[] {
  const head = `  ${paint(one.outcome, WORDS[one.outcome])}  ${one.id.padEnd(width)}  ${one.title}`;
  if (!one.failure) return [head];
  const { sent, got, expected, why, mend } = one.failure;
  const detail = { sent, 'came back': got, expected, why, mend };
  return [head, ...Object.entries(detail).map(([name, text]) => `        ${name.padEnd(10)} ${text}`)];
}

function faultLines({ faults }: Report, paint: Paint): string[] {
  if (faults.length === 0) return [];
  return [
    '',
    paint('strong', 'Faults'),
    ...faults.flatMap(({ title, mend, cases }, index) => [
      `  ${index + 1}. The receiver ${title}.`,
      `     Mend: ${mend}`,
      `     Shown by: ${cases.join(', ')}`,
    ]),
  ];
}

function verdictLines({ passed, counts, durationMs, notVisible }: Report, paint: Paint): string[] {
  const tally = [
    `${counts.passed} passed`,
    `${counts.failed} failed`,
    plural(counts.warning, 'warning'),
    `${counts.skipped} not examined`,
  ].join(', ');
  const verdict = passed ? paint('passed', 'PASSED') : paint('failed', 'FAILED');
  return [
    `${verdict}  ${tally} in ${(durationMs / 1_000).toFixed(1)} s`,
    '',
    'Not visible from outside:',
    ...notVisible.map((item) => `  - ${item}`),
  ];
}

/** Every case as Markdown: what `--list` prints and docs/check-webhook.md holds. */
export function toCatalogue(cases: readonly ExamCase[]): string {
  return [...Map.groupBy(cases, ({ id }) => groupOf(id))]
    .map(([group, members]) => [`### ${titleOf(group)}`, ...members.map(catalogueEntry)].join('\n\n'))
    .join('\n\n');
}

const catalogueEntry = ({ id, title, severity, sent, expected, why, mend }: ExamCase): string =>
  [
    `**\`${id}\`** (${severity}) ${title}.`,
    '',
    `- Sent: ${sent}.`,
    `- A good receiver ${expected}.`,
    `- Why: ${why}`,
    `- To mend it: ${mend}`,
  ].join('\n');
