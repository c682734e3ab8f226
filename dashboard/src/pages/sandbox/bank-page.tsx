import type { QueryClient } from '@tanstack/react-query';
import { projectPages } from '../../api/queries.ts';
import { useProject } from '../../api/session.ts';
import { PageHeader } from '../../components/page-header.tsx';
import { Tabs, useTab } from '../../components/tabs.tsx';
import { paths } from '../../paths.ts';
import { BankIncoming } from './bank-incoming.tsx';
import { BankPayouts, PAYOUTS } from './bank-payouts.tsx';
import { BankStatement } from './bank-statement.tsx';
import { SandboxOnly } from './sandbox-only.tsx';

export function prefetch(client: QueryClient, { projectId = '' }: Record<string, string>) {
  void client.prefetchInfiniteQuery(projectPages(projectId, 'GET /transactions', PAYOUTS.underWay));
}

export function Page() {
  const { id: projectId } = useProject();
  const tab = useTab(['payouts', 'incoming', 'statement']);
  const base = paths.bank(projectId);
  return (
    <>
      <PageHeader
        title="Bank"
        note="The other side of every payout and credit: what banks do with our payments, what they send us, and what they list on our statement."
      />
      <SandboxOnly>
        <Tabs
          label="Desks"
          tabs={[
            { label: 'Payouts', to: base, isCurrent: tab === 'payouts' },
            { label: 'Incoming', to: `${base}?tab=incoming`, isCurrent: tab === 'incoming' },
            { label: 'Statement', to: `${base}?tab=statement`, isCurrent: tab === 'statement' },
          ]}
        />
        {tab === 'payouts' && <BankPayouts />}
        {tab === 'incoming' && <BankIncoming />}
        {tab === 'statement' && <BankStatement />}
      </SandboxOnly>
    </>
  );
}
