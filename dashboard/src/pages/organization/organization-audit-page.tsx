import { usePeoplePages } from '../../api/queries.ts';
import { EmptyState } from '../../components/empty-state.tsx';
import { FilterBar, useFilters } from '../../components/filter-bar.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { PagedTable } from '../../components/paged-table.tsx';
import { Panel } from '../../components/panel.tsx';
import { AUDIT_COLUMNS } from '../audit/audit-columns.tsx';

const FILTERS = [
  { kind: 'text', name: 'action', label: 'Action', placeholder: 'session.created' },
  { kind: 'created', label: 'When' },
] as const;

export function Page() {
  const filters = useFilters(FILTERS);
  const query = usePeoplePages('GET /audit-entries', { query: filters });
  return (
    <>
      <PageHeader
        title="Organization audit"
        note="Sign-ins, members, invitations and projects. What was done within a project is in the log of the project."
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
              {Object.keys(filters).length > 0 ? 'Take a filter away.' : 'Nothing has happened yet.'}
            </EmptyState>
          }
        />
      </Panel>
    </>
  );
}
