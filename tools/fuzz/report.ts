import type { FuzzReport } from './run.ts';

const MAX_FINDINGS_SHOWN = 20;
const NAME_WIDTH = 32;

/** A table of operations and statuses, and what was found. */
export function toText({ seed, counts, findings }: FuzzReport): string {
  const statuses = [...new Set([...counts.values()].flatMap((each) => [...each.keys()]))].sort(
    (a, b) => a - b,
  );
  const line = (name: string, cells: readonly (number | string)[]): string =>
    name.padEnd(NAME_WIDTH) + cells.map((cell) => String(cell).padStart(6)).join('');
  const rows = [...counts].sort(([a], [b]) => (a < b ? -1 : 1));
  const total = (status: number): number => rows.reduce((sum, [, each]) => sum + (each.get(status) ?? 0), 0);
  return [
    line('', statuses),
    ...rows.map(([name, each]) =>
      line(
        name,
        statuses.map((status) => each.get(status) ?? '·'),
      ),
    ),
    line('all', statuses.map(total)),
    ...findings
      .slice(0, MAX_FINDINGS_SHOWN)
      .flatMap(({ index, problems, request, reply }) => [
        `request ${index} of seed ${seed}: ${problems.join('; ')}`,
        `  > ${request}`,
        `  < ${reply}`,
      ]),
    `seed ${seed}: ${statuses.reduce((sum, status) => sum + total(status), 0)} answers, ${findings.length} findings`,
  ].join('\n');
}
