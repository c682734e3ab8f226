import type { QueryClient } from '@tanstack/react-query';
import { projectPages, projectQuery } from '../../api/queries.ts';
import { useProject } from '../../api/session.ts';
import { PageHeader } from '../../components/page-header.tsx';
import { Split } from '../../components/split.tsx';
import { type UrlState, useUrlState } from '../../components/url-state.ts';
import { paths } from '../../paths.ts';
import { SandboxOnly } from './sandbox-only.tsx';
import { Till } from './till.tsx';
import { WAITING, WaitingCashIns } from './waiting-cash-ins.tsx';

export function prefetch(client: QueryClient, { projectId = '' }: Record<string, string>, search: UrlState) {
  void client.prefetchInfiniteQuery(projectPages(projectId, 'GET /cash-ins', WAITING));
  const { cashIn: cashInId } = search;
  if (cashInId)
    void client.prefetchQuery(projectQuery(projectId, 'GET /cash-ins/:cashInId', { params: { cashInId } }));
}

export function Page() {
  const { id: projectId } = useProject();
  const [{ cashIn: cashInId }] = useUrlState();
  return (
    <>
      <PageHeader
        title="Till"
        note="The counter of a shop. A customer shows the code of a cash-in and hands over cash; the network tells us of it."
      />
      <SandboxOnly>
        <Split
          list={<WaitingCashIns chosen={cashInId} />}
          back={
            cashInId === undefined
              ? undefined
              : { to: paths.till(projectId), label: 'All cash-ins that wait' }
          }
        >
          <Till key={cashInId ?? ''} cashInId={cashInId} />
        </Split>
      </SandboxOnly>
    </>
  );
}
