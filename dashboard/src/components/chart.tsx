import { type ReactNode, useId, useState } from 'react';
import { axisLabel, shortNumber, ticksOf } from './chart-scale.ts';

export interface ChartPoint {
  /** On the axis and in the table: a day. */
  readonly label: string;
  readonly values: readonly number[];
  /** The same, exact, as it is read: `1,204.00 USD`. */
  readonly texts: readonly string[];
}

export interface ChartSeries {
  readonly label: string;
  readonly tone: 'accent' | 'faint' | 'done' | 'pending' | 'failed' | 'info' | 'muted';
}

interface ChartProps {
  readonly label: string;
  readonly series: readonly ChartSeries[];
  readonly points: readonly ChartPoint[];
  readonly height?: number;
}

const FILL = {
  accent: 'fill-chart',
  faint: 'fill-chart/45',
  done: 'fill-done',
  pending: 'fill-pending',
  failed: 'fill-chart-failed',
  info: 'fill-info',
  muted: 'fill-line-strong',
} as const;
const STROKE = {
  accent: 'stroke-accent',
  faint: 'stroke-accent/45',
  done: 'stroke-done',
  pending: 'stroke-pending',
  failed: 'stroke-failed',
  info: 'stroke-info',
  muted: 'stroke-line-strong',
} as const;
const DOT = {
  accent: 'bg-chart',
  faint: 'bg-chart/45',
  done: 'bg-done',
  pending: 'bg-pending',
  failed: 'bg-chart-failed',
  info: 'bg-info',
  muted: 'bg-line-strong',
} as const;

const WIDTH = 600;
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** Figures of the point under the pointer, or the key of the chart; always a table for those who do not see it. */
function Frame({
  label,
  series,
  points,
  height = 160,
  ticks,
  children,
}: ChartProps & {
  readonly ticks: readonly number[];
  readonly children: (at: number | undefined) => ReactNode;
}) {
  const [at, setAt] = useState<number>();
  const id = useId();
  const point = at === undefined ? undefined : points[at];
  const [low = 0, high = 1] = [ticks[0], ticks.at(-1)];
  const isEmpty = points.every(({ values }) => values.every((value) => value === 0));
  return (
    <figure aria-labelledby={id} className="relative min-w-0">
      <figcaption id={id} className="sr-only">
        {label}
      </figcaption>
      <div
        aria-hidden="true"
        className="flex min-h-5 flex-wrap items-center gap-x-4 gap-y-1 pb-2 text-xs text-muted"
      >
        {series.map((line, index) => (
          <span key={line.label} className="inline-flex items-center gap-1.5">
            <span className={`size-2 rounded-[2px] ${DOT[line.tone]}`} />
            {line.label}
            {point && <span className="figures text-ink">{point.texts[index]}</span>}
          </span>
        ))}
        <span className="figures ml-auto">{point?.label}</span>
      </div>
      <div aria-hidden="true" className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-2">
        <div className="relative w-9" style={{ height }}>
          {ticks.map((tick) => (
            <span
              key={tick}
              className="figures absolute right-0 -translate-y-1/2 text-2xs text-muted"
              style={{ top: `${100 - ((tick - low) / (high - low)) * 100}%` }}
            >
              {shortNumber(tick)}
            </span>
          ))}
        </div>
        <svg
          viewBox={`0 0 ${WIDTH} ${height}`}
          preserveAspectRatio="none"
          aria-hidden="true"
          className="col-start-2 row-start-1 w-full overflow-visible"
          style={{ height }}
          onPointerLeave={() => setAt(undefined)}
          onPointerMove={({ clientX, currentTarget }) => {
            const { left, width } = currentTarget.getBoundingClientRect();
            const index = Math.floor(((clientX - left) / width) * points.length);
            setAt(Math.min(Math.max(index, 0), points.length - 1));
          }}
        >
          <rect width={WIDTH} height={height} fill="transparent" />
          {ticks.map((tick) => (
            <line
              key={tick}
              x1="0"
              x2={WIDTH}
              y1={height - ((tick - low) / (high - low)) * height}
              y2={height - ((tick - low) / (high - low)) * height}
              className={tick === 0 ? 'stroke-line-strong' : 'stroke-line'}
              vectorEffect="non-scaling-stroke"
            />
          ))}
          {children(at)}
        </svg>
        {isEmpty && (
          <p
            className="pointer-events-none col-start-2 row-start-1 grid place-items-center text-xs text-muted"
            style={{ height }}
          >
            Nothing in this time
          </p>
        )}
        <span className="row-start-2" />
        <div className="figures row-start-2 flex justify-between pt-1.5 text-2xs text-muted">
          {[0, Math.floor((points.length - 1) / 2), points.length - 1].map((index) => (
            <span key={index}>{axisLabel(points[index]?.label ?? '')}</span>
          ))}
        </div>
      </div>
      <ChartTable label={label} series={series} points={points} />
    </figure>
  );
}

const ChartTable = ({ label, series, points }: ChartProps) => (
  <table className="sr-only">
    <caption>{label}</caption>
    <thead>
      <tr>
        <th scope="col">Day</th>
        {series.map((line) => (
          <th key={line.label} scope="col">
            {line.label}
          </th>
        ))}
      </tr>
    </thead>
    <tbody>
      {points.map((point) => (
        <tr key={point.label}>
          <th scope="row">{point.label}</th>
          {series.map((line, index) => (
            <td key={line.label}>{point.texts[index]}</td>
          ))}
        </tr>
      ))}
    </tbody>
  </table>
);

/** Series upon each other, a bar for each point. */
export function BarChart(props: ChartProps) {
  const { points, series, height = 160 } = props;
  const ticks = ticksOf(points.map(({ values }) => sum(values)));
  const top = ticks.at(-1) ?? 1;
  const slot = WIDTH / Math.max(points.length, 1);
  const bar = Math.max(slot * 0.68, 1);
  return (
    <Frame {...props} ticks={ticks}>
      {(at) =>
        points.map(({ label, values }, index) => (
          <g key={label} className={at !== undefined && at !== index ? 'opacity-40' : ''}>
            {series.map(({ label: name, tone }, line) => {
              const value = values[line] ?? 0;
              const below = sum(values.slice(0, line));
              return (
                <rect
                  key={name}
                  x={index * slot + (slot - bar) / 2}
                  width={bar}
                  y={height - ((below + value) / top) * height}
                  height={(value / top) * height}
                  className={FILL[tone]}
                />
              );
            })}
          </g>
        ))
      }
    </Frame>
  );
}

/** A line for each series; `isStepped` for what holds its value until it changes, as a balance does. */
export function LineChart({ isStepped = false, ...props }: ChartProps & { readonly isStepped?: boolean }) {
  const { points, series, height = 160 } = props;
  const ticks = ticksOf(points.flatMap(({ values }) => values));
  const [low = 0, high = 1] = [ticks[0], ticks.at(-1)];
  const xOf = (index: number): number => ((index + 0.5) / points.length) * WIDTH;
  const yOf = (value: number): number => height - ((value - low) / (high - low)) * height;
  return (
    <Frame {...props} ticks={ticks}>
      {(at) => (
        <>
          {at !== undefined && (
            <line
              x1={xOf(at)}
              x2={xOf(at)}
              y1="0"
              y2={height}
              className="stroke-line-input"
              vectorEffect="non-scaling-stroke"
            />
          )}
          {series.map(({ label, tone }, line) => (
            <path
              key={label}
              d={lineOf(
                points.map(({ values }, index) => [xOf(index), yOf(values[line] ?? 0)]),
                isStepped,
              )}
              fill="none"
              strokeWidth="1.75"
              strokeLinejoin="round"
              className={STROKE[tone]}
              vectorEffect="non-scaling-stroke"
            />
          ))}
        </>
      )}
    </Frame>
  );
}

const lineOf = (spots: readonly (readonly [x: number, y: number])[], isStepped: boolean): string =>
  spots
    .map(([x, y], index) => (index === 0 ? `M${x} ${y}` : isStepped ? `H${x}V${y}` : `L${x} ${y}`))
    .join('');

const SPARK = { width: 96, height: 24 };

/** The shape of a few values beside a figure that says it in words. */
export function Sparkline({ values, label }: { readonly values: readonly number[]; readonly label: string }) {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const range = high - low || 1;
  const spots = values.map(
    (value, index) =>
      [
        1 + (index / Math.max(values.length - 1, 1)) * (SPARK.width - 2),
        SPARK.height - 2 - ((value - low) / range) * (SPARK.height - 4),
      ] as const,
  );
  return (
    <svg
      viewBox={`0 0 ${SPARK.width} ${SPARK.height}`}
      className="h-6 w-24 text-accent"
      role="img"
      aria-label={label}
    >
      <path
        d={lineOf(spots, false)}
        fill="none"
        stroke="currentColor"
        strokeWidth="1.5"
        strokeLinejoin="round"
      />
    </svg>
  );
}
