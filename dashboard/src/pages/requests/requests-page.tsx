import type { LoggedRequest } from '@openoms/contract/console/requests.ts';
import type { QueryClient } from '@tanstack/react-query';
import { projectPages, usePages } from '../../api/queries.ts';
import { useProject } from '../../api/session.ts';
import { Curl } from '../../components/curl.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { type Filter, FilterBar, filtersOf, useFilters } from '../../components/filter-bar.tsx';
import { Id, shortened } from '../../components/id.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { PagedTable } from '../../components/paged-table.tsx';
import { Panel } from '../../components/panel.tsx';
import { Badge } from '../../components/status.tsx';
import type { Column } from '../../components/table.tsx';
import { Time } from '../../components/time.tsx';
import type { UrlState } from '../../components/url-state.ts';
import { paths } from '../../paths.ts';
import { NoMatch } from '../payments/no-match.tsx';
import { formatDuration } from '../payments/timeline-details.tsx';
import { Actor } from './actor.tsx';
import { HttpStatus } from './http-status.tsx';

const METHODS = ['GET', 'POST', 'PATCH', 'DELETE'] as const;

const FILTERS = [
  {
    kind: 'select',
    name: 'status',
    label: 'Status',
    options: [
      { value: 'succeeded', label: 'Succeeded' },
      { value: 'failed', label: 'Failed' },
      { value: '4xx', label: '4xx, refused' },
      { value: '5xx', label: '5xx, the server’s' },
    ],
  },
  {
    kind: 'select',
    name: 'method',
    label: 'Method',
    options: METHODS.map((method) => ({ value: method, label: method })),
  },
  { kind: 'text', name: 'operation', label: 'Operation', placeholder: 'createCashIn' },
  { kind: 'text', name: 'resource', label: 'About', placeholder: 'Any id' },
  { kind: 'text', name: 'idempotencyKey', label: 'Idempotency key' },
  { kind: 'created', label: 'Time' },
] as const satisfies readonly Filter[];

/** The end of a path says more than the middle of an id. */
const withShortIds = (path: string): string => path.replace(/(?<=\/)[A-Za-z]+_[0-9A-Za-z_]+/g, shortened);

const COLUMNS: readonly Column<LoggedRequest>[] = [
  {
    id: 'request',
    label: 'Request',
    width: 'minmax(16rem,2.8fr)',
    cell: ({ method, path }) => (
      <span className="font-mono text-xs" title={path}>
        <span className="inline-block w-14 text-muted">{method}</span>
        {withShortIds(path)}
      </span>
    ),
  },
  {
    id: 'status',
    label: 'Answer',
    width: 'minmax(8rem,1fr)',
    cell: ({ status, errorCode, isReplay }) => (
      <span className="inline-flex items-center gap-1.5">
        <HttpStatus status={status} />
        {errorCode !== null && <span className="truncate font-mono text-xs text-failed">{errorCode}</span>}
        {isReplay && <Badge>Repeated</Badge>}
      </span>
    ),
  },
  {
    id: 'duration',
    label: 'Took',
    width: '4.5rem',
    align: 'end',
    cell: ({ durationMs }) => <span className="figures">{formatDuration(durationMs)}</span>,
  },
  { id: 'actor', label: 'By', width: '7.75rem', cell: ({ actor }) => <Actor actor={actor} /> },
  { id: 'id', label: 'Id', width: '6.75rem', isMinor: true, cell: ({ id }) => <Id id={id} /> },
  {
    id: 'created',
    label: 'Time',
    width: '5rem',
    align: 'end',
    cell: ({ createdAt }) => <Time at={createdAt} isReal />,
  },
];

/** Requests are told of by no event. */
const REFETCH_MS = 5_000;

export const prefetch = (client: QueryClient, params: Readonly<Record<string, string>>, search: UrlState) =>
  client.prefetchInfiniteQuery(
    projectPages(params.projectId ?? '', 'GET /requests', { query: filtersOf(FILTERS, search) }),
  );

export function Page() {
  const { id: projectId } = useProject();
  const query = useFilters(FILTERS);
  const requests = usePages('GET /requests', { query }, { refetchInterval: REFETCH_MS });
  const names = Object.keys(query);
  return (
    <>
      <PageHeader
        title="Requests"
        note="What was asked of the API, by keys and by members, for the last 14 days. Identity data and secrets are masked."
      />
      <FilterBar filters={FILTERS} />
      <Panel isFlush>
        <PagedTable
          label="Requests"
          query={requests}
          columns={COLUMNS}
          keyOf={({ id }) => id}
          pathOf={({ id }) => paths.request(projectId, id)}
          nameOf={({ id }) => `Request ${shortened(id)}`}
          empty={
            names.length > 0 ? (
              <NoMatch of="requests" names={names} />
            ) : (
              <EmptyState title="No requests yet" action={<Curl route="GET /customers" />}>
                Ask something of the API with a key of this project. It is listed here a moment later.
              </EmptyState>
            )
          }
        />
      </Panel>
    </>
  );
}
