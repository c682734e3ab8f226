import type { Overview } from '@openoms/contract/console/project.ts';
import type { QueryClient } from '@tanstack/react-query';
import { projectQuery, useProjectRead } from '../../api/queries.ts';
import { useProject } from '../../api/session.ts';
import { BarChart } from '../../components/chart.tsx';
import { cx } from '../../components/class-names.ts';
import { formatDecimal, sumOf } from '../../components/decimal.ts';
import { Link } from '../../components/link.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { Panel } from '../../components/panel.tsx';
import { Problem } from '../../components/problem.tsx';
import { Skeleton } from '../../components/skeleton.tsx';
import { type UrlState, useUrlState } from '../../components/url-state.ts';
import { paths } from '../../paths.ts';
import { Balances } from './balances.tsx';
import { Figures } from './figures.tsx';
import { FirstSteps } from './first-steps.tsx';
import { Waiting } from './waiting.tsx';

const RANGES = [7, 30, 90] as const;
const DEFAULT_DAYS = 30;

const daysOf = (state: UrlState): number =>
  RANGES.find((days) => String(days) === state.days) ?? DEFAULT_DAYS;

export const prefetch = (
  client: QueryClient,
  { projectId = '' }: Readonly<Record<string, string>>,
  search: UrlState,
) => client.prefetchQuery(projectQuery(projectId, 'GET /overview', { query: { days: daysOf(search) } }));

export function Page() {
  const { name } = useProject();
  const [state] = useUrlState();
  const days = daysOf(state);
  const { data, error, refetch } = useProjectRead(
    'GET /overview',
    { query: { days } },
    { keepPrevious: true, refetchInterval: 60_000 },
  );
  return (
    <>
      <PageHeader title="Home" heading={name} actions={data && !isNew(data) && <Range days={days} />} />
      {error && !data ? (
        <Problem error={error} onRetry={() => void refetch()} />
      ) : data ? (
        <Loaded overview={data} />
      ) : (
        <Skeleton lines={8} />
      )}
    </>
  );
}

function Range({ days }: { readonly days: number }) {
  const { id } = useProject();
  return (
    <nav aria-label="Range" className="flex rounded-md border border-line-strong bg-surface p-0.5">
      {RANGES.map((range) => (
        <Link
          key={range}
          to={`${paths.home(id)}${range === DEFAULT_DAYS ? '' : `?days=${range}`}`}
          look="plain"
          aria-current={range === days ? 'true' : undefined}
          className={cx(
            'inline-flex h-6 items-center rounded-sm px-2.5 text-xs',
            range === days ? 'bg-hover font-medium text-ink' : 'text-muted hover:text-ink',
          )}
        >
          {range} days
        </Link>
      ))}
    </nav>
  );
}

const isNew = ({ counts }: Overview): boolean => counts.transactions === 0;

function Loaded({ overview }: { readonly overview: Overview }) {
  if (isNew(overview))
    return (
      <div className="grid gap-5">
        <FirstSteps overview={overview} />
        <Panel title="Balances" isFlush>
          <Balances overview={overview} />
        </Panel>
      </div>
    );
  return (
    <div className="grid gap-5">
      <Figures overview={overview} />
      <Waiting overview={overview} />
      <div className="grid gap-5 xl:grid-cols-[minmax(0,1.7fr)_minmax(0,1fr)]">
        <Panel title="Volume" note="Completed, in USD, by day">
          <Volume overview={overview} />
        </Panel>
        <Panel title="Balances" isFlush>
          <Balances overview={overview} />
        </Panel>
      </div>
      <div className="grid gap-5 md:grid-cols-2">
        <Panel title="Payments" note="By how they ended">
          <Outcomes overview={overview} />
        </Panel>
        <Panel title="Webhooks" note="Attempts to deliver">
          <Deliveries overview={overview} />
        </Panel>
      </div>
    </div>
  );
}

const usd = (amount: string): string => `${formatDecimal(amount)} USD`;

function Volume({ overview: { days } }: { readonly overview: Overview }) {
  return (
    <BarChart
      label="Volume by day, in USD"
      height={200}
      series={[
        { label: 'Cash-ins', tone: 'accent' },
        { label: 'Payouts', tone: 'faint' },
        { label: 'Transfers', tone: 'muted' },
      ]}
      points={days.map(({ day, cashIn, payout, transfer }) => ({
        label: day,
        values: [Number(cashIn), Number(payout), Number(transfer)],
        texts: [
          usd(cashIn),
          usd(payout),
          `${usd(transfer)} (${usd(sumOf([cashIn, payout, transfer]))} in all)`,
        ],
      }))}
    />
  );
}

const Outcomes = ({ overview: { days } }: { readonly overview: Overview }) => (
  <BarChart
    label="Payments by day"
    height={120}
    series={[
      { label: 'Completed', tone: 'accent' },
      { label: 'Failed', tone: 'failed' },
    ]}
    points={days.map(({ day, completed, failed }) => ({
      label: day,
      values: [completed, failed],
      texts: [completed.toLocaleString('en'), failed.toLocaleString('en')],
    }))}
  />
);

const Deliveries = ({ overview: { days } }: { readonly overview: Overview }) => (
  <BarChart
    label="Deliveries by day"
    height={120}
    series={[
      { label: 'Delivered', tone: 'accent' },
      { label: 'Failed attempts', tone: 'failed' },
    ]}
    points={days.map(({ day, delivered, undelivered }) => ({
      label: day,
      values: [delivered, undelivered],
      texts: [delivered.toLocaleString('en'), undelivered.toLocaleString('en')],
    }))}
  />
);
