import type { LoggedEvent } from '@openoms/contract/event-log.ts';
import type { QueryClient } from '@tanstack/react-query';
import { useMemo } from 'react';
import { projectPages, projectQuery, usePages, useProjectRead } from '../../api/queries.ts';
import { useProject } from '../../api/session.ts';
import { Curl } from '../../components/curl.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { type Filter, FilterBar, filtersOf, useFilters } from '../../components/filter-bar.tsx';
import { Id, ResourceLink, shortened } from '../../components/id.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { PagedTable } from '../../components/paged-table.tsx';
import { Panel } from '../../components/panel.tsx';
import type { Column } from '../../components/table.tsx';
import { Time } from '../../components/time.tsx';
import { type UrlState, useUrlState } from '../../components/url-state.ts';
import { paths } from '../../paths.ts';
import { NoMatch } from '../payments/no-match.tsx';

const COLUMNS: readonly Column<LoggedEvent>[] = [
  {
    id: 'type',
    label: 'Event',
    width: 'minmax(16rem,2fr)',
    cell: ({ event }) => <span className="font-mono text-xs">{event}</span>,
  },
  {
    id: 'resource',
    label: 'About',
    width: 'minmax(9rem,1fr)',
    cell: ({ resourceId }) => <ResourceLink id={resourceId} />,
  },
  {
    id: 'sequence',
    label: 'Number',
    width: '5rem',
    align: 'end',
    cell: ({ sequence }) => <span className="figures">{sequence}</span>,
  },
  { id: 'id', label: 'Id', width: '8rem', isMinor: true, cell: ({ id }) => <Id id={id} /> },
  {
    id: 'created',
    label: 'Happened',
    width: '6.5rem',
    align: 'end',
    cell: ({ createdAt }) => <Time at={createdAt} />,
  },
];

/** Every name of the catalogue, and a pattern for each of its groups; while it is on its way, what the address says. */
function useFilterList() {
  const [{ type }] = useUrlState();
  const { data } = useProjectRead('GET /event-types', {});
  return useMemo(() => {
    const names = data?.data.map(({ name }) => name) ?? [];
    const groups = [...new Set(names.map((name) => `${name.split('.')[0]}.*`))];
    const values = new Set([...groups, ...names, ...(type === undefined ? [] : [type])]);
    const options = [...values].map((value) => ({ value, label: value }));
    return [
      { kind: 'select', name: 'type', label: 'Type', options },
      { kind: 'text', name: 'resource', label: 'About', placeholder: 'Any id' },
      { kind: 'created', label: 'Happened' },
    ] as const satisfies readonly Filter[];
  }, [data, type]);
}

const PREFETCHED = [
  { kind: 'text', name: 'type', label: 'Type' },
  { kind: 'text', name: 'resource', label: 'About' },
  { kind: 'created', label: 'Happened' },
] as const satisfies readonly Filter[];

export const prefetch = (client: QueryClient, params: Readonly<Record<string, string>>, search: UrlState) =>
  Promise.all([
    client.prefetchQuery(projectQuery(params.projectId ?? '', 'GET /event-types', {})),
    client.prefetchInfiniteQuery(
      projectPages(params.projectId ?? '', 'GET /events', { query: filtersOf(PREFETCHED, search) }),
    ),
  ]);

export function Page() {
  const { id: projectId } = useProject();
  const filters = useFilterList();
  const query = useFilters(filters);
  const events = usePages('GET /events', { query });
  const names = Object.keys(query);
  return (
    <>
      <PageHeader
        title="Events"
        note="What happened, as webhooks are told of it; whether one listened or not."
      />
      <FilterBar filters={filters} />
      <Panel isFlush>
        <PagedTable
          label="Events"
          query={events}
          columns={COLUMNS}
          keyOf={({ id }) => id}
          pathOf={({ id }) => paths.event(projectId, id)}
          nameOf={({ id }) => `Event ${shortened(id)}`}
          empty={
            names.length > 0 ? (
              <NoMatch of="events" names={names} />
            ) : (
              <EmptyState
                title="No events yet"
                action={
                  <Curl
                    route="POST /webhooks"
                    input={{ body: { url: 'https://example.com/webhooks', events: ['*'] } }}
                  />
                }
              >
                Customers, cash-ins and transactions tell of each of their steps here. A webhook has them sent
                to you.
              </EmptyState>
            )
          }
        />
      </Panel>
    </>
  );
}
