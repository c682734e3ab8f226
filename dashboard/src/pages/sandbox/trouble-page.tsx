import type { QueryClient } from '@tanstack/react-query';
import { projectQuery } from '../../api/queries.ts';
import { useProject } from '../../api/session.ts';
import { PageHeader } from '../../components/page-header.tsx';
import { Tabs, useTab } from '../../components/tabs.tsx';
import { paths } from '../../paths.ts';
import { MagicValues } from './magic-values.tsx';
import { SandboxOnly } from './sandbox-only.tsx';
import { TroubleCatalogue } from './trouble-catalogue.tsx';
import { TroubleRules } from './trouble-rules.tsx';

export function prefetch(client: QueryClient, { projectId = '' }: Record<string, string>) {
  void client.prefetchQuery(projectQuery(projectId, 'GET /sandbox/trouble', {}));
}

export function Page() {
  const { id: projectId } = useProject();
  const tab = useTab(['rules', 'magic-values']);
  const base = paths.trouble(projectId);
  return (
    <>
      <PageHeader
        title="Trouble"
        note="Rules by which things go wrong, and values of ordinary fields that tell the outside world what to do."
      />
      <SandboxOnly>
        <Tabs
          label="Trouble"
          tabs={[
            { label: 'Rules', to: base, isCurrent: tab === 'rules' },
            { label: 'Magic values', to: `${base}?tab=magic-values`, isCurrent: tab === 'magic-values' },
          ]}
        />
        {tab === 'rules' ? (
          <div className="grid gap-6">
            <TroubleRules />
            <TroubleCatalogue />
          </div>
        ) : (
          <MagicValues />
        )}
      </SandboxOnly>
    </>
  );
}
