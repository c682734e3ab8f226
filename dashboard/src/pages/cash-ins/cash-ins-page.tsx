import type { QueryClient } from '@tanstack/react-query';
import { projectPages, usePages, useProjectRead } from '../../api/queries.ts';
import { Curl } from '../../components/curl.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { type Filter, FilterBar, filtersOf, useFilters } from '../../components/filter-bar.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { Panel } from '../../components/panel.tsx';
import type { UrlState } from '../../components/url-state.ts';
import { CashInsTable } from '../payments/cash-ins-table.tsx';
import { NoMatch } from '../payments/no-match.tsx';
import { optionsOf } from '../payments/words.ts';

const FILTERS = [
  {
    kind: 'select',
    name: 'status',
    label: 'Status',
    options: optionsOf(['pending', 'processing', 'completed', 'expired', 'failed']),
  },
  { kind: 'text', name: 'customerId', label: 'Customer', placeholder: 'cst_…' },
  { kind: 'created', label: 'Created' },
] as const satisfies readonly Filter[];

export const prefetch = (client: QueryClient, params: Readonly<Record<string, string>>, search: UrlState) =>
  client.prefetchInfiniteQuery(
    projectPages(params.projectId ?? '', 'GET /cash-ins', { query: filtersOf(FILTERS, search) }),
  );

export function Page() {
  const query = useFilters(FILTERS);
  const cashIns = usePages('GET /cash-ins', { query });
  const names = Object.keys(query);
  return (
    <>
      <PageHeader
        title="Cash-ins"
        note="A code for the counter of a shop; the cash that is paid there arrives in a wallet."
      />
      <FilterBar filters={FILTERS} />
      <Panel isFlush>
        <CashInsTable
          query={cashIns}
          empty={names.length > 0 ? <NoMatch of="cash-ins" names={names} /> : <NoCashIns />}
        />
      </Panel>
    </>
  );
}

/** With a wallet of the project, when it has one. */
function NoCashIns() {
  const { data } = useProjectRead('GET /wallets', { query: { limit: 1 } });
  const wallet = data?.data[0];
  return (
    <EmptyState
      title="No cash-ins yet"
      action={
        <Curl
          route="POST /cash-ins"
          input={{
            body: {
              customerId: wallet?.customerId ?? 'cst_…',
              source: { asset: 'usd', indicatedAmount: '100.00' },
              destination: {
                wallet: { wallet: wallet?.id ?? 'wlt_…' },
                asset: 'usdc',
                network: 'polygon',
              },
              cash: { cashLocationId: 'loc_…', cashLocationReference: '…' },
            },
          }}
        />
      }
    >
      <code>GET /cash-locations</code> lists shops near a place; take the id and the reference of one of them.
      The answer has the code that the customer shows at the till.
    </EmptyState>
  );
}
