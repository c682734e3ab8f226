import type { QueryClient } from '@tanstack/react-query';
import { projectPages } from '../../api/queries.ts';
import { useProject } from '../../api/session.ts';
import { PageHeader } from '../../components/page-header.tsx';
import { Panel } from '../../components/panel.tsx';
import { Tabs, useTab } from '../../components/tabs.tsx';
import type { UrlState } from '../../components/url-state.ts';
import { paths } from '../../paths.ts';
import { Breaks } from './breaks.tsx';
import { IgnoredTransfers } from './ignored-transfers.tsx';
import { Runs } from './runs.tsx';
import { StatementLines } from './statement-lines.tsx';

export function prefetch(client: QueryClient, { projectId = '' }: Record<string, string>, search: UrlState) {
  if (search.tab === undefined && search.status === undefined)
    void client.prefetchInfiniteQuery(projectPages(projectId, 'GET /reconciliation/breaks', { query: {} }));
}

const TABS = [
  ['breaks', 'Breaks'],
  ['runs', 'Runs'],
  ['ignored', 'Ignored transfers'],
  ['statement', 'Statement lines'],
] as const;

export function Page() {
  const { id: projectId } = useProject();
  const tab = useTab(['breaks', 'runs', 'ignored', 'statement']);
  const base = paths.reconciliation(projectId);
  return (
    <>
      <PageHeader
        title="Reconciliation"
        note="The books beside what the chain and the bank say. Comparing changes no balance."
      />
      <Tabs
        label="Reconciliation"
        tabs={TABS.map(([name, label]) => ({
          label,
          to: name === 'breaks' ? base : `${base}?tab=${name}`,
          isCurrent: name === tab,
        }))}
      />
      {tab === 'breaks' && <Breaks />}
      {tab === 'runs' && (
        <Panel isFlush>
          <Runs />
        </Panel>
      )}
      {tab === 'ignored' && <IgnoredTransfers />}
      {tab === 'statement' && (
        <Panel isFlush>
          <StatementLines />
        </Panel>
      )}
    </>
  );
}
