import type { LoggedEvent } from '@openoms/contract/event-log.ts';
import type { WebhookDelivery } from '@openoms/contract/webhook-deliveries.ts';
import { type QueryClient, useQueries } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { projectQuery, usePages, useProjectRead } from '../../api/queries.ts';
import { useProject } from '../../api/session.ts';
import { Json } from '../../components/code-block.tsx';
import { Curl } from '../../components/curl.tsx';
import { DescriptionList } from '../../components/description-list.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { Id, ResourceLink, shortened } from '../../components/id.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { PagedTable } from '../../components/paged-table.tsx';
import { Panel } from '../../components/panel.tsx';
import { Problem } from '../../components/problem.tsx';
import { Skeleton } from '../../components/skeleton.tsx';
import { Status } from '../../components/status.tsx';
import { type Column, Table } from '../../components/table.tsx';
import { Time } from '../../components/time.tsx';
import { paths } from '../../paths.ts';

const inputOf = (eventId: string) => ({ params: { eventId } });

export const prefetch = (
  client: QueryClient,
  { projectId = '', id = '' }: Readonly<Record<string, string>>,
) => client.prefetchQuery(projectQuery(projectId, 'GET /events/:eventId', inputOf(id)));

export function Page() {
  const { id = '' } = useParams({ strict: false });
  const { data, error, refetch } = useProjectRead('GET /events/:eventId', inputOf(id));
  const types = useProjectRead('GET /event-types', {});
  if (!data)
    return (
      <>
        <PageHeader title="Event" note={<Id id={id} isWhole />} />
        {error ? <Problem error={error} onRetry={() => void refetch()} /> : <Skeleton lines={10} />}
      </>
    );
  const kind = types.data?.data.find(({ name }) => name === data.event);
  return (
    <>
      <PageHeader
        title={data.event}
        heading={<span className="font-mono text-lg break-all">{data.event}</span>}
        note={kind?.when}
      />
      <div className="grid items-start gap-5 lg:grid-cols-[minmax(0,1fr)_21rem]">
        <div className="grid min-w-0 gap-5">
          <Deliveries event={data} />
          <Panel title="Data" note="The resource after the change, as it is delivered">
            <Json label="Data" value={data.data} isTall />
          </Panel>
        </div>
        <div className="grid min-w-0 gap-5">
          <Panel title="Details">
            <DescriptionList
              items={[
                ['Id', <Id key="id" id={data.id} />],
                ['About', <ResourceLink key="resource" id={data.resourceId} />],
                [
                  'Number',
                  <span key="number" className="figures">
                    {data.sequence} of the resource
                  </span>,
                ],
                ['Happened', <Time key="at" at={data.createdAt} show="exact" />],
                ['Told to', kind?.audience === 'compliance' ? 'Compliance alone' : kind && 'Everybody'],
              ]}
            />
          </Panel>
          <History event={data} />
        </div>
      </div>
    </>
  );
}

/** All that the resource went through, this event among it. */
function History({ event }: { readonly event: LoggedEvent }) {
  const { id: projectId } = useProject();
  const query = usePages('GET /events', { query: { resource: event.resourceId } });
  return (
    <Panel title="Of the same resource" isFlush>
      <PagedTable
        label="Events of the same resource"
        query={query}
        columns={HISTORY}
        keyOf={({ id }) => id}
        pathOf={({ id }) => (id === event.id ? undefined : paths.event(projectId, id))}
        hasKeys={false}
        empty={<EmptyState title="No others" />}
      />
    </Panel>
  );
}

const HISTORY: readonly Column<LoggedEvent>[] = [
  {
    id: 'event',
    label: 'Event',
    width: 'minmax(0,1fr)',
    cell: ({ event, sequence }) => (
      <span className="font-mono text-xs" title={event}>
        {sequence}. {event.split('.').slice(1).join('.') || event}
      </span>
    ),
  },
  {
    id: 'at',
    label: 'Happened',
    width: '5rem',
    align: 'end',
    cell: ({ createdAt }) => <Time at={createdAt} />,
  },
];

const deliveryColumns = (isOff: (webhookId: string) => boolean): readonly Column<WebhookDelivery>[] => [
  {
    id: 'delivery',
    label: 'Delivery',
    width: 'minmax(8rem,1fr)',
    cell: ({ id }) => <span className="font-mono text-xs">{shortened(id)}</span>,
  },
  {
    id: 'status',
    label: 'Status',
    width: '7.5rem',
    isCorner: true,
    cell: ({ status }) => <Status status={status} />,
  },
  {
    id: 'webhook',
    label: 'Webhook',
    width: '9rem',
    cell: ({ webhookId }) => <ResourceLink id={webhookId} />,
  },
  {
    id: 'attempts',
    label: 'Attempts',
    width: '5rem',
    align: 'end',
    cell: ({ attempts }) => <span className="figures">{attempts}</span>,
  },
  {
    id: 'next',
    label: 'Next',
    width: '6.5rem',
    align: 'end',
    cell: ({ nextAttemptAt, webhookId }) =>
      nextAttemptAt === null ? (
        <span className="text-muted">–</span>
      ) : isOff(webhookId) ? (
        <span className="text-muted">when it is on</span>
      ) : (
        <Time at={nextAttemptAt} />
      ),
  },
];

/** To each webhook of the project that it went to. Deliveries are listed by webhook, so each is asked. */
function Deliveries({ event }: { readonly event: LoggedEvent }) {
  const { id: projectId } = useProject();
  const webhooks = useProjectRead('GET /webhooks', {});
  const lists = useQueries({
    queries: (webhooks.data?.data ?? []).map(({ id: webhookId }) =>
      projectQuery(projectId, 'GET /webhooks/:webhookId/deliveries', {
        params: { webhookId },
        query: { eventId: event.id },
      }),
    ),
  });
  const isOff = (webhookId: string): boolean =>
    webhooks.data?.data.some(({ id, enabled }) => id === webhookId && !enabled) ?? false;
  const isLoading = !webhooks.data || lists.some(({ isLoading: isOne }) => isOne);
  const error = webhooks.error ?? lists.find((list) => list.error)?.error;
  return (
    <Panel title="Deliveries" isFlush>
      <Table
        label="Deliveries"
        rows={isLoading || error ? undefined : lists.flatMap(({ data }) => data?.data ?? [])}
        error={error}
        columns={deliveryColumns(isOff)}
        keyOf={({ id }) => id}
        pathOf={({ id, webhookId }) => paths.delivery(projectId, webhookId, id)}
        hasKeys
        empty={
          <EmptyState
            title="It was delivered to nobody"
            action={
              <Curl
                route="POST /webhooks"
                input={{ body: { url: 'https://example.com/webhooks', events: [event.event] } }}
              />
            }
          >
            No webhook subscribed to it when it happened. A webhook’s replay can send it still.
          </EmptyState>
        }
      />
    </Panel>
  );
}
