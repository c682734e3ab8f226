import type { QueryClient } from '@tanstack/react-query';
import { projectPages, projectQuery } from '../../api/queries.ts';
import { useProject } from '../../api/session.ts';
import { PageHeader } from '../../components/page-header.tsx';
import { Tabs, useTab } from '../../components/tabs.tsx';
import type { UrlState } from '../../components/url-state.ts';
import { paths } from '../../paths.ts';
import { LedgerAccounts } from './ledger-accounts.tsx';
import { TrialBalance } from './trial-balance.tsx';
import { Verification } from './verification.tsx';

export function prefetch(client: QueryClient, { projectId = '' }: Record<string, string>, search: UrlState) {
  if (search.tab === 'accounts') {
    if (Object.keys(search).length === 1)
      void client.prefetchInfiniteQuery(projectPages(projectId, 'GET /ledger/accounts', { query: {} }));
  } else void client.prefetchQuery(projectQuery(projectId, 'GET /ledger/totals', {}));
}

export function Page() {
  const { id: projectId } = useProject();
  const tab = useTab(['balance', 'accounts']);
  const base = paths.ledger(projectId);
  return (
    <>
      <PageHeader
        title="Ledger"
        note="Every movement of money is a transfer between two accounts. Transfers only add; a correction is one more."
      />
      <div className="grid gap-6">
        <Verification />
        <div>
          <Tabs
            label="Ledger"
            tabs={[
              { label: 'Trial balance', to: base, isCurrent: tab === 'balance' },
              { label: 'Accounts', to: `${base}?tab=accounts`, isCurrent: tab === 'accounts' },
            ]}
          />
          {tab === 'balance' ? <TrialBalance /> : <LedgerAccounts />}
        </div>
      </div>
    </>
  );
}
