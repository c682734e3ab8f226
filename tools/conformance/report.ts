import type { Pair } from './coverage.ts';
import type { Report } from './run.ts';

/** Nothing failed, and every documented answer was seen or is excused. */
export const isClean = (report: Report): boolean =>
  report.results.every(({ failure }) => failure === undefined) && report.coverage.missing.length === 0;

const nameOf = ({ operation, status }: Pair): string => `${operation} ${status}`;

/** For people: what failed, what was not seen, and the sums. */
export function toText({ results, requests, coverage }: Report): string {
  const failed = results.flatMap(({ vector, failure }) => (failure ? [{ vector, ...failure }] : []));
  const { covered, missing, excused, unmetCodes } = coverage;
  return [
    ...failed.flatMap(({ vector, step, problems, request, reply }) => [
      `FAILED ${vector}`,
      `  at: ${step}`,
      ...problems.map((problem) => `  ${problem}`),
      `  > ${request}`,
      `  < ${reply}`,
    ]),
    ...missing.map((pair) => `NOT COVERED ${nameOf(pair)} (${pair.codes.join(', ')})`),
    ...groupedByOperation('covered', covered),
    ...groupedByOperation('not provokable', excused),
    ...(unmetCodes.length > 0
      ? [`codes not met: ${unmetCodes.map(({ operation, code }) => `${operation} ${code}`).join(', ')}`]
      : []),
    `${results.length} vectors, ${requests} requests, ${failed.length} failed; ` +
      `${covered.length} answers covered, ${excused.length} not provokable, ${missing.length} missing`,
  ].join('\n');
}

function groupedByOperation(title: string, pairs: readonly Pair[]): string[] {
  return [...Map.groupBy(pairs, ({ operation }) => operation)].map(
    ([operation, each]) =>
      `${title}: ${operation} ${each
        .map(({ status }) => status)
        .sort()
        .join(' ')}`,
  );
}
