import { usePages } from '../../api/queries.ts';
import { Amount } from '../../components/amount.tsx';
import { Curl } from '../../components/curl.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { FilterBar, useFilters } from '../../components/filter-bar.tsx';
import { Id, ResourceLink } from '../../components/id.tsx';
import { PagedTable } from '../../components/paged-table.tsx';
import { Status, wordsOf } from '../../components/status.tsx';
import { Time } from '../../components/time.tsx';

const FILTERS = [
  {
    kind: 'select',
    name: 'status',
    label: 'Outcome',
    options: [
      { value: 'matched', label: 'Matched' },
      { value: 'break', label: 'Break' },
    ],
  },
] as const;

/** The bank's statement, each line compared with our payments when it came. */
export function StatementLines() {
  const query = usePages('GET /reconciliation/statement-lines', { query: useFilters(FILTERS) });
  return (
    <>
      <div className="px-4 pt-3">
        <FilterBar filters={FILTERS} />
      </div>
      <PagedTable
        label="Statement lines"
        query={query}
        keyOf={({ id }) => id}
        empty={
          <EmptyState
            title="The bank has listed nothing"
            action={
              <Curl
                route="POST /sandbox/statement-lines"
                input={{ body: { direction: 'debit', amount: '40.00', transactionId: 'txn_…' } }}
              />
            }
          >
            Each line of a statement is compared with the payments when it comes. What fits none is a break.
          </EmptyState>
        }
        columns={[
          {
            id: 'amount',
            label: 'Amount',
            width: 'minmax(8rem,1fr)',
            cell: ({ amount, direction, currency }) => (
              <Amount amount={direction === 'debit' ? `-${amount}` : amount} asset={currency} isSigned />
            ),
          },
          {
            id: 'status',
            label: 'Outcome',
            width: 'minmax(6rem,0.8fr)',
            cell: ({ status }) => <Status status={status} tone={status === 'break' ? 'failed' : 'done'} />,
          },
          {
            id: 'cause',
            label: 'Cause',
            width: 'minmax(8rem,1.4fr)',
            cell: ({ cause, expectedAmount }) =>
              cause === null ? (
                <span className="text-muted">–</span>
              ) : (
                <>
                  {wordsOf(cause)}
                  {expectedAmount !== null && (
                    <span className="text-muted">
                      , <Amount amount={expectedAmount} /> expected
                    </span>
                  )}
                </>
              ),
          },
          {
            id: 'reference',
            label: 'Reference',
            width: 'minmax(7rem,1fr)',
            isMinor: true,
            cell: ({ reference }) => <Id id={reference} />,
          },
          {
            id: 'payment',
            label: 'Payment',
            width: 'minmax(6rem,0.9fr)',
            cell: ({ transactionId, depositId }) => {
              const id = transactionId ?? depositId;
              return id === null ? <span className="text-muted">–</span> : <ResourceLink id={id} />;
            },
          },
          {
            id: 'at',
            label: 'When',
            width: '5rem',
            align: 'end',
            cell: ({ createdAt }) => <Time at={createdAt} />,
          },
        ]}
      />
    </>
  );
}
