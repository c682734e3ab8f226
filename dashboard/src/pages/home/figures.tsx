import type { Overview } from '@openoms/contract/console/project.ts';
import type { ReactNode } from 'react';
import { useProject } from '../../api/session.ts';
import { Amount } from '../../components/amount.tsx';
import { Sparkline } from '../../components/chart.tsx';
import { compareDecimals, formatDecimal, formatShare, isZero, sumOf } from '../../components/decimal.ts';
import { Link } from '../../components/link.tsx';
import { paths } from '../../paths.ts';

interface FigureProps {
  readonly label: string;
  readonly to: string;
  readonly value: ReactNode;
  readonly note: ReactNode;
  readonly chart?: ReactNode;
}

const Figure = ({ label, to, value, note, chart }: FigureProps) => (
  <Link
    to={to}
    look="plain"
    className="group min-w-0 border-line px-4 py-4 first:pl-4 not-last:border-b hover:bg-hover sm:not-last:border-r sm:not-last:border-b-0"
  >
    <span className="flex h-6 items-start justify-between gap-3">
      <span className="label">{label}</span>
      {chart}
    </span>
    <span className="figures mt-2 block truncate text-2xl tracking-tight">{value}</span>
    <span className="mt-0.5 block truncate text-xs text-muted">{note}</span>
  </Link>
);

/** Days on which nothing ended are left out: they have no rate. */
const ratesOf = (days: Overview['days']): number[] =>
  days
    .filter(({ completed, failed }) => completed + failed > 0)
    .map(({ completed, failed }) => completed / (completed + failed));

/** Three numbers that one looks for first; each leads to what it is made of. */
export function Figures({ overview: { days, totals } }: { readonly overview: Overview }) {
  const { id } = useProject();
  const { volume, previousVolume, completed, failed, successRate } = totals;
  const difference = compareDecimals(volume, previousVolume);
  const before = `from ${formatDecimal(previousVolume)} in the ${days.length} days before`;
  return (
    <section
      aria-label="Figures"
      className="grid overflow-clip rounded-lg border border-line bg-surface sm:grid-cols-3"
    >
      <Figure
        label="Volume"
        to={`${paths.transactions(id)}?status=completed`}
        value={<Amount amount={volume} asset="usd" size="lg" />}
        note={
          isZero(previousVolume)
            ? `Nothing in the ${days.length} days before`
            : `${difference > 0 ? '▲' : difference < 0 ? '▼' : '='} ${before}`
        }
        chart={
          <Sparkline
            values={days.map(({ cashIn, payout, transfer }) => Number(sumOf([cashIn, payout, transfer])))}
            label="Volume over the range"
          />
        }
      />
      <Figure
        label="Success rate"
        to={`${paths.transactions(id)}?status=failed`}
        value={successRate === null ? '–' : formatShare(successRate)}
        note={`${failed.toLocaleString('en')} failed`}
        chart={<Sparkline values={ratesOf(days)} label="Success rate over the range" />}
      />
      <Figure
        label="Completed"
        to={`${paths.transactions(id)}?status=completed`}
        value={completed.toLocaleString('en')}
        note={`in ${days.length} days`}
        chart={
          <Sparkline values={days.map((day) => day.completed)} label="Completed payments over the range" />
        }
      />
    </section>
  );
}
