import type { QueryClient } from '@tanstack/react-query';
import { projectPages, usePages, useProjectRead } from '../../api/queries.ts';
import { Curl } from '../../components/curl.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { type Filter, FilterBar, filtersOf, useFilters } from '../../components/filter-bar.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { Panel } from '../../components/panel.tsx';
import type { UrlState } from '../../components/url-state.ts';
import { NoMatch } from '../payments/no-match.tsx';
import { TransactionsTable } from '../payments/transactions-table.tsx';
import { optionsOf, TYPE_NAMES } from '../payments/words.ts';

const FILTERS = [
  {
    kind: 'select',
    name: 'status',
    label: 'Status',
    options: optionsOf(['processing', 'cashPickupReady', 'completed', 'failed']),
  },
  {
    kind: 'select',
    name: 'type',
    label: 'Type',
    options: optionsOf(['fiatToCrypto', 'cryptoToFiat', 'cryptoToCrypto'], TYPE_NAMES),
  },
  { kind: 'text', name: 'customerId', label: 'Customer', placeholder: 'cst_…' },
  { kind: 'text', name: 'walletId', label: 'Wallet', placeholder: 'wlt_…' },
  { kind: 'created', label: 'Created' },
  { kind: 'text', name: 'cashInId', label: 'Cash-in', placeholder: 'ci_…', isRare: true },
  { kind: 'text', name: 'quoteId', label: 'Quote', placeholder: 'qt_…', isRare: true },
  { kind: 'text', name: 'virtualAccountId', label: 'Virtual account', placeholder: 'va_…', isRare: true },
  { kind: 'text', name: 'depositAddressId', label: 'Deposit address', placeholder: 'da_…', isRare: true },
] as const satisfies readonly Filter[];

export const prefetch = (client: QueryClient, params: Readonly<Record<string, string>>, search: UrlState) =>
  client.prefetchInfiniteQuery(
    projectPages(params.projectId ?? '', 'GET /transactions', { query: filtersOf(FILTERS, search) }),
  );

export function Page() {
  const query = useFilters(FILTERS);
  const transactions = usePages('GET /transactions', { query });
  const names = Object.keys(query);
  return (
    <>
      <PageHeader
        title="Transactions"
        note="Every payment: what it is made of, what became of it, and why."
      />
      <FilterBar filters={FILTERS} />
      <Panel isFlush>
        <TransactionsTable
          query={transactions}
          empty={names.length > 0 ? <NoMatch of="transactions" names={names} /> : <NoTransactions />}
        />
      </Panel>
    </>
  );
}

/** With a wallet of the project, when it has one. */
function NoTransactions() {
  const { data } = useProjectRead('GET /wallets', { query: { limit: 1 } });
  const wallet = data?.data[0];
  return (
    <EmptyState
      title="No transactions yet"
      action={
        <Curl
          route="POST /quotes"
          input={{
            body: {
              customerId: wallet?.customerId ?? 'cst_…',
              source: {
                walletId: wallet?.id ?? 'wlt_…',
                asset: 'usdc',
                network: 'polygon',
                amount: '25.00',
              },
              destination: {
                wallet: { blockchainAddress: '0x…' },
                asset: 'usdc',
                network: 'polygon',
              },
            },
          }}
        />
      }
    >
      A payment begins with a quote, which fixes its price; <code>POST /transactions</code> with the id of the
      quote executes it. Cash that is paid in at a till becomes a transaction by itself.
    </EmptyState>
  );
}
