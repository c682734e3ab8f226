import type { LedgerTotals } from '@openoms/contract/console/ledger.ts';
import { useProjectRead } from '../../api/queries.ts';
import { useProject } from '../../api/session.ts';
import { Amount } from '../../components/amount.tsx';
import { compareDecimals, isNegative, isZero, placesOf, sumOf } from '../../components/decimal.ts';
import { EmptyState } from '../../components/empty-state.tsx';
import { Id } from '../../components/id.tsx';
import { Link } from '../../components/link.tsx';
import { Panel } from '../../components/panel.tsx';
import { Problem } from '../../components/problem.tsx';
import { Skeleton } from '../../components/skeleton.tsx';
import { Badge } from '../../components/status.tsx';
import { paths } from '../../paths.ts';

type Row = LedgerTotals['kinds'][number];

const POLL_MS = 15_000;
/** The server counts no further. */
const MAX_COUNTED = 1_000;

/** What a kind shows on the side: its balance, or when that is below zero, what it is on the other. */
function onSide({ normalSide, balance }: Row, side: Row['normalSide']): string | undefined {
  if ((normalSide === side) !== isNegative(balance)) return balance.replace(/^-/, '');
  return undefined;
}

/** A table for each asset, whose debits and credits are equal. */
export function TrialBalance() {
  const { data, error, refetch } = useProjectRead('GET /ledger/totals', {}, { refetchInterval: POLL_MS });
  if (error && !data) return <Problem error={error} onRetry={() => void refetch()} />;
  if (!data)
    return (
      <Panel>
        <Skeleton lines={10} />
      </Panel>
    );
  const assets = [...new Set(data.kinds.map(({ asset }) => asset))].sort();
  if (assets.length === 0)
    return (
      <Panel>
        <EmptyState title="The books are empty">The first payment opens its accounts.</EmptyState>
      </Panel>
    );
  return (
    <div className="grid gap-6">
      {assets.map((asset) => (
        <OfAsset key={asset} asset={asset} rows={data.kinds.filter((row) => row.asset === asset)} />
      ))}
      <p className="flex flex-wrap items-center gap-x-4 gap-y-1 text-xs text-muted">
        <span className="figures">{data.head.batches.toLocaleString('en')} batches in the journal</span>
        {data.head.hash !== null && (
          <span className="inline-flex items-center gap-1">
            ends with <Id id={data.head.hash} />
          </span>
        )}
      </p>
    </div>
  );
}

function OfAsset({ asset, rows }: { readonly asset: string; readonly rows: readonly Row[] }) {
  const { id: projectId } = useProject();
  const [debits, credits] = (['debit', 'credit'] as const).map((side) =>
    sumOf(rows.map((row) => onSide(row, side) ?? '0')),
  );
  const isEqual = compareDecimals(debits ?? '0', credits ?? '0') === 0;
  const places = placesOf(rows.map(({ balance }) => balance));
  return (
    <Panel
      title={asset.toUpperCase()}
      note={isEqual ? <Badge tone="done">In balance</Badge> : <Badge tone="failed">Not in balance</Badge>}
      isFlush
    >
      <table className="w-full table-fixed text-sm">
        <caption className="sr-only">Trial balance in {asset.toUpperCase()}</caption>
        <thead>
          <tr className="border-b border-line text-xs text-muted">
            <th scope="col" className="h-9 w-[25%] pl-4 text-left font-normal sm:w-[34%] sm:pr-4">
              Kind
            </th>
            <th scope="col" className="h-9 w-[14%] px-4 text-right font-normal max-sm:hidden">
              Accounts
            </th>
            <th scope="col" className="h-9 pr-4 pl-1 text-right font-normal">
              Debit
            </th>
            <th scope="col" className="h-9 pr-4 pl-1 text-right font-normal">
              Credit
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.kind} className="border-b border-line hover:bg-hover">
              <th scope="row" className="h-10 py-1.5 pl-4 text-left font-medium sm:pr-4">
                <Link
                  to={`${paths.ledger(projectId)}?tab=accounts&kind=${row.kind}&asset=${asset}`}
                  look="plain"
                  className="rounded-sm hover:underline"
                >
                  {row.label}
                </Link>
              </th>
              <td className="figures h-10 px-4 text-right text-muted max-sm:hidden">
                {row.accounts.toLocaleString('en')}
                {row.accounts === MAX_COUNTED && '+'}
              </td>
              <Side amount={onSide(row, 'debit')} places={places} />
              <Side amount={onSide(row, 'credit')} places={places} />
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr className="bg-sunken font-medium">
            <th scope="row" className="h-10 pl-4 text-left font-medium sm:pr-4">
              Sum
            </th>
            <td className="max-sm:hidden" />
            <Side amount={debits} places={places} />
            <Side amount={credits} places={places} />
          </tr>
        </tfoot>
      </table>
    </Panel>
  );
}

interface SideProps {
  readonly amount: string | undefined;
  readonly places: number;
}

const Side = ({ amount, places }: SideProps) => (
  <td className="h-10 pr-4 text-right sm:pl-1 max-sm:[&_.figures]:text-xs">
    {amount === undefined || isZero(amount) ? (
      <span className="text-muted">–</span>
    ) : (
      <Amount amount={amount} places={places} />
    )}
  </td>
);
