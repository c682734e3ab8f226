import { useProjectRead } from '../../api/queries.ts';
import { useProject } from '../../api/session.ts';
import { LineChart } from '../../components/chart.tsx';
import { cx } from '../../components/class-names.ts';
import { formatDecimal } from '../../components/decimal.ts';
import { EmptyState } from '../../components/empty-state.tsx';
import { Link } from '../../components/link.tsx';
import { Panel } from '../../components/panel.tsx';
import { Problem } from '../../components/problem.tsx';
import { Skeleton } from '../../components/skeleton.tsx';
import { formatAbsolute, useNow } from '../../components/time.tsx';
import { useUrlState } from '../../components/url-state.ts';
import { paths } from '../../paths.ts';

const HOUR_MS = 3_600_000;
const RANGES = { '1d': 24, '7d': 168, '30d': 720, all: undefined } as const;
type Range = keyof typeof RANGES;
const LABELS: Readonly<Record<Range, string>> = { '1d': 'Day', '7d': 'Week', '30d': '30 days', all: 'All' };
const POINTS = 60;
/** So that it is asked for once in a while, and not each time the clock ticks. */
const STEP_MS = 300_000;

const isRange = (text: string | undefined): text is Range =>
  text !== undefined && Object.hasOwn(RANGES, text);

/** What was posted, at the end of each of equal intervals. */
export function BalanceOverTime({ accountId }: { readonly accountId: string }) {
  const { id: projectId } = useProject();
  const [{ range: named }] = useUrlState();
  const range: Range = isRange(named) ? named : 'all';
  const hours = RANGES[range];
  const now = Math.floor(useNow() / STEP_MS) * STEP_MS;
  const query = {
    points: POINTS,
    ...(hours !== undefined && { from: new Date(now - hours * HOUR_MS).toISOString() }),
  };
  const { data, error, refetch } = useProjectRead(
    'GET /ledger/accounts/:accountId/history',
    { params: { accountId }, query },
    { keepPrevious: true },
  );
  const base = paths.ledgerAccount(projectId, accountId);
  return (
    <Panel
      title="Over time"
      actions={
        <nav aria-label="Range" className="flex gap-1">
          {(Object.keys(RANGES) as Range[]).map((name) => (
            <Link
              key={name}
              to={name === 'all' ? base : `${base}?range=${name}`}
              look="plain"
              aria-current={name === range ? 'true' : undefined}
              className={cx(
                'inline-flex h-7 items-center rounded-md px-2 text-xs',
                name === range ? 'bg-hover font-medium text-ink' : 'text-muted hover:text-ink',
              )}
            >
              {LABELS[name]}
            </Link>
          ))}
        </nav>
      }
    >
      {error && !data ? (
        <Problem error={error} onRetry={() => void refetch()} />
      ) : !data ? (
        <Skeleton lines={7} />
      ) : data.points.length === 0 ? (
        <EmptyState title="Nothing has moved yet" />
      ) : (
        <LineChart
          label="Posted balance over time"
          isStepped
          height={220}
          series={[{ label: `Balance, ${data.asset.toUpperCase()}`, tone: 'accent' }]}
          points={data.points.map(({ at, balance }) => ({
            label: formatAbsolute(at).replace(' UTC', ''),
            values: [Number(balance)],
            texts: [formatDecimal(balance)],
          }))}
        />
      )}
    </Panel>
  );
}
