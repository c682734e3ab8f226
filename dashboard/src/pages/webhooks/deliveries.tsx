import type { WebhookDelivery } from '@openoms/contract/webhook-deliveries.ts';
import { usePages } from '../../api/queries.ts';
import { useProject } from '../../api/session.ts';
import { EmptyState } from '../../components/empty-state.tsx';
import { FilterBar, useFilters } from '../../components/filter-bar.tsx';
import { ResourceLink } from '../../components/id.tsx';
import { PagedTable } from '../../components/paged-table.tsx';
import { Panel } from '../../components/panel.tsx';
import { Status } from '../../components/status.tsx';
import type { Column } from '../../components/table.tsx';
import { Time } from '../../components/time.tsx';
import { paths } from '../../paths.ts';

/** Deliveries have no events of their own that would tell of them. */
const REFRESH_MS = 4_000;

const FILTERS = [
  {
    kind: 'select',
    name: 'status',
    label: 'Status',
    options: [
      { value: 'pending', label: 'Pending' },
      { value: 'delivered', label: 'Delivered' },
      { value: 'failed', label: 'Failed for good' },
    ],
  },
  { kind: 'text', name: 'eventId', label: 'Event', placeholder: 'evt_…' },
  { kind: 'created', label: 'Created' },
] as const;

const COLUMNS: readonly Column<WebhookDelivery>[] = [
  {
    id: 'event',
    label: 'Event',
    width: 'minmax(0,1.6fr)',
    cell: ({ event }) => <span className="font-mono text-xs">{event}</span>,
  },
  {
    id: 'status',
    label: 'Status',
    width: '112px',
    cell: ({ status, attempts }) => (
      <Status
        status={status === 'pending' && attempts > 0 ? 'retrying' : status}
        tone={toneOf(status, attempts)}
      />
    ),
  },
  {
    id: 'attempts',
    label: 'Attempts',
    width: '72px',
    align: 'end',
    cell: ({ attempts }) => <span className="figures">{attempts}</span>,
  },
  {
    id: 'next',
    label: 'Next attempt',
    width: '112px',
    cell: ({ nextAttemptAt }) =>
      nextAttemptAt === null ? <span className="text-muted">–</span> : <Time at={nextAttemptAt} />,
  },
  {
    id: 'eventId',
    label: 'Of',
    width: '128px',
    isMinor: true,
    cell: ({ eventId }) => <ResourceLink id={eventId} />,
  },
  {
    id: 'created',
    label: 'Created',
    width: '88px',
    align: 'end',
    cell: ({ createdAt }) => <Time at={createdAt} />,
  },
];

const toneOf = (status: WebhookDelivery['status'], attempts: number) =>
  status === 'delivered' ? 'done' : status === 'failed' ? 'failed' : attempts > 0 ? 'pending' : 'info';

export function Deliveries({ webhookId }: { readonly webhookId: string }) {
  const { id } = useProject();
  const filters = useFilters(FILTERS);
  const query = usePages(
    'GET /webhooks/:webhookId/deliveries',
    { params: { webhookId }, query: filters },
    { refetchInterval: REFRESH_MS },
  );
  const isFiltered = Object.keys(filters).length > 0;
  return (
    <section aria-label="Deliveries" className="min-w-0">
      <h2 className="pb-2 text-base">Deliveries</h2>
      <FilterBar filters={FILTERS} />
      <Panel isFlush>
        <PagedTable
          label="Deliveries"
          query={query}
          columns={COLUMNS}
          keyOf={(delivery) => delivery.id}
          pathOf={(delivery) => paths.delivery(id, webhookId, delivery.id)}
          empty={
            isFiltered ? (
              <EmptyState title="No delivery is like that">Take a filter away.</EmptyState>
            ) : (
              <EmptyState title="Nothing was delivered yet">
                Send a test, or make something happen: a customer, a cash-in, a payment.
              </EmptyState>
            )
          }
        />
      </Panel>
    </section>
  );
}
