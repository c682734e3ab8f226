import type { Webhook } from '@openoms/contract/webhooks.ts';
import type { QueryClient } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { projectPages, usePages } from '../../api/queries.ts';
import { useMay, useProject } from '../../api/session.ts';
import { Button } from '../../components/button.tsx';
import { Curl } from '../../components/curl.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { PagedTable } from '../../components/paged-table.tsx';
import { Panel } from '../../components/panel.tsx';
import type { Column } from '../../components/table.tsx';
import { Time } from '../../components/time.tsx';
import { useUrlState } from '../../components/url-state.ts';
import { paths } from '../../paths.ts';
import { WebhookDialog } from './webhook-dialog.tsx';
import { WebhookStatus } from './webhook-status.tsx';

export const prefetch = (client: QueryClient, { projectId = '' }: Readonly<Record<string, string>>) =>
  client.prefetchInfiniteQuery(projectPages(projectId, 'GET /webhooks', {}));

const COLUMNS: readonly Column<Webhook>[] = [
  {
    id: 'url',
    label: 'Endpoint',
    width: 'minmax(0,2fr)',
    cell: ({ url, description }) => (
      <>
        <span className="block truncate font-mono text-xs">{url}</span>
        {description !== null && (
          <span className="block truncate text-xs font-normal text-muted">{description}</span>
        )}
      </>
    ),
  },
  { id: 'status', label: 'Status', width: '120px', cell: (webhook) => <WebhookStatus webhook={webhook} /> },
  { id: 'events', label: 'Events', width: 'minmax(0,1fr)', cell: ({ events }) => eventsInWords(events) },
  {
    id: 'created',
    label: 'Created',
    width: '88px',
    align: 'end',
    cell: ({ createdAt }) => <Time at={createdAt} />,
  },
];

const eventsInWords = (events: readonly string[]): string => {
  if (events.length === 0) return 'All events';
  const [first = '', ...rest] = events;
  return rest.length === 0 ? first : `${first} and ${rest.length} more`;
};

export function Page() {
  const { id } = useProject();
  const query = usePages('GET /webhooks', {});
  const [{ dialog }, setState] = useUrlState();
  const may = useMay('develop');
  const create = (
    <Button
      look="primary"
      icon={<Plus size={14} aria-hidden />}
      may={may}
      onClick={() => setState({ dialog: 'create' })}
    >
      Add endpoint
    </Button>
  );
  return (
    <>
      <PageHeader
        title="Webhooks"
        note="Endpoints of yours that are told of every change, signed and in retries until they take it."
        actions={create}
      />
      <Panel isFlush>
        <PagedTable
          label="Webhooks"
          query={query}
          columns={COLUMNS}
          keyOf={(webhook) => webhook.id}
          pathOf={(webhook) => paths.webhook(id, webhook.id)}
          empty={
            <EmptyState
              title="No endpoint is told of anything"
              action={
                <Curl
                  route="POST /webhooks"
                  input={{ body: { url: 'https://example.com/webhooks', events: ['transaction.*'] } }}
                />
              }
            >
              Add one here, or with this call. The answer holds the secret that deliveries are signed with.
            </EmptyState>
          }
        />
      </Panel>
      {dialog === 'create' && may.allowed && (
        <WebhookDialog onClose={() => setState({ dialog: undefined })} />
      )}
    </>
  );
}
