import type { QueryClient } from '@tanstack/react-query';
import { projectPages, usePages } from '../../api/queries.ts';
import { EmptyState } from '../../components/empty-state.tsx';
import { FilterBar, useFilters } from '../../components/filter-bar.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { PagedTable } from '../../components/paged-table.tsx';
import { Panel } from '../../components/panel.tsx';
import { AUDIT_COLUMNS } from './audit-columns.tsx';

const FILTERS = [
  { kind: 'text', name: 'action', label: 'Action', placeholder: 'webhook.created' },
  { kind: 'text', name: 'resource', label: 'What', placeholder: 'whk_…' },
  { kind: 'created', label: 'When' },
] as const;

export const prefetch = (client: QueryClient, { projectId = '' }: Readonly<Record<string, string>>) =>
  client.prefetchInfiniteQuery(projectPages(projectId, 'GET /audit-entries', { query: {} }));

export function Page() {
  const filters = useFilters(FILTERS);
  const query = usePages('GET /audit-entries', { query: filters });
  return (
    <>
      <PageHeader
        title="Audit log"
        note="Who changed how this project is set up. Entries are only added, each with the hash of the one before."
      />
      <FilterBar filters={FILTERS} />
      <Panel isFlush>
        <PagedTable
          label="Audit entries"
          query={query}
          columns={AUDIT_COLUMNS}
          keyOf={({ id }) => id}
          empty={
            <EmptyState title="Nothing to show">
              {Object.keys(filters).length > 0 ? 'Take a filter away.' : 'Nobody has changed anything yet.'}
            </EmptyState>
          }
        />
      </Panel>
    </>
  );
}
