import type { ApiKey } from '@openoms/contract/console/project.ts';
import type { QueryClient } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { projectQuery, useProjectRead, useProjectWrite } from '../../api/queries.ts';
import { useMay, useProject } from '../../api/session.ts';
import { Button } from '../../components/button.tsx';
import { ConfirmDialog } from '../../components/dialog.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { Id } from '../../components/id.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { Panel } from '../../components/panel.tsx';
import { Badge } from '../../components/status.tsx';
import { type Column, Table } from '../../components/table.tsx';
import { Tabs, useTab } from '../../components/tabs.tsx';
import { Time } from '../../components/time.tsx';
import { useUrlState } from '../../components/url-state.ts';
import { paths } from '../../paths.ts';
import { CreateKeyDialog } from './create-key-dialog.tsx';

export const prefetch = (client: QueryClient, { projectId = '' }: Readonly<Record<string, string>>) =>
  client.prefetchQuery(projectQuery(projectId, 'GET /api-keys'));

export function Page() {
  const { id } = useProject();
  const { data, error, refetch } = useProjectRead('GET /api-keys', {});
  const [{ dialog, key }, setState] = useUrlState();
  const tab = useTab(['active', 'revoked']);
  const may = useMay('develop');
  const close = (): void => setState({ dialog: undefined, key: undefined });
  const ofTab = (name: string) =>
    data?.data.filter(({ revokedAt }) => (revokedAt !== null) === (name === 'revoked'));
  const toRevoke = dialog === 'revoke' ? data?.data.find(({ apiKey }) => apiKey === key) : undefined;
  return (
    <>
      <PageHeader
        title="API keys"
        note="A server exchanges a key and its secret for a bearer token, and calls the API with it."
        actions={
          <Button
            look="primary"
            icon={<Plus size={14} aria-hidden />}
            may={may}
            onClick={() => setState({ dialog: 'create' })}
          >
            Create key
          </Button>
        }
      />
      <Tabs
        label="Keys"
        tabs={(['active', 'revoked'] as const).map((name) => ({
          label: name === 'active' ? 'Active' : 'Revoked',
          to: `${paths.apiKeys(id)}${name === 'active' ? '' : '?tab=revoked'}`,
          isCurrent: tab === name,
          count: ofTab(name)?.length,
        }))}
      />
      <Panel isFlush>
        <Table
          label="API keys"
          rows={ofTab(tab)}
          error={error}
          onRetry={() => void refetch()}
          keyOf={({ apiKey }) => apiKey}
          columns={columnsFor(tab, may, (apiKey) => setState({ dialog: 'revoke', key: apiKey }))}
          empty={
            tab === 'active' ? (
              <EmptyState title="No key can be used">
                Create one to call the API from your server. Its secret is shown once.
              </EmptyState>
            ) : (
              <EmptyState title="No key was revoked">
                What is revoked stays listed here, and stays refused.
              </EmptyState>
            )
          }
        />
      </Panel>
      {dialog === 'create' && may.allowed && <CreateKeyDialog onClose={close} />}
      {toRevoke && <RevokeDialog apiKey={toRevoke} onClose={close} />}
    </>
  );
}

function columnsFor(
  tab: 'active' | 'revoked',
  may: { readonly allowed: boolean; readonly reason?: string },
  onRevoke: (apiKey: string) => void,
): Column<ApiKey>[] {
  const shared: Column<ApiKey>[] = [
    {
      id: 'name',
      label: 'Name',
      width: 'minmax(0,1fr)',
      sortBy: ({ name }) => name.toLowerCase(),
      cell: ({ name }) => <span className="font-medium">{name}</span>,
    },
    { id: 'key', label: 'Key', width: '142px', cell: ({ apiKey }) => <Id id={apiKey} /> },
    {
      id: 'scopes',
      label: 'Scopes',
      width: 'minmax(0,2.4fr)',
      cell: ({ scopes }) => (
        <span className="flex flex-wrap gap-1 py-1">
          {scopes.map((scope) => (
            <Badge key={scope}>{scope}</Badge>
          ))}
        </span>
      ),
    },
    {
      id: 'created',
      label: 'Created',
      width: '88px',
      sortBy: ({ createdAt }) => createdAt,
      cell: ({ createdAt }) => <Time at={createdAt} isReal />,
    },
    {
      id: 'used',
      label: 'Last used',
      width: '88px',
      sortBy: ({ lastUsedAt }) => lastUsedAt ?? '',
      cell: ({ lastUsedAt }) =>
        lastUsedAt === null ? <span className="text-muted">Never</span> : <Time at={lastUsedAt} isReal />,
    },
  ];
  const last: Column<ApiKey> =
    tab === 'revoked'
      ? {
          id: 'revoked',
          label: 'Revoked',
          width: '104px',
          cell: ({ revokedAt }) => revokedAt !== null && <Time at={revokedAt} isReal />,
        }
      : {
          id: 'actions',
          label: '',
          width: '84px',
          align: 'end',
          cell: ({ apiKey, name }) => (
            <Button
              size="sm"
              look="danger"
              may={may}
              aria-label={`Revoke ${name}`}
              onClick={() => onRevoke(apiKey)}
            >
              Revoke
            </Button>
          ),
        };
  return [...shared, last];
}

function RevokeDialog({ apiKey, onClose }: { readonly apiKey: ApiKey; readonly onClose: () => void }) {
  const { mode } = useProject();
  const revoke = useProjectWrite('DELETE /api-keys/:apiKey', {
    showsProblem: true,
    done: `${apiKey.name} is revoked`,
    onDone: onClose,
  });
  return (
    <ConfirmDialog
      isOpen
      onClose={onClose}
      title={`Revoke ${apiKey.name}?`}
      action="Revoke key"
      isBusy={revoke.isPending}
      error={revoke.error}
      {...(mode === 'live' && { typed: apiKey.name })}
      onConfirm={() => revoke.mutate({ params: { apiKey: apiKey.apiKey } })}
    >
      <p>
        Every request with a token of <Id id={apiKey.apiKey} canCopy={false} /> is refused from this moment
        on. It cannot be taken back.
      </p>
      <p className="mt-2">
        {apiKey.lastUsedAt === null ? (
          'It has never been used.'
        ) : (
          <>
            It was last used <Time at={apiKey.lastUsedAt} isReal />.
          </>
        )}
      </p>
    </ConfirmDialog>
  );
}
