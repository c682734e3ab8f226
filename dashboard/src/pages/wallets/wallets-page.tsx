import type { ConsoleWallet } from '@openoms/contract/console/wallets.ts';
import type { QueryClient } from '@tanstack/react-query';
import { projectPages, usePages, useProjectRead } from '../../api/queries.ts';
import { useProject } from '../../api/session.ts';
import { Amount } from '../../components/amount.tsx';
import { Curl } from '../../components/curl.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { type Filter, FilterBar, filtersOf, useFilters } from '../../components/filter-bar.tsx';
import { Id, ResourceLink, shortened } from '../../components/id.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { PagedTable } from '../../components/paged-table.tsx';
import { Panel } from '../../components/panel.tsx';
import { Status } from '../../components/status.tsx';
import type { Column } from '../../components/table.tsx';
import { Time } from '../../components/time.tsx';
import type { UrlState } from '../../components/url-state.ts';
import { paths } from '../../paths.ts';
import { NoMatch } from '../payments/no-match.tsx';
import { networkName } from '../payments/words.ts';

const FILTERS = [
  { kind: 'text', name: 'customerId', label: 'Customer', placeholder: 'cst_…' },
  { kind: 'text', name: 'address', label: 'Address', placeholder: '0x…' },
  { kind: 'created', label: 'Created' },
] as const satisfies readonly Filter[];

const COLUMNS: readonly Column<ConsoleWallet>[] = [
  {
    id: 'address',
    label: 'Address',
    width: '9rem',
    cell: ({ address }) => <span className="font-mono text-xs">{shortened(address)}</span>,
  },
  {
    id: 'asset',
    label: 'Holds',
    width: 'minmax(9rem,1fr)',
    cell: ({ asset, chain }) => `${asset.toUpperCase()} on ${networkName(chain)}`,
  },
  {
    id: 'customer',
    label: 'Customer',
    width: 'minmax(9rem,1.4fr)',
    cell: ({ customerId, customerName }) => <ResourceLink id={customerId} name={customerName ?? undefined} />,
  },
  {
    id: 'status',
    label: 'Status',
    width: '7rem',
    isCorner: true,
    cell: ({ status }) => <Status status={status} />,
  },
  {
    id: 'balance',
    label: 'Available',
    width: '10rem',
    align: 'end',
    cell: ({ balance, asset }) => <Amount amount={balance} asset={asset} />,
  },
  { id: 'id', label: 'Id', width: '9.5rem', isMinor: true, cell: ({ id }) => <Id id={id} /> },
  {
    id: 'created',
    label: 'Created',
    width: '6.5rem',
    align: 'end',
    cell: ({ createdAt }) => <Time at={createdAt} />,
  },
];

export const prefetch = (client: QueryClient, params: Readonly<Record<string, string>>, search: UrlState) =>
  client.prefetchInfiniteQuery(
    projectPages(params.projectId ?? '', 'GET /wallets', { query: filtersOf(FILTERS, search) }),
  );

export function Page() {
  const { id: projectId } = useProject();
  const query = useFilters(FILTERS);
  const wallets = usePages('GET /wallets', { query });
  const names = Object.keys(query);
  return (
    <>
      <PageHeader
        title="Wallets"
        note="Addresses whose keys are kept here, with what the ledger says they hold."
      />
      <FilterBar filters={FILTERS} />
      <Panel isFlush>
        <PagedTable
          label="Wallets"
          query={wallets}
          columns={COLUMNS}
          keyOf={({ id }) => id}
          pathOf={({ id }) => paths.wallet(projectId, id)}
          nameOf={({ id }) => `Wallet ${shortened(id)}`}
          empty={names.length > 0 ? <NoMatch of="wallets" names={names} /> : <NoWallets />}
        />
      </Panel>
    </>
  );
}

/** With a customer of the project, when it has one. */
function NoWallets() {
  const { data } = useProjectRead('GET /customers', { query: { limit: 1 } });
  return (
    <EmptyState
      title="No wallets yet"
      action={
        <Curl
          route="POST /customers/:customerId/wallets"
          input={{
            params: { customerId: data?.data[0]?.id ?? 'cst_…' },
            body: { asset: 'usdc', chain: 'polygon' },
          }}
        />
      }
    >
      A wallet is an address of a customer that holds one asset on one chain. The customer needs the
      endorsement Custody, which a sandbox grants by itself.
    </EmptyState>
  );
}
