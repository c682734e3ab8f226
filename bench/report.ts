export interface Limit {
  readonly name: string;
  readonly value: number;
}

/** One line of the table. `value` in `unit`; limits in the same unit, measured in the same run. */
export interface Measurement {
  readonly name: string;
  readonly connections?: number;
  readonly value: number;
  readonly unit: 'ms' | '/s';
  readonly p50Ms?: number;
  readonly p99Ms?: number;
  /** Of one core. */
  readonly clientCpuShare?: number;
  readonly limits: readonly Limit[];
  /** How near the nearest limit: 1 is as good as it gets. */
  readonly shareOfLimit: number;
}

const HEADS = [
  'measure',
  'conns',
  'result',
  'p50 ms',
  'p99 ms',
  'client cpu',
  'limits of this run',
  'of limit',
];

const whole = (value: number): string => value.toFixed(value < 10 ? 1 : 0);
const percent = (share: number): string => `${(share * 100).toFixed(0)} %`;

function cells(row: Measurement): string[] {
  return [
    row.name,
    row.connections?.toString() ?? '',
    `${whole(row.value)} ${row.unit}`,
    row.p50Ms === undefined ? '' : row.p50Ms.toFixed(1),
    row.p99Ms === undefined ? '' : row.p99Ms.toFixed(1),
    row.clientCpuShare === undefined ? '' : percent(row.clientCpuShare),
    row.limits.map(({ name, value }) => `${name} ${whole(value)}`).join(', '),
    percent(row.shareOfLimit),
  ];
}

export const formatTable = (rows: readonly Measurement[]): string => formatColumns(HEADS, rows.map(cells));

/** A Markdown table with aligned columns. */
export function formatColumns(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [heads, ...rows];
  const widths = heads.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  const format = (line: readonly string[]): string =>
    `| ${line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const rule = `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`;
  const [head = '', ...body] = lines.map(format);
  return [head, rule, ...body].join('\n');
}
