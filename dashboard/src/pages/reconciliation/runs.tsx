import { usePages } from '../../api/queries.ts';
import { Amount } from '../../components/amount.tsx';
import { Curl } from '../../components/curl.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { PagedTable } from '../../components/paged-table.tsx';
import { Status } from '../../components/status.tsx';
import { Time } from '../../components/time.tsx';

const POLL_MS = 15_000;

/** Comparisons of the ledger with the chain at a final block. */
export function Runs() {
  const query = usePages('GET /reconciliation/runs', { query: {} }, { refetchInterval: POLL_MS });
  return (
    <PagedTable
      label="Runs"
      query={query}
      keyOf={({ id }) => id}
      empty={
        <EmptyState title="No run yet" action={<Curl route="GET /reconciliation/runs" />}>
          The server compares by itself once in a while; on its machine{' '}
          <code className="font-mono text-xs">npm run reconcile</code> does it at once.
        </EmptyState>
      }
      columns={[
        {
          id: 'block',
          label: 'Block',
          width: 'minmax(0,0.8fr)',
          cell: ({ blockNumber }) => <span className="figures font-mono text-xs">{blockNumber}</span>,
        },
        {
          id: 'status',
          label: 'Status',
          width: '7.5rem',
          cell: ({ status, error }) => (
            <span title={error ?? undefined}>
              <Status status={status} />
            </span>
          ),
        },
        {
          id: 'addresses',
          label: 'Addresses',
          width: '6rem',
          align: 'end',
          cell: ({ addresses }) => <span className="figures">{addresses.toLocaleString('en')}</span>,
        },
        {
          id: 'ledger',
          label: 'Ledger',
          width: 'minmax(0,1.3fr)',
          align: 'end',
          cell: ({ ledgerTotal, asset }) => <Amount amount={ledgerTotal} asset={asset} />,
        },
        {
          id: 'chain',
          label: 'Chain',
          width: 'minmax(0,1.3fr)',
          align: 'end',
          cell: ({ chainTotal, asset }) => <Amount amount={chainTotal} asset={asset} />,
        },
        {
          id: 'breaks',
          label: 'Breaks',
          width: 'minmax(0,1.1fr)',
          cell: ({ openBreaks, newBreaks, closedBreaks }) =>
            openBreaks + newBreaks + closedBreaks === 0 ? (
              <span className="text-muted">none</span>
            ) : (
              <span className="figures">
                {openBreaks} open
                {newBreaks > 0 && `, ${newBreaks} new`}
                {closedBreaks > 0 && `, ${closedBreaks} closed`}
              </span>
            ),
        },
        { id: 'at', label: 'Begun', width: '6rem', cell: ({ startedAt }) => <Time at={startedAt} /> },
      ]}
    />
  );
}
