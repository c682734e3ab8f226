import type { Customer, Endorsement } from '@openoms/contract/customers.ts';
import type { QueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Plus } from 'lucide-react';
import { projectPages, usePages } from '../../api/queries.ts';
import { useMay, useProject } from '../../api/session.ts';
import { Amount } from '../../components/amount.tsx';
import { Button } from '../../components/button.tsx';
import { Curl } from '../../components/curl.tsx';
import { sumOf } from '../../components/decimal.ts';
import { EmptyState } from '../../components/empty-state.tsx';
import { type Filter, FilterBar, filtersOf, useFilters } from '../../components/filter-bar.tsx';
import { shortened } from '../../components/id.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { PagedTable } from '../../components/paged-table.tsx';
import { Panel } from '../../components/panel.tsx';
import { Badge, Status, toneOf, wordsOf } from '../../components/status.tsx';
import type { Column } from '../../components/table.tsx';
import { Time } from '../../components/time.tsx';
import { type UrlState, useUrlState } from '../../components/url-state.ts';
import { paths } from '../../paths.ts';
import { NoMatch } from '../payments/no-match.tsx';
import { nameOf, optionsOf } from '../payments/words.ts';
import { CreateCustomerDialog, EXAMPLE } from './create-customer-dialog.tsx';
import { endorsementName } from './endorsement-words.ts';

const FILTERS = [
  { kind: 'select', name: 'status', label: 'Status', options: optionsOf(['active', 'inactive']) },
  { kind: 'text', name: 'email', label: 'Email', placeholder: 'jane@example.com' },
  { kind: 'text', name: 'externalId', label: 'External id', placeholder: 'Your own id' },
  { kind: 'created', label: 'Created' },
] as const satisfies readonly Filter[];

const COLUMNS: readonly Column<Customer>[] = [
  { id: 'name', label: 'Name', width: 'minmax(8rem,1fr)', cell: nameOf },
  {
    id: 'email',
    label: 'Email',
    width: 'minmax(9rem,1.6fr)',
    cell: ({ email }) => email ?? <span className="text-muted">–</span>,
  },
  {
    id: 'status',
    label: 'Status',
    width: '5.5rem',
    isCorner: true,
    cell: ({ status }) => <Status status={status} />,
  },
  {
    id: 'endorsements',
    label: 'Endorsements',
    width: '13rem',
    cell: ({ endorsements }) => <Endorsements endorsements={endorsements} />,
  },
  {
    id: 'wallets',
    label: 'In wallets',
    width: '7rem',
    align: 'end',
    cell: ({ wallets }) =>
      wallets.length === 0 ? (
        <span className="text-muted">no wallet</span>
      ) : (
        <Amount amount={sumOf(wallets.map(({ estimatedValueUsd }) => estimatedValueUsd))} asset="usd" />
      ),
  },
  {
    id: 'created',
    label: 'Created',
    width: '4.5rem',
    align: 'end',
    cell: ({ createdAt }) => <Time at={createdAt} />,
  },
];

const MARKS: Record<Endorsement['status'], string> = {
  ACTIVE: '✓',
  PENDING: '…',
  REJECTED: '✕',
  REVOKED: '✕',
};

/** Each by its name, in the tone of its status, which is said as well. */
const Endorsements = ({ endorsements }: { readonly endorsements: readonly Endorsement[] }) =>
  endorsements.length === 0 ? (
    <span className="text-muted">none</span>
  ) : (
    <span className="inline-flex gap-1">
      {endorsements.map(({ type, status }) => (
        <Badge key={type} tone={toneOf(status)}>
          {endorsementName(type)}
          <span aria-hidden="true">{MARKS[status]}</span>
          <span className="sr-only">{wordsOf(status).toLowerCase()}</span>
        </Badge>
      ))}
    </span>
  );

export const prefetch = (client: QueryClient, params: Readonly<Record<string, string>>, search: UrlState) =>
  client.prefetchInfiniteQuery(
    projectPages(params.projectId ?? '', 'GET /customers', { query: filtersOf(FILTERS, search) }),
  );

export function Page() {
  const { id: projectId } = useProject();
  const query = useFilters(FILTERS);
  const customers = usePages('GET /customers', { query });
  const [{ dialog }, setState] = useUrlState();
  const navigate = useNavigate();
  const may = useMay('operate');
  const names = Object.keys(query);
  const create = (
    <Button
      look="primary"
      icon={<Plus size={14} aria-hidden />}
      may={may}
      onClick={() => setState({ dialog: 'create' })}
    >
      Create customer
    </Button>
  );
  return (
    <>
      <PageHeader title="Customers" note="The people whose money this project moves." actions={create} />
      <FilterBar filters={FILTERS} />
      <Panel isFlush>
        <PagedTable
          label="Customers"
          query={customers}
          columns={COLUMNS}
          keyOf={({ id }) => id}
          pathOf={({ id }) => paths.customer(projectId, id)}
          nameOf={({ id }) => `Customer ${shortened(id)}`}
          empty={
            names.length > 0 ? (
              <NoMatch of="customers" names={names} />
            ) : (
              <EmptyState
                title="No customers yet"
                action={<Curl route="POST /customers" input={{ body: EXAMPLE }} />}
              >
                A customer is somebody with an identity; wallets, accounts and payments are theirs. Create one
                here, or by the API.
              </EmptyState>
            )
          }
        />
      </Panel>
      <CreateCustomerDialog
        isOpen={dialog === 'create' && may.allowed}
        onClose={() => setState({ dialog: undefined })}
        onCreated={(id) => void navigate({ to: paths.customer(projectId, id) })}
      />
    </>
  );
}
