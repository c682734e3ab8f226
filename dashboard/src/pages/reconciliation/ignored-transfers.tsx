import { usePages } from '../../api/queries.ts';
import { Curl } from '../../components/curl.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { FilterBar, useFilters } from '../../components/filter-bar.tsx';
import { Id, ResourceLink } from '../../components/id.tsx';
import { PagedTable } from '../../components/paged-table.tsx';
import { Panel } from '../../components/panel.tsx';
import { wordsOf } from '../../components/status.tsx';
import { Time } from '../../components/time.tsx';

const FILTERS = [
  {
    kind: 'select',
    name: 'reason',
    label: 'Reason',
    options: [
      { value: 'wrong_token', label: 'Wrong token' },
      { value: 'zero_value', label: 'Zero value' },
    ],
  },
  { kind: 'text', name: 'address', label: 'Our address', placeholder: '0x…' },
] as const;

/** Transfers to our addresses that are no deposits. Anyone can make them, to have their address copied. */
export function IgnoredTransfers() {
  const query = usePages('GET /reconciliation/ignored-transfers', { query: useFilters(FILTERS) });
  return (
    <>
      <FilterBar filters={FILTERS} />
      <Panel isFlush>
        <PagedTable
          label="Ignored transfers"
          query={query}
          keyOf={({ id }) => id}
          empty={
            <EmptyState
              title="Nothing was ignored"
              action={
                <Curl
                  route="POST /wallets/:walletId/simulate"
                  input={{
                    params: { walletId: 'wlt_…' },
                    body: { token: 'other', amount: { value: '25.00' } },
                  }}
                />
              }
            >
              Transfers of other tokens, or of nothing, are credited to nobody and listed here.
            </EmptyState>
          }
          columns={[
            {
              id: 'reason',
              label: 'Reason',
              width: 'minmax(0,0.8fr)',
              cell: ({ reason }) => wordsOf(reason),
            },
            {
              id: 'subject',
              label: 'To',
              width: 'minmax(0,1fr)',
              cell: ({ subject: { type, id } }) =>
                type === 'treasury' ? <span>Treasury, {id}</span> : <ResourceLink id={id} />,
            },
            { id: 'token', label: 'Token', width: 'minmax(0,1fr)', cell: ({ token }) => <Id id={token} /> },
            {
              id: 'amount',
              label: 'Smallest units',
              width: 'minmax(0,1fr)',
              align: 'end',
              cell: ({ amount }) => (
                <span className="figures" title={amount}>
                  {amount.replace(/\B(?=(\d{3})+$)/g, ',')}
                </span>
              ),
            },
            { id: 'from', label: 'From', width: 'minmax(0,1fr)', cell: ({ from }) => <Id id={from} /> },
            {
              id: 'hash',
              label: 'Transaction',
              width: 'minmax(0,1fr)',
              cell: ({ txHash }) => <Id id={txHash} />,
            },
            {
              id: 'at',
              label: 'When',
              width: '5rem',
              align: 'end',
              cell: ({ blockTime }) => <Time at={blockTime} isReal />,
            },
          ]}
        />
      </Panel>
    </>
  );
}
